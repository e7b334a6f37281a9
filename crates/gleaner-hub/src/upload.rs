//! The files of a model's folder that are sent to the hub.

use crate::{
    encoder_files,
    error::{HubError, HubErrorKind},
    listed::listed,
    tagger_files,
};
use gleaner_base::model_files::{
    ADAPTED, CHECKPOINT, ENSEMBLE, GRAPH, GRAPH_DATA, MANIFEST, PYTHON_MODULE, SPECIAL_PIECES,
    TOKENIZER, TOKENIZER_SETTINGS, TRAINED_ON, TRIMMED,
};
use serde::Deserialize;
use std::{
    fmt, fs, io,
    path::{Path, PathBuf},
};

/// Files of an ensemble and of a graph, beside the required ones.
const OF_ENSEMBLE: [&str; 1] = [TRAINED_ON];
const OF_GRAPH: [&str; 2] = [TOKENIZER, GRAPH_DATA];
/// Files that an encoder or a tagger of transformers can have.
const OF_ENCODER: [&str; 5] = [TOKENIZER_SETTINGS, SPECIAL_PIECES, ADAPTED, TRIMMED, PYTHON_MODULE];

/// A model that can be sent to the hub: its files, chosen by name.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Upload {
    /// The folder.
    pub folder: PathBuf,
    /// What the folder holds.
    pub kind: UploadKind,
    /// The files to send, sorted by path.
    pub files: Vec<UploadFile>,
    /// What else is in the folder, sorted; names of folders end in `/`.
    pub left_out: Vec<String>,
}

/// A file to send.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct UploadFile {
    /// Path in the repository.
    pub path: String,
    /// Path on disk.
    pub source: PathBuf,
    /// Size in bytes.
    pub size: u64,
}

/// What a folder holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum UploadKind {
    /// A tagger that Gleaner saved.
    Tagger,
    /// An ensemble of such taggers.
    Ensemble,
    /// An encoder, or a tagger in the form of transformers.
    Encoder,
    /// A graph in the form of ONNX.
    Onnx,
}

impl fmt::Display for UploadKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Tagger => "tagger",
            Self::Ensemble => "ensemble",
            Self::Encoder => "model of transformers",
            Self::Onnx => "ONNX graph",
        })
    }
}

/// The part of `ensemble.json` that names its members.
#[derive(Deserialize)]
struct Ensemble {
    members: Vec<Member>,
}

#[derive(Deserialize)]
struct Member {
    folder: String,
}

impl Upload {
    /// Finds the files of a model: a tagger, an ensemble, an encoder, or what `gleaner export` wrote. Model cards, and
    /// files whose names start with `LICENSE` or `NOTICE`, are part of it; checkpoints, partial files and whatever else
    /// is in the folder are not.
    ///
    /// # Errors
    /// The folder cannot be read, its model is not finished, or files are missing.
    pub fn of(folder: &Path) -> Result<Self, HubError> {
        let names = Names::of(folder)?;
        let missing = |(what, _): (String, String)| {
            malformed(folder, &what, "name a folder with all files of the model")
        };
        let mut upload = Self {
            folder: folder.to_owned(),
            kind: UploadKind::Encoder,
            files: Vec::new(),
            left_out: Vec::new(),
        };
        let mut members = Vec::new();
        let paths = names.files();
        let wanted: Vec<String> = if paths.contains(&ENSEMBLE) {
            upload.kind = UploadKind::Ensemble;
            members = member_folders(folder)?;
            OF_ENSEMBLE.into_iter().chain([ENSEMBLE]).map(str::to_owned).collect()
        } else if paths.contains(&MANIFEST) {
            upload.kind = UploadKind::Tagger;
            of_tagger(&paths).map_err(missing)?
        } else if names.0.iter().any(|name| name.strip_suffix('/') == Some(CHECKPOINT)) {
            let fix = "finish it with `gleaner train --resume`";
            return Err(malformed(folder, "the training is not finished", fix));
        } else if paths.contains(&GRAPH) {
            upload.kind = UploadKind::Onnx;
            OF_GRAPH.into_iter().chain([GRAPH]).map(str::to_owned).collect()
        } else {
            let (files, _) =
                encoder_files::find(&paths).map_err(|_| not_a_model(folder, &paths))?;
            files.into_iter().chain(OF_ENCODER.map(str::to_owned)).collect()
        };
        upload.add(folder, "", &names, &wanted)?;
        upload.left_out.retain(|name| !members.iter().any(|m| *m == name.trim_end_matches('/')));
        for member in &members {
            let folder = folder.join(member);
            let names = Names::of(&folder)?;
            let wanted = of_tagger(&names.files()).map_err(|(what, _)| {
                malformed(&folder, &what, "make the ensemble again with `gleaner ensemble`")
            })?;
            upload.add(&folder, &format!("{member}/"), &names, &wanted)?;
        }
        upload.files.sort_by(|a, b| a.path.cmp(&b.path));
        upload.left_out.sort_unstable();
        Ok(upload)
    }

