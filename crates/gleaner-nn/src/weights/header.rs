//! The header of a safetensors file: its length in eight bytes, then JSON with the type, shape and byte range of
//! every tensor.

use serde::{
    Deserialize, Deserializer, Serialize,
    de::{Error, IgnoredAny, MapAccess, Visitor},
};
use std::{collections::BTreeMap, fmt};

/// Number of bytes before the JSON.
const LENGTH: usize = 8;
/// Maximum length of the JSON in bytes. Encoders have a few hundred tensors of about 100 bytes each; the limit bounds
/// the memory that a file can ask for beside its own length.
const MAX_LENGTH: usize = 16_000_000;
/// The name of the entry that contains metadata instead of a tensor.
const METADATA: &str = "__metadata__";

/// A tensor of a file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct TensorInfo {
    /// The type of its elements, such as `F32`.
    pub(super) dtype: String,
    pub(super) shape: Vec<usize>,
    /// First byte and end, relative to the end of the header.
    pub(super) data_offsets: [usize; 2],
}

impl TensorInfo {
    pub(super) fn bytes(&self) -> usize {
        self.data_offsets[1] - self.data_offsets[0]
    }

    /// Whether the shape and type match the length of the byte range.
    pub(super) fn is_consistent(&self) -> bool {
        let [start, end] = self.data_offsets;
        let elements = self.shape.iter().try_fold(1usize, |n, &size| n.checked_mul(size));
        let bytes = size_of(&self.dtype).and_then(|size| elements?.checked_mul(size));
        bytes.is_some() && bytes == end.checked_sub(start)
    }
}

/// Size of an element in bytes.
pub(super) fn size_of(dtype: &str) -> Option<usize> {
    Some(match dtype {
        "BOOL" | "U8" | "I8" | "F8_E4M3" | "F8_E5M2" | "F8_E8M0" => 1,
        "U16" | "I16" | "F16" | "BF16" => 2,
        "U32" | "I32" | "F32" => 4,
        "U64" | "I64" | "F64" | "C64" => 8,
        _ => return None,
    })
}

/// Returns the tensors of a file by name, and the offset where their data starts.
///
/// # Errors
/// The header is broken or the data is incomplete; the error describes the problem.
pub(super) fn parse(file: &[u8]) -> Result<(BTreeMap<String, TensorInfo>, usize), String> {
    let length = file.first_chunk::<LENGTH>().ok_or("no header")?;
    let length = usize::try_from(u64::from_le_bytes(*length)).ok().filter(|n| *n <= MAX_LENGTH);
    let start = LENGTH + length.ok_or("the header is too long")?;
    // A copy: the file may be a map, and must not change between a check and a use.
    let json = file.get(LENGTH..start).ok_or("the header is not complete")?.to_vec();
    let Tensors(tensors) = serde_json::from_slice(&json).map_err(|e| e.to_string())?;
    let mut places: Vec<[usize; 2]> = tensors.values().map(|t| t.data_offsets).collect();
    places.sort_unstable();
    let mut end = 0;
    for place in places {
        if place[0] != end {
            return Err("tensors overlap, or bytes between them belong to none".into());
        }
        end = place[1];
    }
    match end == file.len() - start {
        true => Ok((tensors, start)),
        false => Err(format!("{} bytes of data, expected {end}", file.len() - start)),
    }
}

/// The tensors that a header describes.
struct Tensors(BTreeMap<String, TensorInfo>);

impl<'de> Deserialize<'de> for Tensors {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(OfTensors)
    }
}

/// Reads one entry after the other, so that memory follows the length of the header.
struct OfTensors;

impl<'de> Visitor<'de> for OfTensors {
    type Value = Tensors;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the types, shapes and places of tensors")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Tensors, A::Error> {
        let mut tensors = BTreeMap::new();
        while let Some(name) = entries.next_key::<String>()? {
            if name == METADATA {
                entries.next_value::<IgnoredAny>()?;
                continue;
            }
            let info: TensorInfo = entries
                .next_value()
                .map_err(|e| A::Error::custom(format!("tensor `{name}`: {e}")))?;
            if !info.is_consistent() {
                let what = format!("tensor `{name}`: its type, shape and place do not match");
                return Err(A::Error::custom(what));
            }
            if tensors.contains_key(&name) {
                return Err(A::Error::custom(format!("tensor `{name}` occurs twice")));
            }
            tensors.insert(name, info);
        }
        Ok(Tensors(tensors))
    }
}

/// The bytes before the data: the length of the header, and the header padded with spaces to a multiple of eight
/// bytes. Names must be unique.
pub(super) fn encode(tensors: &[(&str, TensorInfo)]) -> Vec<u8> {
    let mut json = format!("{{\"{METADATA}\":{{\"format\":\"pt\"}}");
    for (name, info) in tensors {
        let name = serde_json::to_string(name).expect("text is JSON");
        let info = serde_json::to_string(info).expect("numbers and text are JSON");
        json += &format!(",{name}:{info}");
    }
    json.push('}');
    let length = json.len().next_multiple_of(LENGTH);
    let mut bytes = (length as u64).to_le_bytes().to_vec();
    bytes.extend(json.into_bytes());
    bytes.resize(LENGTH + length, b' ');
    bytes
}
