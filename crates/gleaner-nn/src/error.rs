//! What can go wrong below the tagger: files that hold the wrong tensors, settings that do not fit.

use std::path::PathBuf;

/// An error of this crate. Every message says what is wrong and what to do about it.
#[derive(Debug, thiserror::Error)]
pub enum NnError {
    /// A file could not be read or written.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A file is not what its name promises.
    #[error("{}: {what}; {fix}", path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        what: String,
        /// What to do.
        fix: &'static str,
    },
    /// A tensor is missing, surplus, or has another shape than the configuration says.
    #[error("{}: tensor `{name}`: {what}; {fix}", path.display())]
    Tensor {
        /// The file.
        path: PathBuf,
        /// The tensor.
        name: String,
        /// What is wrong.
        what: String,
        /// What to do.
        fix: &'static str,
    },
    /// A device that this build or this machine does not offer.
    #[error("{0}")]
    Device(String),
    /// A device's memory does not hold what must be there at once.
    #[error(
        "the device's memory does not hold one sentence beside the model; lower max-pieces, use \
         precision bf16 or a smaller encoder, stop other programs on it, or use --device cpu"
    )]
    OutOfMemory,
}

impl NnError {
    pub(crate) fn io(path: &std::path::Path, source: std::io::Error) -> Self {
        Self::Io { path: path.to_owned(), source }
    }
}

#[cfg(feature = "composite")]
impl NnError {
    /// The error of a device, from what burn says of it: text, whatever the backend.
    pub(crate) fn of_device(said: &str) -> Self {
        // CubeCL's own words, HIP's number for it, and wgpu's words.
        let of_memory = [
            "out of device memory",
            "out-of-memory",
            "can't allocate buffer",
            "hipMalloc failed with status 2",
            "Out of Memory",
        ];
        match of_memory.iter().any(|sign| said.contains(sign)) {
            true => Self::OutOfMemory,
            false => Self::Device(format!("the device failed: {}", said.trim().replace('\n', " "))),
        }
    }
}
