//! Sentences that are repeated with small differences.
//!
//! The similarity of two sentences is the Jaccard index of their sets of character 4-grams: the size of the
//! intersection divided by the size of the union. All pairs above a threshold t are found exactly by prefix
//! filtering (Bayardo, Ma and Srikant 2007, "Scaling up all pairs similarity search", section 4; Xiao et al.
//! 2008): two sets with a Jaccard index of at least t share one of the rarest `n − ⌈t n⌉ + 1` grams of each
//! set, where `n` is the size of the set.

use std::collections::{BTreeMap, HashMap};

use unicode_normalization::UnicodeNormalization;

use super::data_set::DataSet;
use super::issue::{Issue, IssueKind};
use super::same::{At, Classes};

/// Characters of a gram.
const N: usize = 4;

/// Tolerance for rounding when a similarity equals the threshold.
const EPSILON: f64 = 1e-9;

type Gram = [char; N];

/// For each sentence the most similar other sentence of each relation.
pub(super) fn issues(sets: &[DataSet], classes: &Classes, threshold: f64) -> Vec<Issue> {
    let grams: Vec<Vec<Gram>> =
        classes.0.iter().map(|class| grams(&class.members[0].of(sets).sentence.words)).collect();
    let slots: Vec<Vec<At>> = classes.0.iter().map(|class| class.slots(sets)).collect();
    let mut best: BTreeMap<(At, IssueKind), (f64, At)> = BTreeMap::new();
    similar(&numbered(&grams), threshold, |x, y, similarity| {
        for (&a, &b) in slots[x].iter().flat_map(|a| slots[y].iter().map(move |b| (a, b))) {
            let Some((at, kind, other)) = relation(sets, a, b) else { continue };
            let found = best.entry((at, kind)).or_insert((similarity, other));
            if similarity > found.0 || (similarity == found.0 && other < found.1) {
                *found = (similarity, other);
            }
        }
    });
    // A sentence that occurs in train word for word is a leak already.
    for class in &classes.0 {
        for at in &class.members {
            if class.first(sets, at.set, |part| !part.is_held_out()).is_some() {
                best.remove(&(*at, IssueKind::NearLeak));
            }
        }
    }
    best.into_iter()
        .map(|((at, kind), (score, other))| issue(sets, at, kind, score, other))
        .collect()
}

/// The sentence with the issue, the kind of issue, and the other sentence.
fn relation(sets: &[DataSet], a: At, b: At) -> Option<(At, IssueKind, At)> {
    let (first, second) = (a.min(b), a.max(b));
    if first.set != second.set {
        return Some((second, IssueKind::CrossNearDuplicate, first));
    }
    let held_out = |at: At| at.of(sets).part.is_held_out();
    match (held_out(first), held_out(second)) {
        (false, true) => Some((second, IssueKind::NearLeak, first)),
        (true, false) => Some((first, IssueKind::NearLeak, second)),
        _ => Some((second, IssueKind::NearDuplicate, first)),
    }
}

fn issue(sets: &[DataSet], at: At, kind: IssueKind, score: f64, other: At) -> Issue {
    let (entry, other) = (at.of(sets), other.of(sets));
    let place = other.place();
    let detail = format!(
        "similarity {score:.2} to \u{201c}{}\u{201d} at {place}",
        super::excerpt(&other.sentence.words)
    );
    let mut issue = Issue::new(kind, entry.place(), detail, &entry.sentence.words).with(place);
    issue.score = Some(score);
    issue
}

/// The grams of a sentence after composition, in lower case, with single spaces between and around words. A
/// text shorter than a gram is padded to one gram.
fn grams(words: &[String]) -> Vec<Gram> {
    let text = format!(" {} ", words.join(" "));
    let mut letters: Vec<char> = text.nfc().flat_map(char::to_lowercase).collect();
    letters.resize(letters.len().max(N), ' ');
    letters.windows(N).map(|window| window.try_into().expect("as long as a gram")).collect()
}

/// The grams of each sentence as ascending numbers without repetition. Rarer grams have lower numbers.
fn numbered(grams: &[Vec<Gram>]) -> Vec<Vec<u32>> {
    let mut ids: HashMap<Gram, u32> = HashMap::new();
    let mut counts: Vec<u32> = Vec::new();
    let mut sets: Vec<Vec<u32>> = Vec::with_capacity(grams.len());
    for grams in grams {
        let mut set: Vec<u32> = grams
            .iter()
            .map(|gram| {
                let next = ids.len() as u32;
                *ids.entry(*gram).or_insert(next)
            })
            .collect();
        set.sort_unstable();
        set.dedup();
        counts.resize(ids.len(), 0);
        set.iter().for_each(|&id| counts[id as usize] += 1);
        sets.push(set);
    }
    let mut order: Vec<u32> = (0..counts.len() as u32).collect();
    order.sort_by_key(|&id| counts[id as usize]); // stable: ties in the order of occurrence
    let mut rank = vec![0; order.len()];
    order.iter().zip(0..).for_each(|(&id, position)| rank[id as usize] = position);
    for set in &mut sets {
        set.iter_mut().for_each(|id| *id = rank[*id as usize]);
        set.sort_unstable();
    }
    sets
}

