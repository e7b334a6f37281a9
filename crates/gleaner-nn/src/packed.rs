//! Batches without padding.

/// The pieces of several sentences, one after the other.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Packed {
    /// Piece ids of the tokenizer, `[pieces]`.
    ids: Vec<u32>,
    /// Where each sentence starts, and the end of the last: `[sentences + 1]`.
    offsets: Vec<usize>,
}

impl Packed {
    /// Packs sentences given as lists of piece ids.
    pub fn new<'a>(sentences: impl IntoIterator<Item = &'a [u32]>) -> Self {
        let mut packed = Self { ids: Vec::new(), offsets: vec![0] };
        for sentence in sentences {
            packed.ids.extend_from_slice(sentence);
            packed.offsets.push(packed.ids.len());
        }
        packed
    }

    /// Piece ids of the tokenizer, `[pieces]`.
    pub fn ids(&self) -> &[u32] {
        &self.ids
    }

    /// The piece ids, to replace some of them.
    pub fn ids_mut(&mut self) -> &mut [u32] {
        &mut self.ids
    }

    /// Where each sentence starts, and the end of the last, in ascending order: `[sentences + 1]`.
    pub fn offsets(&self) -> &[usize] {
        &self.offsets
    }

    /// Number of sentences.
    pub fn sentences(&self) -> usize {
        self.offsets.len() - 1
    }

    /// Number of pieces of all sentences together.
    pub fn pieces(&self) -> usize {
        self.ids.len()
    }

    /// Lengths of the sentences in pieces.
    pub fn lengths(&self) -> impl Iterator<Item = usize> + '_ {
        self.offsets.windows(2).map(|w| w[1] - w[0])
    }

    /// Position of every piece in its sentence, from 0.
    pub(crate) fn positions(&self) -> impl Iterator<Item = usize> + '_ {
        self.lengths().flat_map(|n| 0..n)
    }
}

/// The input of a network: the pieces of some sentences, and the *labelled positions*: the pieces that carry tags
/// (first pieces of words, or every piece).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Batch {
    pub(crate) packed: Packed,
    pub(crate) labelled: Vec<u32>,
    pub(crate) labelled_offsets: Vec<usize>,
    pub(crate) tags: Vec<u16>,
}

impl Batch {
    /// A batch of these parts; see the methods of the same names. `tags` is empty when labelling.
    ///
    /// # Panics
    /// The offsets do not ascend from 0 to the number of labelled positions with one part for each sentence, a labelled
    /// position is outside its sentence, the positions of a sentence do not ascend, or the number of tags is neither 0
    /// nor that of labelled positions.
    pub fn new(
        packed: Packed,
        labelled: Vec<u32>,
        labelled_offsets: Vec<usize>,
        tags: Vec<u16>,
    ) -> Self {
        assert_eq!(labelled_offsets.len(), packed.offsets.len(), "labelled positions by sentence");
        assert_eq!(labelled_offsets[0], 0, "labelled positions from the first sentence on");
        assert_eq!(labelled_offsets.last(), Some(&labelled.len()), "offsets of all positions");
        for (sentence, part) in packed.offsets.windows(2).zip(labelled_offsets.windows(2)) {
            let of_sentence = &labelled[part[0]..part[1]];
            let inside =
                |&position: &u32| (sentence[0]..sentence[1]).contains(&(position as usize));
            assert!(of_sentence.iter().all(inside), "labelled positions inside their sentence");
            assert!(of_sentence.is_sorted_by(|a, b| a < b), "labelled positions that ascend");
        }
        assert!(tags.is_empty() || tags.len() == labelled.len(), "a tag for each position");
        Self { packed, labelled, labelled_offsets, tags }
    }

    /// A batch in which every piece is labelled.
    ///
    /// # Panics
    /// The number of tags is neither 0 nor that of pieces.
    pub fn of_pieces(packed: Packed, tags: Vec<u16>) -> Self {
        let labelled = (0..packed.pieces() as u32).collect();
        let offsets = packed.offsets.clone();
        Self::new(packed, labelled, offsets, tags)
    }

    /// The pieces.
    pub fn packed(&self) -> &Packed {
        &self.packed
    }

    /// The packed index of every labelled position, `[positions]`, sentence by sentence.
    pub fn labelled(&self) -> &[u32] {
        &self.labelled
    }

    /// Where each sentence's labelled positions start, and the end of the last: `[sentences + 1]`.
    pub fn labelled_offsets(&self) -> &[usize] {
        &self.labelled_offsets
    }

    /// The tag of every labelled position, `[positions]`; empty when labelling.
    pub fn tags(&self) -> &[u16] {
        &self.tags
    }

    /// Whether every piece is labelled, so that no rows need to be gathered.
    pub(crate) fn all_pieces(&self) -> bool {
        self.labelled.len() == self.packed.pieces()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn packed() -> Packed {
        Packed::new([&[1, 2, 3][..], &[4, 5]])
    }

    #[test]
    fn a_batch_keeps_its_parts() {
        let batch = Batch::new(packed(), vec![0, 2, 4], vec![0, 2, 3], vec![1, 0, 2]);
        assert_eq!((batch.packed().offsets(), batch.labelled()), (&[0, 3, 5][..], &[0, 2, 4][..]));
        assert_eq!((batch.labelled_offsets(), batch.tags()), (&[0, 2, 3][..], &[1, 0, 2][..]));
    }

    #[test]
    #[should_panic(expected = "inside their sentence")]
    fn a_labelled_position_of_another_sentence_is_refused() {
        Batch::new(packed(), vec![0, 3, 4], vec![0, 2, 3], Vec::new());
    }

    #[test]
    #[should_panic(expected = "labelled positions that ascend")]
    fn labelled_positions_in_another_order_are_refused() {
        Batch::new(packed(), vec![2, 0, 4], vec![0, 2, 3], Vec::new());
    }

    #[test]
    #[should_panic(expected = "offsets of all positions")]
    fn offsets_beyond_the_labelled_positions_are_refused() {
        Batch::new(packed(), vec![0, 2], vec![0, 2, 3], Vec::new());
    }

    #[test]
    #[should_panic(expected = "from the first sentence on")]
    fn offsets_that_skip_labelled_positions_are_refused() {
        Batch::new(packed(), vec![0, 2, 4], vec![1, 2, 3], Vec::new());
    }

    #[test]
    #[should_panic(expected = "a tag for each position")]
    fn more_or_fewer_tags_than_labelled_positions_are_refused() {
        Batch::new(packed(), vec![0, 2, 4], vec![0, 2, 3], vec![1, 0]);
    }
}
