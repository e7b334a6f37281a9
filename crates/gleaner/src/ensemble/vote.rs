//! From what the members say of a sentence to its entities.

use crate::{
    Labels, Tagged, TaggedSpan,
    framing::Framing,
    tagger::{Emitted, decode, word_probabilities},
};
use gleaner_nn::crf::{Crf, Lattice};
use std::collections::{BTreeMap, BTreeSet};

/// What one member says of a sentence.
pub(super) struct Opinion<'a> {
    pub(super) labels: &'a Labels,
    pub(super) framing: Framing,
    pub(super) crf: &'a Crf,
    /// The divisor of the CRF's scores.
    pub(super) temperature: f64,
    /// The windows that cover the sentence.
    pub(super) windows: &'a [Emitted<'a>],
}

/// A span that a member finds: its first word, its end and its type.
type Proposed = (usize, usize, String);

/// Decodes a sentence of `words` words: of the spans that members find, those that do not overlap and whose mean
/// probabilities, at `factor` times the members' temperatures, exceed `share` by the largest sum.
pub(super) fn sentence(opinions: &[Opinion], factor: f64, share: f64, words: usize) -> Tagged {
    let own: Vec<BTreeMap<Proposed, Vec<u16>>> =
        opinions.iter().map(|opinion| opinion.proposed(words)).collect();
    let proposed: BTreeSet<Proposed> = own.iter().flat_map(|own| own.keys().cloned()).collect();
    if proposed.is_empty() {
        // A sentence without spans needs no lattice.
        return Tagged { tags: vec!["O".to_owned(); words], spans: Vec::new(), unrepaired: None };
    }
    let mut spans: Vec<TaggedSpan> = proposed
        .iter()
        .map(|(start, end, label)| {
            let (start, end, label) = (*start, *end, label.clone());
            TaggedSpan { label, start, end, confidence: 0.0, uncalibrated: 0.0 }
        })
        .collect();
    let part = 1.0 / opinions.len() as f64;
    for (opinion, own) in opinions.iter().zip(&own) {
        let calibrated = opinion.lattices(factor * opinion.temperature);
        let plain = opinion.lattices(1.0);
        let owners = decode::owners(words, opinion.windows);
        for (span, proposed) in spans.iter_mut().zip(&proposed) {
            // Without a place, the member gives the span no probability.
            let decoded = own.get(proposed).map(Vec::as_slice);
            let place = opinion.place(proposed, decoded, owners[proposed.0], words);
            let Some(place) = place else { continue };
            span.confidence += part * place.probability(&calibrated);
            span.uncalibrated += part * place.probability(&plain);
        }
    }
    let spans = compatible(spans, share);
    let mut tags = vec!["O".to_owned(); words];
    for span in &spans {
        tags[span.start] = format!("B-{}", span.label);
        tags[span.start + 1..span.end].fill(format!("I-{}", span.label));
    }
    Tagged { tags, spans, unrepaired: None }
}

/// The probability of O at each word of a sentence, `[words]`: the mean over the members, at `factor` times their
/// temperatures.
pub(super) fn outside(opinions: &[Opinion], factor: f64, words: usize) -> Vec<f64> {
    let mut mean = vec![0.0; words];
    let part = 1.0 / opinions.len() as f64;
    for Opinion { labels, crf, temperature, windows, .. } in opinions {
        let all = word_probabilities(crf, factor * temperature, words, windows);
        let o = usize::from(labels.outside());
        for (mean, of_word) in mean.iter_mut().zip(all.chunks(labels.len())) {
            *mean += part * of_word[o];
        }
    }
    mean
}

/// Of spans in ascending order, those that do not overlap and whose confidences exceed `share` by the largest sum
/// (weighted interval scheduling). Of equal sums, the one with the later spans.
fn compatible(mut spans: Vec<TaggedSpan>, share: f64) -> Vec<TaggedSpan> {
    spans.retain(|span| span.confidence > share);
    spans.sort_by_key(|span| span.end);
    // The best sum among the first i spans, and whether it takes the last of them.
    let mut best = vec![(0.0, false); spans.len() + 1];
    let before = |at: usize| spans.partition_point(|span| span.end <= spans[at].start);
    for at in 0..spans.len() {
        let with = best[before(at)].0 + spans[at].confidence - share;
        let without = best[at].0;
        best[at + 1] = if with >= without { (with, true) } else { (without, false) };
    }
    let mut kept = vec![false; spans.len()];
    let mut at = spans.len();
    while at > 0 {
        if best[at].1 {
            kept[at - 1] = true;
            at = before(at - 1);
        } else {
            at -= 1;
        }
    }
    spans.into_iter().zip(kept).filter_map(|(span, kept)| kept.then_some(span)).collect()
}

