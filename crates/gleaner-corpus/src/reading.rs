//! How a file was read.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;

use crate::format::Format;
use crate::places::Places;
use crate::scheme::Scheme;

/// How a file was read. Displays as lines for users.
///
/// ```
/// use gleaner_corpus::{ReadOptions, read_bytes};
/// use std::path::Path;
///
/// let text = "Anna\tB-PER\nsings\tO\n";
/// let corpus = read_bytes(text.as_bytes(), Path::new("train.tsv"), &ReadOptions::default())?;
/// assert_eq!(corpus.files[0].first[0], ("Anna".to_owned(), "B-PER".to_owned()));
/// assert_eq!(corpus.files[0].entities["PER"], 1);
/// # Ok::<(), gleaner_corpus::CorpusError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Reading {
    /// The file.
    pub path: PathBuf,
    /// Its format; `None` for plain text.
    pub format: Option<Format>,
    /// Why it was read in this format.
    pub format_reason: &'static str,
    /// What was detected in the file and why, one fact each, such as its columns.
    pub choices: Vec<String>,
    /// The scheme of its tags.
    pub scheme: Scheme,
    /// The words of the first sentence with their tags. The tags are empty if the file is unlabelled.
    pub first: Vec<(String, String)>,
    /// Number of sentences.
    pub sentences: usize,
    /// Number of entities of each type, after the label map.
    pub entities: BTreeMap<String, usize>,
    /// Length and hash of the content, to find the same file under two names.
    pub(crate) content: (usize, u64),
    /// The lines of its words.
    pub(crate) places: Places,
}

impl fmt::Display for Reading {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        /// Words of the first sentence that are shown.
        const SHOWN: usize = 12;
        let Self { path, format, format_reason, scheme, .. } = self;
        let format = format.map_or_else(|| "plain text".to_owned(), |format| format.to_string());
        write!(f, "{}: {format} ({format_reason}), {scheme}", path.display())?;
        for choice in &self.choices {
            write!(f, "\n  {choice}")?;
        }
        f.write_str("\n  first sentence:")?;
        for (word, tag) in self.first.iter().take(SHOWN) {
            match tag.is_empty() {
                true => write!(f, " {word}")?,
                false => write!(f, " {word}/{tag}")?,
            }
        }
        f.write_str(if self.first.len() > SHOWN { " ..." } else { "" })
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use crate::{ReadOptions, read_bytes};

    #[test]
    fn a_file_shows_how_it_was_read() {
        let text =
            "# a\nTOKEN\tNE\tX\n1\tfo:Anna\tB-PER\t_\n2\tfo:in\tO\t_\n\n1\tfo:Oslo\tB-LOC\t_\n";
        let text = text.replace("TOKEN\tNE\tX", "ID\tTOKEN\tNE\tX");
        let corpus =
            read_bytes(text.as_bytes(), Path::new("a.tsv"), &ReadOptions::default()).unwrap();
        insta::assert_snapshot!(corpus.files[0], @r"
        a.tsv: CoNLL (by its name), IOB2
          line 2 is a header (ID, TOKEN, NE, X)
          column 1 numbers the words
          words in column 2 (named by the header), tags in column 3 (the only column of tags) of 4
          fo: before every word is a language code
          left out: 1 comment
          first sentence: Anna/B-PER in/O
        ");
    }
}
