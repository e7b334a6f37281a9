//! Results of downloads.

use crate::commit::Commit;
use std::path::{Path, PathBuf};

/// A downloaded encoder or tagger.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Fetched {
    /// The folder with `config.json`, `tokenizer.json` and `model.safetensors`; of a tagger also with `gleaner.json`.
    pub folder: PathBuf,
    /// The commit of the files.
    pub commit: Commit,
    /// The files that were not in the cache.
    pub downloaded: Vec<Download>,
}

/// A downloaded configuration of a data set.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct FetchedData {
    /// Parquet files of the training part, in order. Empty if the configuration has no such split.
    pub train: Vec<PathBuf>,
    /// Parquet files of the dev part (`validation`), in order. Empty if there is none.
    pub dev: Vec<PathBuf>,
    /// Parquet files of the test part, in order. Empty if there is none.
    pub test: Vec<PathBuf>,
    /// The commit of the files.
    pub commit: Commit,
    /// The files that were not in the cache.
    pub downloaded: Vec<Download>,
}

impl FetchedData {
    /// The folder with the files of all parts: `CONFIG` of `CONFIG/train-00000-of-00001.parquet` and of
    /// `CONFIG/train/0000.parquet`. `None` if there are no files.
    pub fn folder(&self) -> Option<&Path> {
        let file = self.train.iter().chain(&self.dev).chain(&self.test).next()?;
        let is_number = |stem: &str| stem.bytes().all(|byte| byte.is_ascii_digit());
        match file.file_stem()?.to_str().is_some_and(is_number) {
            true => file.parent()?.parent(),
            false => file.parent(),
        }
    }
}

/// A downloaded file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Download {
    /// Path in the repository.
    pub file: String,
    /// Number of bytes downloaded; less than the size of the file if a download was resumed.
    pub bytes: u64,
}
