//! Files of weights: safetensors in one file or several, and PyTorch checkpoints, read through a memory map. Only
//! safetensors are written, atomically.

mod checkpoint;
mod half_precision;
mod header;
mod shards;
mod write;

pub use shards::parts;
pub use write::{NamedTensor, Sink, encode, write};

use crate::NnError;
use gleaner_base::model_files::{PYTORCH_WEIGHTS, WEIGHTS};
use half_precision::{bf16, f16};
use header::TensorInfo;
use memmap2::Mmap;
use std::{
    collections::BTreeMap,
    fs::File,
    path::{Path, PathBuf},
};

const BROKEN: &str = "fetch or copy the file again";
const NOT_FINITE: &str = "fetch the weights again, or use others: these compute no scores";
const NOT_STATE_DICT: &str =
    "save it as safetensors with transformers (save_pretrained), or fetch the file again";

/// The names of the files of an encoder's weights, of which a folder needs one. The first one is read.
pub const FILES: [&str; 4] =
    [WEIGHTS, "model.safetensors.index.json", PYTORCH_WEIGHTS, "pytorch_model.bin.index.json"];

/// Memory-mapped weights. Tensors and single rows are read as f32.
///
/// Gleaner replaces weight files by renaming, which leaves a mapped file as it is. Another program that writes to the
/// file in place changes values that are read later: every bit pattern is a number, but no result can be trusted then.
/// If it shortens the file, the operating system ends this process (SIGBUS on Unix) at the next read behind the new
/// end; Windows refuses to shorten a mapped file. [`WeightFile::from_bytes`] maps no file.
pub struct WeightFile {
    path: PathBuf,
    files: Vec<Mmap>,
    tensors: BTreeMap<String, Place>,
}

/// A tensor, and the file that contains it. Offsets count from the start of the file.
struct Place {
    file: usize,
    info: TensorInfo,
}

impl WeightFile {
    /// Opens and checks safetensors, a PyTorch checkpoint (`.bin`, `.pt` or `.pth`), or the list of the files that
    /// contain the weights (`.index.json`). No code in a checkpoint is run.
    ///
    /// # Errors
    /// A file cannot be read, is truncated, or its header is broken. A checkpoint has more than a state dict.
    pub fn open(path: &Path) -> Result<Self, NnError> {
        if shards::is_index(path) {
            return shards::open(path);
        }
        Self::from_map(path, map(path)?)
    }

    /// Reads a file that is already in memory, such as an embedded model. `name` appears in error messages.
    ///
    /// # Errors
    /// The bytes are not a complete safetensors file.
    pub fn from_bytes(name: &str, bytes: &[u8]) -> Result<Self, NnError> {
        let path = Path::new(name);
        let mut map =
            memmap2::MmapMut::map_anon(bytes.len().max(1)).map_err(|e| NnError::io(path, e))?;
        map[..bytes.len()].copy_from_slice(bytes);
        Self::from_map(path, map.make_read_only().map_err(|e| NnError::io(path, e))?)
    }

    fn from_map(path: &Path, map: Mmap) -> Result<Self, NnError> {
        let tensors = tensors(path, &map)?.into_iter();
        let tensors = tensors.map(|(name, info)| (name, Place { file: 0, info })).collect();
        Ok(Self { path: path.to_owned(), files: vec![map], tensors })
    }

