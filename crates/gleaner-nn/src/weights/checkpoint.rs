//! Checkpoints of PyTorch (`pytorch_model.bin`), read without running the code that a pickle can contain.
//!
//! `torch.save` writes a pickle with the names, shapes and places of tensors, and beside it their bytes: since
//! PyTorch 1.6 both are entries of an uncompressed zip archive, before that they follow one another in the file.

mod pickle;
mod zip;

use super::header::{TensorInfo, size_of};
use pickle::{Id, Storage, Tensor, Value, Values};
use std::{collections::BTreeMap, ops::Range};

/// The number that starts a checkpoint written before PyTorch 1.6, and the version of its layout.
const MAGIC: i128 = 0x1950_a86a_20f9_469c_fc6c;
const VERSION: i128 = 1001;
/// Tensors can share memory: encoders save their word embeddings a second time as the weights of a pre-training head.
/// All tensors together may be this many times as long as the file, so that a small file cannot fill the memory.
const MOST_SHARING: usize = 4;
/// Maximum length of a tensor's name in bytes.
const LONGEST_NAME: usize = 1024;

/// The tensors of a checkpoint by name. Offsets count from the start of the file.
///
/// # Errors
/// The file is not a state dict of PyTorch, or a broken one; the error describes the problem.
pub(super) fn parse(file: &[u8]) -> Result<BTreeMap<String, TensorInfo>, String> {
    match file {
        [b'P', b'K', 3, 4, ..] => archive(file),
        [0x80, ..] => consecutive(file),
        _ => Err("neither a zip archive nor a pickle".into()),
    }
}

/// Reads a zip archive: `NAME/data.pkl`, and `NAME/data/KEY` with the bytes of a storage.
fn archive(file: &[u8]) -> Result<BTreeMap<String, TensorInfo>, String> {
    let entries = zip::entries(file)?;
    let mut pickles = entries.iter().filter_map(|(name, place)| {
        let folder = name.strip_suffix("data.pkl")?;
        (folder.is_empty() || folder.ends_with('/')).then_some((folder, place))
    });
    let (folder, place) = pickles.next().ok_or("the archive has no data.pkl")?;
    if pickles.next().is_some() {
        return Err("the archive has more than one data.pkl".into());
    }
    if let Some(order) = entries.get(&format!("{folder}byteorder"))
        && &file[order.clone()] != b"little"
    {
        return Err("its numbers are not little-endian".into());
    }
    let (values, root, _) = pickle::load(&file[place.clone()])?;
    state_dict(&values, root, file.len(), |storage| {
        let name = format!("{folder}data/{}", storage.key);
        let place = entries.get(&name).ok_or_else(|| format!("the archive has no {name}"))?;
        Ok(place.clone())
    })
}

/// Reads the layout before PyTorch 1.6: five pickles (magic number, version, system, state dict, keys of storages),
/// then for every key the number of elements in eight bytes, and the elements.
fn consecutive(file: &[u8]) -> Result<BTreeMap<String, TensorInfo>, String> {
    let mut at = 0;
    let mut next = || -> Result<(Values, Id), String> {
        let (values, root, length) =
            pickle::load(&file[at..]).map_err(|e| format!("pickle from byte {at} on: {e}"))?;
        at += length;
        Ok((values, root))
    };
    for (expected, what) in [(MAGIC, "magic number"), (VERSION, "version")] {
        let (values, root) = next()?;
        if !matches!(values[root], Value::Int(found) if found == expected) {
            return Err(format!("the {what} of PyTorch checkpoints is missing"));
        }
    }
    let (system, root) = next()?;
    if !matches!(system.entry(root, "little_endian"), Some(Value::Bool(true))) {
        return Err("its numbers are not little-endian".into());
    }
    let (values, root) = next()?;
    let (keys, list) = next()?;
    let Value::List(list) = &keys[list] else {
        return Err("the list of storages is missing".into());
    };
    let sizes: BTreeMap<&str, &Storage> = values.storages().map(|s| (s.key.as_str(), s)).collect();
    let mut places = BTreeMap::new();
    for id in list {
        let Value::Text(key) = &keys[*id] else {
            return Err("a key of a storage is not text".into());
        };
        let storage = sizes.get(key.as_str()).ok_or("a storage belongs to no tensor")?;
        let count = file.get(at..).and_then(|rest| rest.first_chunk()).ok_or("cut off")?;
        if u64::from_le_bytes(*count) != storage.count as u64 {
            return Err(format!("storage {key} has another length than its tensor says"));
        }
        let start = at + 8;
        let end = storage.bytes().and_then(|n| start.checked_add(n));
        at = end.filter(|end| *end <= file.len()).ok_or("cut off")?;
        if places.insert(key.clone(), start..at).is_some() {
            return Err(format!("storage {key} occurs twice"));
        }
    }
    if at != file.len() {
        return Err(format!("{} bytes after the last tensor", file.len() - at));
    }
    state_dict(&values, root, file.len(), |storage| {
        let place = places.get(&storage.key);
        place.cloned().ok_or_else(|| format!("storage {} is missing", storage.key))
    })
}

/// The tensors of a state dict, a dictionary of names and tensors, in a file of `length` bytes.
fn state_dict(
    values: &Values,
    root: Id,
    length: usize,
    place: impl Fn(&Storage) -> Result<Range<usize>, String>,
) -> Result<BTreeMap<String, TensorInfo>, String> {
    let Value::Dict(entries) = &values[root] else {
        return Err("it is not a state dict (a dictionary of names and tensors)".into());
    };
    let mut tensors = BTreeMap::new();
    for (name, value) in entries {
        let Value::Text(name) = &values[*name] else {
            return Err("a name in the state dict is not text".into());
        };
        // One name can stand for many entries, and is copied and compared for each.
        if name.len() > LONGEST_NAME {
            return Err(format!("a name of {} bytes in the state dict", name.len()));
        }
        let Value::Tensor(tensor) = &values[*value] else {
            return Err(format!("`{name}` is not a tensor, so this is not a state dict"));
        };
        let info = info(tensor, &place).map_err(|e| format!("tensor `{name}`: {e}"))?;
        // A later entry replaces an earlier one, as in Python.
        tensors.insert(name.clone(), info);
    }
    let all = tensors.values().fold(0usize, |all, tensor| all.saturating_add(tensor.bytes()));
    if all > length.saturating_mul(MOST_SHARING) {
        return Err(format!("its tensors share memory: {all} bytes in a file of {length}"));
    }
    Ok(tensors)
}

fn info(
    tensor: &Tensor,
    place: impl Fn(&Storage) -> Result<Range<usize>, String>,
) -> Result<TensorInfo, String> {
    let storage = &tensor.storage;
    let place = place(storage)?;
    if storage.bytes() != Some(place.len()) {
        return Err("its storage has another length than the tensor says".into());
    }
    let mut expected = 1usize;
    for (&size, &stride) in tensor.shape.iter().zip(&tensor.strides).rev() {
        if size > 1 && stride != expected {
            return Err("its values are not stored row by row".into());
        }
        expected = expected.checked_mul(size).ok_or("it is too large")?;
    }
    let size = size_of(storage.dtype).ok_or("its type is unknown")?;
    let end = tensor.offset.checked_add(expected).filter(|end| *end <= storage.count);
    let end = end.ok_or("it is longer than its storage")?;
    Ok(TensorInfo {
        dtype: storage.dtype.to_owned(),
        shape: tensor.shape.clone(),
        // No overflow: the storage's length in bytes, checked above, is not less.
        data_offsets: [place.start + tensor.offset * size, place.start + end * size],
    })
}

#[cfg(test)]
mod tests;
