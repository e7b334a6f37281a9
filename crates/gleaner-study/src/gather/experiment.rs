//! The experiments that are compared with a baseline, or a recipe with another recipe.

use super::kind::Kind;
use crate::task::Task;

/// What an experiment is compared with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Against {
    /// The baseline of its target.
    Baseline,
    /// A recipe; its ensemble, if it has members.
    Recipe(String),
    /// The mean of the members of this recipe.
    Members(String),
}

/// An experiment on a target, with the names that reports use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Experiment {
    pub(super) kind: Kind,
    pub(super) setting: String,
    pub(super) source: String,
    pub(super) target: String,
    pub(super) against: Against,
}

impl Experiment {
    /// The experiment of a run, compared with the baseline. `None` for runs that are not compared.
    pub(super) fn of(task: &Task) -> Option<Self> {
        let (setting, source) = match task {
            Task::Baseline { .. } => return None,
            Task::FineTune { source, factor, .. }
            | Task::ZeroShot { source, factor, .. }
            | Task::Joint { source, factor, .. } => (format!("×{factor}"), source.clone()),
            Task::Pseudo { source, quantile, .. } => {
                (format!("quantile {quantile}"), source.clone())
            }
            Task::Curve { .. }
            | Task::Active { .. }
            | Task::Source { .. }
            | Task::Recipe { .. }
            | Task::Member { .. }
            | Task::Ensemble { .. }
            | Task::Distilled { .. } => (String::new(), String::new()),
        };
        let kind = Kind::of(task)?;
        let target = task.target().to_owned();
        Some(Self { kind, setting, source, target, against: Against::Baseline })
    }

    /// Whether a run belongs to it.
    pub(super) fn has(&self, task: &Task) -> bool {
        Self::of(task).is_some_and(|of| Self { against: self.against.clone(), ..of } == *self)
    }

    /// Whether its runs are compared with a run; of an ensemble, with its members.
    pub(super) fn is_against(&self, task: &Task) -> bool {
        let is_here = task.target() == self.target;
        match (&self.against, task) {
            (Against::Baseline, Task::Baseline { .. }) => is_here,
            (
                Against::Recipe(other),
                Task::Recipe { recipe, .. } | Task::Ensemble { recipe, .. },
            )
            | (Against::Members(other), Task::Ensemble { recipe, .. }) => {
                recipe == other && is_here
            }
            _ => false,
        }
    }

    /// Whether a tagger labels a pool for it.
    pub(super) fn is_pseudo(&self) -> bool {
        self.kind == Kind::Pseudo
    }

    /// The name of its kind, with what it is compared with, unless that is the baseline.
    pub(super) fn title(&self) -> String {
        let kind = self.kind.name();
        match &self.against {
            Against::Baseline => kind,
            Against::Recipe(other) => format!("{kind} against {other}"),
            Against::Members(_) => format!("{kind} against its members"),
        }
    }
}
