//! Weights in several files, with a list of the tensors in each (`model.safetensors.index.json`).

use super::{BROKEN, Place, WeightFile, map, tensors};
use crate::NnError;
use gleaner_base::bounded;
use serde::Deserialize;
use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
};

const OTHER_FILES: &str = "use the index and the files of one download";
/// Maximum length of an index in bytes, which has about 100 for each tensor.
const MAX_LENGTH: u64 = 4_000_000;

#[derive(Deserialize)]
struct Index {
    /// The name of the file that contains a tensor, by the tensor's name.
    weight_map: BTreeMap<String, String>,
}

/// The files of the weights at `path`: itself, and those that it lists if it is an index (sorted by name).
///
/// # Errors
/// The index cannot be read, is malformed, or names a file outside of its folder.
pub fn parts(path: &Path) -> Result<Vec<PathBuf>, NnError> {
    let mut all = vec![path.to_owned()];
    if is_index(path) {
        let names: BTreeSet<String> = Index::read(path)?.weight_map.into_values().collect();
        all.extend(names.into_iter().map(|name| path.with_file_name(name)));
    }
    Ok(all)
}

/// Whether a file lists the files that contain the weights.
pub(super) fn is_index(path: &Path) -> bool {
    path.to_string_lossy().ends_with(".index.json")
}

impl Index {
    fn read(path: &Path) -> Result<Self, NnError> {
        let bytes = bounded::read(path, MAX_LENGTH).map_err(|e| NnError::io(path, e))?;
        Self::parse(path, &bytes)
    }

    fn parse(path: &Path, json: &[u8]) -> Result<Self, NnError> {
        let malformed = |what| NnError::Malformed { path: path.to_owned(), what, fix: BROKEN };
        let index: Self = serde_json::from_slice(json)
            .map_err(|e| malformed(format!("not an index of weights ({e})")))?;
        let is_plain = |name: &str| {
            !name.contains(['/', '\\', ':', '\0'])
                && Path::new(name).file_name() == Some(name.as_ref())
        };
        match index.weight_map.values().find(|name| !is_plain(name)) {
            None => Ok(index),
            Some(name) => Err(malformed(format!("`{name}` is not the name of a file beside it"))),
        }
    }
}

/// Opens all files that an index lists.
pub(super) fn open(path: &Path) -> Result<WeightFile, NnError> {
    let Index { weight_map } = Index::read(path)?;
    let names: BTreeSet<&String> = weight_map.values().collect();
    let mut weights =
        WeightFile { path: path.to_owned(), files: Vec::new(), tensors: BTreeMap::new() };
    for (file, name) in names.into_iter().enumerate() {
        let part = path.with_file_name(name);
        let bytes = map(&part)?;
        for (tensor, info) in tensors(&part, &bytes)? {
            if weight_map.get(&tensor) != Some(name) {
                let what = format!("is in {name}, but the index does not say so");
                return Err(weights.tensor_error(&tensor, what, OTHER_FILES));
            }
            weights.tensors.insert(tensor, Place { file, info });
        }
        weights.files.push(bytes);
    }
    match weight_map.iter().find(|(tensor, _)| !weights.tensors.contains_key(*tensor)) {
        None => Ok(weights),
        Some((tensor, name)) => {
            Err(weights.tensor_error(tensor, format!("missing in {name}"), OTHER_FILES))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::weights::{NamedTensor, write};

    /// Two files and their index, after `change` of the index.
    fn open_after(change: impl Fn(&str) -> String) -> Result<WeightFile, String> {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        write(&at("one.safetensors"), &[NamedTensor::new("a", &[2], || vec![1.0, 2.0])]).unwrap();
        write(&at("two.safetensors"), &[NamedTensor::new("b", &[1, 1], || vec![3.0])]).unwrap();
        let index = r#"{"metadata": {"total_size": 12},
            "weight_map": {"a": "one.safetensors", "b": "two.safetensors"}}"#;
        let path = at("model.safetensors.index.json");
        std::fs::write(&path, change(index)).unwrap();
        let shown = |e: NnError| e.to_string().replace(&folder.path().display().to_string(), "F");
        WeightFile::open(&path).map_err(shown)
    }

    #[test]
    fn tensors_of_all_files_are_found() {
        let file = open_after(str::to_owned).unwrap();
        assert_eq!(file.names().collect::<Vec<_>>(), ["a", "b"]);
        assert_eq!(file.read("a", &[2]).unwrap(), [1.0, 2.0]);
        assert_eq!(file.read("b", &[1, 1]).unwrap(), [3.0]);
        let parts = parts(file.path());
        assert!(parts.is_err(), "the folder is gone");
        assert_eq!(super::parts(Path::new("a.bin")).unwrap(), [Path::new("a.bin")]);
    }

    #[test]
    fn an_index_that_does_not_match_its_files_is_refused() {
        for (from, to, says) in [
            (r#""b": "two"#, r#""b": "one"#, "tensor `b`: missing in one.safetensors"),
            (r#""b": "two.safetensors""#, r#""c": "one.safetensors""#, "tensor `c`: missing"),
            (r#""b": "#, r#""c": "#, "tensor `b`: is in two.safetensors, but the index does not"),
            ("two.safetensors", "../two.safetensors", "`../two.safetensors` is not the name"),
            ("two.safetensors", "..", "`..` is not the name"),
            ("two.safetensors", "/etc/passwd", "`/etc/passwd` is not the name"),
            ("two.safetensors", r"C:two.safetensors", "`C:two.safetensors` is not the name"),
            ("two.safetensors", r"..\\two.safetensors", r"`..\two.safetensors` is not the name"),
            ("two.safetensors", r"two\u0000.safetensors", "is not the name of a file beside it"),
            ("two.safetensors", "", "`` is not the name"),
            ("two.safetensors", "three.safetensors", "three.safetensors: "),
            ("weight_map", "weights", "not an index of weights (missing field"),
        ] {
            let error = open_after(|index| index.replacen(from, to, 1)).err().expect(says);
            assert!(error.contains(says) && !error.contains('\n'), "{error}");
        }
    }
}
