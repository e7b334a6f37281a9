//! From emissions to tags, spans and their confidence.

use super::Emitted;
use crate::Labels;
use gleaner_nn::crf::{Crf, Lattice};

/// A labelled sentence.
#[derive(Clone, Debug, PartialEq)]
pub struct Tagged {
    /// IOB2 tags, one a word.
    pub tags: Vec<String>,
    /// The entities.
    pub spans: Vec<TaggedSpan>,
}

/// An entity that a tagger found.
#[derive(Clone, Debug, PartialEq)]
pub struct TaggedSpan {
    /// Its type.
    pub label: String,
    /// Its first word, from 0.
    pub start: usize,
    /// Behind its last word.
    pub end: usize,
    /// The probability of exactly this span: of its tags and of its end, over all tag sequences of
    /// the CRF at the tagger's temperature.
    pub confidence: f64,
    /// The same of the CRF as it was trained.
    pub uncalibrated: f64,
}

/// Decodes a sentence of `words` words from the windows that cover it. The temperature changes
/// confidences, never tags.
pub(super) fn sentence(
    labels: &Labels,
    crf: &Crf,
    temperature: f64,
    words: usize,
    windows: &[Emitted],
) -> Tagged {
    let paths: Vec<Vec<u16>> = windows.iter().map(|w| crf.best(&w.emissions)).collect();
    let owner = owners(words, windows);
    let mut tags = vec![labels.outside(); words];
    // Unit of each word in the window that owns it.
    let mut units = vec![None; words];
    for (i, (window, path)) in windows.iter().zip(&paths).enumerate() {
        for (word, unit) in window.sequence.first_units() {
            if owner[word] == i {
                tags[word] = path[unit];
                units[word] = Some(unit);
            }
        }
    }
    repair(labels, &mut tags);
    let found = spans(labels, &tags);
    // A sentence without spans needs no lattice.
    let needed = if found.is_empty() { &[] } else { windows };
    let lattices = |temperature: f64| -> Vec<Lattice> {
        needed.iter().map(|w| crf.lattice_at(&w.emissions, temperature)).collect()
    };
    let plain = lattices(1.0);
    let calibrated = (temperature != 1.0).then(|| lattices(temperature));
    let spans = found.into_iter().map(|(start, end)| {
        let window = owner[start];
        let sequence = windows[window].sequence;
        // The units of the span in its window: the words' own and, where all pieces carry tags,
        // those of the pieces that follow.
        let first = units[start].unwrap_or(0);
        let behind = sequence.first_units().find(|(w, _)| *w >= end).map(|(_, u)| u);
        let last = behind.unwrap_or_else(|| sequence.units_of_words_end());
        let path = &paths[window][first..last.max(first + 1)];
        let inside = labels.inside(tags[start]).unwrap_or(u16::MAX);
        let probability = |of: &[Lattice]| of[window].span_probability(first, path, inside);
        let uncalibrated = probability(&plain);
        TaggedSpan {
            label: labels.name(tags[start])[2..].to_owned(),
            start,
            end,
            confidence: calibrated.as_deref().map_or(uncalibrated, probability),
            uncalibrated,
        }
    });
    let spans = spans.collect();
    Tagged { tags: tags.iter().map(|&t| labels.name(t).to_owned()).collect(), spans }
}

/// The window of each word: the one in which it stands furthest from an edge that is not an edge
/// of the sentence.
pub(super) fn owners(words: usize, windows: &[Emitted]) -> Vec<usize> {
    let distance = |w: &Emitted, word: usize| {
        let left = if w.words.start == 0 { usize::MAX } else { word - w.words.start };
        let right = if w.words.end == words { usize::MAX } else { w.words.end - 1 - word };
        left.min(right)
    };
    let best = |word: usize| {
        let covering = windows.iter().enumerate().filter(|(_, w)| w.words.contains(&word));
        covering.rev().max_by_key(|(_, w)| distance(w, word)).map_or(usize::MAX, |(i, _)| i)
    };
    (0..words).map(best).collect()
}

/// Turns an inside tag that continues nothing into a begin tag, as seqeval's default mode reads it.
pub(crate) fn repair(labels: &Labels, tags: &mut [u16]) {
    for i in 0..tags.len() {
        let name = labels.name(tags[i]);
        if let Some(kind) = name.strip_prefix("I-") {
            let continues = i > 0 && labels.inside(tags[i - 1]) == Some(tags[i]);
            if !continues {
                tags[i] = labels.id(&format!("B-{kind}")).unwrap_or(tags[i]);
            }
        }
    }
}

/// First word and end of every entity of IOB2 tags.
pub(crate) fn spans(labels: &Labels, tags: &[u16]) -> Vec<(usize, usize)> {
    let mut spans = Vec::new();
    let mut start = 0;
    while start < tags.len() {
        let mut end = start + 1;
        if let Some(inside) = labels.inside(tags[start]) {
            while tags.get(end) == Some(&inside) {
                end += 1;
            }
            spans.push((start, end));
        }
        start = end;
    }
    spans
}

#[cfg(test)]
mod tests;
