//! The run of an ensemble: its members label as one, as `gleaner ensemble` combines them.

use super::Execution;
use crate::{
    disk,
    error::StudyError,
    results::{RunFolder, RunRecord},
};
use gleaner::{Dataset, Ensemble, train::compute};
use std::path::PathBuf;

impl Execution<'_> {
    /// Makes the ensemble of the members' models, calibrated as one on dev, and scores it. Nothing is trained, so that
    /// what an interrupted start left is made again.
    pub(super) fn vote(&self) -> Result<RunRecord, StudyError> {
        let plan = self.shared.plan;
        let folder = |at: &usize| self.shared.results.run(&plan.runs[*at].id);
        let members: Vec<RunFolder> = self.run.members.iter().map(folder).collect();
        let records = members.iter().map(RunFolder::record).collect::<Result<Vec<_>, _>>()?;
        let data = Dataset::load(&self.run.settings)?;
        let path = self.folder.model();
        disk::remove(&path)?;
        let models: Vec<PathBuf> = members.iter().map(RunFolder::model).collect();
        Ensemble::make(&path, &models, &compute(&self.run.settings)?, &data.dev)?;
        let most = records.iter().map(|record| record.train_sentences).max();
        let first = records.into_iter().next().expect("an ensemble has members");
        let train_sentences = most.unwrap_or(first.train_sentences);
        let of_members = RunRecord { train_sentences, train_published: None, ..first };
        self.score(&path, of_members, data)
    }
}
