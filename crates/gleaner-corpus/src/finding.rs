//! What was unusual in a file that could be read.

use std::fmt;
use std::path::PathBuf;

use serde::Serialize;

/// Something unusual in a file that could be read. Displays as `path:line: detail`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The file.
    pub path: PathBuf,
    /// The line, from 1; the row of a parquet file.
    pub line: usize,
    /// The kind of finding.
    pub kind: FindingKind,
    /// What the file has there, and how it was read.
    pub detail: String,
}

impl Finding {
    /// The number of sentences that were skipped.
    pub fn skipped(findings: &[Self]) -> usize {
        findings.iter().filter(|f| f.kind == FindingKind::SkippedSentence).count()
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.path.display(), self.line, self.detail)
    }
}

/// The kinds of findings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum FindingKind {
    /// A tag that continues an entity (I-X; in BIOES and BILOU also E-X and L-X) without an open
    /// entity of that type. It is read as B-X, as in seqeval's default mode.
    StrayInside,
    /// BIOES and BILOU: an entity of several words without its last tag, or a one-word entity with
    /// the tag B-X.
    UnclosedEntity,
    /// IOB1: B-X although the word before is not in an entity of type X.
    NeedlessBegin,
    /// Entities of a type that the label map maps to O: one finding per type, at its first entity.
    MappedAway,
    /// A skipped sentence: it has no words, or it is malformed and malformed sentences are skipped.
    SkippedSentence,
}

impl fmt::Display for FindingKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::StrayInside => "stray inside tag",
            Self::UnclosedEntity => "unclosed entity",
            Self::NeedlessBegin => "needless begin tag",
            Self::MappedAway => "type mapped away",
            Self::SkippedSentence => "skipped sentence",
        })
    }
}
