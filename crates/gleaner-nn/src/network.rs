//! The whole network: encoder, head and CRF, with its loss and gradients.

#[cfg(feature = "composite")]
mod composite;
mod fused;
mod head;
mod layers;
mod save;

pub use head::{Classifier, HeadConfig, HeadKind};

use crate::{
    Batch, Compute, Engine, Grads, NnError, Packed, Params, Precision, Rounding,
    crf::{Crf, CrfGradient, Rules, Supervision, add_disagreement, softmax_gradient},
    encoder::{self, Encoder, EncoderConfig, Layout, Names, WordRows},
    kernels::Level,
    lstm::Start,
    rng::Stream,
    weights::WeightFile,
};
use head::Head;
use std::sync::Arc;

/// A tagger's network.
pub struct Network {
    /// All parameters, by name.
    pub params: Params,
    encoder: Encoder,
    head: Head,
    rules: Option<Rules>,
    compute: Compute,
    engine: Engine,
    #[cfg(feature = "composite")]
    splitters: composite::Splitters,
}

/// The weights of a network's encoder, arranged for labelling; see [`Network::prepare`].
pub struct Prepared(encoder::fused::Prepared);

/// The results of a training pass, besides the gradients.
pub struct Pass {
    /// The unweighted loss of each sentence.
    pub losses: Vec<f64>,
    /// Emissions `[positions, tags]`, in training mode.
    pub emissions: Vec<f32>,
    /// Number of parts that the batch was divided into to fit the device's memory; 1 if it was not divided.
    pub parts: usize,
}

impl Network {
    /// Builds a network with a new head on a pre-trained encoder. `seed` determines the initial values of the
    /// head.
    ///
    /// # Errors
    /// The tensors of the file do not match `encoder`, or [`Level::check`] fails.
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

    /// Loads a network that was saved with [`Network::save`].
    ///
    /// # Errors
    /// The tensors of the file do not match `encoder` and `head`, or [`Level::check`] fails.
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

    /// Builds a network whose head is a linear layer with the values of `classifier`, one tag per row.
    ///
    /// # Errors
    /// The tensors of the file do not match `encoder`, the width of the classifier is not its hidden size, a value is NaN
    /// or infinite, or [`Level::check`] fails.
    pub fn with_classifier(
        encoder: EncoderConfig,
        classifier: &Classifier,
        rules: Option<Rules>,
        file: Arc<WeightFile>,
        compute: Compute,
    ) -> Result<Self, NnError> {
        let tags = classifier.bias.len();
        let expected = tags * encoder.hidden_size;
        if classifier.weight.len() != expected {
            return Err(file.tensor_error(
                "classifier.weight",
                format!("{} values, expected {expected}", classifier.weight.len()),
                "use the config.json that belongs to these weights",
            ));
        }
        file.check_finite("classifier.weight", 0, &classifier.weight)?;
        file.check_finite("classifier.bias", 0, &classifier.bias)?;
        let head = HeadConfig {
            kind: HeadKind::Linear,
            tags,
            lstm_units: 0,
            lstm_layers: 0,
            lstm_dropout: 0.0,
            rules,
        };
        let start = Start::Linear { weight: &classifier.weight, bias: &classifier.bias };
        Self::build(encoder, head, &file, &start, |_| false, compute)
    }

