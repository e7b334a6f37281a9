//! A tagger on disk.

mod card;
mod files;
mod provenance;
mod trained_on;

pub(crate) use files::OpenFolder;
pub(crate) use provenance::digest;
pub use provenance::{Provenance, Scores, TextRecord};
pub use trained_on::TrainedOn;

use crate::{EncoderFiles, GleanerError, Labels, Pieces, Tagger, train};
use gleaner_nn::{Compute, network::Network};
use std::path::{Path, PathBuf};

/// A folder with a finished tagger: `config.json`, `tokenizer.json`, `model.safetensors`,
/// `trained-on.txt`, `gleaner.json` and a README. Without `gleaner.json`, which is written last, it is unfinished.
pub struct ModelFolder {
    path: PathBuf,
}

impl ModelFolder {
    /// A folder that a new tagger is to be written to. Nothing is created yet.
    ///
    /// # Errors
    /// The folder is not empty, unless it holds an unfinished training and `resume` is set.
    pub fn claim(path: &Path, resume: bool) -> Result<Self, GleanerError> {
        let mut entries = match std::fs::read_dir(path) {
            Ok(entries) => entries,
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => {
                return Ok(Self { path: path.to_owned() });
            }
            Err(e) => return Err(GleanerError::io(path, e)),
        };
        let checkpoint = path.join(files::CHECKPOINT);
        let finished = path.join(files::MANIFEST).exists();
        let unfinished = checkpoint.is_dir() && !finished;
        if entries.next().is_none() || (unfinished && resume) {
            return Ok(Self { path: path.to_owned() });
        }
        if finished && resume {
            // Ended between the manifest and the removal of what it was made from.
            if checkpoint.is_dir() {
                std::fs::remove_dir_all(&checkpoint)
                    .map_err(|e| GleanerError::io(&checkpoint, e))?;
            }
            let fix = "use the model as it is, or choose another folder";
            return Err(GleanerError::folder(path, "the training in it is finished", fix));
        }
        let fix = match unfinished {
            true => {
                "it holds an unfinished training: go on with --resume, or choose another folder"
            }
            false => "choose another folder, or empty this one",
        };
        Err(GleanerError::folder(path, "the folder is not empty", fix))
    }

    /// Creates the folder.
    pub(crate) fn create(self) -> Result<OpenFolder, GleanerError> {
        OpenFolder::create(self.path)
    }

    /// Opens the tagger in a folder, to compute on `compute`, and says how it was made.
    ///
    /// # Errors
    /// A file is missing or malformed.
    pub fn open(path: &Path, compute: Compute) -> Result<(Tagger, Provenance), GleanerError> {
        let SavedModel { provenance, encoder, labels, .. } = SavedModel::open(path)?;
        let settings = &provenance.settings;
        let head = train::head_config(settings, &labels);
        let network = Network::saved(encoder.config, head, encoder.weights, compute)?;
        let pieces = Pieces::new(
            &path.join("tokenizer.json"),
            &encoder.tokenizer_json,
            settings.pieces.fold_case,
        )?;
        let mut tagger = train::tagger_of(settings, network, pieces, labels);
        tagger.temperature = provenance.temperature;
        Ok((tagger, provenance))
    }

    /// How the tagger in a folder was made, without opening its weights.
    ///
    /// # Errors
    /// The folder holds no finished training, or its `gleaner.json` is malformed.
    pub fn provenance(path: &Path) -> Result<Provenance, GleanerError> {
        Provenance::parse(&path.join(files::MANIFEST), &manifest(path)?)
    }

    /// What the tagger in a folder was trained on; `None` where the folder does not say, as those of
    /// earlier programs do not.
    ///
    /// # Errors
    /// `trained-on.txt` cannot be read or is malformed.
    pub fn trained_on(path: &Path) -> Result<Option<TrainedOn>, GleanerError> {
        TrainedOn::read(path)
    }
}

/// What a model folder holds.
pub(crate) struct SavedModel {
    pub(crate) provenance: Provenance,
    pub(crate) encoder: EncoderFiles,
    pub(crate) labels: Labels,
    /// The bytes of `gleaner.json`.
    pub(crate) manifest: Vec<u8>,
    /// What the tagger was trained on, where the folder says so.
    pub(crate) trained_on: Option<TrainedOn>,
}

impl SavedModel {
    pub(crate) fn open(path: &Path) -> Result<Self, GleanerError> {
        let manifest = manifest(path)?;
        let provenance = Provenance::parse(&path.join(files::MANIFEST), &manifest)?;
        let encoder = EncoderFiles::open(path)?;
        let labels = labels(&path.join("config.json"), &encoder.config_json)?;
        let trained_on = TrainedOn::read(path)?;
        Ok(Self { provenance, encoder, labels, manifest, trained_on })
    }
}

/// The bytes of a finished folder's `gleaner.json`.
fn manifest(folder: &Path) -> Result<Vec<u8>, GleanerError> {
    let path = folder.join(files::MANIFEST);
    if !path.is_file() {
        let what = if folder.is_dir() { "no gleaner.json in it" } else { "no such folder" };
        return Err(GleanerError::model(
            folder,
            what,
            "name a folder that `gleaner train` has finished",
        ));
    }
    std::fs::read(&path).map_err(|e| GleanerError::io(&path, e))
}

/// The labels in a `config.json`'s `id2label`.
fn labels(path: &Path, config: &serde_json::Value) -> Result<Labels, GleanerError> {
    let bad = |what: &str| {
        GleanerError::model(path, what, "use the config.json that was saved with the model")
    };
    let map = config["id2label"].as_object().ok_or_else(|| bad("no id2label in it"))?;
    let name = |i: usize| map.get(&i.to_string()).and_then(|n| n.as_str()).map(str::to_owned);
    let names: Option<Vec<String>> = (0..map.len()).map(name).collect();
    names.map(Labels::new).ok_or_else(|| bad("id2label does not number its names from 0"))
}
