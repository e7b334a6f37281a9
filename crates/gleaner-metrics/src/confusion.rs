//! Which entity types are confused with which, and how the other entities fail.

use gleaner_base::tags::Entity;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// The entities of gold and prediction, read in [`SeqevalMode::Default`](crate::SeqevalMode::Default) and paired.
///
/// Each gold and each predicted entity is counted exactly once. In each sentence:
/// 1. A gold and a predicted entity with the same boundaries form a pair in `matched`, whatever their types.
/// 2. From left to right, each remaining gold entity and the first remaining predicted entity that overlaps it and has
///    its type form a pair in `wrong_boundaries`.
/// 3. The remaining gold entities are counted in `missed`, the remaining predicted ones in `spurious`. (An entity with
///    neither the right boundaries nor the right type counts in both, as in the F1.)
///
/// The gold entities of a type are its row in `matched` + `wrong_boundaries` + `missed`; the predicted ones are its
/// column in `matched` + `wrong_boundaries` + `spurious`. Types and pairs that do not occur are absent.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Confusion {
    /// Pairs with the same boundaries, by gold type, then by predicted type.
    pub matched: BTreeMap<String, BTreeMap<String, usize>>,
    /// Pairs of the same type that overlap but have different boundaries.
    #[serde(alias = "wrong-borders")] // the name in older files
    pub wrong_boundaries: BTreeMap<String, usize>,
    /// Gold entities without a partner.
    pub missed: BTreeMap<String, usize>,
    /// Predicted entities without a partner.
    pub spurious: BTreeMap<String, usize>,
}

impl Confusion {
    /// Every type that occurs, sorted.
    pub fn types(&self) -> BTreeSet<&str> {
        let alone = [&self.wrong_boundaries, &self.missed, &self.spurious]
            .into_iter()
            .flat_map(BTreeMap::keys);
        let pairs = self.matched.iter().flat_map(|(gold, row)| row.keys().chain([gold]));
        alone.chain(pairs).map(String::as_str).collect()
    }

    /// Counts a sentence. The entities of each side are in order and do not overlap.
    pub(crate) fn add(&mut self, mut gold: Vec<Entity>, mut predicted: Vec<Entity>) {
        let same = |g: &Entity, p: &Entity| (g.start, g.end) == (p.start, p.end);
        take_pairs(&mut gold, &mut predicted, same, |gold, predicted| {
            count(self.matched.entry(gold).or_default(), predicted)
        });
        let overlap = |g: &Entity, p: &Entity| {
            g.entity_type == p.entity_type && g.start < p.end && p.start < g.end
        };
        take_pairs(&mut gold, &mut predicted, overlap, |entity_type, _| {
            count(&mut self.wrong_boundaries, entity_type)
        });
        gold.into_iter().for_each(|entity| count(&mut self.missed, entity.entity_type));
        predicted.into_iter().for_each(|entity| count(&mut self.spurious, entity.entity_type));
    }
}

/// Takes out every gold entity that fits a predicted one, with the first that it fits, and reports the types of both.
/// Entities that fit share words. Both lists are in order, and the entities of one do not overlap.
fn take_pairs(
    gold: &mut Vec<Entity>,
    predicted: &mut Vec<Entity>,
    fits: impl Fn(&Entity, &Entity) -> bool,
    mut report: impl FnMut(String, String),
) {
    let mut left: Vec<Option<Entity>> = predicted.drain(..).map(Some).collect();
    // Those before this end before every gold entity that follows.
    let mut from = 0;
    gold.retain(|g| {
        let is_before = |p: &Option<Entity>| p.as_ref().is_none_or(|p| p.end <= g.start);
        while left.get(from).is_some_and(is_before) {
            from += 1;
        }
        let is_near = |p: &&mut Option<Entity>| p.as_ref().is_none_or(|p| p.start < g.end);
        let mut near = left[from..].iter_mut().take_while(is_near);
        match near.find(|p| p.as_ref().is_some_and(|p| fits(g, p))).and_then(Option::take) {
            Some(found) => {
                report(g.entity_type.clone(), found.entity_type);
                false
            }
            None => true,
        }
    });
    predicted.extend(left.into_iter().flatten());
}

fn count(counts: &mut BTreeMap<String, usize>, entity_type: String) {
    *counts.entry(entity_type).or_default() += 1;
}

#[cfg(test)]
mod tests {
    use super::*;
    use gleaner_base::tags::{SeqevalMode, entities};

    fn confusion(gold: &str, predicted: &str) -> Confusion {
        let read =
            |tags: &str| entities(&tags.split(' ').collect::<Vec<_>>(), SeqevalMode::Default);
        let mut confusion = Confusion::default();
        confusion.add(read(gold), read(predicted));
        confusion
    }

    fn only(entity_type: &str, number: usize) -> BTreeMap<String, usize> {
        BTreeMap::from([(entity_type.to_owned(), number)])
    }

    #[test]
    fn same_boundaries_pair_whatever_the_types() {
        let confusion = confusion("B-A I-A B-B O", "B-A I-A B-C O");
        let expected =
            BTreeMap::from([("A".to_owned(), only("A", 1)), ("B".to_owned(), only("C", 1))]);
        assert_eq!(confusion, Confusion { matched: expected, ..Confusion::default() });
        assert_eq!(confusion.types().into_iter().collect::<Vec<_>>(), ["A", "B", "C"]);
    }

    #[test]
    fn a_split_entity_has_wrong_boundaries_once() {
        let confusion = confusion("B-A I-A I-A I-A", "B-A O B-A I-A");
        let expected = Confusion {
            wrong_boundaries: only("A", 1),
            spurious: only("A", 1),
            ..Confusion::default()
        };
        assert_eq!(confusion, expected);
    }

    #[test]
    fn a_joined_entity_has_wrong_boundaries_once() {
        let confusion = confusion("B-A B-A", "B-A I-A");
        let expected = Confusion {
            wrong_boundaries: only("A", 1),
            missed: only("A", 1),
            ..Confusion::default()
        };
        assert_eq!(confusion, expected);
    }

    #[test]
    fn neither_boundaries_nor_type_is_missed_and_spurious() {
        let confusion = confusion("B-A I-A B-B", "B-C O O");
        let missed = BTreeMap::from([("A".to_owned(), 1), ("B".to_owned(), 1)]);
        assert_eq!(confusion, Confusion { missed, spurious: only("C", 1), ..Confusion::default() });
    }

    #[test]
    fn neighbours_do_not_overlap() {
        for (gold, predicted) in [("B-A O", "O B-A"), ("O B-A", "B-A O")] {
            let expected =
                Confusion { missed: only("A", 1), spurious: only("A", 1), ..Confusion::default() };
            assert_eq!(confusion(gold, predicted), expected);
        }
    }
}
