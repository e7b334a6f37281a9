//! Finding issues of labelled text: repeated sentences, especially across training and held-out data
//! (leaks); contradictory tags; leftover markup; label names that look alike.
//!
//! [`audit`] takes [`DataSet`]s, for example one per language, and returns [`Issue`]s, each with its
//! file and line. Issues that need an encoder are found by the crate `gleaner`.
//!
//! ```
//! use std::path::Path;
//! use gleaner_corpus::{ReadOptions, read_bytes, audit::{AuditOptions, DataSet, Part, audit}};
//!
//! let read = |name: &str, text: &str| read_bytes(text.as_bytes(), Path::new(name), &ReadOptions::default());
//! let train = read("train.conll", "Anna\tB-PER\nsings\tO\n\nBo\tB-PER\nhums\tO\n")?;
//! let test = read("test.conll", "Bo\tB-PER\nhums\tO\n")?;
//! let set = DataSet::new("a corpus".to_owned(), vec![(Part::Train, train), (Part::Test, test)]);
//! let issues = audit(&[set], &AuditOptions::default());
//! assert_eq!(issues[0].to_string(), "test.conll:1: leak: also in train, at train.conll:4");
//! # Ok::<(), gleaner_corpus::CorpusError>(())
//! ```

mod context;
mod data_set;
mod duplicates;
mod issue;
mod labels;
mod markup;
mod near;
mod same;
mod tags;

pub use data_set::{DataSet, Entry, Part};
pub use issue::{Issue, IssueKind, Place, Severity, UnknownKind, excerpt};
pub use tags::contradictions;

use same::Classes;

/// Options of an audit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AuditOptions {
    /// The minimum similarity of near duplicates, above 0 and up to 1. Default: 0.8. The similarity of
    /// two sentences is the Jaccard index of their sets of character 4-grams, after composition (NFC),
    /// in lower case and with single spaces between words.
    pub similarity: f64,
}

impl Default for AuditOptions {
    fn default() -> Self {
        Self { similarity: 0.8 }
    }
}

/// Finds all issues that need no encoder. The most severe kind comes first; within a kind, issues are in
/// the order of the data sets and their sentences.
///
/// The search for near duplicates is exact. Its time grows with the size of the text and the number of
/// pairs found; 10,000 sentences take about a second.
pub fn audit(sets: &[DataSet], options: &AuditOptions) -> Vec<Issue> {
    let classes = Classes::of(sets);
    let mut issues = duplicates::issues(sets, &classes);
    issues.extend(tags::issues(sets, &classes));
    issues.extend(near::issues(sets, &classes, options.similarity));
    issues.extend(labels::issues(sets));
    issues.extend(sets.iter().flat_map(|set| &set.entries).flat_map(|entry| {
        let issues = [markup::issue(entry), context::issue(entry)];
        issues.into_iter().flatten()
    }));
    issues.sort_by_key(|issue| issue.kind); // stable: each kind keeps its order
    issues
}

#[cfg(test)]
mod tests;
