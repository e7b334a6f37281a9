//! The whole network: encoder, head and CRF, with its loss and gradients.

#[cfg(feature = "composite")]
mod composite;
mod fused;
mod head;
mod save;

pub use head::{HeadConfig, HeadKind};

use crate::{
    Batch, Compute, Engine, Grads, NnError, Packed, Params, Precision,
    crf::{Crf, CrfGradient, Lesson, Rules, softmax_gradient},
    encoder::{self, Encoder, EncoderConfig, Layout, Names, WordRows},
    lstm::Start,
    rng::Stream,
    weights::WeightFile,
};
use head::Head;
use std::sync::Arc;

/// A tagger's network.
pub struct Network {
    /// Every trained number, by name.
    pub params: Params,
    encoder: Encoder,
    head: Head,
    rules: Option<Rules>,
    compute: Compute,
    engine: Engine,
    #[cfg(feature = "composite")]
    splitters: composite::Splitters,
}

/// What one training pass gives beside its gradients.
pub struct Pass {
    /// The loss of each sentence, without weights.
    pub losses: Vec<f64>,
    /// Emissions `[units, tags]`, in training mode.
    pub emissions: Vec<f32>,
    /// Parts that the batch was divided into for want of memory; 1 where it was not.
    pub parts: usize,
}

impl Network {
    /// A new head on a pre-trained encoder; starting values come from `seed`.
    ///
    /// # Errors
    /// The file's tensors are not those of `encoder`.
    pub fn on_encoder(
        encoder: EncoderConfig,
        head: HeadConfig,
        file: Arc<WeightFile>,
        seed: u64,
        compute: Compute,
    ) -> Result<Self, NnError> {
        let start = Start::Random(Stream::new(seed).named("start"));
        Self::build(encoder, head, &file, &start, |_| false, compute)
    }

    /// A whole network as Gleaner saved it.
    ///
    /// # Errors
    /// The file's tensors are not those of `encoder` and `head`.
    pub fn saved(
        encoder: EncoderConfig,
        head: HeadConfig,
        file: Arc<WeightFile>,
        compute: Compute,
    ) -> Result<Self, NnError> {
        let of_head = |name: &str| head::PREFIXES.iter().any(|p| name.starts_with(p));
        let network = Self::build(encoder, head, &file, &Start::Saved(&file), of_head, compute)?;
        let unknown = |name: &&str| of_head(name) && network.params.find(name).is_none();
        match file.names().find(unknown) {
            None => Ok(network),
            Some(name) => Err(file.tensor_error(
                name,
                "is not a part of this head".into(),
                "use the gleaner.json that belongs to these weights",
            )),
        }
    }

    fn build(
        config: EncoderConfig,
        head: HeadConfig,
        file: &Arc<WeightFile>,
        start: &Start,
        extra: impl Fn(&str) -> bool,
        compute: Compute,
    ) -> Result<Self, NnError> {
        let mut params = Params::new(&compute);
        let mut names = Names::of(file)?;
        let layout = Layout::load(&config, &mut names, &mut params)?;
        let words = WordRows::mapped(&config, Arc::clone(file), &mut names)?;
        names.refuse_surplus(extra)?;
        let rules = head.rules.clone();
        let head = Head::new(&head, config.hidden_size, start, &mut params)?;
        let encoder = Encoder::new(config, layout, words);
        let engine = Engine::of(&compute);
        Ok(Self {
            params,
            encoder,
            head,
            rules,
            compute,
            engine,
            #[cfg(feature = "composite")]
            splitters: composite::Splitters::default(),
        })
    }

    /// The same network, computed by another engine; the fused one is for the processor alone.
    pub fn with_engine(mut self, engine: Engine) -> Self {
        self.engine = engine;
        self
    }

    /// The same network, with the encoder's products in this precision where the device has it, else in
    /// f32. (The composite engine is exact on the processor.)
    pub fn with_precision(mut self, precision: Precision) -> Self {
        self.encoder.precision = precision.available_on(&self.compute);
        self
    }

