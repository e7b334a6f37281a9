//! A tagger: network, tokenizer and labels, ready to label text and to be scored.

mod calibrate;
mod config;
pub(crate) mod decode;
mod encoded;
mod entity;
mod probabilities;
mod score;
mod stream;
mod vectors;

pub(crate) use calibrate::most_probable;
pub use config::TaggerConfig;
pub use decode::{Tagged, TaggedSpan};
pub(crate) use encoded::{Emitted, Encoded, by_sentence};
pub use entity::Entity;
pub(crate) use probabilities::word_probabilities;
pub use score::Scored;
pub(crate) use score::{Share, word_share};
pub use stream::{TagStream, Words};

use crate::{GleanerError, Labels, PieceTokenizer, framing::Framing};
use gleaner_corpus::text::Segmenter;
use gleaner_nn::{
    Precision,
    network::{Network, Prepared},
};
use rayon::prelude::*;

/// An encoder with a head, its tokenizer and its labels.
///
/// ```no_run
/// # fn main() -> Result<(), gleaner::GleanerError> {
/// let tagger = gleaner::Tagger::load("my-model")?;
/// for entity in tagger.predict("Anna bor í Havn.")? {
///     println!("{} {} {:.2}", entity.label, entity.text, entity.confidence);
/// }
/// # Ok(())
/// # }
/// ```
pub struct Tagger {
    pub(crate) network: Network,
    /// Weights arranged for labelling, of taggers that are not trained.
    pub(crate) prepared: Option<Prepared>,
    pub(crate) tokenizer: PieceTokenizer,
    pub(crate) labels: Labels,
    pub(crate) framing: Framing,
    /// Whether a long sentence is cut, as published, or covered by windows.
    pub(crate) cuts: bool,
    /// The divisor of the CRF's scores when confidences are computed; 1 before calibration.
    pub(crate) temperature: f64,
    /// How plain text is cut into sentences and words.
    pub(crate) segmenter: Segmenter,
}

/// The largest absolute score that is decoded. Beyond it, sums in double precision lose the differences that
/// probabilities are made of; scores of trained taggers are below 100.
const LARGEST_SCORE: f32 = 1e9;

/// What labels text: a tagger, or several.
pub(crate) trait Reader: Send + Sync {
    /// The first half of labelling, which the device does: the result of each tagger.
    fn read(&self, sentences: &[&[String]]) -> Result<Vec<Undecoded>, GleanerError>;

    /// The second half of labelling, which the processor does: the tags of each sentence that was read.
    fn decode(&self, read: Vec<Undecoded>) -> Vec<Tagged>;
}

/// Sentences that the network has read and that are not decoded yet.
pub(crate) struct Undecoded {
    pub(crate) encoded: Encoded,
    /// Emissions of each window, `[labelled, tags]`.
    pub(crate) emissions: Vec<Vec<f32>>,
}

impl Reader for Tagger {
    fn read(&self, sentences: &[&[String]]) -> Result<Vec<Undecoded>, GleanerError> {
        Ok(vec![self.run(sentences)?])
    }

    fn decode(&self, mut read: Vec<Undecoded>) -> Vec<Tagged> {
        read.pop().map_or_else(Vec::new, |undecoded| self.decode_all(undecoded))
    }
}

impl Tagger {
    /// A tagger of these parts, not calibrated.
    pub(crate) fn new(
        config: &TaggerConfig,
        network: Network,
        tokenizer: PieceTokenizer,
        labels: Labels,
    ) -> Self {
        let framing = config.framing(network.encoder_config());
        let network = network.with_precision(config.precision);
        let (cuts, prepared) = (config.cuts(), None);
        let segmenter = Segmenter::default();
        Self { network, prepared, tokenizer, labels, framing, cuts, temperature: 1.0, segmenter }
    }

    /// The same tagger with the encoder's products in this precision, where the machine has it. Weights of 8 bits
    /// ([`Tagger::with_int8`]) are given up.
    pub fn with_precision(mut self, precision: Precision) -> Self {
        self.network = self.network.with_precision(precision);
        self.prepare();
        self
    }

    /// Arranges the weights for labelling, where the processor computes in f32. They are a copy, so a tagger that is
    /// trained has none.
    pub(crate) fn prepare(&mut self) {
        let network = &self.network;
        let prepares = network.compute().is_cpu() && network.precision() == Precision::F32;
        self.prepared = prepares.then(|| network.prepare(None).ok()).flatten();
    }

    /// The same tagger with another rule for cutting plain text.
    #[must_use]
    pub fn with_segmenter(mut self, segmenter: Segmenter) -> Self {
        self.segmenter = segmenter;
        self
    }

    /// How the tagger cuts plain text into sentences and words, as learnt from its training text.
    pub fn segmenter(&self) -> &Segmenter {
        &self.segmenter
    }

    /// The divisor of all scores when confidences are computed, fitted on dev text. It is 1 where the tagger was not
    /// calibrated.
    pub fn temperature(&self) -> f64 {
        self.temperature
    }

    /// The labels.
    pub fn labels(&self) -> &Labels {
        &self.labels
    }

    /// The tokenizer.
    pub fn tokenizer(&self) -> &PieceTokenizer {
        &self.tokenizer
    }

    /// Tags sentences given as words. Long sentences are read in overlapping windows, so that every word gets a tag
    /// (a tagger of the published protocol cuts them: words after the cut are O).
    ///
    /// # Errors
    /// The weights do not belong to the tokenizer, the device failed, or a score is NaN or too large.
    pub fn tag<S: AsRef<str> + Sync>(
        &self,
        sentences: &[&[S]],
    ) -> Result<Vec<Tagged>, GleanerError> {
        Ok(self.decode_all(self.run(sentences)?))
    }

    /// The first half of [`Tagger::tag`], which the network's device does.
    pub(crate) fn run<S: AsRef<str> + Sync>(
        &self,
        sentences: &[&[S]],
    ) -> Result<Undecoded, GleanerError> {
        let encoded = self.encode(sentences);
        let emissions = self.emissions(encoded.windows.iter().map(|w| &w.sequence).collect())?;
        self.check_scores(emissions.iter().map(Vec::as_slice))?;
        Ok(Undecoded { encoded, emissions })
    }

    /// Refuses emissions, or scores of the CRF, that are NaN or too large: decoding would give them some tag, and no
    /// probability.
    pub(crate) fn check_scores<'a>(
        &self,
        emissions: impl Iterator<Item = &'a [f32]>,
    ) -> Result<(), GleanerError> {
        let fits = |score: &f32| score.abs() <= LARGEST_SCORE;
        let crf = self.network.crf();
        let mut of_crf = crf.start.iter().chain(&crf.end).chain(&crf.transitions);
        match of_crf.all(fits) && emissions.flatten().all(fits) {
            true => Ok(()),
            false => Err(GleanerError::NotFinite),
        }
    }

    /// The second half of [`Tagger::tag`], which the processor does.
    pub(crate) fn decode_all(&self, undecoded: Undecoded) -> Vec<Tagged> {
        let Undecoded { encoded, emissions } = undecoded;
        let crf = self.network.crf();
        let emitted = encoded.windows.iter().zip(emissions);
        let emitted = emitted.map(|(window, emissions)| Emitted { window, emissions });
        let windows = by_sentence(encoded.pieces.len(), emitted);
        let sentences = encoded.pieces.par_iter().zip(windows);
        sentences
            .map(|(pieces, windows)| {
                decode::sentence(
                    &self.labels,
                    self.framing,
                    &crf,
                    self.temperature,
                    pieces.words(),
                    &windows,
                )
            })
            .collect()
    }
}
