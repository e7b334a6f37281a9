//! What becomes of entities: which types are taken for which, and how the others fail.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::entity::Entity;

/// Entities of gold and prediction, read in [`Mode::Default`](crate::Mode::Default) and paired.
///
/// Each gold and each predicted entity is counted exactly once. In each sentence
/// 1. a gold and a predicted entity with the same borders are a pair in `matched`, whatever their
///    types;
/// 2. of those left, from left to right, a gold entity and the first predicted one that overlaps it
///    and has its type are a pair in `wrong_borders`;
/// 3. the gold entities left are in `missed`, the predicted ones in `spurious`. (So an entity with
///    neither the right borders nor the right type counts in both, as in the F1.)
///
/// For a type, the gold entities are its row in `matched` + `wrong_borders` + `missed`; the
/// predicted ones are its column in `matched` + `wrong_borders` + `spurious`. Types and pairs that
/// do not occur are absent.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Confusion {
    /// Pairs with the same borders, by gold type, then by predicted type.
    pub matched: BTreeMap<String, BTreeMap<String, usize>>,
    /// Pairs of the same type that overlap but do not have the same borders.
    pub wrong_borders: BTreeMap<String, usize>,
    /// Gold entities without a partner.
    pub missed: BTreeMap<String, usize>,
    /// Predicted entities without a partner.
    pub spurious: BTreeMap<String, usize>,
}

impl Confusion {
    /// Every type that occurs, sorted.
    pub fn types(&self) -> BTreeSet<&str> {
        let alone = [&self.wrong_borders, &self.missed, &self.spurious]
            .into_iter()
            .flat_map(BTreeMap::keys);
        let pairs = self.matched.iter().flat_map(|(gold, row)| row.keys().chain([gold]));
        alone.chain(pairs).map(String::as_str).collect()
    }

    /// Counts a sentence: entities in order, without overlaps on either side.
    pub(crate) fn add(&mut self, mut gold: Vec<Entity>, mut predicted: Vec<Entity>) {
        let same = |g: &Entity, p: &Entity| (g.start, g.end) == (p.start, p.end);
        pair(&mut gold, &mut predicted, same, |gold, predicted| {
            count(self.matched.entry(gold).or_default(), predicted)
        });
        let overlap =
            |g: &Entity, p: &Entity| g.kind == p.kind && g.start < p.end && p.start < g.end;
        pair(&mut gold, &mut predicted, overlap, |kind, _| count(&mut self.wrong_borders, kind));
        gold.into_iter().for_each(|entity| count(&mut self.missed, entity.kind));
        predicted.into_iter().for_each(|entity| count(&mut self.spurious, entity.kind));
    }
}

/// Takes out every gold entity that has a partner, with the first such partner, and reports the
/// types of both.
fn pair(
    gold: &mut Vec<Entity>,
    predicted: &mut Vec<Entity>,
    fits: impl Fn(&Entity, &Entity) -> bool,
    mut report: impl FnMut(String, String),
) {
    gold.retain(|g| match predicted.iter().position(|p| fits(g, p)) {
        Some(at) => {
            report(g.kind.clone(), predicted.remove(at).kind);
            false
        }
        None => true,
    });
}

fn count(counts: &mut BTreeMap<String, usize>, kind: String) {
    *counts.entry(kind).or_default() += 1;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entity::{Mode, entities};

    fn confusion(gold: &str, predicted: &str) -> Confusion {
        let read = |tags: &str| entities(&tags.split(' ').collect::<Vec<_>>(), Mode::Default);
        let mut confusion = Confusion::default();
        confusion.add(read(gold), read(predicted));
        confusion
    }

    fn only(kind: &str, number: usize) -> BTreeMap<String, usize> {
        BTreeMap::from([(kind.to_owned(), number)])
    }

    #[test]
    fn same_borders_pair_whatever_the_types() {
        let confusion = confusion("B-A I-A B-B O", "B-A I-A B-C O");
        let expected =
            BTreeMap::from([("A".to_owned(), only("A", 1)), ("B".to_owned(), only("C", 1))]);
        assert_eq!(confusion, Confusion { matched: expected, ..Confusion::default() });
        assert_eq!(confusion.types().into_iter().collect::<Vec<_>>(), ["A", "B", "C"]);
    }

    #[test]
    fn a_split_entity_has_wrong_borders_once() {
        let confusion = confusion("B-A I-A I-A I-A", "B-A O B-A I-A");
        let expected = Confusion {
            wrong_borders: only("A", 1),
            spurious: only("A", 1),
            ..Confusion::default()
        };
        assert_eq!(confusion, expected);
    }

    #[test]
    fn a_joined_entity_has_wrong_borders_once() {
        let confusion = confusion("B-A B-A", "B-A I-A");
        let expected =
            Confusion { wrong_borders: only("A", 1), missed: only("A", 1), ..Confusion::default() };
        assert_eq!(confusion, expected);
    }

    #[test]
    fn neither_borders_nor_type_is_missed_and_spurious() {
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
