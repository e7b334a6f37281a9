//! From the network's view of a sentence back to its words.

use super::*;
use crate::{
    PieceLabels,
    framing::{Sequence, Window},
    testing::{PIECES, begins, labels, sentence},
};
use gleaner_nn::crf::Rules;
use proptest::prelude::*;

/// Emissions that favour `tags`.
fn certain(tags: &[u16]) -> Vec<f32> {
    tags.iter().flat_map(|&tag| (0..5).map(move |k| if k == tag { 9.0 } else { 0.0 })).collect()
}

/// Decodes a sentence of which all emissions are certain of the gold tags.
fn decode(framing: Framing, tags: &[u16], parts: &[(Range<usize>, Sequence)]) -> Tagged {
    let windows = windows(parts);
    let emitted: Vec<Emitted> = windows
        .iter()
        .map(|window| {
            let mut labelled = window.sequence.tags(framing, &labels(), tags);
            // In training a window that starts within an entity begins with it.
            if let Some((word, position)) = window.sequence.first_labelled().next() {
                labelled[position] = tags[word];
            }
            Emitted { window, emissions: certain(&labelled) }
        })
        .collect();
    super::sentence(&labels(), framing, &Crf::zeros(5), 1.0, tags.len(), &emitted)
}

/// Parts of a sentence as windows.
fn windows(parts: &[(Range<usize>, Sequence)]) -> Vec<Window> {
    let window = |(words, sequence): &(Range<usize>, Sequence)| Window {
        sentence: 0,
        words: words.clone(),
        sequence: sequence.clone(),
    };
    parts.iter().map(window).collect()
}

fn ids(tagged: &Tagged) -> Vec<u16> {
    tagged.tags.iter().map(|t| labels().id(t).unwrap()).collect()
}

