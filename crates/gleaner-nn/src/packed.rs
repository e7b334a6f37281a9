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

/// What a network sees of some sentences: their pieces, and the *units* that carry tags (first
/// pieces of words, or every piece).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Batch {
    /// The pieces.
    pub packed: Packed,
    /// The packed index of every unit, `[units]`, sentence by sentence.
    pub units: Vec<u32>,
    /// Where each sentence's units start, and the end of the last: `[sentences + 1]`.
    pub unit_offsets: Vec<usize>,
    /// The tag of every unit, `[units]`; empty where there is none to learn.
    pub tags: Vec<u16>,
}

impl Batch {
    /// Whether every piece is a unit, in order, so that nothing need be gathered.
    pub(crate) fn all_pieces(&self) -> bool {
        self.units.len() == self.packed.pieces()
    }
}
