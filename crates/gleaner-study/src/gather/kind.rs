//! The kinds of runs, as tables and figures call them.

use crate::task::Task;
use gleaner_report::study::TransferKind;

/// The name of the experiment `pseudo`.
pub(super) const PSEUDO: &str = "pseudo-labelling";

/// A kind of run.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Kind {
    /// Its place among all kinds.
    pub(super) rank: u8,
    /// Its name.
    pub(super) name: String,
}

impl Kind {
    /// The kind of a run. `None` for runs that only serve others: source models are not tested on a target, and points of
    /// curves and members of ensembles are not meant for use.
    pub(super) fn of(task: &Task) -> Option<Self> {
        let transfer = |kind: TransferKind| format!("transfer, {}", kind.name());
        let (rank, name) = match task {
            Task::Source { .. }
            | Task::Curve { .. }
            | Task::Active { .. }
            | Task::Member { .. } => return None,
            Task::Baseline { .. } => (0, "baseline".to_owned()),
            Task::FineTune { .. } => (1, transfer(TransferKind::FineTuned)),
            Task::ZeroShot { .. } => (2, transfer(TransferKind::ZeroShot)),
            Task::Joint { .. } => (3, transfer(TransferKind::Joint)),
            Task::Pseudo { .. } => (4, PSEUDO.to_owned()),
            Task::Recipe { .. } | Task::Ensemble { .. } | Task::Distilled { .. } => {
                (5, format!("recipe {}", task.recipe()?))
            }
        };
        Some(Self { rank, name })
    }
}
