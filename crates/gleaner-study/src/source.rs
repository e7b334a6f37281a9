//! Where texts and encoders come from, and who fetches those on the Hugging Face hub.

use gleaner::is_sample;
use std::path::{Path, PathBuf};

/// Fetches texts and encoders that a study names on the Hugging Face hub, from the network or from a
/// cache. It also decides which names are valid.
pub trait Hub: Sync {
    /// The folder of a data set, with files named as `gleaner_corpus::find_splits` expects. `name` is
    /// written `hub:OWNER/NAME:CONFIG` or `hub:OWNER/NAME:CONFIG@REVISION`.
    ///
    /// # Errors
    /// The name is invalid or the data set unavailable: one line, `what is wrong; what to do`.
    fn data(&self, name: &str) -> Result<PathBuf, String>;

    /// The folder of an encoder, with `config.json`, `tokenizer.json` and `model.safetensors`. `name`
    /// is written `OWNER/NAME` or `OWNER/NAME@REVISION`.
    ///
    /// # Errors
    /// The name is invalid or the encoder unavailable: one line, `what is wrong; what to do`.
    fn encoder(&self, name: &str) -> Result<PathBuf, String>;
}

/// A hub that has nothing: all texts and encoders must be folders on this disk.
pub struct NoHub;

impl Hub for NoHub {
    fn data(&self, name: &str) -> Result<PathBuf, String> {
        Err(not_here(name))
    }

    fn encoder(&self, name: &str) -> Result<PathBuf, String> {
        Err(not_here(name))
    }
}

fn not_here(name: &str) -> String {
    format!("{name} is not on this disk; download it and give its folder")
}

/// Where a language's labelled sentences come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum DataSource {
    Local(LocalData),
    /// A data set on the hub: `hub:OWNER/NAME:CONFIG`, with `@REVISION` where one is given.
    Hub(String),
}

/// Labelled sentences on this disk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum LocalData {
    /// A folder, or `sample:af`.
    Folder(PathBuf),
    /// Files by part.
    Files { train: Vec<PathBuf>, dev: Vec<PathBuf>, test: Vec<PathBuf> },
}

/// An encoder that a study file names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct NamedEncoder {
    pub(crate) source: EncoderSource,
    /// The line of its name in the file.
    pub(crate) line: usize,
}

impl NamedEncoder {
    /// Its name for reports.
    pub(crate) fn name(&self) -> String {
        match &self.source {
            EncoderSource::Hub(name) => format!("hub:{name}"),
            EncoderSource::Folder(folder) => {
                folder.file_name().unwrap_or(folder.as_os_str()).to_string_lossy().into_owned()
            }
        }
    }
}

/// Where an encoder comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum EncoderSource {
    /// A folder, or `sample:tiny`.
    Folder(PathBuf),
    /// An encoder on the hub: `OWNER/NAME`, with `@REVISION` where one is given.
    Hub(String),
}

/// Resolves a path of the study file: names of built-in samples stay, others are relative to the
/// file's folder.
pub(crate) fn local(base: &Path, path: &Path) -> PathBuf {
    match is_sample(path) {
        true => path.to_owned(),
        false => base.join(path),
    }
}