    /// The path of the file, or of the list of files.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Names of all tensors, sorted.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.tensors.keys().map(String::as_str)
    }

    /// The shape of a tensor, if the file contains it.
    pub fn shape(&self, name: &str) -> Option<&[usize]> {
        self.tensors.get(name).map(|t| t.info.shape.as_slice())
    }

    /// Checks the shape of a tensor and returns its values as f32.
    ///
    /// # Errors
    /// The tensor is missing, has another shape, or is not f32, f16 or bf16.
    pub fn read(&self, name: &str, shape: &[usize]) -> Result<Vec<f32>, NnError> {
        self.read_part(name, shape, 0, 1)
    }

    /// As [`WeightFile::read`], but only the `part`-th of `parts` equal parts of a tensor's rows. `shape` is that of
    /// the part.
    ///
    /// # Errors
    /// Same as [`WeightFile::read`].
    pub(crate) fn read_part(
        &self,
        name: &str,
        shape: &[usize],
        part: usize,
        parts: usize,
    ) -> Result<Vec<f32>, NnError> {
        let mut whole = shape.to_vec();
        whole.iter_mut().take(1).for_each(|rows| *rows = rows.saturating_mul(parts));
        let place = self.expect(name, &whole)?;
        let bytes = place.info.bytes() / parts;
        let mut out = Vec::with_capacity(shape.iter().product());
        self.decode(name, place, part * bytes..(part + 1) * bytes, &mut out)?;
        Ok(out)
    }

    /// Appends row `row` of the matrix `name`, `[rows, columns]`, to `out` as f32.
    ///
    /// # Errors
    /// The tensor is missing, is not a matrix of f32, f16 or bf16 values, or does not have the row.
    pub fn read_row(&self, name: &str, row: usize, out: &mut Vec<f32>) -> Result<(), NnError> {
        let place = self.place(name)?;
        let info = &place.info;
        let rows = *info.shape.first().unwrap_or(&0);
        if info.shape.len() != 2 || row >= rows {
            return Err(self.tensor_error(
                name,
                format!("has no row {row} (shape {:?})", info.shape),
                "use the tokenizer.json that belongs to these weights",
            ));
        }
        let bytes = info.bytes() / rows;
        self.decode(name, place, row * bytes..(row + 1) * bytes, out)
    }

    /// As [`WeightFile::read_part`], and refuses NaN and infinite values: a network with one of them computes no
    /// scores.
    ///
    /// # Errors
    /// Same as [`WeightFile::read`].
    pub(crate) fn read_finite(
        &self,
        name: &str,
        shape: &[usize],
        part: usize,
        parts: usize,
    ) -> Result<Vec<f32>, NnError> {
        let values = self.read_part(name, shape, part, parts)?;
        self.check_finite(name, part * values.len(), &values)?;
        Ok(values)
    }

    /// As [`WeightFile::read_row`], and refuses NaN and infinite values.
    ///
    /// # Errors
    /// Same as [`WeightFile::read_row`].
    pub(crate) fn read_finite_row(
        &self,
        name: &str,
        row: usize,
        out: &mut Vec<f32>,
    ) -> Result<(), NnError> {
        let start = out.len();
        self.read_row(name, row, out)?;
        let values = &out[start..];
        self.check_finite(name, row * values.len(), values)
    }

    /// An error if one of the values of a tensor, of which the first is value `from`, is NaN or infinite.
    pub(crate) fn check_finite(
        &self,
        name: &str,
        from: usize,
        values: &[f32],
    ) -> Result<(), NnError> {
        // Without a branch for each value, so that the loop is vectorised.
        if values.iter().fold(true, |finite, value| finite & value.is_finite()) {
            return Ok(());
        }
        let at = values.iter().position(|value| !value.is_finite()).unwrap_or(0);
        let what = format!("value {} is {}", from + at, values[at]);
        Err(self.tensor_error(name, what, NOT_FINITE))
    }

    /// An error about one of this file's tensors.
    pub(crate) fn tensor_error(&self, name: &str, what: String, fix: &'static str) -> NnError {
        NnError::Tensor { path: self.path.clone(), name: name.to_owned(), what, fix }
    }

    /// A tensor, which must have this shape.
    fn expect(&self, name: &str, shape: &[usize]) -> Result<&Place, NnError> {
        let place = self.place(name)?;
        match place.info.shape == shape {
            true => Ok(place),
            false => Err(self.tensor_error(
                name,
                format!("shape {:?}, expected {shape:?}", place.info.shape),
                "use the config.json that belongs to these weights",
            )),
        }
    }

    fn place(&self, name: &str) -> Result<&Place, NnError> {
        self.tensors.get(name).ok_or_else(|| {
            self.tensor_error(
                name,
                "missing".into(),
                "use the config.json that belongs to these weights",
            )
        })
    }

    /// Decodes a byte range of a tensor to f32.
    fn decode(
        &self,
        name: &str,
        Place { file, info }: &Place,
        range: std::ops::Range<usize>,
        out: &mut Vec<f32>,
    ) -> Result<(), NnError> {
        let start = info.data_offsets[0];
        let bytes = &self.files[*file][start + range.start..start + range.end];
        match info.dtype.as_str() {
            "F32" => out.extend(bytes.as_chunks().0.iter().map(|b| f32::from_le_bytes(*b))),
            "F16" => out.extend(bytes.as_chunks().0.iter().map(|b| f16(u16::from_le_bytes(*b)))),
            "BF16" => out.extend(bytes.as_chunks().0.iter().map(|b| bf16(u16::from_le_bytes(*b)))),
            other => {
                return Err(self.tensor_error(
                    name,
                    format!("has the type {other}"),
                    "convert it to f32, f16 or bf16",
                ));
            }
        }
        Ok(())
    }
}

