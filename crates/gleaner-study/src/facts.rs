//! Facts about files and texts that take time to find out, kept from start to start: contents by
//! their SHA-256, and how many sentences and which types a text holds.

use crate::{StudyError, disk, results::FACTS, source::DataSource};
use gleaner_corpus::find_splits;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::{
    collections::BTreeMap,
    fs::{self, File},
    io::Read,
    path::{Path, PathBuf},
    time::UNIX_EPOCH,
};

/// What is known.
#[derive(Default, Serialize, Deserialize)]
pub(crate) struct Facts {
    /// By path.
    files: BTreeMap<PathBuf, FileFact>,
    /// By fingerprint and reading.
    texts: BTreeMap<String, TextFact>,
    #[serde(skip)]
    changed: bool,
}

/// A file's content, as long as size and time of change stay.
#[derive(Serialize, Deserialize)]
struct FileFact {
    size: u64,
    /// Nanoseconds since 1970.
    modified: u128,
    sha256: String,
}

/// What a language's texts hold.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct TextFact {
    pub(crate) train: usize,
    pub(crate) dev: usize,
    pub(crate) test: Option<usize>,
    /// Entity types, sorted.
    pub(crate) types: Vec<String>,
}

impl TextFact {
    /// Sentences of all parts.
    pub(crate) fn all(&self) -> usize {
        self.train + self.dev + self.test.unwrap_or(0)
    }
}

impl Facts {
    /// What an earlier start left in a results folder; nothing where that cannot be read.
    pub(crate) fn load(results: &Path) -> Self {
        let bytes = fs::read(results.join(FACTS)).unwrap_or_default();
        serde_json::from_slice(&bytes).unwrap_or_default()
    }

    /// Keeps what is known in a results folder, if there is something new.
    pub(crate) fn save(&self, results: &Path) -> Result<(), StudyError> {
        match self.changed && results.is_dir() {
            true => disk::write_json(&results.join(FACTS), self),
            false => Ok(()),
        }
    }

    /// The SHA-256 of a file.
    pub(crate) fn file(&mut self, path: &Path) -> Result<String, StudyError> {
        let at = |e| StudyError::io(path, e);
        let metadata = fs::metadata(path).map_err(at)?;
        let modified = metadata.modified().map_err(at)?;
        let modified = modified.duration_since(UNIX_EPOCH).unwrap_or_default().as_nanos();
        if let Some(fact) = self.files.get(path)
            && (fact.size, fact.modified) == (metadata.len(), modified)
        {
            return Ok(fact.sha256.clone());
        }
        let sha256 = digest_of(path).map_err(at)?;
        let fact = FileFact { size: metadata.len(), modified, sha256: sha256.clone() };
        self.files.insert(path.to_owned(), fact);
        self.changed = true;
        Ok(sha256)
    }

    /// The fingerprint of a language's texts: of their contents and parts, not of their names.
    pub(crate) fn data(&mut self, source: &DataSource) -> Result<String, StudyError> {
        let parts: [Vec<PathBuf>; 3] = match source {
            DataSource::Files { train, dev, test } => [train.clone(), dev.clone(), test.clone()],
            DataSource::Folder(folder) => {
                if let Some(name) = folder.to_str().and_then(|f| f.strip_prefix("sample:")) {
                    return Ok(sample_data(name));
                }
                let splits = find_splits(folder)?;
                [splits.train, splits.dev.unwrap_or_default(), splits.test.unwrap_or_default()]
            }
            DataSource::Hub(id) => unreachable!("{id} was resolved before"),
        };
        let mut hash = Sha256::new();
        for (name, files) in ["train", "dev", "test"].into_iter().zip(&parts) {
            hash.update(name);
            for file in files {
                // The format is told by the extension.
                let extension = file.extension().unwrap_or_default().to_string_lossy();
                hash.update(format!("\n{extension} {}", self.file(file)?));
            }
            hash.update("\n\n");
        }
        Ok(hex(hash))
    }

    /// The fingerprint of some files in their order.
    pub(crate) fn list(&mut self, files: &[PathBuf]) -> Result<String, StudyError> {
        let mut hash = Sha256::new();
        for file in files {
            let print = match file.to_str().and_then(|f| f.strip_prefix("sample:")) {
                Some(name) => sample_data(name),
                None => self.file(file)?,
            };
            let extension = file.extension().unwrap_or_default().to_string_lossy();
            hash.update(format!("{extension} {print}\n"));
        }
        Ok(hex(hash))
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
            for name in ["config.json", "tokenizer.json", "model.safetensors"] {
                hash.update(self.file(&folder.join(name))?);
            }
        }
        Ok(hex(hash))
    }

    /// What is known of a text, or what `find` finds out.
    pub(crate) fn text(
        &mut self,
        key: String,
        find: impl FnOnce() -> Result<TextFact, StudyError>,
    ) -> Result<TextFact, StudyError> {
        if let Some(fact) = self.texts.get(&key) {
            return Ok(fact.clone());
        }
        let fact = find()?;
        self.texts.insert(key, fact.clone());
        self.changed = true;
        Ok(fact)
    }
}

/// The fingerprint of a corpus inside the program.
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
    hex(hash)
}

/// A SHA-256 in hexadecimal.
pub(crate) fn digest(bytes: &[u8]) -> String {
    hex(Sha256::new_with_prefix(bytes))
}

fn hex(hash: Sha256) -> String {
    hash.finalize().iter().map(|b| format!("{b:02x}")).collect()
}

fn digest_of(path: &Path) -> std::io::Result<String> {
    let mut file = File::open(path)?;
    let mut hash = Sha256::new();
    let mut buffer = vec![0; 1 << 20];
    loop {
        match file.read(&mut buffer)? {
            0 => return Ok(hex(hash)),
            n => hash.update(&buffer[..n]),
        }
    }
}
