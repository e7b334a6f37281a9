//! Looking for what makes labelled text worth less than it seems: sentences that stand more than once,
//! above all in training and in held-out data; tags that contradict each other; leftovers of markup; label
//! names that only look the same.
//!
//! [`audit`] takes [`DataSet`]s (one a language, say) and gives [`Fault`]s, each with its file and line. What needs
//! an encoder is found by the crate above.
//!
//! ```
//! use std::path::Path;
//! use gleaner_corpus::{ReadOptions, read_bytes, audit::{AuditOptions, DataSet, Part, audit}};
//!
//! let read = |name: &str, text: &str| read_bytes(text.as_bytes(), Path::new(name), &ReadOptions::default());
//! let train = read("train.conll", "Anna\tB-PER\nsings\tO\n\nBo\tB-PER\nhums\tO\n")?;
//! let test = read("test.conll", "Bo\tB-PER\nhums\tO\n")?;
//! let set = DataSet::new("a corpus".to_owned(), vec![(Part::Train, train), (Part::Test, test)]);
//! let faults = audit(&[set], &AuditOptions::default());
//! assert_eq!(faults[0].to_string(), "test.conll:1: leak: stands in train too, at train.conll:4");
//! # Ok::<(), gleaner_corpus::CorpusError>(())
//! ```

mod context;
mod data_set;
mod duplicates;
mod fault;
mod labels;
mod markup;
mod near;
mod same;
mod tags;

pub use data_set::{DataSet, Entry, Part};
pub use fault::{Fault, FaultKind, Place, Severity, UnknownKind, excerpt};

use same::Classes;

/// What an audit is told beside the text.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AuditOptions {
    /// The least similarity of near duplicates, above 0 and up to 1: the Jaccard index of the sets of
    /// character 4-grams of the words, composed (NFC), in lower case, with single spaces between them.
    pub similarity: f64,
}

impl Default for AuditOptions {
    fn default() -> Self {
        Self { similarity: 0.8 }
    }
}

/// Every fault that needs no encoder, the gravest kind first, within a kind in the order of the sets and
/// their sentences.
///
/// Pairs of near duplicates are found exactly. The time grows with the text and the number of pairs that are
/// found; some 10,000 sentences take a second or so.
pub fn audit(sets: &[DataSet], options: &AuditOptions) -> Vec<Fault> {
    let classes = Classes::of(sets);
    let mut faults = duplicates::faults(sets, &classes);
    faults.extend(tags::faults(sets, &classes));
    faults.extend(near::faults(sets, &classes, options.similarity));
    faults.extend(labels::faults(sets));
    faults.extend(sets.iter().flat_map(|set| &set.entries).flat_map(|entry| {
        let faults = [markup::fault(entry), context::fault(entry)];
        faults.into_iter().flatten()
    }));
    faults.sort_by_key(|fault| fault.kind); // stable: each kind keeps its order
    faults
}

#[cfg(test)]
mod tests;
