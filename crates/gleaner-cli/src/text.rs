//! Shared by several commands: views of numbers, settings, opening a tagger.

use crate::{
    cli::{ComputeArgs, LabelPrecision, ReadArgs},
    cores,
    output::Output,
};
use anyhow::{Context, Result};
use gleaner::{
    CorpusOptions, CorpusPath, EncoderFiles, Ensemble, GleanerError, Overrides, Pieces, Provenance,
    Settings, Split, Tagger, TaggerConfig, train,
};
use gleaner_corpus::{Finding, LabelMap, Warning};
use gleaner_nn::{Compute, Precision};
pub use gleaner_report::grouped;
use serde_json::Value;
use std::{
    collections::HashSet,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};
use sysinfo::System;

/// A duration as text: `4.2 s`, `3 min 5 s`, `1 h 20 min`.
pub fn duration(d: Duration) -> String {
    /// What takes longer is not worth a number.
    const LONGEST: Duration = Duration::from_secs(100 * 365 * 24 * 3600);
    let s = d.as_secs();
    if d > LONGEST {
        return "more than 100 years".into();
    }
    match s {
        0..10 => format!("{:.1} s", d.as_secs_f64()),
        10..60 => format!("{s} s"),
        60..3600 => format!("{} min {} s", s / 60, s % 60),
        _ => format!("{} h {} min", s / 3600, s % 3600 / 60),
    }
}

/// As [`duration`], of an estimate in seconds, which may be of any size.
pub fn seconds(s: f64) -> String {
    duration(Duration::try_from_secs_f64(s).unwrap_or(Duration::MAX))
}

/// A place in a training: `epoch 3`, or `epoch 3 and 12 steps`.
pub fn place(epochs: u32, steps: usize) -> String {
    let s = if steps == 1 { "" } else { "s" };
    match (epochs, steps) {
        (_, 0) => format!("epoch {epochs}"),
        (0, _) => format!("{steps} step{s}"),
        _ => format!("epoch {epochs} and {steps} step{s}"),
    }
}

/// Bytes as MiB or GiB.
pub fn bytes(n: u64) -> String {
    let mib = n as f64 / f64::from(1 << 20);
    if mib < 1024.0 { format!("{mib:.0} MiB") } else { format!("{:.1} GiB", mib / 1024.0) }
}

/// The label map of an option's pairs, if there are any.
pub fn label_map(option: &str, pairs: &[(String, String)]) -> Result<Option<LabelMap>> {
    if pairs.is_empty() {
        return Ok(None);
    }
    let map = LabelMap::new(pairs.iter().cloned().collect());
    Ok(Some(map.map_err(|e| GleanerError::Settings(format!("{option}: {e}")))?))
}

/// How labelled text is read by the options of a command.
pub fn reading(args: &ReadArgs) -> Result<CorpusOptions> {
    let mut options = args.options.clone();
    options.label_map = label_map("--map", &args.map)?;
    let options = CorpusOptions::from(&options);
    options.check()?;
    Ok(options)
}

/// Refuses a text that is named twice, even by different paths. `what` is the text's role.
pub fn different(what: &str, paths: &[CorpusPath]) -> Result<()> {
    let real = |path: &PathBuf| path.canonicalize().unwrap_or_else(|_| path.clone());
    let mut known = HashSet::new();
    match paths.iter().map(|one| &one.path).find(|path| !known.insert(real(path))) {
        Some(twice) => {
            let what = format!("{}: this {what} is named twice; name each once", twice.display());
            Err(GleanerError::Settings(what).into())
        }
        None => Ok(()),
    }
}

/// A note that counts the findings of a text, if there are any.
pub fn oddities(findings: &[Finding]) -> Option<String> {
    let first = findings.first()?;
    let left_out = match Finding::skipped(findings) {
        0 => String::new(),
        n => format!(" (skipped sentences: {n})"),
    };
    let n = findings.len();
    Some(format!(
        "note: findings in the text: {n}{left_out}, the first: {first} (`gleaner data inspect --all` lists all)"
    ))
}

/// Warnings as objects: the kind with what it concerns, and the message.
pub fn warnings(warnings: &[Warning]) -> Vec<Value> {
    let object = |warning: &Warning| {
        let mut object = serde_json::to_value(warning).expect("warnings are plain data");
        object["message"] = warning.to_string().into();
        object
    };
    warnings.iter().map(object).collect()
}

