//! Safetensors files, read through a memory map and written atomically.

mod half_precision;
mod header;
mod write;

pub use write::{NamedTensor, Sink, encode, write};

use crate::NnError;
use half_precision::{bf16, f16};
use header::TensorInfo;
use memmap2::Mmap;
use std::{
    collections::BTreeMap,
    fs::File,
    path::{Path, PathBuf},
};

const BROKEN: &str = "fetch or copy the file again";

/// A memory-mapped safetensors file. Tensors and single rows are read as f32.
///
/// Gleaner replaces weight files by renaming, which leaves a mapped file as it is. Another program that writes to the
/// file in place changes values that are read later: every bit pattern is a number, but no result can be trusted then.
/// If it shortens the file, the operating system ends this process (SIGBUS on Unix) at the next read behind the new
/// end; Windows refuses to shorten a mapped file. [`WeightFile::from_bytes`] maps no file.
pub struct WeightFile {
    path: PathBuf,
    map: Mmap,
    data_start: usize,
    tensors: BTreeMap<String, TensorInfo>,
}

impl WeightFile {
    /// Opens and checks a file.
    ///
    /// # Errors
    /// The file cannot be read, is truncated, or its header is broken.
    pub fn open(path: &Path) -> Result<Self, NnError> {
        let file = File::open(path).map_err(|e| NnError::io(path, e))?;
        // SAFETY: the map is read-only, and the file is not written to while it is mapped: Gleaner replaces files by
        // renaming, and the contract above tells other programs. Only bytes are read from the map, at indices that are
        // checked, so a broken contract gives wrong numbers or ends the process, but reads no memory beyond the map.
        let map = unsafe { Mmap::map(&file) }.map_err(|e| NnError::io(path, e))?;
        Self::from_map(path, map)
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
        let (tensors, data_start) = header::parse(&map).map_err(|e| NnError::Malformed {
            path: path.to_owned(),
            what: format!("not a complete safetensors file ({e})"),
            fix: BROKEN,
        })?;
        Ok(Self { path: path.to_owned(), map, data_start, tensors })
    }

    /// The path of the file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Names of all tensors, sorted.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.tensors.keys().map(String::as_str)
    }

    /// The shape of a tensor, if the file contains it.
    pub fn shape(&self, name: &str) -> Option<&[usize]> {
        self.tensors.get(name).map(|t| t.shape.as_slice())
    }

    /// Checks the shape of a tensor and returns its values as f32.
    ///
    /// # Errors
    /// The tensor is missing, has another shape, or is not f32, f16 or bf16.
    pub fn read(&self, name: &str, shape: &[usize]) -> Result<Vec<f32>, NnError> {
        let info = self.info(name)?;
        if info.shape != shape {
            return Err(self.tensor_error(
                name,
                format!("shape {:?}, expected {shape:?}", info.shape),
                "use the config.json that belongs to these weights",
            ));
        }
        let mut out = Vec::with_capacity(shape.iter().product());
        self.decode(name, info, 0..info.bytes(), &mut out)?;
        Ok(out)
    }

    /// Appends row `row` of the matrix `name`, `[rows, columns]`, to `out` as f32.
    ///
    /// # Errors
    /// The tensor is missing, is not a matrix of f32, f16 or bf16 values, or does not have the row.
    pub fn read_row(&self, name: &str, row: usize, out: &mut Vec<f32>) -> Result<(), NnError> {
        let info = self.info(name)?;
        let rows = *info.shape.first().unwrap_or(&0);
        if info.shape.len() != 2 || row >= rows {
            return Err(self.tensor_error(
                name,
                format!("has no row {row} (shape {:?})", info.shape),
                "use the tokenizer.json that belongs to these weights",
            ));
        }
        let bytes = info.bytes() / rows;
        self.decode(name, info, row * bytes..(row + 1) * bytes, out)
    }

    /// An error about one of this file's tensors.
    pub(crate) fn tensor_error(&self, name: &str, what: String, fix: &'static str) -> NnError {
        NnError::Tensor { path: self.path.clone(), name: name.to_owned(), what, fix }
    }

    fn info(&self, name: &str) -> Result<&TensorInfo, NnError> {
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
        info: &TensorInfo,
        range: std::ops::Range<usize>,
        out: &mut Vec<f32>,
    ) -> Result<(), NnError> {
        let start = self.data_start + info.data_offsets[0];
        let bytes = &self.map[start + range.start..start + range.end];
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
