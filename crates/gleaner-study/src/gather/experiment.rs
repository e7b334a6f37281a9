//! The experiments that are compared with a baseline, or a recipe with another recipe.

use crate::task::Task;
use gleaner_report::study::TransferKind;

/// The kind of the experiment `pseudo`.
pub(super) const PSEUDO: &str = "pseudo-labelling";

/// An experiment on a target, with the names that reports use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Experiment {
    pub(super) kind: String,
    pub(super) setting: String,
    pub(super) source: String,
    pub(super) target: String,
    /// The recipe that it is compared with; `None` for the baseline.
    pub(super) against: Option<String>,
}

impl Experiment {
    /// The experiment of a run, compared with the baseline. `None` for runs that are not compared.
    pub(super) fn of(task: &Task) -> Option<Self> {
        let of = |kind: String, setting: String, source: &str, target: &String| Self {
            kind,
            setting,
            source: source.to_owned(),
            target: target.clone(),
            against: None,
        };
        let transfer = |kind: TransferKind, factor: &u32, source: &String, target: &String| {
            of(format!("transfer, {}", kind.name()), format!("×{factor}"), source, target)
        };
        Some(match task {
            Task::Baseline { .. }
            | Task::Curve { .. }
            | Task::Active { .. }
            | Task::Source { .. } => return None,
            Task::FineTune { source, target, factor } => {
                transfer(TransferKind::FineTuned, factor, source, target)
            }
            Task::ZeroShot { source, target, factor } => {
                transfer(TransferKind::ZeroShot, factor, source, target)
            }
            Task::Joint { source, target, factor } => {
                transfer(TransferKind::Joint, factor, source, target)
            }
            Task::Pseudo { source, target, quantile, .. } => {
                of(PSEUDO.into(), format!("quantile {quantile}"), source, target)
            }
            Task::Recipe { recipe, target, .. } => {
                of(format!("recipe {recipe}"), String::new(), "", target)
            }
        })
    }

    /// Whether a run belongs to it.
    pub(super) fn has(&self, task: &Task) -> bool {
        Self::of(task).is_some_and(|of| Self { against: self.against.clone(), ..of } == *self)
    }

    /// Whether its runs are compared with a run.
    pub(super) fn is_against(&self, task: &Task) -> bool {
        match (task, &self.against) {
            (Task::Baseline { language }, None) => *language == self.target,
            (Task::Recipe { recipe, target, .. }, Some(other)) => {
                recipe == other && *target == self.target
            }
            _ => false,
        }
    }

    /// Its kind, with the recipe that it is compared with.
    pub(super) fn kind(&self) -> String {
        let against = self.against.as_ref().map(|other| format!(" against {other}"));
        self.kind.clone() + &against.unwrap_or_default()
    }
}
