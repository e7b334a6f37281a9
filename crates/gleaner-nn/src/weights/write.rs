//! Writing safetensors files in f32, without a second copy of any tensor in memory.

use super::header::{self, TensorInfo};
use crate::NnError;
use gleaner_base::files;
use std::{
    borrow::Cow,
    io::{self, Write},
    path::Path,
};

/// Number of values that are encoded at a time.
const CHUNK: usize = 1 << 14;

/// Receives the values of a tensor, chunk by chunk.
pub type Sink<'s> = dyn FnMut(&[f32]) -> Result<(), NnError> + 's;

/// Passes the values of a tensor to a sink, in chunks of any length.
type Source<'a> = Box<dyn Fn(&mut Sink) -> Result<(), NnError> + 'a>;

/// A tensor to write as f32.
pub struct NamedTensor<'a> {
    name: String,
    shape: Vec<usize>,
    source: Source<'a>,
}

impl<'a> NamedTensor<'a> {
    /// A tensor whose values are borrowed, or computed when the tensor is written.
    pub fn new<V: Into<Cow<'a, [f32]>>>(
        name: impl Into<String>,
        shape: &[usize],
        values: impl Fn() -> V + 'a,
    ) -> Self {
        Self::in_chunks(name, shape, move |sink| {
            let values: Cow<'a, [f32]> = values().into();
            sink(&values)
        })
    }

    /// A tensor whose `source` passes its values to a sink in chunks of any length.
    pub fn in_chunks(
        name: impl Into<String>,
        shape: &[usize],
        source: impl Fn(&mut Sink) -> Result<(), NnError> + 'a,
    ) -> Self {
        Self { name: name.into(), shape: shape.to_vec(), source: Box::new(source) }
    }

    /// The tensors `parts`, one below the other: all have the same number of columns.
    ///
    /// # Panics
    /// There are no parts, or one has no dimension.
    pub fn stacked(name: impl Into<String>, parts: Vec<Self>) -> Self {
        let mut shape = parts[0].shape.clone();
        shape[0] = parts.iter().map(|part| part.shape[0]).sum();
        Self::in_chunks(name, &shape, move |sink| parts.iter().try_for_each(|p| p.pass(sink)))
    }

    /// The same tensor under another name.
    #[must_use]
    pub fn renamed(self, name: impl Into<String>) -> Self {
        Self { name: name.into(), ..self }
    }

    /// The name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The shape.
    pub fn shape(&self) -> &[usize] {
        &self.shape
    }

    /// Passes the values to a sink, in chunks of any length.
    ///
    /// # Errors
    /// The tensor's source or the sink fails.
    pub fn pass(&self, sink: &mut Sink) -> Result<(), NnError> {
        (self.source)(sink)
    }

    /// All values.
    ///
    /// # Errors
    /// The tensor's source fails.
    pub fn values(&self) -> Result<Vec<f32>, NnError> {
        let mut values = Vec::with_capacity(self.len());
        self.pass(&mut |chunk| {
            values.extend_from_slice(chunk);
            Ok(())
        })?;
        Ok(values)
    }

    /// Number of values.
    pub fn len(&self) -> usize {
        self.shape.iter().product()
    }

    /// Whether the tensor has no value.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Writes the values in little-endian byte order. `path` is the file that error messages name.
    ///
    /// # Errors
    /// The tensor's source fails, or the file cannot be written.
    ///
    /// # Panics
    /// The source passes more or fewer values than the shape says.
    pub fn write(&self, path: &Path, file: &mut dyn Write) -> Result<(), NnError> {
        let (mut written, mut bytes) = (0, Vec::with_capacity(4 * CHUNK));
        self.pass(&mut |values| {
            written += values.len();
            for chunk in values.chunks(CHUNK) {
                bytes.clear();
                bytes.extend(chunk.iter().flat_map(|x| x.to_le_bytes()));
                file.write_all(&bytes).map_err(|e| NnError::io(path, e))?;
            }
            Ok(())
        })?;
        assert_eq!(written, self.len(), "{} has the shape {:?}", self.name, self.shape);
        Ok(())
    }
}

