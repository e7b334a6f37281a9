//! Recognising the format of a file by its content.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use crate::error::CorpusError;
use crate::format::Format;
use crate::options::ReadOptions;
use crate::{conll, csv, docbin, jsonl, webanno};

/// The bytes at the start of a file that its format is detected from.
const HEAD: usize = 1 << 16;

/// The format in which a file is read, and why.
pub(crate) fn format(
    bytes: &[u8],
    name: &Path,
    options: &ReadOptions,
) -> Option<(Format, &'static str)> {
    if let Some(format) = options.format {
        return Some((format, "as requested"));
    }
    let by_name = Format::of(name);
    let found = Format::detect(name, &bytes[..bytes.len().min(HEAD)]).or(by_name)?;
    Some((found, if by_name == Some(found) { "by its name" } else { "by its content" }))
}

impl Format {
    /// The format of a file by its first bytes (some thousand are enough), and by its name where these do not decide.
    /// `None` if it has neither labels nor columns, such as plain text.
    ///
    /// ```
    /// use gleaner_corpus::Format;
    /// use std::path::Path;
    ///
    /// let head = br#"{"text": "Anna sings.", "label": [[0, 4, "PER"]]}"#;
    /// assert_eq!(Format::detect(Path::new("all.txt"), head), Some(Format::Doccano));
    /// assert_eq!(Format::detect(Path::new("-"), b"Anna sings."), None);
    /// ```
    pub fn detect(name: &Path, head: &[u8]) -> Option<Self> {
        if head.starts_with(b"PAR1") {
            return Some(Self::Parquet);
        }
        let text = match std::str::from_utf8(head) {
            Ok(text) => text,
            // The head can end inside a character.
            Err(error) => std::str::from_utf8(&head[..error.valid_up_to()]).unwrap_or_default(),
        };
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        if docbin::looks_like(head) {
            return Some(Self::Spacy);
        }
        if webanno::looks_like(text) {
            return Some(Self::WebAnno);
        }
        if let Some(format) = jsonl::detect(text) {
            return Some(format);
        }
        if csv::looks_like(text) {
            return Some(Self::Csv);
        }
        let is_text_file = name.extension().is_some_and(|end| end.eq_ignore_ascii_case("txt"));
        // Some corpora name files with tabs and without names of columns `.csv`.
        let first = text.lines().next().unwrap_or_default();
        let is_table =
            |format| format == Self::Csv && first.contains('\t') && !first.contains([',', ';']);
        match Self::of(name) {
            Some(format) if is_table(format) && conll::looks_like(text) => Some(Self::Conll),
            Some(format) if !is_text_file => Some(format),
            _ => conll::looks_like(text).then_some(Self::Conll),
        }
    }

    /// The format of a file: see [`Format::detect`]. `None` if it is plain text.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn of_file(path: &Path) -> Result<Option<Self>, CorpusError> {
        let mut head = Vec::new();
        File::open(path)
            .and_then(|file| file.take(HEAD as u64).read_to_end(&mut head))
            .map_err(|error| CorpusError::in_file(path, error.into()))?;
        Ok(Self::detect(path, &head))
    }
}
