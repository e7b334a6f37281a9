//! A tagger: network, tokenizer and labels, ready to label and to be scored.

mod calibrate;
pub(crate) mod decode;
mod probabilities;
mod score;

pub use decode::{Tagged, TaggedSpan};
pub use score::Scored;
pub(crate) use score::Share;

use crate::{
    GleanerError, Labels, Pieces,
    batches::{self, Framing, Sequence},
    pieces::WordPieces,
};
use gleaner_nn::{Precision, crf::Crf, network::Network};
use rayon::prelude::*;
use std::ops::Range;

/// An encoder with a head, its tokenizer and its labels.
pub struct Tagger {
    pub(crate) network: Network,
    pub(crate) pieces: Pieces,
    pub(crate) labels: Labels,
    pub(crate) framing: Framing,
    /// Whether a long sentence is cut, as published, or covered by windows.
    pub(crate) cuts: bool,
    /// What the CRF's scores are divided by where confidences are told; 1 before calibration.
    pub(crate) temperature: f64,
}

/// The emissions of one sequence of a sentence.
pub(crate) struct Emitted<'a> {
    /// The sentence, and the words of it that the sequence covers.
    pub(crate) sentence: usize,
    pub(crate) words: Range<usize>,
    pub(crate) sequence: &'a Sequence,
    pub(crate) emissions: Vec<f32>,
}

/// Sentences that the network has seen and that are not decoded yet.
pub struct Undecoded {
    /// Words of each sentence.
    words: Vec<usize>,
    sequences: Vec<(usize, Range<usize>, Sequence)>,
    /// Of each sequence, `[units, tags]`.
    emissions: Vec<Vec<f32>>,
}

impl Tagger {
    /// The same tagger, with its encoder's products in this precision where the machine has it.
    pub fn with_precision(mut self, precision: Precision) -> Self {
        self.network = self.network.with_precision(precision);
        self
    }

    /// The labels.
    pub fn labels(&self) -> &Labels {
        &self.labels
    }

    /// The tokenizer.
    pub fn pieces(&self) -> &Pieces {
        &self.pieces
    }

    /// Tags sentences: long ones over overlapping windows, so that every word gets a tag (a tagger
    /// of the published protocol cuts them, and words cut off are O).
    ///
    /// # Errors
    /// The weights do not belong to the tokenizer, or the device failed.
    pub fn tag<S: AsRef<str> + Sync>(
        &self,
        sentences: &[&[S]],
    ) -> Result<Vec<Tagged>, GleanerError> {
        Ok(self.finish(self.run(sentences)?))
    }

    /// The first half of [`Tagger::tag`], which the network's device does.
    ///
    /// # Errors
    /// As there.
    pub fn run<S: AsRef<str> + Sync>(&self, sentences: &[&[S]]) -> Result<Undecoded, GleanerError> {
        let pieces: Vec<WordPieces> =
            sentences.par_iter().map(|s| self.pieces.sentence(s)).collect();
        let sequences = self.sequences(&pieces);
        let emissions = self.emissions(&sequences)?;
        let words = pieces.iter().map(WordPieces::words).collect();
        Ok(Undecoded { words, sequences, emissions })
    }

    /// The second half of [`Tagger::tag`], which the processor does.
    pub fn finish(&self, undecoded: Undecoded) -> Vec<Tagged> {
        let Undecoded { words, sequences, emissions } = undecoded;
        let crf = self.network.crf();
        let windows = windows(words.len(), emitted(&sequences, emissions));
        let sentences = words.par_iter().zip(windows);
        sentences
            .map(|(&words, windows)| self.decode(&crf, self.temperature, words, &windows))
            .collect()
    }

    /// The emissions of the windows of each of so many sentences.
    fn windows<'a>(
        &self,
        sentences: usize,
        sequences: &'a [(usize, Range<usize>, Sequence)],
    ) -> Result<Vec<Vec<Emitted<'a>>>, GleanerError> {
        Ok(windows(sentences, self.emit(sequences)?))
    }

    /// The sequences that sentences become: sentence, words covered, sequence.
    pub(crate) fn sequences(&self, pieces: &[WordPieces]) -> Vec<(usize, Range<usize>, Sequence)> {
        let of = |(i, p): (usize, &WordPieces)| -> Vec<(usize, Range<usize>, Sequence)> {
            if p.words() == 0 {
                return Vec::new();
            }
            if self.cuts {
                let (sequence, words) = self.framing.cut(&self.pieces, p);
                return vec![(i, 0..words, sequence)];
            }
            let windows = self.framing.windows(&self.pieces, p).into_iter();
            windows.map(|(words, sequence)| (i, words, sequence)).collect()
        };
        pieces.iter().enumerate().flat_map(of).collect()
    }

    /// Runs the network over sequences; the result is in the given order.
    pub(crate) fn emit<'a>(
        &self,
        sequences: &'a [(usize, Range<usize>, Sequence)],
    ) -> Result<Vec<Emitted<'a>>, GleanerError> {
        Ok(emitted(sequences, self.emissions(sequences)?))
    }

    /// The emissions of every sequence, computed in batches by length.
    fn emissions(
        &self,
        sequences: &[(usize, Range<usize>, Sequence)],
    ) -> Result<Vec<Vec<f32>>, GleanerError> {
        let lengths: Vec<usize> = sequences.iter().map(|(_, _, s)| s.ids.len()).collect();
        let mut emissions: Vec<Vec<f32>> = sequences.iter().map(|_| Vec::new()).collect();
        let tags = self.network.tags();
        for indices in batches::by_length(&lengths) {
            let batch = batches::assemble(indices.iter().map(|&i| &sequences[i].2), Vec::new());
            let all = self.network.emissions(&batch)?;
            for (w, i) in batch.unit_offsets.windows(2).zip(indices) {
                emissions[i] = all[w[0] * tags..w[1] * tags].to_vec();
            }
        }
        Ok(emissions)
    }

    /// Tags and spans of a sentence of `words` words, from the windows that cover it, with confidences
    /// at a temperature.
    pub(crate) fn decode(
        &self,
        crf: &Crf,
        temperature: f64,
        words: usize,
        windows: &[Emitted],
    ) -> Tagged {
        decode::sentence(&self.labels, crf, temperature, words, windows)
    }

    /// The best tags of a sequence's units.
    pub(crate) fn best(&self, crf: &Crf, emitted: &Emitted) -> Vec<u16> {
        crf.best(&emitted.emissions)
    }
}

fn emitted(
    sequences: &[(usize, Range<usize>, Sequence)],
    emissions: Vec<Vec<f32>>,
) -> Vec<Emitted<'_>> {
    let joined = sequences.iter().zip(emissions);
    joined
        .map(|((sentence, words, sequence), emissions)| Emitted {
            sentence: *sentence,
            words: words.clone(),
            sequence,
            emissions,
        })
        .collect()
}

/// What was emitted, by sentence.
fn windows<'a>(sentences: usize, emitted: Vec<Emitted<'a>>) -> Vec<Vec<Emitted<'a>>> {
    let mut windows: Vec<Vec<Emitted>> = (0..sentences).map(|_| Vec::new()).collect();
    for e in emitted {
        windows[e.sentence].push(e);
    }
    windows
}