impl Opinion<'_> {
    /// What the member alone says of a sentence of `words` words, at `factor` times its temperature.
    pub(super) fn tagged(&self, factor: f64, words: usize) -> Tagged {
        let temperature = factor * self.temperature;
        decode::sentence(self.labels, self.framing, self.crf, temperature, words, self.windows)
    }

    /// The lattices of the windows, with all scores divided by `temperature`.
    fn lattices(&self, temperature: f64) -> Vec<Lattice> {
        self.windows.iter().map(|w| self.crf.lattice_at(&w.emissions, temperature)).collect()
    }

    /// The spans of the most probable tags, each with these tags before repair.
    fn proposed(&self, words: usize) -> BTreeMap<Proposed, Vec<u16>> {
        let labels = self.labels;
        let decoded = decode::best_tags(labels, self.crf, words, self.windows);
        let mut tags = decoded.clone();
        decode::repair(labels, &mut tags);
        let named = |(start, end): (usize, usize)| {
            let label = labels.name(tags[start])[2..].to_owned();
            ((start, end, label), decoded[start..end].to_vec())
        };
        decode::spans(labels, &tags).into_iter().map(named).collect()
    }

    /// Where a span is: in the window that decides about its first word, or in the first window that holds all of it.
    /// `None` where no window does. A member that found the span itself has `decoded` tags of its words, which can be
    /// others than B and I: a tagger of IO begins with I.
    fn place(
        &self,
        span: &Proposed,
        decoded: Option<&[u16]>,
        owner: usize,
        words: usize,
    ) -> Option<Place> {
        let (start, end, label) = span;
        let window = decode::holder(*start..*end, owner, self.windows)?;
        let sequence = &self.windows[window].window.sequence;
        let positions = sequence.positions(*start..*end)?;
        let mut tags = word_tags(self.labels, span, words)?;
        if let Some(decoded) = decoded {
            tags[*start..*end].copy_from_slice(decoded);
        }
        let path = sequence.tags(self.framing, self.labels, &tags)[positions.clone()].to_vec();
        let inside = self.labels.id(&format!("I-{label}")).unwrap_or(u16::MAX);
        Some(Place { window, first: positions.start, path, inside })
    }

    /// The log-probability of a sentence's tags, at `factor` times the tagger's temperature.
    pub(super) fn log_likelihood(&self, tags: &[String], factor: f64) -> f64 {
        let gold: Vec<u16> = tags.iter().map(|t| self.labels.id(t).unwrap_or(0)).collect();
        let lattices = self.lattices(factor * self.temperature);
        let of_window = |(emitted, lattice): (&Emitted, Lattice)| {
            lattice.log_likelihood(&emitted.window.sequence.tags(self.framing, self.labels, &gold))
        };
        self.windows.iter().zip(lattices).map(of_window).sum()
    }
}

/// Where a span is in a member's windows.
struct Place {
    window: usize,
    /// The labelled position of its first word.
    first: usize,
    /// The tags of its labelled positions.
    path: Vec<u16>,
    /// The tag that would make it longer.
    inside: u16,
}

impl Place {
    /// The probability of exactly this span, given the lattices of the windows.
    fn probability(&self, lattices: &[Lattice]) -> f64 {
        lattices[self.window].span_probability(self.first, &self.path, self.inside)
    }
}

