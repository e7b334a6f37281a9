//! Opens taggers and ensembles for labelling, and the tokenizers of encoders.

use crate::{
    cli::{ComputeArgs, LabelPrecision},
    output::Output,
};
use anyhow::{Context, Result};
use gleaner::{
    EncoderFiles, Ensemble, GleanerError, PieceTokenizer, Provenance, Settings, Tagger,
    TaggerConfig, train,
};
use gleaner_base::model_files::TOKENIZER;
use gleaner_nn::{Compute, Precision};
use std::{path::Path, sync::Arc};

/// How the model in a folder was trained, as far as labelling and scoring need it.
pub struct Training {
    device: String,
    precision: Precision,
    /// Number of sentences of a batch.
    pub batch: usize,
    /// Whether another program trained the model.
    is_foreign: bool,
}

impl Training {
    fn of(model: &Path) -> Result<Self> {
        if let Some(config) = TaggerConfig::imported(model)? {
            let batch = Settings::resolve(&[])?.optimizer.batch;
            let (device, precision) = ("cpu".to_owned(), config.precision);
            return Ok(Self { device, precision, batch, is_foreign: true });
        }
        let Settings { run, network, optimizer, .. } = Provenance::read(model)?.settings;
        let (precision, batch) = (network.precision, optimizer.batch);
        Ok(Self { device: run.device, precision, batch, is_foreign: false })
    }
}

/// A tagger or an ensemble, opened for labelling.
pub struct Opened {
    pub ensemble: Arc<Ensemble>,
    /// How the tagger, or the ensemble's first member, was trained.
    pub training: Training,
}

impl Opened {
    /// The temperature of confidences: of an ensemble, the factor of its members' temperatures.
    pub fn temperature(&self) -> f64 {
        match self.ensemble.members() {
            [only] => only.temperature(),
            _ => self.ensemble.temperature(),
        }
    }
}

/// Opens a tagger or an ensemble for labelling.
pub fn open(model: &Path, chosen: &ComputeArgs, output: &Output) -> Result<Opened> {
    let mut first = None;
    let ensemble = Ensemble::open(model, |folder| -> Result<Tagger, anyhow::Error> {
        let training = Training::of(folder)?;
        // What a note says of the first member holds for all.
        let tagger = open_member(folder, &training, chosen, first.is_none().then_some(output))?;
        first.get_or_insert(training);
        Ok(tagger)
    })?;
    let training = first.context("an ensemble without members")?;
    Ok(Opened { ensemble: Arc::new(ensemble), training })
}

/// Opens a tagger; notes go to `output` if there is one.
fn open_member(
    model: &Path,
    trained: &Training,
    chosen: &ComputeArgs,
    output: Option<&Output>,
) -> Result<Tagger> {
    let note = |note: &str| {
        if let Some(output) = output {
            output.note(note);
        }
    };
    let compute = match &chosen.device {
        Some(name) => name.parse().map_err(GleanerError::Network)?,
        None => available(&trained.device).unwrap_or_else(|| {
            note(&format!(
                "note: the model was trained on {}, which is unavailable; using cpu",
                trained.device
            ));
            Compute::cpu()
        }),
    };
    let precision = match chosen.precision {
        Some(LabelPrecision::Int8) => {
            let tagger = Tagger::load_on(model, compute)?.with_precision(Precision::F32);
            return Ok(tagger.with_int8(model)?);
        }
        Some(LabelPrecision::F32) => Precision::F32,
        Some(LabelPrecision::Bf16) => Precision::Bf16,
        None => trained.precision,
    };
    if let Some(said) = train::precision_note(precision, &compute) {
        note(&said);
    }
    let tagger = Tagger::load_on(model, compute)?;
    if trained.is_foreign && tagger.temperature() == 1.0 {
        note("note: the model has no calibration; confidences are those of its softmax");
    }
    Ok(tagger.with_precision(precision))
}

/// The device, or another of the same backend, if available.
fn available(device: &str) -> Option<Compute> {
    let kind = device.split(':').next()?;
    device.parse().or_else(|_| kind.parse()).ok()
}

/// The tokenizer of an encoder, after a note if it needs spaces that words on their own do not have.
pub fn tokenizer(encoder: &Path, fold_case: bool, output: &Output) -> Result<PieceTokenizer> {
    let files = EncoderFiles::open(encoder)?;
    let tokenizer =
        PieceTokenizer::new(&encoder.join(TOKENIZER), &files.tokenizer_json, fold_case)?;
    if let Some(warning) = tokenizer.warning() {
        output.note(&format!("warning: {}: {warning}", encoder.display()));
    }
    Ok(tokenizer)
}
