//! From emissions to tags, spans and their confidence.

use super::Emitted;
use crate::{Labels, framing::Framing};
use gleaner_nn::crf::{Crf, Lattice};
use std::ops::Range;

/// The tags and entities of a sentence.
#[derive(Clone, Debug, PartialEq)]
pub struct Tagged {
    /// IOB2 tags, `[words]`.
    pub tags: Vec<String>,
    /// The entities, in order.
    pub spans: Vec<TaggedSpan>,
    /// The tags before repair, if some of them broke IOB2. Scores use these.
    pub unrepaired: Option<Vec<String>>,
}

impl Tagged {
    /// The tags by which the predictions are scored: those that were decoded, not repaired.
    pub fn scored_tags(&self) -> &[String] {
        self.unrepaired.as_ref().unwrap_or(&self.tags)
    }
}

/// An entity that a tagger found.
#[derive(Clone, Debug, PartialEq)]
pub struct TaggedSpan {
    /// Its type.
    pub label: String,
    /// Its first word, from 0.
    pub start: usize,
    /// The index after its last word.
    pub end: usize,
    /// The probability of exactly this span (its tags and its end) over all tag sequences of the CRF at the
    /// tagger's temperature.
    pub confidence: f64,
    /// The same probability at temperature 1, as the CRF was trained.
    pub uncalibrated: f64,
}

/// Decodes a sentence of `words` words from the windows that cover it. The temperature changes
/// confidences, never tags.
pub(crate) fn sentence(
    labels: &Labels,
    framing: Framing,
    crf: &Crf,
    temperature: f64,
    words: usize,
    windows: &[Emitted],
) -> Tagged {
    let owner = owners(words, windows);
    let paths: Vec<Vec<u16>> = windows.iter().map(|w| crf.best(&w.emissions)).collect();
    let mut tags = word_tags(labels, &owner, windows, &paths);
    let decoded = tags.clone();
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
        let window = holder(start..end, owner[start], windows).unwrap_or(owner[start]);
        let sequence = &windows[window].window.sequence;
        let positions = sequence.positions(start..end).unwrap_or(0..1);
        // Windows can disagree about the words of a span that crosses the border between them.
        let agrees = |(word, at): (usize, usize)| {
            !(start..end).contains(&word) || paths[window][at] == decoded[word]
        };
        let path = match sequence.first_labelled().all(agrees) {
            true => paths[window][positions.clone()].to_vec(),
            false => sequence.tags(framing, labels, &decoded)[positions.clone()].to_vec(),
        };
        let inside = labels.inside(tags[start]).unwrap_or(u16::MAX);
        let probability =
            |of: &[Lattice]| of[window].span_probability(positions.start, &path, inside);
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
    let names =
        |tags: &[u16]| -> Vec<String> { tags.iter().map(|&t| labels.name(t).to_owned()).collect() };
    let unrepaired = (decoded != tags).then(|| names(&decoded));
    Tagged { tags: names(&tags), spans, unrepaired }
}

/// The most probable tags of a sentence of `words` words, before repair, `[words]`.
pub(crate) fn best_tags(labels: &Labels, crf: &Crf, words: usize, windows: &[Emitted]) -> Vec<u16> {
    let paths: Vec<Vec<u16>> = windows.iter().map(|w| crf.best(&w.emissions)).collect();
    word_tags(labels, &owners(words, windows), windows, &paths)
}

/// The tag of each word in the path of the window that decides about it; O for words that are cut off.
fn word_tags(
    labels: &Labels,
    owner: &[usize],
    windows: &[Emitted],
    paths: &[Vec<u16>],
) -> Vec<u16> {
    let mut tags = vec![labels.outside(); owner.len()];
    for (i, (emitted, path)) in windows.iter().zip(paths).enumerate() {
        for (word, position) in emitted.window.sequence.first_labelled() {
            if owner[word] == i {
                tags[word] = path[position];
            }
        }
    }
    tags
}

/// The window that decides about each word: the one in which the word is furthest from an edge that is not an edge of
/// the sentence. `usize::MAX` where no window covers the word.
pub(crate) fn owners(words: usize, windows: &[Emitted]) -> Vec<usize> {
    let (mut owners, mut distances) = (vec![usize::MAX; words], vec![0; words]);
    // One pass over the windows, because a sentence of a million words has thousands of them.
    for (i, Emitted { window, .. }) in windows.iter().enumerate() {
        let covered = &window.words;
        for word in covered.clone() {
            let left = if covered.start == 0 { usize::MAX } else { word - covered.start };
            let right = if covered.end == words { usize::MAX } else { covered.end - 1 - word };
            let distance = left.min(right);
            if owners[word] == usize::MAX || distance > distances[word] {
                (owners[word], distances[word]) = (i, distance);
            }
        }
    }
    owners
}

/// A window that has all words of a span: the `owner` of its first word, or the first one. `None` where no window does.
pub(crate) fn holder(span: Range<usize>, owner: usize, windows: &[Emitted]) -> Option<usize> {
    let has_all = |words: &Range<usize>| words.start <= span.start && span.end <= words.end;
    let holds = |i: &usize| windows.get(*i).is_some_and(|w| has_all(&w.window.words));
    std::iter::once(owner).chain(0..windows.len()).find(holds)
}

/// Turns a stray I tag into a B tag, as seqeval's default mode reads it.
pub(crate) fn repair(labels: &Labels, tags: &mut [u16]) {
    for i in 0..tags.len() {
        let name = labels.name(tags[i]);
        if let Some(entity_type) = name.strip_prefix("I-") {
            let continues = i > 0 && labels.inside(tags[i - 1]) == Some(tags[i]);
            if !continues {
                tags[i] = labels.id(&format!("B-{entity_type}")).unwrap_or(tags[i]);
            }
        }
    }
}

/// The first word and the end of every entity of valid IOB2 tags. Works on ids, because `entities` of names would
/// format every tag of every sentence.
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
