//! A file or standard input, whose first bytes decide how it is read.

use gleaner_corpus::CorpusError;
use std::{
    fs::File,
    io::{self, BufRead, BufReader, Cursor, Read},
    path::{Path, PathBuf},
};

/// Bytes of a file, and of standard input, that decide its format. Few of the latter: its writer may wait for results.
const HEAD: [u64; 2] = [1 << 16, 1 << 12];

/// A file or standard input whose first bytes have been read.
pub struct Source {
    /// Its name for users.
    pub name: PathBuf,
    /// The first bytes.
    pub head: Vec<u8>,
    /// Whether these are all.
    is_whole: bool,
    /// What follows.
    rest: Box<dyn BufRead + Send>,
}

impl Source {
    pub fn open(file: &Path) -> Result<Self, CorpusError> {
        let is_standard = file == Path::new("-");
        let name = if is_standard { Path::new("<standard input>") } else { file };
        let refused = |error: io::Error| CorpusError::in_file(name, error.into());
        let mut rest: Box<dyn BufRead + Send> = match is_standard {
            true => Box::new(BufReader::new(io::stdin())),
            false => {
                Box::new(BufReader::with_capacity(1 << 16, File::open(name).map_err(refused)?))
            }
        };
        let limit = HEAD[usize::from(is_standard)];
        let mut head = Vec::new();
        rest.by_ref().take(limit).read_to_end(&mut head).map_err(refused)?;
        let is_whole = (head.len() as u64) < limit;
        Ok(Self { name: name.to_owned(), head, is_whole, rest })
    }

    /// The whole lines of the head.
    pub fn lines(&self) -> &[u8] {
        match self.is_whole {
            true => &self.head,
            false => {
                let end = self.head.iter().rposition(|b| *b == b'\n').map_or(0, |at| at + 1);
                &self.head[..end]
            }
        }
    }

    /// Reads the rest into the head.
    pub fn read_whole(&mut self) -> Result<(), CorpusError> {
        let read = self.rest.read_to_end(&mut self.head);
        read.map_err(|error| CorpusError::in_file(&self.name, error.into()))?;
        self.is_whole = true;
        Ok(())
    }

    /// All bytes, from the first.
    pub fn bytes(self) -> impl BufRead + Send + 'static {
        Cursor::new(self.head).chain(self.rest)
    }
}
