//! One side of a comparison.

use super::EvaluationError;
use gleaner_base::tags::{Entity, SeqevalMode, Tag, entities};

/// The gold or the predicted tags of a sentence, with the entities of both modes.
#[derive(Clone, Debug)]
pub struct Side<'a, S> {
    pub(super) tags: &'a [S],
    pub(crate) default: Vec<Entity>,
    pub(super) strict: Vec<Entity>,
}

impl<'a, S: AsRef<str>> Side<'a, S> {
    /// IOB2 tags as they are: a stray `I-X` starts an entity in one mode, and belongs to none in the other. Repaired
    /// tags have the same entities in both modes, so give tags that are not repaired.
    ///
    /// # Errors
    /// A tag is not `O`, `B-X` or `I-X`.
    pub fn new(tags: &'a [S]) -> Result<Self, EvaluationError> {
        let strict = entities(tags, SeqevalMode::Strict);
        Self::with_strict(tags, strict)
    }

    /// As [`new`](Self::new), for tags that were converted from another scheme: the strict mode depends on the scheme
    /// in which they were written. `strict` are its entities, in order and without overlaps.
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub fn with_strict(tags: &'a [S], strict: Vec<Entity>) -> Result<Self, EvaluationError> {
        let is_bad = |tag: &str| Tag::parse_as_seqeval(tag, SeqevalMode::Default).is_none();
        match tags.iter().map(AsRef::as_ref).position(is_bad) {
            Some(word) => {
                let tag = tags[word].as_ref().to_owned();
                Err(EvaluationError::NotIob2 { word: word + 1, tag })
            }
            None => Ok(Self { tags, default: entities(tags, SeqevalMode::Default), strict }),
        }
    }
}
