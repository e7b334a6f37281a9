//! Issues of labelled text.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use serde::{Serialize, Serializer};

use super::data_set::Part;

/// An issue of labelled text. Displays as `file:line: kind: detail`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Issue {
    /// The kind of issue.
    pub kind: IssueKind,
    /// The severity of its kind.
    pub severity: Severity,
    /// The place of the sentence.
    #[serde(flatten)]
    pub place: Place,
    /// The other place, if the issue concerns two.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub other: Option<Place>,
    /// From 0 to 1: the similarity of near duplicates, or the confidence in predicted tags.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub score: Option<f64>,
    /// A description in one line.
    pub detail: String,
    /// The start of the sentence, from [`excerpt`].
    pub text: String,
}

impl Issue {
    /// An issue without other place and score.
    pub fn new(kind: IssueKind, place: Place, detail: String, words: &[String]) -> Self {
        let severity = kind.severity();
        Self { kind, severity, place, other: None, score: None, detail, text: excerpt(words) }
    }

    /// Sets the other place.
    pub(super) fn with(mut self, other: Place) -> Self {
        self.other = Some(other);
        self
    }
}

impl fmt::Display for Issue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}: {}", self.place, self.kind, self.detail)
    }
}

/// A place in a file. Displays as `file:line`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Place {
    /// The file.
    pub file: PathBuf,
    /// The line, from 1; the row of a parquet file.
    pub line: usize,
    /// The part of the data set.
    pub part: Part,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.file.display(), self.line)
    }
}

/// How severe an issue is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Scores on this text are wrong.
    Error,
    /// Scores may be wrong, or training loses something.
    Warning,
    /// Worth knowing.
    Note,
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Note => "note",
        })
    }
}

/// The name of no kind of issue.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown kind of issue `{name}`; the kinds are {}", IssueKind::ALL.map(IssueKind::name).join(", "))]
pub struct UnknownKind {
    name: String,
}

/// Declares the kinds with their names, severity and description.
macro_rules! kinds {
    ($($(#[$doc:meta])* $kind:ident $name:literal $severity:ident $description:literal,)+) => {
        /// The kinds of issues, the most severe first.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum IssueKind {
            $($(#[$doc])* $kind,)+
        }

        impl IssueKind {
            /// All kinds, the most severe first.
            pub const ALL: [Self; [$($name),+].len()] = [$(Self::$kind),+];

            /// The name in JSON and options.
            pub fn name(self) -> &'static str {
                match self { $(Self::$kind => $name,)+ }
            }

            /// The severity of issues of this kind.
            pub fn severity(self) -> Severity {
                match self { $(Self::$kind => Severity::$severity,)+ }
            }

            /// A short description of issues of this kind, in the plural.
            pub fn describe(self) -> &'static str {
                match self { $(Self::$kind => $description,)+ }
            }
        }
    };
}

kinds! {
    /// A dev or test sentence that also occurs in the training part of its data set, word for word. The
    /// place is the held-out sentence, the other place its first copy in training.
    Leak "leak" Error "dev or test sentences that also occur in train, word for word",
    /// A sentence whose copies in its data set mostly have other tags. If two versions are equally
    /// frequent, the first one counts as right.
    ContradictoryTags "contradictory-tags" Error "equal sentences with different tags",
    /// Words whose tags contradict taggers that were trained on other sentences (confident learning).
    DoubtfulTags "doubtful-tags" Warning "tags that contradict taggers trained on other sentences",
    /// A test sentence that also occurs in dev.
    DevTestDuplicate "dev-test-duplicate" Warning "test sentences that also occur in dev",
    /// A sentence that also occurs in an earlier data set.
    CrossDuplicate "cross-duplicate" Warning "sentences that occur in two data sets",
    /// A dev or test sentence that is similar to one in train.
    NearLeak "near-leak" Warning "dev or test sentences that are similar to one in train",
    /// Two entity types whose names look alike.
    LabelNames "label-names" Warning "names of entity types that look alike",
    /// Wiki markup in words.
    Markup "markup" Warning "sentences with wiki markup in words",
    /// A sentence that repeats an earlier one of its part.
    Duplicate "duplicate" Note "sentences that repeat another one of their part",
    /// A sentence that is similar to another one of its part, or a test sentence similar to one in dev.
    NearDuplicate "near-duplicate" Note "sentences that are similar to another one",
    /// A sentence that is similar to one in an earlier data set.
    CrossNearDuplicate "cross-near-duplicate" Note "sentences that are similar to one in another data set",
    /// A sentence that consists of one entity.
    NoContext "no-context" Note "sentences that consist of one entity",
    /// Words without any sub-word piece in the encoder's vocabulary.
    UnknownPieces "unknown-pieces" Note "sentences with words that the encoder's vocabulary does not cover",
}

impl fmt::Display for IssueKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for IssueKind {
    type Err = UnknownKind;

    fn from_str(name: &str) -> Result<Self, UnknownKind> {
        let named = Self::ALL.into_iter().find(|kind| kind.name() == name);
        named.ok_or_else(|| UnknownKind { name: name.to_owned() })
    }
}

impl Serialize for IssueKind {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

/// Maximum number of characters of an excerpt.
const EXCERPT: usize = 72;

/// The start of a sentence, up to 72 characters, its words separated by spaces. Control characters
/// become U+FFFD.
pub fn excerpt(words: &[String]) -> String {
    let visible = |c: char| if c.is_control() { char::REPLACEMENT_CHARACTER } else { c };
    let all = words.join(" ");
    let mut text: String = all.chars().map(visible).take(EXCERPT).collect();
    if all.chars().nth(EXCERPT).is_some() {
        text.pop();
        text.push('…');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_found_by_their_names() {
        for kind in IssueKind::ALL {
            assert_eq!(kind.name().parse(), Ok(kind));
        }
        assert!(IssueKind::ALL.is_sorted_by_key(|kind| (kind.severity(), *kind)));
        let error = "leaks".parse::<IssueKind>().unwrap_err().to_string();
        assert!(
            error.starts_with("unknown kind of issue `leaks`; the kinds are leak, contra"),
            "{error}"
        );
    }

    #[test]
    fn excerpts_are_cut_and_cleaned() {
        assert_eq!(excerpt(&["a\u{1b}[2J".to_owned(), "é".to_owned()]), "a\u{fffd}[2J é");
        let long = excerpt(&vec!["äöü".to_owned(); 40]);
        assert_eq!((long.chars().count(), long.chars().last()), (EXCERPT, Some('…')));
    }
}
