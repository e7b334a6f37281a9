//! Errors of this crate: unreadable files, wrong tensors, and device failures.

use std::path::PathBuf;

/// An error of this crate. Messages state the problem and, where possible, the fix.
#[derive(Debug, thiserror::Error)]
pub enum NnError {
    /// A file could not be read or written.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// The error of the operating system.
        source: std::io::Error,
    },
    /// A file does not have the expected format.
    #[error("{}: {what}; {fix}", path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// The problem.
        what: String,
        /// The fix.
        fix: &'static str,
    },
    /// A tensor is missing, unexpected, or not of the expected shape or type.
    #[error("{}: tensor `{name}`: {what}; {fix}", path.display())]
    Tensor {
        /// The file.
        path: PathBuf,
        /// The tensor.
        name: String,
        /// The problem.
        what: String,
        /// The fix.
        fix: &'static str,
    },
    /// A device name is invalid, the device is unavailable in this build or on this machine, or the device failed.
    #[error("{0}")]
    Device(String),
    /// A rounding to 8 bits has other layers or sizes than the encoder.
    #[error("the rounding to 8 bits belongs to another encoder")]
    Rounding,
    /// A device ran out of memory.
    #[error(
        "the device's memory does not hold one sentence beside the model; lower max-pieces, use \
         precision bf16 or a smaller encoder, stop other programs on it, or use --device cpu"
    )]
    OutOfMemory,
}

impl NnError {
    pub(crate) fn io(path: &std::path::Path, source: std::io::Error) -> Self {
        let path = path.to_owned();
        match source.kind() {
            // Longer than what is read; a file that became too long to be written has a number of the system.
            std::io::ErrorKind::FileTooLarge if source.raw_os_error().is_none() => {
                let what = source.to_string();
                Self::Malformed { path, what, fix: "fetch or copy the file again" }
            }
            _ => Self::Io { path, source },
        }
    }
}

#[cfg(feature = "composite")]
impl NnError {
    /// Turns the text of a burn error into an error. For every backend, burn reports only text.
    pub(crate) fn of_device(said: &str) -> Self {
        // The messages of CubeCL, HIP and wgpu.
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
