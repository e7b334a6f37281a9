//! A tagger on disk: a folder with `config.json`, `tokenizer.json`, `model.safetensors`, `trained-on.txt`,
//! `gleaner.json` and a README. `gleaner.json` is written last: a folder without it is unfinished.
//!
//! A folder of a tagger that transformers saved can be loaded too.

mod architecture;
mod decoding;
mod fingerprints;
mod folder;
mod imported;
mod open;
mod saved;
pub(crate) mod versioned;
mod write;

pub(crate) use architecture::class;
pub(crate) use decoding::{Decoding, SpecialPieces, label_maps};
pub(crate) use fingerprints::{Fingerprints, check_model};
pub(crate) use folder::resolve;
pub(crate) use saved::{
    FORMAT, Rows, SavedModel, digest, malformed, parse_manifest, read_manifest, uncalibrated,
};
pub(crate) use write::{json_bytes, write_file, write_manifest, write_tagger};

use crate::{GleanerError, PieceTokenizer, Tagger};
use gleaner_base::model_files::TOKENIZER;
use gleaner_nn::Compute;
use std::path::Path;

impl Tagger {
    /// Loads a tagger: on the device it was trained on, or on the processor where this machine or this build lacks that
    /// device.
    ///
    /// A tagger is a folder that `gleaner train` wrote, or one with a model for token classification that transformers
    /// saved: a BERT, DistilBERT, ELECTRA, RoBERTa, XLM-R, CamemBERT or DeBERTa-v3 with labels of IOB2, IOB1 or IO. The
    /// latter has no calibrated confidences.
    ///
    /// `model` is a folder, or, if there is no such folder and the crate has the feature `hub`, the name `OWNER/NAME`
    /// or `OWNER/NAME@REVISION` of a model on the Hugging Face hub. Its files are downloaded once, to the cache of
    /// Hugging Face's tools. A path that starts with `./` is never a name.
    ///
    /// # Errors
    /// A file is missing or malformed, or the download failed.
    pub fn load(model: impl AsRef<Path>) -> Result<Self, GleanerError> {
        let folder = resolve(model.as_ref())?;
        let saved = SavedModel::open(&folder)?;
        let compute = saved.manifest.device.parse().unwrap_or_else(|_| Compute::cpu());
        Self::of_saved(&folder, saved, compute)
    }

    /// As [`Tagger::load`], but computes on a device of choice.
    ///
    /// # Errors
    /// As [`Tagger::load`].
    pub fn load_on(model: impl AsRef<Path>, compute: Compute) -> Result<Self, GleanerError> {
        let folder = resolve(model.as_ref())?;
        Self::of_saved(&folder, SavedModel::open(&folder)?, compute)
    }

    fn of_saved(folder: &Path, saved: SavedModel, compute: Compute) -> Result<Self, GleanerError> {
        let network = saved.network(compute)?;
        let SavedModel { manifest, encoder, labels, .. } = saved;
        let config = &manifest.tagger;
        let path = folder.join(TOKENIZER);
        let tokenizer = PieceTokenizer::new(&path, &encoder.tokenizer_json, config.fold_case)?;
        let mut tagger = Self::new(config, network, tokenizer, labels);
        tagger.temperature = manifest.temperature;
        tagger.segmenter = manifest.segmenter;
        tagger.prepare();
        Ok(tagger)
    }
}