/// The settings of a command: its options over the settings file, over those of the model to start from.
pub fn settings(
    config: Option<&Path>,
    options: &Overrides,
    map: &[(String, String)],
) -> Result<Settings> {
    let settings = Settings::resolve(&layers(config, options, map)?.each_ref())?;
    // A settings file may name folds without using them: gleaner.json names all settings.
    if settings.data.split != Split::Folds
        && (options.data.folds.is_some() || options.data.fold.is_some())
    {
        let what = "--folds, --fold: no effect without --split folds; add it, or leave them out";
        return Err(GleanerError::Settings(what.into()).into());
    }
    Ok(settings)
}

/// The layers of settings: of the model to start from, of the file, of the options.
fn layers(
    config: Option<&Path>,
    options: &Overrides,
    map: &[(String, String)],
) -> Result<[Overrides; 3]> {
    let file = config.map(Overrides::read).transpose()?.unwrap_or_default();
    let mut options = options.clone();
    options.corpus.label_map = label_map("--map", map)?.or(options.corpus.label_map);
    let mut file = file;
    if options.data.data.is_some() {
        // A folder given as an option replaces all files that a settings file names.
        (file.data.train, file.data.dev, file.data.test) = (None, None, None);
    }
    if options.data.train.is_some() {
        file.data.data = None;
    }
    // Likewise for the encoder and the model to start from.
    if options.network.start.is_some() {
        file.network.encoder = None;
    } else if options.network.encoder.is_some() {
        file.network.start = None;
    }
    let start = options.network.start.as_ref().or(file.network.start.as_ref());
    let inherited = start.map(|model| inherited(model)).transpose()?.unwrap_or_default();
    Ok([inherited, file, options])
}

/// The settings of a model that its weights depend on.
fn inherited(model: &Path) -> Result<Overrides> {
    if let Some(config) = TaggerConfig::imported(model)? {
        return Ok(Settings::builder()
            .head(config.head)
            .piece_labels(config.piece_labels)
            .fold_case(config.fold_case));
    }
    let settings = Provenance::read(model)?.settings;
    Ok(Settings::builder()
        .head(settings.network.head)
        .lstm_units(settings.network.lstm_units)
        .lstm_layers(settings.network.lstm_layers)
        .piece_labels(settings.pieces.piece_labels)
        .fold_case(settings.pieces.fold_case))
}

/// The processor's name.
pub fn processor(system: &System) -> String {
    let first = system.cpus().first();
    first.map_or_else(|| "unknown".into(), |c| c.brand().trim().to_owned())
}

/// Sets the number of threads; by default the physical cores that the program may use.
pub fn set_threads(threads: Option<usize>) -> Result<()> {
    if threads == Some(0) {
        let what = "threads: 0 threads compute nothing; leave it out to use the physical cores";
        return Err(GleanerError::Settings(what.into()).into());
    }
    let threads = threads.unwrap_or_else(cores::physical);
    rayon::ThreadPoolBuilder::new()
        .num_threads(threads)
        .build_global()
        .map_err(|e| GleanerError::Settings(format!("threads: {threads}: {e}; use fewer")).into())
}

/// The device, or another of the same backend, if available.
fn available(device: &str) -> Option<Compute> {
    let kind = device.split(':').next()?;
    device.parse().or_else(|_| kind.parse()).ok()
}

/// The tokenizer of an encoder, after a note if it needs spaces that words on their own do not have.
pub fn pieces(encoder: &Path, fold_case: bool, output: &Output) -> Result<Pieces> {
    let files = EncoderFiles::open(encoder)?;
    let pieces = Pieces::new(&encoder.join("tokenizer.json"), &files.tokenizer_json, fold_case)?;
    if let Some(warning) = pieces.warning() {
        output.note(&format!("warning: {}: {warning}", encoder.display()));
    }
    Ok(pieces)
}

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
pub fn open_tagger(model: &Path, chosen: &ComputeArgs, output: &Output) -> Result<Opened> {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_readable() {
        assert_eq!(duration(Duration::from_millis(4210)), "4.2 s");
        assert_eq!(duration(Duration::from_secs(185)), "3 min 5 s");
        assert_eq!(duration(Duration::from_secs(4801)), "1 h 20 min");
        assert_eq!(bytes(3 << 29), "1.5 GiB");
    }
}
