//! What the page shows of a project's progress.

use crate::{
    agreement::{PairAgreement, agreement},
    answer::Action,
    project::Project,
    scores::{Forecast, Score},
};
use serde::Serialize;

/// The progress of a project, with the numbers of one annotator.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Progress {
    /// Number of sentences of the project; of an audit, of those that are doubtful.
    pub sentences: usize,
    /// Number of sentences that the annotator has answered, skipped and rejected ones among them.
    pub answered: usize,
    /// Number of those that were skipped.
    pub skipped: usize,
    /// Number of those that were rejected.
    pub rejected: usize,
    /// Number of entities in those that were accepted.
    pub entities: usize,
    /// What the background is doing, or that it failed.
    pub training: Option<String>,
    /// The scores of the models on the held-out sentences, the oldest first.
    pub scores: Vec<Score>,
    /// What more sentences would add.
    pub forecast: Option<Forecast>,
    /// The agreement of the two annotators with the most sentences in common.
    pub agreement: Option<PairAgreement>,
}

impl Progress {
    /// The numbers that follow from the answers.
    pub(crate) fn of(project: &Project, annotator: &str) -> Self {
        let own = project.state().of(annotator);
        let count = |action: Action| own.values().filter(|entry| entry.action == action).count();
        let accepted = own.values().filter(|entry| entry.action == Action::Accept);
        Self {
            sentences: project.audit().map_or(project.texts().len(), |a| a.doubts.len()),
            answered: own.len(),
            skipped: count(Action::Skip),
            rejected: count(Action::Reject),
            entities: accepted.map(|entry| entry.spans.len()).sum(),
            training: None,
            scores: Vec::new(),
            forecast: None,
            agreement: agreement(project),
        }
    }
}
