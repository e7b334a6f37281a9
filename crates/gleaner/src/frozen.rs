//! Hidden states of labelled sentences, from an encoder that is not trained.

use crate::{
    EncoderFiles, GleanerError, PieceLabels, PieceTokenizer, Sentence, batches,
    framing::{Framing, Sequence},
};
use gleaner_nn::{Frozen, Packed};
use rayon::prelude::*;

/// The first layers of an encoder, with its tokenizer.
pub(crate) struct FrozenEncoder<'a> {
    encoder: Frozen,
    tokenizer: &'a PieceTokenizer,
    framing: Framing,
}

impl<'a> FrozenEncoder<'a> {
    /// Reads the first `layers` layers. `labels` chooses the pieces whose states are computed.
    ///
    /// # Errors
    /// The weights do not match the configuration.
    pub(crate) fn open(
        files: &EncoderFiles,
        tokenizer: &'a PieceTokenizer,
        layers: usize,
        labels: PieceLabels,
    ) -> Result<Self, GleanerError> {
        let encoder = Frozen::open(files.config.clone(), files.weights.clone(), layers)?;
        let framing = Framing { labels, limit: files.config.max_pieces() - 2 };
        Ok(Self { encoder, tokenizer, framing })
    }

    /// The size of a hidden state.
    pub(crate) fn width(&self) -> usize {
        self.encoder.width()
    }

    /// The hidden states of every sentence's chosen pieces, `[pieces, width]`. A sentence that is longer than the
    /// encoder reads is cut after a word.
    ///
    /// # Errors
    /// A piece has no row in the weights, or a state is not finite.
    pub(crate) fn states(&self, sentences: &[&Sentence]) -> Result<Vec<Vec<f32>>, GleanerError> {
        let cut = |sentence: &&Sentence| {
            let pieces = self.tokenizer.sentence(&sentence.words);
            (pieces.words() > 0).then(|| self.framing.cut(self.tokenizer, &pieces).0)
        };
        let sequences: Vec<Option<Sequence>> = sentences.par_iter().map(cut).collect();
        let lengths: Vec<usize> =
            sequences.iter().map(|s| s.as_ref().map_or(0, |s| s.ids.len())).collect();
        // Threads work on different batches, as for labelling.
        let batches = batches::by_length(&lengths, batches::PIECES_OF_A_THREAD);
        let computed: Result<Vec<_>, GleanerError> =
            batches.par_iter().map(|batch| self.of_batch(batch, &sequences)).collect();
        let mut states: Vec<Vec<f32>> = sentences.iter().map(|_| Vec::new()).collect();
        for (batch, computed) in batches.into_iter().zip(computed?) {
            batch.into_iter().zip(computed).for_each(|(i, of_sentence)| states[i] = of_sentence);
        }
        Ok(states)
    }

    /// The states of the sequences with these indices.
    fn of_batch(
        &self,
        batch: &[usize],
        sequences: &[Option<Sequence>],
    ) -> Result<Vec<Vec<f32>>, GleanerError> {
        let sequences: Vec<Option<&Sequence>> =
            batch.iter().map(|&i| sequences[i].as_ref()).collect();
        let packed = Packed::new(sequences.iter().map(|s| s.map_or(&[][..], |s| s.ids.as_slice())));
        let (hidden, width) = (self.encoder.hidden(&packed)?, self.width());
        if !hidden.iter().all(|x| x.is_finite()) {
            return Err(GleanerError::NotFinite);
        }
        let of_sequence = |(sequence, offset): (&Option<&Sequence>, &usize)| {
            let labelled = sequence.iter().flat_map(|s| &s.labelled);
            let row = |at: &u32| &hidden[(offset + *at as usize) * width..][..width];
            labelled.flat_map(row).copied().collect()
        };
        Ok(sequences.iter().zip(packed.offsets()).map(of_sequence).collect())
    }
}
