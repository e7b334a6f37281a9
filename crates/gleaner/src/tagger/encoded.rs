//! Texts as the network reads them, and what it emits.

use super::Tagger;
use crate::{
    GleanerError, batches,
    framing::{Sequence, Window},
    pieces::WordPieces,
};
use gleaner_corpus::Corpus;
use rayon::prelude::*;

/// A text cut into pieces and framed. A text that is labelled repeatedly is encoded once.
pub(crate) struct Encoded {
    /// The pieces of every sentence.
    pub(crate) pieces: Vec<WordPieces>,
    /// The windows of all sentences, in order.
    pub(crate) windows: Vec<Window>,
}

/// The emissions of one window.
pub(crate) struct Emitted<'a> {
    pub(crate) window: &'a Window,
    /// `[labelled, tags]`.
    pub(crate) emissions: Vec<f32>,
}

impl Tagger {
    /// Cuts sentences into pieces and frames them.
    pub(crate) fn encode<S: AsRef<str> + Sync>(&self, sentences: &[&[S]]) -> Encoded {
        self.frame(sentences.par_iter().map(|words| self.tokenizer.sentence(words)).collect())
    }

    /// Cuts the sentences of a corpus into pieces and frames them.
    pub(crate) fn encode_corpus(&self, corpus: &Corpus) -> Encoded {
        self.frame(corpus.sentences.par_iter().map(|s| self.tokenizer.sentence(&s.words)).collect())
    }

    /// Frames sentences: in windows, or cut where the tagger cuts.
    pub(crate) fn frame(&self, pieces: Vec<WordPieces>) -> Encoded {
        let windows = pieces.iter().enumerate().flat_map(|(i, p)| self.windows_of(i, p)).collect();
        Encoded { pieces, windows }
    }

    fn windows_of(&self, sentence: usize, pieces: &WordPieces) -> Vec<Window> {
        if pieces.words() == 0 {
            return Vec::new();
        }
        if self.cuts {
            let (sequence, words) = self.framing.cut(&self.tokenizer, pieces);
            return vec![Window { sentence, words: 0..words, sequence }];
        }
        let windows = self.framing.windows(&self.tokenizer, pieces).into_iter();
        windows.map(|(words, sequence)| Window { sentence, words, sequence }).collect()
    }

    /// Runs the network over windows; the result is in the given order.
    pub(crate) fn emit<'a>(&self, windows: &'a [Window]) -> Result<Vec<Emitted<'a>>, GleanerError> {
        let emissions = self.emissions(windows.iter().map(|w| &w.sequence).collect())?;
        let emitted = windows.iter().zip(emissions);
        Ok(emitted.map(|(window, emissions)| Emitted { window, emissions }).collect())
    }

    /// Runs the network over an encoded text; the result is grouped by sentence.
    pub(crate) fn emit_by_sentence<'a>(
        &self,
        encoded: &'a Encoded,
    ) -> Result<Vec<Vec<Emitted<'a>>>, GleanerError> {
        Ok(by_sentence(encoded.pieces.len(), self.emit(&encoded.windows)?))
    }

    /// The emissions of every sequence, computed in length-bucketed batches.
    pub(super) fn emissions(
        &self,
        sequences: Vec<&Sequence>,
    ) -> Result<Vec<Vec<f32>>, GleanerError> {
        let lengths: Vec<usize> = sequences.iter().map(|s| s.ids.len()).collect();
        let mut emissions: Vec<Vec<f32>> = sequences.iter().map(|_| Vec::new()).collect();
        let tags = self.network.tags();
        let compute = |indices: &Vec<usize>| {
            let batch = batches::assemble(indices.iter().map(|&i| sequences[i]), Vec::new());
            let all = match &self.prepared {
                Some(prepared) => self.network.emissions_of(prepared, &batch)?,
                None => self.network.emissions(&batch)?,
            };
            let parts = batch.labelled_offsets().windows(2);
            Ok(parts.map(|w| all[w[0] * tags..w[1] * tags].to_vec()).collect::<Vec<_>>())
        };
        // With prepared weights, threads work on different batches and do not wait for each other. Without, each batch
        // packs the weights again, so batches are large and all threads share them.
        let (batches, computed): (_, Result<Vec<_>, GleanerError>) = if self.prepared.is_some() {
            let batches = batches::for_threads(&lengths, rayon::current_num_threads());
            let computed = batches.par_iter().map(compute).collect();
            (batches, computed)
        } else {
            let batches = batches::by_length(&lengths, batches::PIECES_OF_ALL_THREADS);
            let computed = batches.iter().map(compute).collect();
            (batches, computed)
        };
        for (indices, parts) in batches.into_iter().zip(computed?) {
            for (i, part) in indices.into_iter().zip(parts) {
                emissions[i] = part;
            }
        }
        Ok(emissions)
    }
}

/// Emissions grouped by sentence.
pub(crate) fn by_sentence<'a>(
    sentences: usize,
    emitted: impl IntoIterator<Item = Emitted<'a>>,
) -> Vec<Vec<Emitted<'a>>> {
    let mut grouped: Vec<Vec<Emitted>> = (0..sentences).map(|_| Vec::new()).collect();
    for e in emitted {
        grouped[e.window.sentence].push(e);
    }
    grouped
}