    /// Where it computes.
    pub fn compute(&self) -> &Compute {
        &self.compute
    }

    /// Makes the word embeddings of these pieces (sorted, without repeats) trainable.
    ///
    /// # Errors
    /// A piece has no row in the weights.
    pub fn activate(&mut self, pieces: &[u32]) -> Result<(), NnError> {
        self.encoder.words.activate(pieces, &mut self.params)
    }

    /// The encoder's shape.
    pub fn encoder_config(&self) -> &EncoderConfig {
        &self.encoder.config
    }

    /// Number of tags.
    pub fn tags(&self) -> usize {
        self.head.tags
    }

    /// The CRF as it is now.
    pub fn crf(&self) -> Crf {
        let mut crf = Crf::zeros(self.head.tags);
        crf.rules.clone_from(&self.rules);
        if let Some(ids) = self.head.crf {
            [crf.start, crf.end, crf.transitions] = self.params.values_of(ids);
        }
        crf
    }

    /// Last hidden states of the encoder, `[pieces, hidden]`.
    ///
    /// # Errors
    /// A piece has no row in the weights.
    pub fn hidden(&self, packed: &Packed) -> Result<Vec<f32>, NnError> {
        match self.engine {
            Engine::Fused => encoder::fused::infer(&self.encoder, &self.params, packed),
            #[cfg(feature = "composite")]
            Engine::Composite => composite::hidden(self, packed),
        }
    }

    /// Emissions `[units, tags]`, in evaluation mode; nothing is kept for a backward pass.
    ///
    /// # Errors
    /// A piece has no row in the weights.
    pub fn emissions(&self, batch: &Batch) -> Result<Vec<f32>, NnError> {
        match self.engine {
            Engine::Fused => fused::emissions(self, batch),
            #[cfg(feature = "composite")]
            Engine::Composite => composite::emissions(self, batch),
        }
    }

    /// One training pass on the batch's tags: adds to `grads` the gradients of `weight` × the sum of
    /// the sentences' negative log-likelihoods. `dropout` is this step's stream, or `None` for none.
    ///
    /// # Errors
    /// A piece has no row in the weights.
    pub fn train_pass(
        &self,
        batch: &Batch,
        weight: f64,
        dropout: Option<Stream>,
        grads: &mut Grads,
    ) -> Result<Pass, NnError> {
        let lessons = Lesson::of_tags(&batch.tags, &batch.unit_offsets);
        self.train_pass_on(batch, &lessons, weight, dropout, grads)
    }

    /// As [`Network::train_pass`], with a lesson for each sentence in place of the batch's tags: each
    /// sentence's loss counts as much as its lesson says.
    ///
    /// # Errors
    /// A piece has no row in the weights.
    pub fn train_pass_on(
        &self,
        batch: &Batch,
        lessons: &[Lesson],
        weight: f64,
        dropout: Option<Stream>,
        grads: &mut Grads,
    ) -> Result<Pass, NnError> {
        let pass = match self.engine {
            Engine::Fused => fused::train(self, batch, lessons, weight, dropout, grads)?,
            #[cfg(feature = "composite")]
            Engine::Composite => composite::train(self, batch, lessons, weight, dropout, grads)?,
        };
        grads.complete();
        Ok(pass)
    }

    /// Loss and gradients of sentences whose units begin at `offsets`, from their emissions
    /// `[units, tags]`.
    fn loss(
        &self,
        emissions: &[f32],
        lessons: &[Lesson],
        offsets: &[usize],
        weight: f64,
    ) -> CrfGradient {
        match self.head.crf {
            Some(_) => self.crf().gradient(emissions, lessons, offsets, weight),
            None => softmax_gradient(self.head.tags, emissions, lessons, offsets, weight),
        }
    }

    /// Adds the gradients of the CRF's own parameters.
    fn add_crf(&self, loss: &CrfGradient, grads: &mut Grads) {
        if let Some(ids) = self.head.crf {
            for (id, g) in ids.into_iter().zip([&loss.start, &loss.end, &loss.transitions]) {
                grads.add(id, g);
            }
        }
    }
}
