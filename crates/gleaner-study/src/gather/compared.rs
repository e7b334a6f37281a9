//! A comparison with the runs that it is made of.

use gleaner_metrics::Runs;
use gleaner_report::study::ComparisonRow;

/// A comparison on a language and subset, with the runs of baseline and system; `None` if there is no entity
/// to measure on.
pub(super) struct Compared {
    pub(super) row: ComparisonRow,
    /// The seeds of both sides, ascending.
    pub(super) seeds: Vec<u64>,
    pub(super) runs: Option<[Runs; 2]>,
}
