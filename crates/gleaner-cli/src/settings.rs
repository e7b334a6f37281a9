//! The settings of a training: a command's options over a settings file, over those of the model to start from.

use crate::reading::label_map;
use anyhow::Result;
use gleaner::{GleanerError, Overrides, Provenance, Settings, Split, TaggerConfig};
use std::path::Path;

/// The settings of a command: its options over the settings file, over those of the model to start from.
pub fn resolve(
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
