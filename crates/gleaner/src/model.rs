//! A tagger on disk: a folder with `config.json`, `tokenizer.json`, `model.safetensors`, `trained-on.txt`,
//! `gleaner.json` and a README. `gleaner.json` is written last: a folder without it is unfinished.

mod saved;
mod write;

pub(crate) use saved::{
    FORMAT, SavedModel, malformed, parse_manifest, read_manifest, uncalibrated,
};
pub(crate) use write::{json_bytes, write_file, write_manifest, write_tagger};

use crate::{GleanerError, Pieces, Tagger};
use gleaner_nn::{Compute, network::Network};
use std::path::Path;

/// The file that closes a finished folder.
pub(crate) const MANIFEST: &str = "gleaner.json";

impl Tagger {
    /// Loads the tagger in a folder: on the device it was trained on, or on the processor where this machine or this
    /// build lacks that device.
    ///
    /// # Errors
    /// A file is missing or malformed.
    pub fn load(folder: impl AsRef<Path>) -> Result<Self, GleanerError> {
        let folder = folder.as_ref();
        let saved = SavedModel::open(folder)?;
        let compute = saved.manifest.device.parse().unwrap_or_else(|_| Compute::cpu());
        Self::of_saved(folder, saved, compute)
    }

    /// Loads the tagger in a folder, to compute on a device of choice.
    ///
    /// # Errors
    /// A file is missing or malformed.
    pub fn load_on(folder: impl AsRef<Path>, compute: Compute) -> Result<Self, GleanerError> {
        let folder = folder.as_ref();
        Self::of_saved(folder, SavedModel::open(folder)?, compute)
    }

    fn of_saved(folder: &Path, saved: SavedModel, compute: Compute) -> Result<Self, GleanerError> {
        let SavedModel { manifest, encoder, labels, .. } = saved;
        let config = &manifest.tagger;
        let network =
            Network::saved(encoder.config, config.head(&labels), encoder.weights, compute)?;
        let path = folder.join("tokenizer.json");
        let pieces = Pieces::new(&path, &encoder.tokenizer_json, config.fold_case)?;
        let mut tagger = Self::new(config, network, pieces, labels);
        tagger.temperature = manifest.temperature;
        Ok(tagger)
    }
}
