//! Where a model contradicts the tags.

use super::{
    Reason,
    doubts::{Remark, quoted},
};
use crate::answer::{ShownSpan, Span};
use gleaner::{Ensemble, GleanerError, Tagger};
use gleaner_corpus::audit::{DataSet, Entry};

/// Number of sentences that are labelled together, to bound the memory.
const TOGETHER: usize = 256;
/// Minimum probability of what a model says for a remark. What is less probable is more likely wrong than right.
const LEAST: f64 = 0.5;

/// What a model says of a sentence.
#[derive(Clone, Debug, PartialEq)]
pub struct Predicted {
    /// The entities that it finds, in order.
    pub spans: Vec<ShownSpan>,
    /// The probability of O at each word.
    pub outside: Vec<f64>,
}

/// What a model says of the sentences of a data set.
///
/// # Errors
/// As [`Ensemble::tag`].
pub fn predict(model: &Ensemble, set: &DataSet) -> Result<Vec<Predicted>, GleanerError> {
    let mut predicted = Vec::with_capacity(set.entries.len());
    for entries in set.entries.chunks(TOGETHER) {
        let words: Vec<&[String]> = entries.iter().map(words).collect();
        let outside = outside(model.members(), &words)?;
        let tagged = model.tag(&words)?.into_iter().zip(outside);
        predicted.extend(tagged.map(|(tagged, outside)| Predicted {
            spans: tagged.spans.into_iter().map(ShownSpan::found).collect(),
            outside,
        }));
    }
    Ok(predicted)
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
    let mut found: Vec<(f64, String)> = Vec::new();
    for ShownSpan { span, confidence } in &says.spans {
        let confidence = confidence.unwrap_or(0.0);
        if own.contains(span) || confidence < LEAST {
            continue;
        }
        let there: Vec<String> = own
            .iter()
            .filter(|own| overlap(own, span))
            .map(|own| match (own.start, own.end) == (span.start, span.end) {
                true => own.entity_type.clone(),
                false => format!("{} for {}", own.entity_type, shown(own)),
            })
            .collect();
        let there = if there.is_empty() { "no entity".to_owned() } else { there.join(" and ") };
        found.push((
            confidence,
            format!(
                "the model says {} for {} ({confidence:.2}); the corpus says {there}",
                span.entity_type,
                shown(span)
            ),
        ));
    }
    for span in own.iter().filter(|own| !says.spans.iter().any(|s| overlap(&s.span, own))) {
        let of_words = says.outside.get(span.start..span.end).unwrap_or_default();
        // All words are outside: no more probable than the least probable of them.
        let outside = of_words.iter().copied().fold(1.0, f64::min);
        if outside >= LEAST {
            let note = format!(
                "the model finds no entity in {} ({outside:.2}); the corpus says {}",
                shown(span),
                span.entity_type
            );
            found.push((outside, note));
        }
    }
    let suggested = says.spans.clone();
    let remark = |(score, note): (f64, String)| Remark {
        id,
        why: Reason::DoubtfulTags,
        score,
        group: id,
        note,
        suggested: Some(suggested.clone()),
    };
    found.into_iter().map(remark).collect()
}
