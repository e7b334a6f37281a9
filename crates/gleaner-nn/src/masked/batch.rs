//! Batches of pieces, some of which are hidden.

use crate::Packed;

/// The pieces of several sequences, and the pieces to predict at some places.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Masked {
    packed: Packed,
    places: Vec<u32>,
    hidden: Vec<u32>,
}

impl Masked {
    /// A batch of pieces as the encoder sees them, and the `hidden` pieces to predict at the packed indices `places`.
    ///
    /// # Panics
    /// There are more or fewer places than hidden pieces, or a place is not an index of a piece.
    pub fn new(packed: Packed, places: Vec<u32>, hidden: Vec<u32>) -> Self {
        assert_eq!(places.len(), hidden.len(), "a hidden piece for each place");
        assert!(places.iter().all(|&at| (at as usize) < packed.pieces()), "places of pieces");
        Self { packed, places, hidden }
    }

    /// The pieces as the encoder sees them.
    pub fn packed(&self) -> &Packed {
        &self.packed
    }

    /// The packed index of every hidden piece, `[hidden]`.
    pub fn places(&self) -> &[u32] {
        &self.places
    }

    /// The pieces to predict, `[hidden]`.
    pub fn hidden(&self) -> &[u32] {
        &self.hidden
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[should_panic(expected = "places of pieces")]
    fn a_place_outside_the_batch_is_refused() {
        Masked::new(Packed::new([&[1, 2][..]]), vec![2], vec![5]);
    }

    #[test]
    #[should_panic(expected = "a hidden piece for each place")]
    fn a_place_without_a_piece_is_refused() {
        Masked::new(Packed::new([&[1, 2][..]]), vec![0, 1], vec![5]);
    }
}
