//! What an audit finds.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use serde::{Serialize, Serializer};

use super::data_set::Part;

/// A fault of labelled text. Displays as `file:line: kind: detail`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Fault {
    /// What sort of fault.
    pub kind: FaultKind,
    /// How grave it is.
    pub severity: Severity,
    /// Where it is.
    #[serde(flatten)]
    pub place: Place,
    /// The other place, where two places are at odds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub other: Option<Place>,
    /// From 0 to 1: the similarity of near duplicates, the confidence in tags that were predicted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub score: Option<f64>,
    /// What stands there, in a line.
    pub detail: String,
    /// The beginning of the sentence, as of [`excerpt`].
    pub text: String,
}

impl Fault {
    /// A fault of this kind, without another place or a score.
    pub fn new(kind: FaultKind, place: Place, detail: String, words: &[String]) -> Self {
        let severity = kind.severity();
        Self { kind, severity, place, other: None, score: None, detail, text: excerpt(words) }
    }

    /// The same with the other place.
    pub(super) fn with(mut self, other: Place) -> Self {
        self.other = Some(other);
        self
    }
}

impl fmt::Display for Fault {
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
    /// The part of the data set that the sentence belongs to.
    pub part: Part,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.file.display(), self.line)
    }
}

/// How grave a fault is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Scores on this text are wrong.
    Error,
    /// Scores may be wrong, or something is lost in training.
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

/// No name of a kind of fault.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{name}` is no kind of fault; the kinds are {}", FaultKind::ALL.map(FaultKind::name).join(", "))]
pub struct UnknownKind {
    name: String,
}

/// Declares the kinds with their names, their severity and what is said of them.
macro_rules! kinds {
    ($($(#[$doc:meta])* $kind:ident $name:literal $severity:ident $says:literal,)+) => {
        /// The sorts of faults, the gravest first.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum FaultKind {
            $($(#[$doc])* $kind,)+
        }

        impl FaultKind {
            /// All kinds, the gravest first.
            pub const ALL: [Self; [$($name),+].len()] = [$(Self::$kind),+];

            /// The name, for machines and options.
            pub fn name(self) -> &'static str {
                match self { $(Self::$kind => $name,)+ }
            }

            /// How grave faults of this kind are.
            pub fn severity(self) -> Severity {
                match self { $(Self::$kind => Severity::$severity,)+ }
            }

            /// What faults of this kind are, in a few words.
            pub fn says(self) -> &'static str {
                match self { $(Self::$kind => $says,)+ }
            }
        }
    };
}

kinds! {
    /// A sentence of dev or test that stands in the training part of its data set, word for word. It is
    /// placed at the held-out sentence; the other place is the first copy in training.
    Leak "leak" Error "held-out sentences that stand in train, word for word",
    /// A sentence whose words stand with other tags elsewhere in its data set, where most copies (or,
    /// where they are as many, the first) have these.
    ContradictoryTags "contradictory-tags" Error "sentences that stand elsewhere with other tags",
    /// Words whose tags taggers trained on other sentences contradict, as confident learning says.
    DoubtfulTags "doubtful-tags" Warning "tags that taggers trained on other sentences contradict",
    /// A sentence of test that stands in dev.
    DevTestDuplicate "dev-test-duplicate" Warning "test sentences that stand in dev",
    /// A sentence that stands in an earlier data set too.
    CrossDuplicate "cross-duplicate" Warning "sentences that stand in two data sets",
    /// A sentence of dev or test that nearly stands in train.
    NearLeak "near-leak" Warning "held-out sentences that nearly stand in train",
    /// Two types of entities whose names look alike.
    LabelNames "label-names" Warning "names of types that look alike",
    /// Wiki markup in words.
    Markup "markup" Warning "sentences with wiki markup in their words",
    /// A sentence that stands earlier in its part.
    Duplicate "duplicate" Note "sentences that repeat another of their part",
    /// A sentence that nearly repeats another of its part, or one of dev and one of test.
    NearDuplicate "near-duplicate" Note "sentences that nearly repeat another",
    /// A sentence that nearly stands in an earlier data set.
    CrossNearDuplicate "cross-near-duplicate" Note "sentences that nearly stand in two data sets",
    /// A sentence that is nothing but one entity.
    NoContext "no-context" Note "sentences that are nothing but one entity",
    /// Words of which the encoder's vocabulary knows no part.
    UnknownPieces "unknown-pieces" Note "sentences with words that the encoder does not know",
}

impl fmt::Display for FaultKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for FaultKind {
    type Err = UnknownKind;

    fn from_str(name: &str) -> Result<Self, UnknownKind> {
        let named = Self::ALL.into_iter().find(|kind| kind.name() == name);
        named.ok_or_else(|| UnknownKind { name: name.to_owned() })
    }
}

impl Serialize for FaultKind {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

/// Characters of an excerpt at most.
const EXCERPT: usize = 72;

/// The beginning of a sentence, its words separated by spaces, cut to a line. Control characters are
/// shown as U+FFFD.
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
    fn kinds_have_names_of_their_own_and_are_found_by_them() {
        for kind in FaultKind::ALL {
            assert_eq!(kind.name().parse(), Ok(kind));
        }
        assert!(FaultKind::ALL.is_sorted_by_key(|kind| (kind.severity(), *kind)));
        let error = "leaks".parse::<FaultKind>().unwrap_err().to_string();
        assert!(
            error.starts_with("`leaks` is no kind of fault; the kinds are leak, contra"),
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
