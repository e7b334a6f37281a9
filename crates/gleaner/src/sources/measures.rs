//! Similarity measures between a source and a target.

use super::{
    Ranked,
    profile::{Counts, Profile},
};
use serde::Serialize;

/// Similarity measures between a candidate and the target. Shares are of the target, from 0 to 1.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Measures {
    /// Number of sentences in the candidate.
    pub sentences: usize,
    /// Number of words in the candidate.
    pub words: usize,
    /// Number of entities in the candidate.
    pub entities: usize,
    /// The share of the target's word tokens that occur in the candidate; case does not matter.
    pub word_tokens: f64,
    /// The share of the target's word types that occur in the candidate.
    pub word_types: f64,
    /// The share of the target's piece tokens that occur in the candidate, where there is an encoder.
    pub piece_tokens: Option<f64>,
    /// The share of the target's piece types that occur in the candidate.
    pub piece_types: Option<f64>,
    /// The overlap of the scripts of their letters: the sum over scripts of the smaller share.
    pub script: f64,
    /// The Jensen-Shannon distance of the distributions of tags over words (O, B-X and I-X): the root of the
    /// divergence in bits (Endres and Schindelin 2003), 0 where they are the same, 1 where no tag is shared.
    pub tag_distance: f64,
    /// The share of the target's entities that are entities of the same type in the candidate, word for
    /// word; case does not matter.
    pub mentions: f64,
}

impl Measures {
    /// Compares two profiles.
    pub(super) fn between(target: &Profile, candidate: &Profile) -> Self {
        let pieces = target.pieces.as_ref().zip(candidate.pieces.as_ref());
        Self {
            sentences: candidate.sentences,
            words: candidate.words.values().sum(),
            entities: candidate.mentions.values().sum(),
            word_tokens: tokens_shared(&target.words, &candidate.words),
            word_types: types_shared(&target.words, &candidate.words),
            piece_tokens: pieces.map(|(target, candidate)| tokens_shared(target, candidate)),
            piece_types: pieces.map(|(target, candidate)| types_shared(target, candidate)),
            script: in_common(&target.scripts, &candidate.scripts),
            tag_distance: jensen_shannon(&target.tags, &candidate.tags).sqrt(),
            mentions: tokens_shared(&target.mentions, &candidate.mentions),
        }
    }
}

/// A measure by its name.
#[derive(Debug)]
pub struct Measure {
    /// As in JSON.
    pub name: &'static str,
    /// Whether the mean rank is over it.
    pub is_compared: bool,
    goodness: fn(&Ranked) -> Option<f64>,
}

impl Measure {
    /// The value for a candidate, with the sign flipped where a smaller value is better; `None` where there is none.
    pub fn goodness(&self, candidate: &Ranked) -> Option<f64> {
        (self.goodness)(candidate)
    }
}

const fn measure(
    name: &'static str,
    is_compared: bool,
    goodness: fn(&Ranked) -> Option<f64>,
) -> Measure {
    Measure { name, is_compared, goodness }
}

/// All measures. The mean rank uses one measure of each kind, because shares of types and of tokens say much the
/// same.
pub static MEASURES: [Measure; 11] = [
    measure("zero-shot", false, |r| r.zero_shot.map(|z| z.f1)),
    measure("neighbours", false, |r| r.neighbours),
    measure("mean-rank", false, |r| Some(-r.mean_rank)),
    measure("word-tokens", true, |r| Some(r.measures.word_tokens)),
    measure("word-types", false, |r| Some(r.measures.word_types)),
    measure("piece-tokens", true, |r| r.measures.piece_tokens),
    measure("piece-types", false, |r| r.measures.piece_types),
    measure("script", true, |r| Some(r.measures.script)),
    measure("tag-distance", true, |r| Some(-r.measures.tag_distance)),
    measure("mentions", true, |r| Some(r.measures.mentions)),
    measure("entities", true, |r| Some(r.measures.entities as f64)),
];