proptest! {
    #[test]
    fn tags_come_back_through_any_windows(s in sentence(), all: bool, limit in 1..80usize) {
        let labels = if all { PieceLabels::All } else { PieceLabels::First };
        let framing = Framing { labels, limit };
        let windows = framing.windows(&PIECES, &s.pieces);
        let tagged = decode(framing, &s.tags, &windows);
        prop_assert_eq!(ids(&tagged), s.tags.clone());
        prop_assert_eq!(tagged.spans.len(), s.entities());
        for span in &tagged.spans {
            prop_assert_eq!(begins(&s.tags[span.start..span.end]), 1);
            prop_assert!(span.confidence > 0.0 && span.confidence <= 1.0 + 1e-9, "{}", span.confidence);
        }
        if windows.len() == 1 {
            prop_assert!(tagged.spans.iter().all(|s| s.confidence > 0.9));
        }
    }

    #[test]
    fn words_that_are_cut_off_are_outside(s in sentence(), limit in 1..40usize) {
        let framing = Framing { labels: PieceLabels::Repeated, limit };
        let (sequence, words) = framing.cut(&PIECES, &s.pieces);
        let tagged = decode(framing, &s.tags, &[(0..words, sequence)]);
        let mut expected = s.tags.clone();
        expected[words..].fill(0);
        prop_assert_eq!(ids(&tagged), expected);
    }

    #[test]
    fn any_emissions_give_sound_tags(
        s in sentence(), all: bool, limit in 4..80usize, rules: bool, seed in any::<u64>()
    ) {
        let piece_labels = if all { PieceLabels::All } else { PieceLabels::First };
        let framing = Framing { labels: piece_labels, limit };
        let windows = windows(&framing.windows(&PIECES, &s.pieces));
        let noise = |i: usize| ((seed ^ i as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 40) as f32 / 4e6;
        let emitted: Vec<Emitted> = windows
            .iter()
            .map(|window| {
                let labelled = window.sequence.labelled.len();
                let noise = |i| noise(i + 1000 * window.words.start);
                Emitted { window, emissions: (0..5 * labelled).map(noise).collect() }
            })
            .collect();
        let mut crf = Crf::zeros(5);
        crf.rules = rules.then(|| Rules::iob2(labels().names()));
        let tagged = super::sentence(&labels(), framing, &crf, 1.0, s.tags.len(), &emitted);
        let tags = ids(&tagged);
        for (i, tag) in tags.iter().enumerate() {
            let continues = i > 0 && labels().inside(tags[i - 1]) == Some(*tag);
            prop_assert!(!matches!(tag, 2 | 4) || continues, "{tags:?}");
        }
        let mut decoded: Vec<u16> =
            tagged.scored_tags().iter().map(|t| labels().id(t).unwrap()).collect();
        prop_assert_eq!(tagged.unrepaired.is_some(), decoded != tags);
        repair(&labels(), &mut decoded);
        prop_assert_eq!(&decoded, &tags);
        prop_assert_eq!(tagged.spans.len(), begins(&tags));
        prop_assert!(tagged.spans.iter().all(|s| (0.0..=1.0 + 1e-9).contains(&s.confidence)));
    }
}

#[test]
fn a_temperature_changes_confidences_and_no_tags() {
    let framing = Framing { labels: PieceLabels::First, limit: 80 };
    let (sequence, words) = framing.cut(&PIECES, &PIECES.sentence(&["Anna", "woon", "hier"]));
    let emissions = certain(&[3, 0, 0]).iter().map(|e| e / 3.0).collect();
    let window = Window { sentence: 0, words: 0..words, sequence };
    let emitted = [Emitted { window: &window, emissions }];
    let at = |t: f64| super::sentence(&labels(), framing, &Crf::zeros(5), t, 3, &emitted);
    let (cold, plain, hot) = (at(0.5), at(1.0), at(4.0));
    let confidence = |t: &Tagged| (t.spans[0].confidence, t.spans[0].uncalibrated);
    assert_eq!((&cold.tags, &hot.tags), (&plain.tags, &plain.tags));
    assert_eq!(confidence(&plain).0, confidence(&plain).1);
    assert!(confidence(&cold).0 > confidence(&plain).0, "{cold:?}");
    assert!(confidence(&hot).0 < confidence(&plain).0, "{hot:?}");
    assert_eq!(confidence(&hot).1, confidence(&plain).0);
}

#[test]
fn spans_end_where_another_begins() {
    assert_eq!(spans(&labels(), &[0, 1, 2, 1, 0, 3, 4]), [(1, 3), (3, 4), (5, 7)]);
}

#[test]
fn stray_inside_tags_begin_an_entity() {
    let mut tags = [2, 2, 4, 0, 4, 4];
    repair(&labels(), &mut tags);
    assert_eq!(tags, [1, 2, 3, 0, 3, 4]);
}

#[test]
fn a_word_belongs_to_the_window_that_shows_most_around_it() {
    let sequence = Framing { labels: PieceLabels::First, limit: 9 }
        .cut(&PIECES, &PIECES.sentence(&["a"; 10]))
        .0;
    let parts = [0..6, 2..8, 6..10].map(|words| (words, sequence.clone()));
    let windows = windows(&parts);
    let windows: Vec<Emitted> =
        windows.iter().map(|window| Emitted { window, emissions: Vec::new() }).collect();
    // Words 0 and 9 are at the sentence's own edges, where no context is hidden.
    assert_eq!(owners(10, &windows), [0, 0, 0, 0, 1, 1, 1, 2, 2, 2]);
    assert_eq!(owners(10, &windows[..1])[9], usize::MAX);
}

#[test]
fn a_span_across_windows_has_the_probability_of_its_own_tags() {
    let framing = Framing { labels: PieceLabels::First, limit: 9 };
    let windows = windows(&framing.windows(&PIECES, &PIECES.sentence(&["a"; 10])));
    let without = |window| Emitted { window, emissions: Vec::new() };
    let owner = owners(10, &windows.iter().map(without).collect::<Vec<_>>());
    let start = (0..9).find(|&word| owner[word] == 0 && owner[word + 1] == 1).unwrap();
    // The first window ends the person where the second one continues it.
    let emitted: Vec<Emitted> = windows
        .iter()
        .enumerate()
        .map(|(at, window)| {
            let mut tags = [0; 10];
            tags[start] = 3;
            tags[start + 1] = if at == 0 { 0 } else { 4 };
            Emitted { window, emissions: certain(&window.sequence.tags(framing, &labels(), &tags)) }
        })
        .collect();
    let tagged = super::sentence(&labels(), framing, &Crf::zeros(5), 1.0, 10, &emitted);
    assert_eq!(tagged.spans.len(), 1);
    assert_eq!((tagged.spans[0].start, tagged.spans[0].end), (start, start + 2));
    assert!(tagged.spans[0].confidence < 0.01, "{}", tagged.spans[0].confidence);
}
