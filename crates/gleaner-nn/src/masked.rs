//! Masked-language modelling: an encoder learns to predict pieces that are hidden from it (Devlin et al. 2019, section
//! 3.1).
//!
//! ```text
//! Masked ──▶ encoder ──▶ hidden pieces ──▶ dense, GELU, LayerNorm ──▶ scores of the active vocabulary
//! [pieces]   [pieces, h]   [hidden, h]       [hidden, e]                [hidden, active]
//! ```
//!
//! The last layer is tied to the word embeddings: the score of a piece is the product with its embedding, plus a bias.
//! Only the active vocabulary has scores, as if all other pieces had the probability 0. On the CPU, with the fused
//! engine.

mod batch;
mod head;
mod pass;
mod save;

pub use batch::Masked;

use crate::{
    Compute, NnError, Params, Precision,
    encoder::{Encoder, EncoderConfig, Layout, Names, WordRows},
    kernels::{Level, norm::Norm},
    rng::Stream,
    weights::WeightFile,
};
use head::Head;
use std::sync::{Arc, Mutex};

/// Maximum number of scores in memory at a time: 64 MiB.
const SCORES: usize = 1 << 24;

/// An encoder with a masked-language head.
pub struct MaskedLm {
    /// All parameters, by name. The head's have the names of transformers, and their group is
    /// [`Group::Linear`](crate::Group::Linear).
    pub params: Params,
    encoder: Encoder,
    head: Head,
    /// Maximum number of scores in memory at a time.
    most_scores: usize,
    /// Memory for scores, reused by later passes.
    scores: Mutex<Vec<f32>>,
}

impl MaskedLm {
    /// Builds a model on a pre-trained encoder. It starts with the masked-language head of the file if there is one,
    /// and otherwise with a new head, whose initial values `seed` determines.
    ///
    /// # Errors
    /// The tensors of the file do not match `config`, or [`Level::check`] fails.
    pub fn on_encoder(
        config: EncoderConfig,
        file: Arc<WeightFile>,
        seed: u64,
    ) -> Result<Self, NnError> {
        Level::check()?;
        let mut params = Params::new(&Compute::cpu());
        let mut names = Names::of(&config, &file)?;
        let layout = Layout::load(&config, &mut names, &mut params)?;
        let words = WordRows::mapped(&config, Arc::clone(&file), &mut names)?;
        names.refuse_surplus(|_| false)?;
        let head = Head::load(&config, &file, Stream::new(seed).named("masked"), &mut params)?;
        let encoder = Encoder::new(config, layout, words);
        Ok(Self { params, encoder, head, most_scores: SCORES, scores: Mutex::default() })
    }

    /// Sets the precision of the large matrix products: those of the encoder and of the scores. If the processor does
    /// not support it, they use f32.
    pub fn with_precision(mut self, precision: Precision) -> Self {
        self.encoder.precision = precision.available_on(&Compute::cpu());
        self
    }

    /// Sets the maximum number of scores in memory at a time, in place of 2²⁴ (64 MiB). At least those of one hidden
    /// piece are.
    pub fn with_scores(mut self, most: usize) -> Self {
        self.most_scores = most;
        self
    }

    /// Adds pieces to the vocabulary, with the ids from `first` on, before any are activated. The embedding and the
    /// bias of each start as the means of those of its `parts`, ids of pieces in the encoder's file. Returns the number
    /// of rows of the word embeddings, which is as before if the file has enough rows.
    ///
    /// # Errors
    /// A part has no row in the weights.
    ///
    /// # Panics
    /// `first` is above the number of rows.
    pub fn add_pieces(&mut self, first: usize, parts: &[Vec<u32>]) -> Result<usize, NnError> {
        assert!(first <= self.encoder.words.rows(), "new rows follow those of the file");
        self.encoder.words.add(first, parts)?;
        self.head.add(first, parts);
        let rows = self.encoder.words.rows();
        self.encoder.config.vocab_size = rows;
        Ok(rows)
    }

    /// Makes the word embeddings of these pieces (sorted, without duplicates) trainable. Only they have scores.
    ///
    /// # Errors
    /// A piece has no row in the weights.
    pub fn activate(&mut self, pieces: &[u32]) -> Result<(), NnError> {
        self.encoder.words.activate(pieces, &mut self.params)?;
        self.head.activate(pieces, self.encoder.words.rows(), &mut self.params)
    }

    /// The configuration of the encoder.
    pub fn encoder_config(&self) -> &EncoderConfig {
        &self.encoder.config
    }

    /// Whether the encoder's file has no masked-language head, so that a new one was made.
    pub fn has_new_head(&self) -> bool {
        self.head.is_new()
    }

    /// The class of transformers that reads the files of [`MaskedLm::save`].
    pub fn transformers_class(&self) -> &'static str {
        self.head.names.class
    }

    /// Number of scores that a pass with this number of hidden pieces has in memory at a time.
    pub fn scores_at_a_time(&self, hidden: usize) -> usize {
        let active = self.encoder.words.param().map_or(0, |id| self.params.shape(id)[0]);
        self.hidden_at_a_time(hidden, active) * active
    }

    fn norm(&self) -> Norm<'_> {
        let epsilon = self.encoder.config.layer_norm_eps as f32;
        let [weight, bias] = [self.head.norm.weight, self.head.norm.bias];
        Norm { weight: &self.params[weight], bias: &self.params[bias], epsilon }
    }

    /// The size of nearly equal parts of the hidden pieces whose scores are in memory together.
    fn hidden_at_a_time(&self, hidden: usize, active: usize) -> usize {
        let most = (self.most_scores / active.max(1)).max(1);
        hidden.div_ceil(hidden.div_ceil(most).max(1))
    }
}
