//! What was unusual in a file that could be read.

use std::collections::BTreeMap;
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
    /// One finding for all of the same kind and detail, with their number, where a file can have very many: split
    /// words, trimmed and dropped spans, labels of several controls, and texts left out.
    pub(crate) fn counted(findings: Vec<Self>) -> Vec<Self> {
        let mut single = Vec::new();
        let mut counted: BTreeMap<(FindingKind, String), (Self, usize)> = BTreeMap::new();
        for finding in findings {
            if !finding.kind.is_counted() {
                single.push(finding);
                continue;
            }
            let key = (finding.kind, finding.detail.clone());
            counted.entry(key).and_modify(|(_, n)| *n += 1).or_insert((finding, 1));
        }
        single.extend(counted.into_values().map(|(mut first, n)| {
            if n > 1 {
                first.detail += &format!(" ({n} in the file, the first one here)");
            }
            first
        }));
        single
    }

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
    /// A type with white space, which is read with `_` instead: one finding per type, at its first tag.
    SpacedType,
    /// Entities of a type that the label map maps to O: one finding per type, at its first entity.
    MappedAway,
    /// An empty word that was left out with its tag, because malformed sentences are skipped. The
    /// other words of its sentence are kept.
    EmptyWord,
    /// A word that is split because a span starts or ends inside it.
    SplitWord,
    /// White space at the ends of a span, which is left out of it.
    TrimmedSpan,
    /// A span that lies in or overlaps another one, and is dropped because the options say so.
    DroppedSpan,
    /// Spans that several controls of Label Studio made, for instance one for entities and one for parts of speech.
    SeveralControls,
    /// A text without an accepted annotation: rejected, ignored, cancelled or not annotated.
    LeftOut,
    /// A long text without a blank line, which is read as one sentence.
    OneSentence,
    /// A skipped sentence: it has no words, or it is malformed and malformed sentences are skipped.
    SkippedSentence,
}

impl FindingKind {
    fn is_counted(self) -> bool {
        matches!(
            self,
            Self::SplitWord
                | Self::TrimmedSpan
                | Self::DroppedSpan
                | Self::SeveralControls
                | Self::LeftOut
        )
    }
}

impl fmt::Display for FindingKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::StrayInside => "stray inside tag",
            Self::UnclosedEntity => "unclosed entity",
            Self::NeedlessBegin => "needless begin tag",
            Self::SpacedType => "white space in a type",
            Self::MappedAway => "type mapped away",
            Self::EmptyWord => "empty word",
            Self::SplitWord => "split word",
            Self::TrimmedSpan => "trimmed span",
            Self::DroppedSpan => "dropped span",
            Self::SeveralControls => "labels of several controls",
            Self::LeftOut => "text left out",
            Self::OneSentence => "nothing separates sentences",
            Self::SkippedSentence => "skipped sentence",
        })
    }
}
