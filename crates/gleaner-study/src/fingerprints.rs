//! Fingerprints of files and statistics of texts. They take time to compute, so the results folder
//! keeps them between starts.

use crate::{disk, error::StudyError, source::LocalData};
use gleaner::{CorpusPath, FileReport};
use gleaner_base::hash::{Digest, Fingerprint, Sha256, hex};
use gleaner_corpus::{companions, find_splits};
use serde::{Deserialize, Serialize};
use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    time::UNIX_EPOCH,
};

/// The file of the results folder that keeps the cache. It can be deleted at any time.
pub(crate) const CACHE_FILE: &str = "fingerprints.json";

/// Fingerprints and statistics that are known.
#[derive(Default, Serialize, Deserialize)]
pub(crate) struct FingerprintCache {
    /// By path.
    files: BTreeMap<PathBuf, FileFingerprint>,
    /// By a digest of the texts' fingerprints and of how they are read.
    texts: BTreeMap<String, TextStats>,
    #[serde(skip)]
    changed: bool,
}

/// A file's content. Valid while size and modification time stay.
#[derive(Serialize, Deserialize)]
struct FileFingerprint {
    size: u64,
    /// Nanoseconds since 1970.
    modified: u128,
    sha256: String,
}

/// Sizes in sentences, and entity types, of a language's texts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct TextStats {
    pub(crate) train: usize,
    pub(crate) dev: usize,
    pub(crate) test: Option<usize>,
    /// Entity types, sorted.
    pub(crate) types: Vec<String>,
    /// How each file was read.
    #[serde(default)]
    pub(crate) files: Vec<FileReport>,
    /// What is suspicious about the parts.
    #[serde(default)]
    pub(crate) warnings: Vec<String>,
}

impl TextStats {
    /// Sentences of all parts.
    pub(crate) fn all(&self) -> usize {
        self.train + self.dev + self.test.unwrap_or(0)
    }
}

impl FingerprintCache {
    /// Reads the cache of a results folder; empty if it is missing or malformed.
    pub(crate) fn load(results: &Path) -> Self {
        let bytes = fs::read(results.join(CACHE_FILE)).unwrap_or_default();
        serde_json::from_slice(&bytes).unwrap_or_default()
    }

    /// Writes the cache to an existing results folder if anything is new.
    pub(crate) fn save(&self, results: &Path) -> Result<(), StudyError> {
        match self.changed && results.is_dir() {
            true => disk::write_json(&results.join(CACHE_FILE), self),
            false => Ok(()),
        }
    }

    /// The SHA-256 of a file.
    pub(crate) fn file(&mut self, path: &Path) -> Result<String, StudyError> {
        let at = |e| StudyError::io(path, e);
        let metadata = fs::metadata(path).map_err(at)?;
        let modified = metadata.modified().map_err(at)?;
        let modified = modified.duration_since(UNIX_EPOCH).unwrap_or_default().as_nanos();
        if let Some(known) = self.files.get(path)
            && (known.size, known.modified) == (metadata.len(), modified)
        {
            return Ok(known.sha256.clone());
        }
        let sha256 = digest_of(path).map_err(at)?;
        let known = FileFingerprint { size: metadata.len(), modified, sha256: sha256.clone() };
        self.files.insert(path.to_owned(), known);
        self.changed = true;
        Ok(sha256)
    }

    /// The fingerprint of a language's texts: of their contents and parts, not of their names.
    pub(crate) fn data(&mut self, source: &LocalData) -> Result<String, StudyError> {
        let parts: [Vec<PathBuf>; 3] = match source {
            LocalData::Files { train, dev, test } => [train.clone(), dev.clone(), test.clone()],
            LocalData::Folder(folder) => {
                if let Some(name) = folder.to_str().and_then(|f| f.strip_prefix("sample:")) {
                    return Ok(sample_data(name));
                }
                let splits = find_splits(folder)?;
                [splits.train, splits.dev.unwrap_or_default(), splits.test.unwrap_or_default()]
            }
        };
        let mut hash = Sha256::new();
        for (name, files) in ["train", "dev", "test"].into_iter().zip(&parts) {
            hash.update(name);
            for file in files {
                // The extension decides the format.
                let extension = file.extension().unwrap_or_default().to_string_lossy();
                hash.update(format!("\n{extension} {}", self.with_companions(file)?));
            }
            hash.update("\n\n");
        }
        Ok(hex(hash.finalize()))
    }

