//! What was odd in a file but could be read: counted, listed, never silent.

use std::fmt;
use std::path::PathBuf;

use serde::Serialize;

/// One oddity. Displays as `path:line: detail`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The file.
    pub path: PathBuf,
    /// The line (from 1; the row of a parquet file).
    pub line: usize,
    /// What sort of oddity.
    pub kind: FindingKind,
    /// What stood there and how it was read.
    pub detail: String,
}

impl Finding {
    /// How many sentences were left out.
    pub fn left_out(findings: &[Self]) -> usize {
        findings.iter().filter(|f| f.kind == FindingKind::SkippedSentence).count()
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.path.display(), self.line, self.detail)
    }
}

/// The sorts of oddities.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum FindingKind {
    /// A tag inside an entity (I-X; in BIOES and BILOU also E-X and L-X) with no open entity of
    /// that type before it. It is read as B-X, as seqeval's default does.
    StrayInside,
    /// BIOES or BILOU: an entity of several words without its last tag, or one of one word tagged
    /// B-X.
    UnclosedEntity,
    /// IOB1: B-X although no entity of type X stands directly before it.
    NeedlessBegin,
    /// Entities of a type that the label map turns into O: one finding a type, at its first entity.
    MappedAway,
    /// A sentence left out: it has no words, or it is malformed and the caller chose to skip such
    /// sentences.
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
