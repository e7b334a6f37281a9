//! What labels sentences.

use gleaner::{Ensemble, GleanerError, Segmenter, Tagged};

/// A tagger, an ensemble, or what takes their place in tests.
pub trait Labeller: Send + Sync {
    /// Tags sentences given as words.
    ///
    /// # Errors
    /// As [`gleaner::Tagger::tag`].
    fn tag(&self, sentences: &[&[String]]) -> Result<Vec<Tagged>, GleanerError>;

    /// How plain text is cut into sentences and words.
    fn segmenter(&self) -> &Segmenter;

    /// The types of entities, in alphabetical order.
    fn types(&self) -> Vec<String>;
}

impl Labeller for Ensemble {
    fn tag(&self, sentences: &[&[String]]) -> Result<Vec<Tagged>, GleanerError> {
        Self::tag(self, sentences)
    }

    fn segmenter(&self) -> &Segmenter {
        Self::segmenter(self)
    }

    fn types(&self) -> Vec<String> {
        let mut types: Vec<String> = Self::types(self).into_iter().map(str::to_owned).collect();
        types.sort();
        types
    }
}
