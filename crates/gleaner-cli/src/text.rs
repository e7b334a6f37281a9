//! What several commands share: small views of numbers, settings, opening a tagger.

use crate::{cli::HowArgs, output::Output};
use anyhow::Result;
use gleaner::{
    EncoderFiles, GleanerError, Overrides, Pieces, Provenance, Settings, Split, Tagger, train,
};
use gleaner_corpus::{Finding, LabelMap};
use gleaner_nn::Compute;
pub use gleaner_report::grouped;
use std::{
    collections::HashSet,
    path::{Path, PathBuf},
    time::Duration,
};
use sysinfo::System;

/// A duration as people say it: `4.2 s`, `3 min 5 s`, `1 h 20 min`.
pub fn duration(d: Duration) -> String {
    let s = d.as_secs();
    match s {
        0..10 => format!("{:.1} s", d.as_secs_f64()),
        10..60 => format!("{s} s"),
        60..3600 => format!("{} min {} s", s / 60, s % 60),
        _ => format!("{} h {} min", s / 3600, s % 3600 / 60),
    }
}

/// Bytes as MiB or GiB.
pub fn bytes(n: u64) -> String {
    let mib = n as f64 / f64::from(1 << 20);
    if mib < 1024.0 { format!("{mib:.0} MiB") } else { format!("{:.1} GiB", mib / 1024.0) }
}

/// The label map of an option's pairs, if any.
pub fn label_map(option: &str, pairs: &[(String, String)]) -> Result<Option<LabelMap>> {
    if pairs.is_empty() {
        return Ok(None);
    }
    let map = LabelMap::new(pairs.iter().cloned().collect());
    Ok(Some(map.map_err(|e| GleanerError::Settings(format!("{option}: {e}")))?))
}

/// Refuses a text that is named twice, in whatever way: `what` is what it would be taken for.
pub fn different(what: &str, paths: &[PathBuf]) -> Result<()> {
    let real = |path: &PathBuf| path.canonicalize().unwrap_or_else(|_| path.clone());
    let mut known = HashSet::new();
    match paths.iter().find(|path| !known.insert(real(path))) {
        Some(twice) => {
            let what = format!("{}: the same {what} twice; name each once", twice.display());
            Err(GleanerError::Settings(what).into())
        }
        None => Ok(()),
    }
}

/// What people are told of a text that was read but is odd; nothing of one that is not.
pub fn oddities(findings: &[Finding]) -> Option<String> {
    let first = findings.first()?;
    let left_out = match Finding::skipped(findings) {
        0 => String::new(),
        n => format!(" ({n} left out)"),
    };
    let n = findings.len();
    Some(format!(
        "note: oddities of the text: {n}{left_out}, the first: {first} (see `gleaner data inspect`)"
    ))
}

/// The settings of a command: its options over the file, over what a model to start from lays down.
pub fn settings(
    config: Option<&Path>,
    options: &Overrides,
    map: &[(String, String)],
) -> Result<Settings> {
    let settings = Settings::resolve(&layers(config, options, map)?.each_ref())?;
    // A file may name folds that are not used: that of a model names all settings.
    if settings.data.split != Split::Folds
        && (options.data.folds.is_some() || options.data.fold.is_some())
    {
        let what =
            "--folds, --fold: nothing is divided into folds; add --split folds, or leave them out";
        return Err(GleanerError::Settings(what.into()).into());
    }
    Ok(settings)
}

/// What a model to start from lays down, the file, the options.
fn layers(
    config: Option<&Path>,
    options: &Overrides,
    map: &[(String, String)],
) -> Result<[Overrides; 3]> {
    let file = config.map(Overrides::read).transpose()?.unwrap_or_default();
    let mut options = options.clone();
    options.data.label_map = label_map("--map", map)?;
    let mut file = file;
    if options.data.data.is_some() {
        // A folder named as an option stands for all files that a settings file names.
        (file.data.train, file.data.dev, file.data.test) = (None, None, None);
    }
    if options.data.train.is_some() {
        file.data.data = None;
    }
    // So does what a training starts from.
    if options.network.start.is_some() {
        file.network.encoder = None;
    } else if options.network.encoder.is_some() {
        file.network.start = None;
    }
    let start = options.network.start.as_ref().or(file.network.start.as_ref());
    let laid_down = start.map(|model| laid_down(model)).transpose()?.unwrap_or_default();
    Ok([laid_down, file, options])
}

/// The settings of a model without which its weights would mean something else.
fn laid_down(model: &Path) -> Result<Overrides> {
    let settings = Provenance::read(model)?.settings;
    Ok(Settings::builder()
        .head(settings.network.head)
        .lstm_units(settings.network.lstm_units)
        .lstm_layers(settings.network.lstm_layers)
        .piece_labels(settings.pieces.piece_labels)
        .fold_case(settings.pieces.fold_case))
}

/// What the processor calls itself.
pub fn processor(system: &System) -> String {
    let first = system.cpus().first();
    first.map_or_else(|| "unknown".into(), |c| c.brand().trim().to_owned())
}

/// Lets rayon use so many threads, or the physical cores.
pub fn set_threads(threads: Option<usize>) -> Result<()> {
    if threads == Some(0) {
        let what = "threads: 0 threads compute nothing; leave it out for the physical cores";
        return Err(GleanerError::Settings(what.into()).into());
    }
    let threads = threads.unwrap_or_else(num_cpus::get_physical);
    rayon::ThreadPoolBuilder::new().num_threads(threads).build_global()?;
    Ok(())
}

/// A device, or another that is reached the same way.
fn here(device: &str) -> Option<Compute> {
    let kind = device.split(':').next()?;
    device.parse().or_else(|_| kind.parse()).ok()
}

/// What cuts words into the pieces of an encoder.
pub fn pieces(encoder: &Path, fold_case: bool) -> Result<Pieces> {
    let files = EncoderFiles::open(encoder)?;
    Ok(Pieces::new(&encoder.join("tokenizer.json"), &files.tokenizer_json, fold_case)?)
}

/// Opens a tagger to label with.
pub fn open_tagger(model: &Path, how: &HowArgs, output: &Output) -> Result<(Tagger, Provenance)> {
    let provenance = Provenance::read(model)?;
    let trained = &provenance.settings;
    let compute = match &how.device {
        Some(name) => name.parse().map_err(GleanerError::Network)?,
        None => here(&trained.run.device).unwrap_or_else(|| {
            output
                .note(&format!("it was trained on {}, which is not here: cpu", trained.run.device));
            Compute::cpu()
        }),
    };
    let precision = how.precision.unwrap_or(trained.network.precision);
    if let Some(note) = train::precision_note(precision, &compute) {
        output.note(&note);
    }
    let tagger = Tagger::load_on(model, compute)?;
    Ok((tagger.with_precision(precision), provenance))
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