    /// The hash of a file, and of those beside it that are read with it.
    fn with_companions(&mut self, path: &Path) -> Result<String, StudyError> {
        let mut hashes = self.file(path)?;
        for companion in companions(path) {
            hashes += " with ";
            hashes += &self.file(&companion)?;
        }
        Ok(hashes)
    }

    /// Forgets the words of texts.
    pub(crate) fn drop_words(&mut self) {
        for file in self.texts.values_mut().flat_map(|stats| &mut stats.files) {
            self.changed |= !file.first.is_empty();
            file.first.clear();
        }
    }

    /// The fingerprint of files in their order.
    pub(crate) fn list(&mut self, files: &[CorpusPath]) -> Result<String, StudyError> {
        let mut hash = Sha256::new();
        for text in files {
            let file = &text.path;
            let print = match file.to_str().and_then(|f| f.strip_prefix("sample:")) {
                Some(name) => sample_data(name),
                None => self.with_companions(file)?,
            };
            let extension = file.extension().unwrap_or_default().to_string_lossy();
            hash.update(format!("{extension} {print}\n"));
            if text.alone || !text.options.is_empty() {
                let path = CorpusPath { path: PathBuf::new(), ..text.clone() };
                hash.update(serde_json::to_string(&path).expect("options are plain data"));
            }
        }
        Ok(hex(hash.finalize()))
    }

    /// The fingerprint of an encoder.
    pub(crate) fn encoder(&mut self, folder: &Path) -> Result<String, StudyError> {
        let mut hash = Sha256::new();
        if folder == Path::new(gleaner::SAMPLE_ENCODER) {
            let files = gleaner_sample::encoder();
            for part in [files.config.as_bytes(), files.tokenizer.as_bytes(), files.weights] {
                hash.update(digest(part));
            }
        } else {
            for file in gleaner::encoder_paths(folder)? {
                hash.update(self.file(&file)?);
            }
        }
        Ok(hex(hash.finalize()))
    }

    /// The statistics stored under `key`; `compute` is called if there are none.
    pub(crate) fn text(
        &mut self,
        key: String,
        compute: impl FnOnce() -> Result<TextStats, StudyError>,
    ) -> Result<TextStats, StudyError> {
        if let Some(stats) = self.texts.get(&key) {
            return Ok(stats.clone());
        }
        let stats = compute()?;
        self.texts.insert(key, stats.clone());
        self.changed = true;
        Ok(stats)
    }
}

/// The fingerprint of a built-in corpus.
fn sample_data(name: &str) -> String {
    let mut hash = Sha256::new();
    if let Some(parts) = gleaner_sample::labelled(name) {
        for part in [&parts.train, &parts.dev, &parts.test] {
            hash.update(gleaner_sample::to_conll(part));
            hash.update("\n\n");
        }
    }
    if name == "af" {
        hash.update(gleaner_sample::to_conll(&gleaner_sample::unlabelled_gold()));
    }
    hex(hash.finalize())
}

/// The SHA-256 of some bytes in hexadecimal.
pub(crate) fn digest(bytes: &[u8]) -> String {
    hex(Sha256::digest(bytes))
}

fn digest_of(path: &Path) -> std::io::Result<String> {
    Ok(Fingerprint::of_file(path)?.sha256)
}

#[cfg(test)]
mod tests {
    use super::*;

    const DATASET_INFO: &str = "dataset_info.json";

    #[test]
    fn annotations_and_texts_beside_a_file_belong_to_its_fingerprint() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        fs::write(path("train.txt"), "Anna sings.").unwrap();
        fs::write(path("train.ann"), "T1\tPER 0 4\tAnna\n").unwrap();
        let print = |name: &str| {
            let train = vec![path(name)];
            let data = LocalData::Files { train, dev: Vec::new(), test: Vec::new() };
            FingerprintCache::default().data(&data).unwrap()
        };
        let before = [print("train.txt"), print("train.ann")];
        fs::write(path("train.ann"), "T1\tLOC 0 4\tAnna\n").unwrap();
        let relabelled = [print("train.txt"), print("train.ann")];
        fs::write(path("train.txt"), "Anna sung!!").unwrap();
        let rewritten = [print("train.txt"), print("train.ann")];
        for which in [0, 1] {
            assert_ne!(before[which], relabelled[which]);
            assert_ne!(relabelled[which], rewritten[which]);
        }
        // Names of tag numbers.
        fs::write(path("a.conll"), "Anna\tB-PER\n").unwrap();
        let alone = print("a.conll");
        fs::write(path(DATASET_INFO), "{}").unwrap();
        assert_ne!(print("a.conll"), alone);
    }
}
