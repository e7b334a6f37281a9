//! Where a model contradicts the tags.

use super::{
    Reason,
    doubts::{Remark, quoted},
};
use crate::answer::{ShownSpan, Span};
use gleaner::{Ensemble, GleanerError};
use gleaner_corpus::{
    Sentence,
    audit::{DataSet, Entry},
    overlap::sentence_key,
};
use std::{collections::HashMap, rc::Rc};

/// Number of sentences that are labelled together, to bound the memory.
const TOGETHER: usize = 256;
/// Minimum probability of what a model says for a remark. What is less probable is more likely wrong than right.
const LEAST: f64 = 0.5;

/// What a model says of a sentence.
#[derive(Clone, Debug, PartialEq)]
pub struct Predicted {
    /// The entities that it finds, in order.
    pub spans: Vec<ShownSpan>,
    /// The calibrated probability of O at each word, if it is known.
    pub outside: Option<Vec<f64>>,
}

/// What a model says of the sentences of a data set.
///
/// # Errors
/// As [`Ensemble::tag_with_outside`].
pub fn predict(model: &Ensemble, set: &DataSet) -> Result<Vec<Option<Predicted>>, GleanerError> {
    let mut predicted = Vec::with_capacity(set.entries.len());
    for entries in set.entries.chunks(TOGETHER) {
        let words: Vec<&[String]> = entries.iter().map(words).collect();
        predicted.extend(model.tag_with_outside(&words)?.into_iter().map(|(tagged, outside)| {
            let spans = tagged.spans.into_iter().map(ShownSpan::found).collect();
            Some(Predicted { spans, outside: Some(outside) })
        }));
    }
    Ok(predicted)
}

/// What a text that a model has labelled says of the sentences of a data set: those with the same words. `None` for the
/// others.
pub fn predicted_in(set: &DataSet, labelled: &[Sentence]) -> Vec<Option<Predicted>> {
    let by_words: HashMap<String, &Sentence> =
        labelled.iter().map(|sentence| (sentence_key(&sentence.words), sentence)).collect();
    let of = |entry: &Entry| {
        let sentence = by_words.get(&sentence_key(words(entry)))?;
        let spans = Span::of_tags(&sentence.tags).into_iter().map(ShownSpan::from).collect();
        Some(Predicted { spans, outside: None })
    };
    set.entries.iter().map(of).collect()
}

fn words(entry: &Entry) -> &[String] {
    &entry.sentence.words
}

/// The remarks on a sentence whose entities are `own`. Each suggests these entities with all changes that a remark
/// names: of the others the model is not sure itself.
pub(super) fn remarks(id: usize, words: &[String], own: &[Span], says: &Predicted) -> Vec<Remark> {
    let shown = |span: &Span| quoted(&words[span.start..span.end]);
    let is_probable = |confidence: Option<f64>| confidence.is_none_or(|p| p >= LEAST);
    let mut found: Vec<(Option<f64>, String)> = Vec::new();
    let mut suggested: Vec<ShownSpan> = Vec::new();
    for proposed @ ShownSpan { span, confidence } in &says.spans {
        let there = overlapping(own, span);
        if there.contains(span) || !is_probable(*confidence) {
            continue;
        }
        let what = |own: &Span| match (own.start, own.end) == (span.start, span.end) {
            true => own.entity_type.clone(),
            false => format!("{} for {}", own.entity_type, shown(own)),
        };
        let there = match there {
            [] => "no entity".to_owned(),
            there => there.iter().map(what).collect::<Vec<_>>().join(" and "),
        };
        let (name, sure) = (&span.entity_type, stated(*confidence));
        let note =
            format!("the model says {name} for {}{sure}; the corpus says {there}", shown(span));
        found.push((*confidence, note));
        suggested.push(proposed.clone());
    }
    let mut kept: Vec<ShownSpan> = Vec::new();
    for span in own {
        let instead = overlapping(&says.spans, span);
        if let Some(agreed) = instead.iter().find(|shown| shown.span == *span) {
            kept.push(agreed.clone());
            continue;
        }
        let of_words = says.outside.as_ref().and_then(|all| all.get(span.start..span.end));
        // All words are outside: no more probable than the least probable of them.
        let outside = of_words.map(|all| all.iter().copied().fold(1.0, f64::min));
        if instead.is_empty() && is_probable(outside) {
            let (name, sure) = (&span.entity_type, stated(outside));
            let note = format!(
                "the model finds no entity in {}{sure}; the corpus says {name}",
                shown(span)
            );
            found.push((outside, note));
        } else if overlapping(&suggested, span).is_empty() {
            kept.push(span.clone().into());
        }
    }
    suggested.append(&mut kept);
    suggested.sort_by_key(|shown| shown.span.start);
    let suggested: Rc<[ShownSpan]> = suggested.into();
    let remark = |(confidence, note): (Option<f64>, String)| Remark {
        id,
        why: Reason::DoubtfulTags,
        score: confidence.unwrap_or(LEAST),
        group: id,
        note,
        suggested: Some(Rc::clone(&suggested)),
    };
    found.into_iter().map(remark).collect()
}

/// Those of some spans, which are in order, that share a word with another one.
fn overlapping<'a, S: AsRef<Span>>(spans: &'a [S], other: &Span) -> &'a [S] {
    let first = spans.partition_point(|span| span.as_ref().end <= other.start);
    let end = spans.partition_point(|span| span.as_ref().start < other.end);
    &spans[first..end.max(first)]
}

/// A probability for a note, if it is known.
fn stated(confidence: Option<f64>) -> String {
    confidence.map_or_else(String::new, |p| format!(" ({p:.2})"))
}
