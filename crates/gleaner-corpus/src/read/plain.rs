//! Reading plain text into a corpus.

use std::fs;
use std::path::Path;

use super::summary::HowRead;
use super::valid::skipped;
use crate::corpus::{Corpus, Sentence};
use crate::error::{CorpusError, Problem};
use crate::options::ReadOptions;
use crate::places::Places;
use crate::scheme::Scheme;
use crate::text;

/// Reads a file of plain text. The options `segmenter` and `skip_bad` are used; the latter leaves out lines in scripts
/// without spaces between words. For texts that do not fit into memory there is [`text::Reader`].
///
/// # Errors
/// The file cannot be read, has no words, or is not UTF-8; a line is in a script without spaces between words.
pub fn read_plain(path: &Path, options: &ReadOptions) -> Result<Corpus, CorpusError> {
    let bytes = fs::read(path).map_err(|error| CorpusError::in_file(path, error.into()))?;
    let (mut sentences, mut findings) = (Vec::new(), Vec::new());
    let segmenter = options.segmenter.clone();
    for sentence in text::Reader::with_segmenter(&bytes[..], path, false, segmenter) {
        match sentence {
            Ok(sentence) => sentences.push(Sentence::from(sentence)),
            // The reader continues after this problem only.
            Err(error) if matches!(error.problem(), Problem::NoSpaces { .. }) => {
                findings.push(skipped(error, options)?);
            }
            Err(error) => return Err(error),
        }
    }
    if sentences.is_empty() {
        return Err(CorpusError::in_file(path, Problem::Empty));
    }
    let scheme = Scheme::Unlabelled;
    let read = HowRead {
        format: None,
        format_reason: "no columns or labels found",
        choices: Vec::new(),
        scheme,
        places: Places::default(),
    };
    let files = vec![read.of(&bytes, path, &sentences)];
    Ok(Corpus { path: path.to_owned(), sentences, scheme, findings, files })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_in_scripts_without_spaces_are_left_out_on_request() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.txt");
        fs::write(&path, "One. Two.\nกรุงเทพมหานคร\n").unwrap();
        assert_eq!(read_plain(&path, &ReadOptions::default()).unwrap_err().line(), Some(2));
        let skip = ReadOptions { skip_bad: true, ..ReadOptions::default() };
        let corpus = read_plain(&path, &skip).unwrap();
        assert_eq!((corpus.sentences.len(), corpus.findings[0].line), (2, 2));
        let shown = corpus.files[0].to_string();
        let start =
            "x.txt: plain text (no columns or labels found), unlabelled\n  first sentence: One .";
        assert!(shown.ends_with(start), "{shown}");
        fs::write(&path, " \n").unwrap();
        assert!(read_plain(&path, &skip).is_err());
        fs::write(&path, b"One.\n\xff\nTwo.").unwrap();
        assert_eq!(read_plain(&path, &skip).unwrap_err().line(), Some(2));
    }
}