/// Calls `found` once for every pair of sets with a Jaccard index of at least `threshold`, with the index.
fn similar(sets: &[Vec<u32>], threshold: f64, mut found: impl FnMut(usize, usize, f64)) {
    let mut by_size: Vec<usize> = (0..sets.len()).collect();
    by_size.sort_by_key(|&at| sets[at].len());
    let mut with_gram: HashMap<u32, Vec<usize>> = HashMap::new();
    // The set that a candidate was compared with last.
    let mut compared_with = vec![usize::MAX; sets.len()];
    for at in by_size {
        let set = &sets[at];
        let least = (threshold * set.len() as f64 - EPSILON).ceil().max(1.0) as usize;
        let prefix = &set[..(set.len() + 1).saturating_sub(least)];
        for gram in prefix {
            let candidates = with_gram.entry(*gram).or_default();
            for &candidate in candidates.iter() {
                let long_enough = sets[candidate].len() >= least;
                if long_enough && compared_with[candidate] != at {
                    compared_with[candidate] = at;
                    if let Some(index) = jaccard(set, &sets[candidate], threshold) {
                        found(candidate, at, index);
                    }
                }
            }
            candidates.push(at);
        }
    }
}

/// The Jaccard index of two ascending sets, if it is at least `threshold`.
fn jaccard(a: &[u32], b: &[u32], threshold: f64) -> Option<f64> {
    let all = (a.len() + b.len()) as f64;
    let needed = (threshold / (1.0 + threshold) * all - EPSILON).ceil() as usize;
    let (mut i, mut j, mut common) = (0, 0, 0);
    while i < a.len() && j < b.len() {
        if common + (a.len() - i).min(b.len() - j) < needed {
            return None;
        }
        match a[i].cmp(&b[j]) {
            std::cmp::Ordering::Less => i += 1,
            std::cmp::Ordering::Greater => j += 1,
            std::cmp::Ordering::Equal => (i, j, common) = (i + 1, j + 1, common + 1),
        }
    }
    let index = common as f64 / (all - common as f64);
    (index >= threshold - EPSILON).then_some(index)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    fn similarity(a: &str, b: &str) -> f64 {
        let set = |text: &str| -> BTreeSet<Gram> {
            let words: Vec<String> = text.split(' ').map(str::to_owned).collect();
            grams(&words).into_iter().collect()
        };
        let (a, b) = (set(a), set(b));
        a.intersection(&b).count() as f64 / a.union(&b).count() as f64
    }

    #[test]
    fn case_and_composition_do_not_matter_and_order_does() {
        assert_eq!(similarity("ÉTÉ à Oslo", "e\u{301}te\u{301} À oslo"), 1.0);
        assert_eq!(similarity("a", "a"), 1.0);
        // " ab ", "ab c", "b cd", " cd " and " cd ", "cd a", "d ab", " ab ": 2 of 6.
        assert!((similarity("ab cd", "cd ab") - 2.0 / 6.0).abs() < 1e-12);
        assert_eq!(similarity("ab", "cd"), 0.0);
    }

    proptest! {
        /// Compared with all pairs, one by one.
        #[test]
        fn every_pair_above_the_threshold_is_found_once(
            sets in prop::collection::vec(prop::collection::btree_set(0u32..14, 1..9), 0..24),
            threshold in prop::sample::select(vec![0.2, 0.5, 2.0 / 3.0, 0.75, 0.8, 1.0]),
        ) {
            let vectors: Vec<Vec<u32>> = sets.iter().map(|s| s.iter().copied().collect()).collect();
            let mut found = Vec::new();
            similar(&vectors, threshold, |x, y, index| found.push((x.min(y), x.max(y), index)));
            found.sort_by_key(|(x, y, _)| (*x, *y));
            let mut expected = Vec::new();
            for x in 0..sets.len() {
                for y in x + 1..sets.len() {
                    let common = sets[x].intersection(&sets[y]).count() as f64;
                    let index = common / sets[x].union(&sets[y]).count() as f64;
                    if index >= threshold - EPSILON {
                        expected.push((x, y, index));
                    }
                }
            }
            prop_assert_eq!(found, expected);
        }
    }
}
