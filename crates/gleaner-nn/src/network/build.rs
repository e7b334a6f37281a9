//! Building a network, from a pre-trained encoder or from saved weights.

use super::{
    Classifier, HeadConfig, HeadKind, Network,
    head::{self, Head},
};
use crate::{
    Compute, Engine, NnError, Params,
    crf::Rules,
    encoder::{Encoder, EncoderConfig, Layout, Names, WordRows},
    kernels::Level,
    lstm::Start,
    rng::Stream,
    weights::WeightFile,
};
use std::sync::Arc;

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
    /// The tensors of the file do not match `encoder`, the width of the classifier is not its hidden size, a value is
    /// NaN or infinite, or [`Level::check`] fails.
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
            splitters: super::composite::Splitters::default(),
        })
    }
}