    fn build(
        config: EncoderConfig,
        head: HeadConfig,
        file: &Arc<WeightFile>,
        start: &Start,
        extra: impl Fn(&str) -> bool,
        compute: Compute,
    ) -> Result<Self, NnError> {
        Level::check()?;
        let mut params = Params::new(&compute);
        let mut names = Names::of(&config, file)?;
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

    /// Sets the engine. The fused engine computes on the CPU only.
    pub fn with_engine(mut self, engine: Engine) -> Self {
        self.engine = engine;
        self
    }

    /// Sets the precision of the encoder's matrix products. If the device does not support it, they use f32. The
    /// composite engine on the CPU always uses f32.
    pub fn with_precision(mut self, precision: Precision) -> Self {
        self.encoder.precision = precision.available_on(&self.compute);
        self
    }

    /// The rounding of all projections to 8 bits that balances the ranges of weights and of inputs, which are measured
    /// on some text.
    ///
    /// # Errors
    /// A piece has no row in the weights.
    pub fn balanced_rounding(&self, text: &[Packed]) -> Result<Rounding, NnError> {
        encoder::fused::balanced(&self.encoder, &self.params, text)
    }

    /// The error that a rounding adds to the output of every projection (in the order of [`Projection::ALL`](crate::Projection::ALL)) of
    /// every layer, as a share of the output's sum of squares on some text.
    ///
    /// # Errors
    /// A piece has no row in the weights.
    pub fn rounding_errors(
        &self,
        rounding: &Rounding,
        text: &[Packed],
    ) -> Result<Vec<[f64; 4]>, NnError> {
        encoder::fused::errors(&self.encoder, &self.params, rounding, text)
    }

    /// The encoder's weights, arranged for labelling on the processor: packed once, and rounded to 8 bits as far as a
    /// rounding says. They are a copy: later changes of the parameters do not reach it.
    ///
    /// # Errors
    /// The rounding belongs to another encoder, or the network computes on another device.
    pub fn prepare(&self, rounding: Option<&Rounding>) -> Result<Prepared, NnError> {
        match self.engine {
            Engine::Fused => {
                encoder::fused::Prepared::new(&self.encoder, &self.params, rounding).map(Prepared)
            }
            #[cfg(feature = "composite")]
            Engine::Composite => Err(NnError::Device(
                "weights are prepared for labelling on the processor only; use --device cpu".into(),
            )),
        }
    }

    /// The precision of the encoder's matrix products.
    pub fn precision(&self) -> Precision {
        self.encoder.precision
    }

    /// The device that the network computes on.
    pub fn compute(&self) -> &Compute {
        &self.compute
    }

    /// Makes the word embeddings of these pieces (sorted, without duplicates) trainable.
    ///
    /// # Errors
    /// A piece has no row in the weights.
    pub fn activate(&mut self, pieces: &[u32]) -> Result<(), NnError> {
        self.encoder.words.activate(pieces, &mut self.params)
    }

    /// The configuration of the encoder.
    pub fn encoder_config(&self) -> &EncoderConfig {
        &self.encoder.config
    }

    /// Number of tags.
    pub fn tags(&self) -> usize {
        self.head.tags
    }

    /// The CRF with its current scores. All scores are zero if the head has no CRF.
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
            Engine::Fused => encoder::fused::infer(&self.encoder, &self.params, None, packed),
            #[cfg(feature = "composite")]
            Engine::Composite => composite::hidden(self, packed),
        }
    }

    /// Emissions `[positions, tags]`, in evaluation mode. Keeps nothing for a backward pass.
    ///
    /// # Errors
    /// A piece has no row in the weights.
    pub fn emissions(&self, batch: &Batch) -> Result<Vec<f32>, NnError> {
        match self.engine {
            Engine::Fused => fused::emissions(self, None, batch),
            #[cfg(feature = "composite")]
            Engine::Composite => composite::emissions(self, batch),
        }
    }

    /// As [`Network::emissions`], with prepared weights.
    ///
    /// # Errors
    /// A piece has no row in the weights.
    ///
    /// # Panics
    /// The weights were prepared from an encoder of another size.
    pub fn emissions_of(&self, prepared: &Prepared, batch: &Batch) -> Result<Vec<f32>, NnError> {
        fused::emissions(self, Some(&prepared.0), batch)
    }

    /// Runs a training pass on the tags of the batch. Adds the gradients of `weight` × the sum of the sentences'
    /// negative log-likelihoods to `grads`. `dropout` is the random stream of this step; `None` disables dropout.
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
        let supervision = Supervision::of_tags(&batch.tags, &batch.labelled_offsets);
        self.train_pass_on(batch, &supervision, weight, dropout, grads)
    }

    /// Like [`Network::train_pass`], but with a supervision for each sentence instead of the tags of the batch.
    /// The gradients of a sentence are also multiplied by the weight of its supervision.
    ///
    /// # Errors
    /// A piece has no row in the weights.
    pub fn train_pass_on(
        &self,
        batch: &Batch,
        supervision: &[Supervision],
        weight: f64,
        dropout: Option<Stream>,
        grads: &mut Grads,
    ) -> Result<Pass, NnError> {
        let pass = match self.engine {
            Engine::Fused => fused::train(self, batch, supervision, weight, dropout, grads)?,
            #[cfg(feature = "composite")]
            Engine::Composite => {
                composite::train(self, batch, supervision, weight, dropout, grads)?
            }
        };
        grads.complete();
        Ok(pass)
    }

    /// Runs two training passes that differ in their dropout (R-Drop, Wu et al. 2021). The loss of a sentence is the mean of
    /// both passes plus `share` / 4 × the divergences KL(p‖q) + KL(q‖p) between the softmax of their emissions, summed over
    /// positions. Other arguments and the result are those of [`Network::train_pass_on`]; the emissions are those of the
    /// first pass.
    ///
    /// # Errors
    /// A piece has no row in the weights.
    pub fn train_twice(
        &self,
        batch: &Batch,
        supervision: &[Supervision],
        weight: f64,
        share: f64,
        dropout: [Stream; 2],
        grads: &mut Grads,
    ) -> Result<Pass, NnError> {
        let pass = match self.engine {
            Engine::Fused => {
                fused::train_twice(self, batch, supervision, weight, share, dropout, grads)?
            }
            #[cfg(feature = "composite")]
            Engine::Composite => {
                composite::train_twice(self, batch, supervision, weight, share, dropout, grads)?
            }
        };
        grads.complete();
        Ok(pass)
    }

    /// The losses of sentences in two passes, and the gradients of each pass. Arguments are those of [`Network::loss`].
    fn loss_of_two(
        &self,
        emissions: [&[f32]; 2],
        supervision: &[Supervision],
        offsets: &[usize],
        weight: f64,
        share: f64,
    ) -> (Vec<f64>, [CrfGradient; 2]) {
        let mut gradients = emissions.map(|e| self.loss(e, supervision, offsets, weight / 2.0));
        let losses =
            add_disagreement(share, emissions, &mut gradients, supervision, offsets, weight);
        (losses, gradients)
    }

    /// Loss and gradients of sentences, from their emissions `[positions, tags]`. The labelled positions of the
    /// sentences start at `offsets`.
    fn loss(
        &self,
        emissions: &[f32],
        supervision: &[Supervision],
        offsets: &[usize],
        weight: f64,
    ) -> CrfGradient {
        match self.head.crf {
            Some(_) => self.crf().gradient(emissions, supervision, offsets, weight),
            None => softmax_gradient(self.head.tags, emissions, supervision, offsets, weight),
        }
    }

    /// Adds the gradients of the CRF's parameters to `grads`.
    fn add_crf(&self, loss: &CrfGradient, grads: &mut Grads) {
        if let Some(ids) = self.head.crf {
            for (id, g) in ids.into_iter().zip([&loss.start, &loss.end, &loss.transitions]) {
                grads.add(id, g);
            }
        }
    }
}
