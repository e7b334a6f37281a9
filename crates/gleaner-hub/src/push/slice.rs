//! A part of a file, as it is sent.

use std::{
    fs::File,
    io::{self, Read, Seek, SeekFrom},
};

/// Bytes of a file from a position on. Errors are kept, because those of the network look the same.
pub(super) struct Slice<'f> {
    file: &'f mut File,
    left: u64,
    /// Receives the number of bytes read so far.
    progress: &'f mut dyn FnMut(u64),
    read: u64,
    pub(super) failed: Option<io::Error>,
}

impl<'f> Slice<'f> {
    pub(super) fn new(
        file: &'f mut File,
        start: u64,
        length: u64,
        progress: &'f mut dyn FnMut(u64),
    ) -> io::Result<Self> {
        file.seek(SeekFrom::Start(start))?;
        Ok(Self { file, left: length, progress, read: 0, failed: None })
    }
}

impl Read for Slice<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let most = buffer.len().min(usize::try_from(self.left).unwrap_or(usize::MAX));
        if most == 0 {
            return Ok(0);
        }
        let read = match self.file.read(&mut buffer[..most]) {
            Ok(0) => Err(io::Error::other("the file became shorter while it was sent")),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => return Err(error),
            read => read,
        };
        match read {
            Ok(read) => {
                self.left -= read as u64;
                self.read += read as u64;
                (self.progress)(self.read);
                Ok(read)
            }
            Err(error) => {
                let kind = error.kind();
                self.failed = Some(error);
                Err(kind.into())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slice_has_its_bytes_and_notices_a_shorter_file() {
        let path = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(&path, b"0123456789").unwrap();
        let mut file = File::open(&path).unwrap();
        let (mut seen, mut text) = (Vec::new(), String::new());
        let mut note = |done| seen.push(done);
        let mut slice = Slice::new(&mut file, 3, 4, &mut note).unwrap();
        slice.read_to_string(&mut text).unwrap();
        assert_eq!((text.as_str(), seen.last()), ("3456", Some(&4)));
        let mut none = |_| {};
        let mut slice = Slice::new(&mut file, 8, 4, &mut none).unwrap();
        slice.read_to_end(&mut Vec::new()).unwrap_err();
        insta::assert_snapshot!(slice.failed.unwrap(), @"the file became shorter while it was sent");
    }
}