    /// The sum of the sizes, in bytes.
    pub fn size(&self) -> u64 {
        self.files.iter().map(|file| file.size).sum()
    }

    /// Adds the wanted files of a folder, whose paths in the repository start with `prefix`.
    fn add(
        &mut self,
        folder: &Path,
        prefix: &str,
        names: &Names,
        wanted: &[String],
    ) -> Result<(), HubError> {
        let is_for_readers = |name: &str| {
            name == "README.md" || name.starts_with("LICENSE") || name.starts_with("NOTICE")
        };
        for name in &names.0 {
            let is_file = !name.ends_with('/');
            if !is_file || !(wanted.contains(name) || is_for_readers(name)) {
                self.left_out.push(format!("{prefix}{name}"));
                continue;
            }
            let source = folder.join(name);
            let file = fs::metadata(&source).map_err(|e| unreadable(&source, &e))?;
            let path = format!("{prefix}{name}");
            self.files.push(UploadFile { path, source, size: file.len() });
        }
        Ok(())
    }
}

/// The names in a folder, sorted; those of folders end in `/`.
struct Names(Vec<String>);

impl Names {
    fn of(folder: &Path) -> Result<Self, HubError> {
        let read = || -> io::Result<Vec<String>> {
            let mut names = Vec::new();
            for entry in fs::read_dir(folder)? {
                let entry = entry?;
                let name = entry.file_name().to_string_lossy().into_owned();
                names.push(if entry.path().is_dir() { name + "/" } else { name });
            }
            names.sort_unstable();
            Ok(names)
        };
        match read() {
            Ok(names) => Ok(Self(names)),
            Err(e) if e.kind() == io::ErrorKind::NotFound => {
                Err(malformed(folder, "no such folder", "name the folder of a model"))
            }
            Err(e) => Err(unreadable(folder, &e)),
        }
    }

    fn files(&self) -> Vec<&str> {
        self.0.iter().map(String::as_str).filter(|name| !name.ends_with('/')).collect()
    }
}

fn of_tagger(paths: &[&str]) -> Result<Vec<String>, (String, String)> {
    let (files, _) = tagger_files::find(paths)?;
    Ok(files.into_iter().map(str::to_owned).collect())
}

/// The folders of an ensemble's members, which are `1`, `2` and so on.
fn member_folders(folder: &Path) -> Result<Vec<String>, HubError> {
    let path = folder.join(ENSEMBLE);
    let invalid =
        |what: &str| malformed(&path, what, "make the ensemble again with `gleaner ensemble`");
    let text = fs::read(&path).map_err(|e| unreadable(&path, &e))?;
    let ensemble: Ensemble = serde_json::from_slice(&text)
        .map_err(|e| invalid(&format!("not the manifest of an ensemble ({e})")))?;
    let folders: Vec<String> = ensemble.members.into_iter().map(|member| member.folder).collect();
    match (1..).zip(&folders).all(|(number, folder)| *folder == number.to_string()) {
        true => Ok(folders),
        false => Err(invalid("the members are not numbered from 1")),
    }
}

fn not_a_model(folder: &Path, paths: &[&str]) -> HubError {
    let what = format!(
        "no model in it: neither {MANIFEST}, {ENSEMBLE} nor {GRAPH}, nor config.json, tokenizer.json and \
         model.safetensors of an encoder (it has {})",
        listed(paths)
    );
    malformed(folder, &what, "name the folder of a model that is finished")
}

fn malformed(path: &Path, what: &str, fix: &str) -> HubError {
    HubError::new(HubErrorKind::Missing, path.display().to_string(), what, fix)
}

/// An error about a file that cannot be read.
pub(crate) fn unreadable(path: &Path, error: &io::Error) -> HubError {
    let path = path.display().to_string();
    HubError::new(HubErrorKind::Io, path, error.to_string(), "check its permissions and the disk")
}

#[cfg(test)]
mod tests;
