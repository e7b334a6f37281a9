//! Errors of a corpus, each with its place.

mod problem;
mod write;

use std::fmt;
use std::path::{Path, PathBuf};

pub use problem::{Problem, UnmappedType};
pub use write::WriteError;

/// A [`Problem`] and its place. Displays as one line, `path:line: what is wrong; what to do`,
/// without the line if the problem concerns the whole file.
#[derive(Debug)]
pub struct CorpusError {
    path: PathBuf,
    line: Option<usize>,
    problem: Problem,
}

impl CorpusError {
    /// A problem of the whole file or folder at `path`.
    pub fn in_file(path: &Path, problem: Problem) -> Self {
        Self { path: path.to_owned(), line: None, problem }
    }

    /// A problem at `line` of the file at `path`. Lines count from 1; the line of a parquet file is
    /// its row.
    pub fn at_line(path: &Path, line: usize, problem: Problem) -> Self {
        Self { path: path.to_owned(), line: Some(line), problem }
    }

    /// The file or folder, as the caller named it.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The line, if the problem has one.
    pub fn line(&self) -> Option<usize> {
        self.line
    }

    /// What is wrong, without the place.
    pub fn problem(&self) -> &Problem {
        &self.problem
    }
}

impl fmt::Display for CorpusError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:", self.path.display())?;
        if let Some(line) = self.line {
            write!(f, "{line}:")?;
        }
        write!(f, " {}", self.problem)
    }
}

impl std::error::Error for CorpusError {}

#[cfg(test)]
mod tests {
    use std::io;

    use super::*;

    #[test]
    fn displays_place_problem_and_fix() {
        let path = Path::new("a/train.conll");
        let error = CorpusError::at_line(path, 7, Problem::UnknownTag { tag: "B_PER".into() });
        insta::assert_snapshot!(error, @r#"a/train.conll:7: unknown tag "B_PER"; expected O, or B-, I-, E-, S-, L- or U- and a type, such as B-PER"#);
        assert_eq!((error.path(), error.line()), (path, Some(7)));

        let error = CorpusError::in_file(path, io::Error::from(io::ErrorKind::NotFound).into());
        insta::assert_snapshot!(error, @"a/train.conll: no such file or folder; check the path");
        assert_eq!(error.line(), None);
    }
}
