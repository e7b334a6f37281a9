//! Files that are read whole only if they are not too long.

use std::{
    fs::File,
    io::{self, ErrorKind, Read},
    path::Path,
};

/// The bytes of a file of at most `limit` bytes. Small files that describe a model are read with a limit, because
/// parsing takes many times their length, and a model can come from anyone.
///
/// # Errors
/// The file cannot be read, or is longer: [`ErrorKind::FileTooLarge`].
///
/// ```
/// let folder = tempfile::tempdir()?;
/// let path = folder.path().join("config.json");
/// std::fs::write(&path, "{}")?;
/// assert_eq!(gleaner_base::bounded::read(&path, 2)?, b"{}");
/// let error = gleaner_base::bounded::read(&path, 1).unwrap_err();
/// assert_eq!(error.to_string(), "longer than 1 byte");
/// # Ok::<(), std::io::Error>(())
/// ```
pub fn read(path: &Path, limit: u64) -> io::Result<Vec<u8>> {
    let file = File::open(path)?;
    let length = file.metadata()?.len();
    let mut bytes = Vec::new();
    if length <= limit {
        // One byte more, because a device states no length, and a file can grow.
        file.take(limit + 1).read_to_end(&mut bytes)?;
    }
    match length.max(bytes.len() as u64) > limit {
        false => Ok(bytes),
        true => Err(io::Error::new(ErrorKind::FileTooLarge, longer_than(limit))),
    }
}

fn longer_than(limit: u64) -> String {
    let (number, unit) = match limit {
        1 => (1, "byte"),
        0..1_000_000 => (limit, "bytes"),
        _ => (limit / 1_000_000, "MB"),
    };
    format!("longer than {number} {unit}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_of_the_limit_is_read_and_a_longer_one_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        std::fs::write(&path, [7; 2000]).unwrap();
        assert_eq!(read(&path, 2000).unwrap(), [7; 2000]);
        let error = read(&path, 1999).unwrap_err();
        assert_eq!(
            (error.kind(), error.to_string().as_str()),
            (ErrorKind::FileTooLarge, "longer than 1999 bytes")
        );
        assert_eq!(longer_than(4_000_000), "longer than 4 MB");
        assert_eq!(read(&folder.path().join("b"), 9).unwrap_err().kind(), ErrorKind::NotFound);
    }

    #[cfg(unix)]
    #[test]
    fn a_device_without_an_end_is_too_long() {
        assert_eq!(read(Path::new("/dev/zero"), 5).unwrap_err().kind(), ErrorKind::FileTooLarge);
    }
}