/// Maps a file into memory.
#[expect(unsafe_code, reason = "the contents of a map are not under this process's control")]
fn map(path: &Path) -> Result<Mmap, NnError> {
    let file = File::open(path).map_err(|e| NnError::io(path, e))?;
    // SAFETY: the map is read-only, and the file is not written to while it is mapped: Gleaner replaces files by
    // renaming, and the contract of `WeightFile` tells other programs. Should one break it, what follows is undefined
    // in principle. In practice only numbers are read from the map itself, by copying bytes at indices that are
    // checked, so they are wrong, or the process ends; names and sizes are copied before they are checked.
    unsafe { Mmap::map(&file) }.map_err(|e| NnError::io(path, e))
}

/// The tensors of a file, with offsets from its start.
fn tensors(path: &Path, bytes: &[u8]) -> Result<BTreeMap<String, TensorInfo>, NnError> {
    let malformed = |what, fix| NnError::Malformed { path: path.to_owned(), what, fix };
    let extension = path.extension().and_then(|extension| extension.to_str());
    if matches!(extension, Some("bin" | "pt" | "pth")) {
        return checkpoint::parse(bytes).map_err(|e| {
            malformed(format!("not a readable PyTorch checkpoint ({e})"), NOT_STATE_DICT)
        });
    }
    let (mut tensors, start) = header::parse(bytes)
        .map_err(|e| malformed(format!("not a complete safetensors file ({e})"), BROKEN))?;
    for info in tensors.values_mut() {
        info.data_offsets = info.data_offsets.map(|offset| start + offset);
    }
    Ok(tensors)
}

#[cfg(test)]
mod attacks;

#[cfg(test)]
mod tests {
    use super::*;
    use safetensors::Dtype;

    fn f16_file(folder: &Path) -> PathBuf {
        let path = folder.join("m.safetensors");
        let values: Vec<u8> =
            (0..6).flat_map(|i| half::f16::from_f32(i as f32 / 2.0).to_le_bytes()).collect();
        let view = safetensors::tensor::TensorView::new(Dtype::F16, vec![3, 2], &values).unwrap();
        safetensors::serialize_to_file([("w", view)], None, &path).unwrap();
        path
    }

    #[test]
    fn reads_whole_tensors_and_rows_of_half_precision() {
        let folder = tempfile::tempdir().unwrap();
        let file = WeightFile::open(&f16_file(folder.path())).unwrap();
        assert_eq!(file.read("w", &[3, 2]).unwrap(), [0.0, 0.5, 1.0, 1.5, 2.0, 2.5]);
        let mut row = Vec::new();
        file.read_row("w", 1, &mut row).unwrap();
        assert_eq!(row, [1.0, 1.5]);
        assert!(file.read_row("w", 3, &mut row).is_err());
    }

    #[test]
    fn wrong_shapes_and_missing_tensors_are_named() {
        let folder = tempfile::tempdir().unwrap();
        let file = WeightFile::open(&f16_file(folder.path())).unwrap();
        let error = file.read("w", &[2, 3]).unwrap_err().to_string();
        assert!(error.contains("`w`: shape [3, 2], expected [2, 3]"), "{error}");
        let error = file.read("v", &[1]).unwrap_err().to_string();
        assert!(error.contains("`v`: missing"), "{error}");
    }

    #[test]
    fn a_file_cut_anywhere_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let whole = std::fs::read(f16_file(folder.path())).unwrap();
        for length in 0..whole.len() {
            assert!(WeightFile::from_bytes("cut", &whole[..length]).is_err(), "{length} bytes");
        }
        assert!(WeightFile::from_bytes("whole", &whole).is_ok());
    }
}