/// The share of the tokens of `target` that occur in `other`; 0 without tokens.
fn tokens_shared<T: Ord>(target: &Counts<T>, other: &Counts<T>) -> f64 {
    let shared: usize = target.iter().filter(|(t, _)| other.contains_key(t)).map(|(_, n)| n).sum();
    share(shared, target.values().sum())
}

/// The share of the types of `target` that occur in `other`; 0 without types.
fn types_shared<T: Ord>(target: &Counts<T>, other: &Counts<T>) -> f64 {
    share(target.keys().filter(|t| other.contains_key(t)).count(), target.len())
}

fn share(part: usize, of: usize) -> f64 {
    part as f64 / of.max(1) as f64
}

/// Σ min(p, q): 1 minus the total variation distance.
fn in_common<T: Ord>(a: &Counts<T>, b: &Counts<T>) -> f64 {
    shares(a, b).map(|(p, q)| p.min(q)).sum()
}

/// The Jensen-Shannon divergence of two distributions in bits, from 0 to 1 (Lin 1991, section 3).
fn jensen_shannon<T: Ord>(a: &Counts<T>, b: &Counts<T>) -> f64 {
    let surprise = |p: f64, mean: f64| if p > 0.0 { p * (p / mean).log2() } else { 0.0 };
    let term = |(p, q): (f64, f64)| {
        let mean = (p + q) / 2.0;
        (surprise(p, mean) + surprise(q, mean)) / 2.0
    };
    shares(a, b).map(term).sum::<f64>().clamp(0.0, 1.0)
}

/// The shares in both distributions of everything that occurs in either, in order.
fn shares<'a, T: Ord>(a: &'a Counts<T>, b: &'a Counts<T>) -> impl Iterator<Item = (f64, f64)> + 'a {
    let (of_a, of_b): (usize, usize) = (a.values().sum(), b.values().sum());
    let only_b = b.iter().filter(|(t, _)| !a.contains_key(t)).map(|(_, &m)| (0, m));
    let counts = a.iter().map(|(t, &n)| (n, b.get(t).copied().unwrap_or(0))).chain(only_b);
    counts.map(move |(n, m)| (share(n, of_a), share(m, of_b)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(text: &str) -> Counts<char> {
        let mut counts = Counts::new();
        text.chars().for_each(|c| *counts.entry(c).or_insert(0) += 1);
        counts
    }

    #[test]
    fn shares_are_of_the_target() {
        let (target, other) = (counts("aaab"), counts("acccc"));
        assert_eq!((tokens_shared(&target, &other), types_shared(&target, &other)), (0.75, 0.5));
        assert_eq!((tokens_shared(&other, &target), types_shared(&other, &target)), (0.2, 0.5));
        assert_eq!(tokens_shared(&counts(""), &other), 0.0);
    }

    #[test]
    fn what_is_in_common_is_the_smaller_share() {
        assert!((in_common(&counts("aabb"), &counts("abbbc")) - (0.2 + 0.5)).abs() < 1e-12);
        assert_eq!(in_common(&counts("aab"), &counts("baa")), 1.0);
        assert_eq!(in_common(&counts("a"), &counts("b")), 0.0);
    }

    #[test]
    fn jensen_shannon_by_hand() {
        assert_eq!(jensen_shannon(&counts("ab"), &counts("ba")), 0.0);
        assert_eq!(jensen_shannon(&counts("a"), &counts("b")), 1.0);
        // p = (1, 0), q = (1/2, 1/2), mean (3/4, 1/4): (log2(4/3) + (log2(2/3) + log2(2)) / 2) / 2.
        let expected = ((4.0f64 / 3.0).log2() + ((2.0f64 / 3.0).log2() + 1.0) / 2.0) / 2.0;
        let (a, b) = (counts("a"), counts("ab"));
        assert!((jensen_shannon(&a, &b) - expected).abs() < 1e-12);
        assert_eq!(jensen_shannon(&a, &b), jensen_shannon(&b, &a));
    }
}
