//! Batches without padding.

/// The pieces of several sentences, one after the other.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Packed {
    /// Piece ids of the tokenizer, `[pieces]`.
    pub ids: Vec<u32>,
    /// Where each sentence starts, and the end of the last: `[sentences + 1]`.
    pub offsets: Vec<usize>,
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
    /// The pieces.
    pub packed: Packed,
    /// The packed index of every labelled position, `[positions]`, sentence by sentence.
    pub labelled: Vec<u32>,
    /// Where each sentence's labelled positions start, and the end of the last: `[sentences + 1]`.
    pub labelled_offsets: Vec<usize>,
    /// The tag of every labelled position, `[positions]`; empty when labelling.
    pub tags: Vec<u16>,
}

impl Batch {
    /// Whether every piece is labelled, in order, so that no rows need to be gathered.
    pub(crate) fn all_pieces(&self) -> bool {
        self.labelled.len() == self.packed.pieces()
    }
}
