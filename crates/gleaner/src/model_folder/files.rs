//! Writing a model folder: every file to a temporary name, synced and renamed.

use super::{Provenance, TrainedOn, card, trained_on};
use crate::{EncoderFiles, GleanerError, Tagger};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::json;
use std::{
    fs::{self, File},
    io::Write,
    path::{Path, PathBuf},
};

/// The file that closes a finished folder.
pub(super) const MANIFEST: &str = "gleaner.json";
/// The folder of an unfinished training's state.
pub(super) const CHECKPOINT: &str = "checkpoint";
const CHECKPOINT_MANIFEST: &str = "state.json";

/// A folder that is being filled.
pub(crate) struct OpenFolder {
    path: PathBuf,
}

impl OpenFolder {
    pub(super) fn create(path: PathBuf) -> Result<Self, GleanerError> {
        let checkpoint = path.join(CHECKPOINT);
        fs::create_dir_all(&checkpoint).map_err(|e| GleanerError::io(&checkpoint, e))?;
        Ok(Self { path })
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// The folder of checkpoints.
    pub(crate) fn checkpoint(&self) -> PathBuf {
        self.path.join(CHECKPOINT)
    }

    /// Makes what was written for a checkpoint the one to resume from.
    pub(crate) fn write_checkpoint_manifest(
        &self,
        manifest: &impl Serialize,
    ) -> Result<(), GleanerError> {
        write(&self.checkpoint().join(CHECKPOINT_MANIFEST), &json_bytes(manifest))
    }

    /// The checkpoint to resume from, if there is one.
    pub(crate) fn read_checkpoint_manifest<T: DeserializeOwned>(
        &self,
    ) -> Result<Option<T>, GleanerError> {
        let path = self.checkpoint().join(CHECKPOINT_MANIFEST);
        let bytes = match fs::read(&path) {
            Ok(bytes) => bytes,
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(e) => return Err(GleanerError::io(&path, e)),
        };
        serde_json::from_slice(&bytes).map(Some).map_err(|e| {
            GleanerError::model(&path, e.to_string(), "choose another folder and train anew")
        })
    }

    /// Removes tensors of older checkpoints.
    pub(crate) fn drop_other_checkpoints(&self, keep: &str) -> Result<(), GleanerError> {
        let folder = self.checkpoint();
        let entries = fs::read_dir(&folder).map_err(|e| GleanerError::io(&folder, e))?;
        for entry in entries.flatten() {
            let name = entry.file_name();
            if name != keep && name != CHECKPOINT_MANIFEST {
                fs::remove_file(entry.path()).map_err(|e| GleanerError::io(&entry.path(), e))?;
            }
        }
        Ok(())
    }

    /// Lets whoever may read one file read another: safetensors are written as private files.
    fn equal_permissions(&self, of: &str, like: &str) -> Result<(), GleanerError> {
        let path = self.path.join(of);
        fs::metadata(self.path.join(like))
            .and_then(|m| fs::set_permissions(&path, m.permissions()))
            .map_err(|e| GleanerError::io(&path, e))
    }

    /// Writes the finished tagger, its manifest last, and drops the checkpoints.
    pub(crate) fn finish(
        &self,
        tagger: &Tagger,
        encoder: &EncoderFiles,
        provenance: &Provenance,
        trained_on: Option<&TrainedOn>,
    ) -> Result<(), GleanerError> {
        write(&self.path.join("config.json"), &json_bytes(&config(tagger, encoder)))?;
        write(&self.path.join("tokenizer.json"), &encoder.tokenizer_json)?;
        tagger.network.save(&self.path.join("model.safetensors"))?;
        self.equal_permissions("model.safetensors", "config.json")?;
        if let Some(sentences) = trained_on {
            write(&self.path.join(trained_on::FILE), sentences.text().as_bytes())?;
        }
        write(&self.path.join("README.md"), card::text(tagger, provenance).as_bytes())?;
        write(&self.path.join(MANIFEST), &json_bytes(provenance))?;
        let checkpoint = self.checkpoint();
        fs::remove_dir_all(&checkpoint).map_err(|e| GleanerError::io(&checkpoint, e))
    }
}

/// The encoder's configuration with the labels.
fn config(tagger: &Tagger, encoder: &EncoderFiles) -> serde_json::Value {
    let mut config = encoder.config_json.clone();
    let names = tagger.labels.names().iter().enumerate();
    config["id2label"] = names.clone().map(|(i, n)| (i.to_string(), json!(n))).collect();
    config["label2id"] = names.map(|(i, n)| (n.clone(), json!(i))).collect();
    config["dtype"] = json!("float32");
    config
}

fn json_bytes(value: &impl Serialize) -> Vec<u8> {
    let mut bytes = serde_json::to_vec_pretty(value).expect("settings and scores are plain data");
    bytes.push(b'\n');
    bytes
}

/// Writes a file atomically. What a killed run leaves under the temporary name is overwritten when
/// the run goes on.
fn write(path: &Path, bytes: &[u8]) -> Result<(), GleanerError> {
    let temporary = path.with_added_extension("partial");
    let replace = || {
        let mut file = File::create(&temporary)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&temporary, path)
    };
    replace().map_err(|e| GleanerError::io(path, e))
}
