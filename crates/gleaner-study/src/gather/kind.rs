//! The kinds of runs, as tables and figures call them.

use crate::task::Task;
use gleaner_report::study::TransferKind;

/// A kind of run. The order is that of tables and figures.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    Baseline,
    Transfer(TransferKind),
    Pseudo,
    /// The recipe with this name, or its distilled model, which has a name of its own.
    Recipe(String),
}

impl Kind {
    /// The kind of a run. `None` for runs that only serve others: source models are not tested on a target, and points
    /// of curves and members of ensembles are not meant for use.
    pub(super) fn of(task: &Task) -> Option<Self> {
        Some(match task {
            Task::Source { .. }
            | Task::Curve { .. }
            | Task::Active { .. }
            | Task::Member { .. } => return None,
            Task::Baseline { .. } => Self::Baseline,
            Task::FineTune { .. } => Self::Transfer(TransferKind::FineTuned),
            Task::ZeroShot { .. } => Self::Transfer(TransferKind::ZeroShot),
            Task::Joint { .. } => Self::Transfer(TransferKind::Joint),
            Task::Pseudo { .. } => Self::Pseudo,
            Task::Recipe { .. } | Task::Ensemble { .. } | Task::Distilled { .. } => {
                Self::Recipe(task.recipe()?)
            }
        })
    }

    /// Its name.
    pub(super) fn name(&self) -> String {
        match self {
            Self::Baseline => "baseline".to_owned(),
            Self::Transfer(kind) => format!("transfer, {}", kind.name()),
            Self::Pseudo => "pseudo-labelling".to_owned(),
            Self::Recipe(recipe) => format!("recipe {recipe}"),
        }
    }

    /// Its place among all kinds, from 0. Recipes share one.
    pub(super) fn rank(&self) -> u8 {
        match self {
            Self::Baseline => 0,
            Self::Transfer(kind) => 1 + *kind as u8,
            Self::Pseudo => 4,
            Self::Recipe(_) => 5,
        }
    }
}
