//! Sizes and hashes of a model folder's files, which its manifest contains: they show that all are of one training, and
//! whole.

use super::saved::malformed;
use crate::GleanerError;
use gleaner_base::{
    hash::Fingerprint,
    model_files::{CONFIG, MANIFEST, TOKENIZER, WEIGHTS},
};
use serde::{Deserialize, Serialize};
use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

/// The files that labelling needs.
const FILES: [&str; 3] = [CONFIG, WEIGHTS, TOKENIZER];

/// The fingerprints of the files that labelling needs, by name. Empty in models of earlier versions.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Fingerprints(BTreeMap<String, Fingerprint>);

impl Fingerprints {
    /// Those of the files in a folder.
    pub(crate) fn of(folder: &Path) -> Result<Self, GleanerError> {
        let of = |name: &str| Ok((name.to_owned(), fingerprint(&folder.join(name))?));
        FILES.into_iter().map(of).collect::<Result<_, _>>().map(Self)
    }

    /// Refuses files that have another size, and files other than the weights that have other contents.
    pub(super) fn check(&self, folder: &Path) -> Result<(), GleanerError> {
        for (path, expected) in self.paths(folder)? {
            let size = path.metadata().map_err(|e| GleanerError::io(&path, e))?.len();
            if size != expected.size {
                return Err(other(&path, &format!("{size} bytes, not {}", expected.size)));
            }
            if !path.ends_with(WEIGHTS) {
                same(&path, expected)?;
            }
        }
        Ok(())
    }

    /// Refuses weights that have other contents. They can be large, so this takes time.
    fn check_weights(&self, folder: &Path) -> Result<(), GleanerError> {
        let mut weights =
            self.paths(folder)?.into_iter().filter(|(path, _)| path.ends_with(WEIGHTS));
        weights.try_for_each(|(path, expected)| same(&path, expected))
    }

    fn paths(&self, folder: &Path) -> Result<Vec<(PathBuf, &Fingerprint)>, GleanerError> {
        if let Some(name) = self.0.keys().find(|name| !FILES.contains(&name.as_str())) {
            let what = format!("files: {name:?} is not a file that labelling needs");
            return Err(malformed(&folder.join(MANIFEST), &what));
        }
        Ok(self.0.iter().map(|(name, expected)| (folder.join(name), expected)).collect())
    }
}

/// Checks that the files of a tagger's folder are those that `gleaner train` wrote together, the contents of its
/// weights included: see [`crate::Ensemble::check_files`].
///
/// # Errors
/// A file has other contents, or cannot be read.
pub(crate) fn check_model(folder: &Path) -> Result<(), GleanerError> {
    #[derive(Deserialize)]
    struct Parsed {
        #[serde(default)]
        files: Fingerprints,
    }
    if !folder.join(MANIFEST).is_file() {
        return Ok(());
    }
    let bytes = super::read_manifest(folder)?;
    let Parsed { files } = super::parse_manifest(&folder.join(MANIFEST), &bytes)?;
    files.check(folder)?;
    files.check_weights(folder)
}

fn same(path: &Path, expected: &Fingerprint) -> Result<(), GleanerError> {
    match fingerprint(path)? == *expected {
        true => Ok(()),
        false => Err(other(path, "its SHA-256 is another one")),
    }
}

fn fingerprint(path: &Path) -> Result<Fingerprint, GleanerError> {
    Fingerprint::of_file(path).map_err(|e| GleanerError::io(path, e))
}

fn other(path: &Path, what: &str) -> GleanerError {
    let what = format!("not the file that the gleaner.json beside it names ({what})");
    GleanerError::model(path, what, "copy or fetch the whole model folder again")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    fn folder() -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        FILES.iter().for_each(|name| fs::write(folder.path().join(name), name).unwrap());
        folder
    }

    #[test]
    fn files_that_differ_are_refused_by_name() {
        let written = folder();
        let prints = Fingerprints::of(written.path()).unwrap();
        prints.check(written.path()).unwrap();
        prints.check_weights(written.path()).unwrap();
        let said = |name: &str, contents: &str, weights: bool| {
            let folder = folder();
            fs::write(folder.path().join(name), contents).unwrap();
            let checked = match weights {
                true => prints.check_weights(folder.path()),
                false => prints.check(folder.path()),
            };
            checked.map_err(|e| e.to_string().replace(&format!("{}/", folder.path().display()), ""))
        };
        let not = "not the file that the gleaner.json beside it names";
        let fix = "copy or fetch the whole model folder again";
        let hash = |name: &str| Err(format!("{name}: {not} (its SHA-256 is another one); {fix}"));
        let size = |name: &str, size: &str| Err(format!("{name}: {not} ({size}); {fix}"));
        assert_eq!(said("config.json", "config.jsom", false), hash("config.json"));
        assert_eq!(said("tokenizer.json", "", false), size("tokenizer.json", "0 bytes, not 14"));
        assert_eq!(said(WEIGHTS, "model", false), size(WEIGHTS, "5 bytes, not 17"));
        // The contents of weights are checked only where a model is passed on.
        assert_eq!(said(WEIGHTS, "model.safetensorz", false), Ok(()));
        assert_eq!(said(WEIGHTS, "model.safetensorz", true), hash(WEIGHTS));
    }

    #[test]
    fn only_files_of_the_folder_are_looked_at() {
        let folder = folder();
        let prints: Fingerprints =
            serde_json::from_str(r#"{"../x": {"size": 1, "sha256": ""}}"#).unwrap();
        let error = prints.check(folder.path()).unwrap_err().to_string();
        let expected = "files: \"../x\" is not a file that labelling needs; use the gleaner.json that was saved with the model";
        assert!(error.ends_with(expected), "{error}");
    }
}