/// Writes a safetensors file with its tensors sorted by name. Names must be unique. The file replaces the one at
/// `path` once it is complete.
///
/// # Errors
/// A tensor's source fails, or the file cannot be written.
///
/// # Panics
/// A source passes more or fewer values than the shape says.
pub fn write(path: &Path, tensors: &[NamedTensor]) -> Result<(), NnError> {
    let mut tensors: Vec<&NamedTensor> = tensors.iter().collect();
    tensors.sort_by(|a, b| a.name.cmp(&b.name));
    let header = header(&tensors);
    files::write_with(path, |file| {
        file.write_all(&header)?;
        tensors.iter().try_for_each(|t| t.write(path, file)).map_err(io::Error::other)
    })
    .map_err(|e| e.downcast::<NnError>().unwrap_or_else(|e| NnError::io(path, e)))
}

/// Returns the bytes of the file that [`write()`] would write.
///
/// # Errors
/// A tensor's source fails.
///
/// # Panics
/// A source passes more or fewer values than the shape says.
pub fn encode(tensors: &[NamedTensor]) -> Result<Vec<u8>, NnError> {
    let mut tensors: Vec<&NamedTensor> = tensors.iter().collect();
    tensors.sort_by(|a, b| a.name.cmp(&b.name));
    let mut bytes = header(&tensors);
    tensors.iter().try_for_each(|t| t.write(Path::new("memory"), &mut bytes))?;
    Ok(bytes)
}

/// The header of a file that contains these tensors in this order.
fn header(tensors: &[&NamedTensor]) -> Vec<u8> {
    let mut end = 0;
    let infos = tensors.iter().map(|t| {
        let start = end;
        end += 4 * t.len();
        let (dtype, shape) = ("F32".to_owned(), t.shape.clone());
        (t.name.as_str(), TensorInfo { dtype, shape, data_offsets: [start, end] })
    });
    header::encode(&infos.collect::<Vec<_>>())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::weights::WeightFile;
    use safetensors::{Dtype, tensor::TensorView};

    #[test]
    fn the_file_equals_that_of_the_safetensors_crate() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("out.safetensors");
        let long: Vec<f32> = (0..2 * CHUNK + 3).map(|i| i as f32 / 7.0).collect();
        let tensors = [
            NamedTensor::new("b", &[1, 2], || vec![7.0, 0.5]),
            NamedTensor::new("long", &[2 * CHUNK + 3], || &long[..]),
            NamedTensor::in_chunks("a", &[2], |sink| {
                [1.0, -3.5].iter().try_for_each(|x| sink(&[*x]))
            }),
        ];
        write(&path, &tensors).unwrap();
        let bytes = |v: &[f32]| v.iter().flat_map(|x| x.to_le_bytes()).collect::<Vec<u8>>();
        let data = [bytes(&[1.0, -3.5]), bytes(&[7.0, 0.5]), bytes(&long)];
        let shapes = [vec![2], vec![1, 2], vec![long.len()]];
        let views = ["a", "b", "long"].into_iter().zip(shapes).zip(&data);
        let views = views
            .map(|((name, shape), data)| (name, TensorView::new(Dtype::F32, shape, data).unwrap()));
        let format = [("format".to_owned(), "pt".to_owned())].into();
        let expected = safetensors::serialize(views, Some(format)).unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), expected);
        assert_eq!(encode(&tensors).unwrap(), expected);
        let file = WeightFile::open(&path).unwrap();
        assert_eq!(file.read("a", &[2]).unwrap(), [1.0, -3.5]);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn parts_are_stacked_in_their_order() {
        let part =
            |name: &str, values: [f32; 2]| NamedTensor::new(name, &[1, 2], move || values.to_vec());
        let whole = NamedTensor::stacked("ab", vec![part("b", [3.0, 4.0]), part("a", [1.0, 2.0])]);
        assert_eq!((whole.name(), whole.shape(), whole.len()), ("ab", &[2, 2][..], 4));
        assert_eq!(whole.renamed("c").values().unwrap(), [3.0, 4.0, 1.0, 2.0]);
    }

    #[test]
    fn a_source_that_fails_leaves_no_file_and_its_own_error() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("out.safetensors");
        let failing = NamedTensor::in_chunks("a", &[1], |_| Err(NnError::OutOfMemory));
        assert!(matches!(write(&path, &[failing]), Err(NnError::OutOfMemory)));
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }
}