/// The tags of a sentence with nothing but one span; `None` where the labels lack its type.
fn word_tags(labels: &Labels, (start, end, label): &Proposed, words: usize) -> Option<Vec<u16>> {
    let mut tags = vec![labels.outside(); words];
    tags[*start] = labels.id(&format!("B-{label}"))?;
    if start + 1 < *end {
        tags[start + 1..*end].fill(labels.id(&format!("I-{label}"))?);
    }
    Some(tags)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        PieceLabels,
        framing::Window,
        testing::{PIECES, labels},
    };
    use proptest::prelude::*;

    /// The tag sequences of IOB2 over [`labels`], with their probabilities under a CRF and emissions at a temperature.
    fn distribution(crf: &Crf, emissions: &[f32], temperature: f64) -> Vec<(Vec<u16>, f64)> {
        let positions = emissions.len() / 5;
        let sequence = |code: usize| -> Vec<u16> {
            (0..positions).map(|at| (code / 5usize.pow(at as u32) % 5) as u16).collect()
        };
        let lattice = crf.lattice_at(emissions, temperature);
        let all = (0..5usize.pow(positions as u32)).map(sequence);
        all.map(|tags| (tags.clone(), lattice.log_likelihood(&tags).exp())).collect()
    }

    /// Three words in one window.
    fn window(framing: Framing) -> Window {
        let (sequence, words) = framing.cut(&PIECES, &PIECES.sentence(&["Anna", "woon", "hier"]));
        Window { sentence: 0, words: 0..words, sequence }
    }

    /// Emissions of two members, `[words, tags]`.
    fn noise(window: &Window) -> [[Emitted<'_>; 1]; 2] {
        [1, 2].map(|seed| {
            let emissions = (0..15).map(|i| ((i * 37 + seed * 101) % 23) as f32 / 7.0).collect();
            [Emitted { window, emissions }]
        })
    }

    #[test]
    fn a_confidence_is_the_mean_of_the_members_probabilities_of_the_span() {
        let framing = Framing { labels: PieceLabels::First, limit: 80 };
        let window = window(framing);
        let mut crf = Crf::zeros(5);
        crf.rules = Some(gleaner_nn::crf::Rules::iob2(labels().names()));
        let labels = labels();
        let emitted = noise(&window);
        let opinions = [0, 1].map(|i| Opinion {
            labels: &labels,
            framing,
            crf: &crf,
            temperature: 1.0,
            windows: &emitted[i],
        });
        let tagged = sentence(&opinions, 1.0, 0.0, 3);
        assert!(!tagged.spans.is_empty());
        for span in &tagged.spans {
            let begin = labels.id(&format!("B-{}", span.label)).unwrap();
            let holds = |tags: &[u16]| {
                let inside = |tag: u16| tag == begin + 1;
                tags[span.start] == begin
                    && tags[span.start + 1..span.end].iter().all(|&t| inside(t))
                    && !tags.get(span.end).is_some_and(|&t| inside(t))
            };
            let of_member = |emitted: &[Emitted; 1]| -> f64 {
                let all = distribution(&crf, &emitted[0].emissions, 1.0);
                all.iter().filter(|(tags, _)| holds(tags)).map(|(_, p)| p).sum()
            };
            let mean = emitted.iter().map(of_member).sum::<f64>() / 2.0;
            assert!((span.confidence - mean).abs() < 1e-9, "{span:?} {mean}");
        }
        // A share above all confidences keeps nothing.
        assert!(sentence(&opinions, 1.0, 0.999, 3).spans.is_empty());
    }

    #[test]
    fn the_probability_of_no_entity_is_calibrated_and_that_of_the_mean() {
        let framing = Framing { labels: PieceLabels::First, limit: 80 };
        let window = window(framing);
        let (crf, labels) = (Crf::zeros(5), labels());
        let emitted = noise(&window);
        let temperatures = [0.7, 1.9];
        let opinions = [0, 1].map(|i| Opinion {
            labels: &labels,
            framing,
            crf: &crf,
            temperature: temperatures[i],
            windows: &emitted[i],
        });
        let factor = 1.5;
        let found = outside(&opinions, factor, 3);
        assert_eq!(found.len(), 3);
        for (word, found) in found.iter().enumerate() {
            let of_member = |i: usize| -> f64 {
                let emissions = &emitted[i][0].emissions;
                let all = distribution(&crf, emissions, factor * temperatures[i]);
                let o = all.iter().filter(|(tags, _)| tags[word] == labels.outside());
                o.map(|(_, p)| p).sum()
            };
            let mean = (of_member(0) + of_member(1)) / 2.0;
            assert!((found - mean).abs() < 1e-9, "{word}: {found} {mean}");
        }
    }

    #[test]
    fn one_member_teaches_what_it_says_alone() {
        let framing = Framing { labels: PieceLabels::First, limit: 80 };
        let window = window(framing);
        let (crf, labels) = (Crf::zeros(5), labels());
        let [windows, _] = noise(&window);
        let only =
            Opinion { labels: &labels, framing, crf: &crf, temperature: 1.0, windows: &windows };
        let alone = only.tagged(1.0, 3);
        assert!(alone.spans.iter().any(|span| span.confidence < 0.999), "{alone:?}");
        let lesson = crate::ensemble::lesson::of(&[only], &labels, 1.0, 0.999, 3).unwrap();
        assert_eq!(lesson.tagged, alone);
    }

    #[test]
    fn taggers_without_b_agree_on_what_they_find() {
        let framing = Framing { labels: PieceLabels::First, limit: 80 };
        let window = window(framing);
        let (crf, labels) = (Crf::zeros(5), labels());
        let mut emissions = vec![0.0; 15];
        for word in 0..3 {
            emissions[5 * word + 1] = -1e4;
            emissions[5 * word + 3] = -1e4;
            emissions[5 * word + if word == 0 { 4 } else { 0 }] = 9.0;
        }
        let windows = [Emitted { window: &window, emissions }];
        let opinions = [0; 2].map(|_| Opinion {
            labels: &labels,
            framing,
            crf: &crf,
            temperature: 1.0,
            windows: &windows,
        });
        let tagged = sentence(&opinions, 1.0, 0.4, 3);
        assert_eq!(tagged.tags, ["B-PER", "O", "O"]);
        assert!(tagged.spans[0].confidence > 0.9, "{tagged:?}");
    }

    fn span(start: usize, end: usize, confidence: f64) -> TaggedSpan {
        TaggedSpan { label: "LOC".into(), start, end, confidence, uncalibrated: confidence }
    }

    fn places(spans: &[TaggedSpan]) -> Vec<(usize, usize)> {
        spans.iter().map(|s| (s.start, s.end)).collect()
    }

    #[test]
    fn two_short_spans_win_over_a_long_one_between_them_if_their_sum_is_larger() {
        let spans = |long| vec![span(0, 2, 0.6), span(1, 4, long), span(3, 5, 0.6)];
        assert_eq!(places(&compatible(spans(0.7), 0.4)), [(0, 2), (3, 5)]);
        assert_eq!(places(&compatible(spans(0.9), 0.4)), [(1, 4)]);
        assert_eq!(places(&compatible(spans(0.9), 0.6)), [(1, 4)]);
        assert!(compatible(spans(0.3), 0.7).is_empty());
    }

    proptest! {
        #[test]
        fn the_sum_is_the_largest_of_all_subsets(
            found in prop::collection::vec((0..8usize, 1..4usize, 0.0..1.0f64), 0..9), share in 0.0..0.9f64
        ) {
            let spans: Vec<TaggedSpan> =
                found.iter().map(|&(start, length, p)| span(start, start + length, p)).collect();
            let sum = |spans: &[TaggedSpan]| spans.iter().map(|s| s.confidence - share).sum::<f64>();
            let apart = |spans: &[TaggedSpan]| {
                let overlap = |a: &TaggedSpan, b: &TaggedSpan| a.start < b.end && b.start < a.end;
                (0..spans.len()).all(|i| (0..i).all(|j| !overlap(&spans[i], &spans[j])))
            };
            let subset = |mask: usize| -> Vec<TaggedSpan> {
                let kept = spans.iter().enumerate().filter(|(i, _)| mask >> i & 1 == 1);
                kept.map(|(_, s)| s.clone()).collect()
            };
            let all = (0..1 << spans.len()).map(subset).filter(|s| apart(s));
            let best = all.map(|s| sum(&s)).fold(0.0, f64::max);
            let chosen = compatible(spans.clone(), share);
            prop_assert!(apart(&chosen));
            prop_assert!((sum(&chosen) - best).abs() < 1e-9, "{} {best}", sum(&chosen));
        }
    }
}
