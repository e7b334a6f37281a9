//! Where a model contradicts the tags.

use super::{
    Reason,
    doubts::{Remark, quoted},
};
use crate::answer::{ShownSpan, Span};
use gleaner::{Ensemble, GleanerError, Tagger};
use gleaner_corpus::{
    Sentence,
    audit::{DataSet, Entry},
    overlap::sentence_key,
};
use std::collections::HashMap;

/// Number of sentences that are labelled together, to bound the memory.
const TOGETHER: usize = 256;
/// Minimum probability of what a model says for a remark. What is less probable is more likely wrong than right.
const LEAST: f64 = 0.5;

/// What a model says of a sentence.
#[derive(Clone, Debug, PartialEq)]
pub struct Predicted {
    /// The entities that it finds, in order.
    pub spans: Vec<ShownSpan>,
    /// The probability of O at each word, if it is known.
    pub outside: Option<Vec<f64>>,
}

/// What a model says of the sentences of a data set.
///
/// # Errors
/// As [`Ensemble::tag`].
pub fn predict(model: &Ensemble, set: &DataSet) -> Result<Vec<Option<Predicted>>, GleanerError> {
    let mut predicted = Vec::with_capacity(set.entries.len());
    for entries in set.entries.chunks(TOGETHER) {
        let words: Vec<&[String]> = entries.iter().map(words).collect();
        let outside = outside(model.members(), &words)?;
        let tagged = model.tag(&words)?.into_iter().zip(outside);
        predicted.extend(tagged.map(|(tagged, outside)| {
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

/// The probability of O at each word of each sentence: the mean over the members.
fn outside(members: &[Tagger], words: &[&[String]]) -> Result<Vec<Vec<f64>>, GleanerError> {
    let mut mean: Vec<Vec<f64>> = words.iter().map(|words| vec![0.0; words.len()]).collect();
    for member in members {
        let labels = member.labels();
        let o = labels.id("O").map_or(0, usize::from);
        let probabilities = member.tag_probabilities(words)?;
        for (mean, probabilities) in mean.iter_mut().zip(probabilities) {
            for (mean, of_word) in mean.iter_mut().zip(probabilities.chunks(labels.len())) {
                *mean += of_word[o] / members.len() as f64;
            }
        }
    }
    Ok(mean)
}

/// The remarks on a sentence whose entities are `own`. Each suggests what the model says of the whole sentence.
pub(super) fn remarks(id: usize, words: &[String], own: &[Span], says: &Predicted) -> Vec<Remark> {
    let overlap = |a: &Span, b: &Span| a.start < b.end && b.start < a.end;
    let shown = |span: &Span| quoted(&words[span.start..span.end]);
    let mut found: Vec<(Option<f64>, String)> = Vec::new();
    for ShownSpan { span, confidence } in says.spans.iter().filter(|s| !own.contains(&s.span)) {
        let there: Vec<String> = own
            .iter()
            .filter(|own| overlap(own, span))
            .map(|own| match (own.start, own.end) == (span.start, span.end) {
                true => own.entity_type.clone(),
                false => format!("{} for {}", own.entity_type, shown(own)),
            })
            .collect();
        let there = if there.is_empty() { "no entity".to_owned() } else { there.join(" and ") };
        let (name, sure) = (&span.entity_type, stated(*confidence));
        let note =
            format!("the model says {name} for {}{sure}; the corpus says {there}", shown(span));
        found.push((*confidence, note));
    }
    for span in own.iter().filter(|own| !says.spans.iter().any(|s| overlap(&s.span, own))) {
        let of_words = says.outside.as_ref().and_then(|all| all.get(span.start..span.end));
        // All words are outside: no more probable than the least probable of them.
        let outside = of_words.map(|all| all.iter().copied().fold(1.0, f64::min));
        let (name, sure) = (&span.entity_type, stated(outside));
        let note =
            format!("the model finds no entity in {}{sure}; the corpus says {name}", shown(span));
        found.push((outside, note));
    }
    let remark = |(confidence, note): (Option<f64>, String)| Remark {
        id,
        why: Reason::DoubtfulTags,
        score: confidence.unwrap_or(LEAST),
        group: id,
        note,
        suggested: Some(says.spans.clone().into()),
    };
    let is_probable =
        |(confidence, _): &(Option<f64>, String)| confidence.is_none_or(|p| p >= LEAST);
    found.into_iter().filter(is_probable).map(remark).collect()
}

/// A probability for a note, if it is known.
fn stated(confidence: Option<f64>) -> String {
    confidence.map_or_else(String::new, |p| format!(" ({p:.2})"))
}
