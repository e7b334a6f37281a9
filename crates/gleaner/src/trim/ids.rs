//! The ids of the pieces that are kept.

use std::collections::BTreeMap;

/// New ids of pieces: in the order of the old ones, without gaps.
pub(super) struct NewIds {
    /// The old id of each new one.
    old: Vec<u32>,
    new: BTreeMap<u32, u32>,
}

impl NewIds {
    /// Ids for pieces in this order.
    pub(super) fn of(old: Vec<u32>) -> Self {
        let new = (0..).zip(&old).map(|(new, old)| (*old, new)).collect();
        Self { old, new }
    }

    /// Number of pieces that are kept.
    pub(super) fn len(&self) -> usize {
        self.old.len()
    }

    /// The new id of a piece, if it is kept.
    pub(super) fn new_id(&self, old: u32) -> Option<u32> {
        self.new.get(&old).copied()
    }

    /// The old id of a piece.
    pub(super) fn old(&self, new: u32) -> Option<u32> {
        self.old.get(new as usize).copied()
    }

    /// The rows that are kept, in their new order.
    pub(super) fn rows(&self) -> impl Iterator<Item = usize> {
        self.old.iter().map(|id| *id as usize)
    }
}
