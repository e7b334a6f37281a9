//! From a scored test text to the predictions that are stored.

use super::seen::Seen;
use crate::results::{PredictedSpan, Prediction};
use gleaner::{Scored, TaggedSpan};
use gleaner_corpus::{Corpus, overlap::sentence_key};
use std::collections::HashMap;

/// The predictions of a run on its test text. `places` are the numbers of the sentences.
pub(super) fn predictions(
    corpus: &Corpus,
    scored: &Scored,
    places: &[usize],
    seen: &Seen,
    keep_words: bool,
) -> Vec<Prediction> {
    let mut first = HashMap::new();
    let all = corpus.sentences.iter().zip(&scored.tagged).zip(places);
    all.map(|((s, t), &position)| Prediction {
        position,
        tokens: if keep_words { s.words.clone() } else { Vec::new() },
        same_as: Some(*first.entry(sentence_key(&s.words)).or_insert(position))
            .filter(|same| *same != position),
        gold: s.scored_tags().to_vec(),
        tags: t.scored_tags().to_vec(),
        spans: t.spans.iter().map(span).collect(),
        seen: seen.sentence(s),
        known: seen.spans(s),
    })
    .collect()
}

fn span(span: &TaggedSpan) -> PredictedSpan {
    PredictedSpan {
        label: span.label.clone(),
        start: span.start,
        end: span.end,
        confidence: span.confidence,
        uncalibrated: span.uncalibrated,
    }
}
