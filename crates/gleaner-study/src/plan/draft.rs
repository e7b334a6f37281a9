//! A run before it has an id.

use crate::{study::PoolSource, task::Task};
use gleaner::Settings;

/// A run before it has an id.
pub(super) struct Draft {
    pub(super) task: Task,
    pub(super) seed: u64,
    pub(super) fold: Option<usize>,
    pub(super) settings: Settings,
    /// The position of the run whose model it starts from, or whose model chooses its sentences.
    pub(super) needs: Option<usize>,
    /// The positions of the runs whose models vote.
    pub(super) members: Vec<usize>,
    /// The position of the run whose model it learns from.
    pub(super) teacher: Option<usize>,
    /// Languages whose training text it also trains on.
    pub(super) joined: Vec<String>,
    pub(super) pool: Option<Pool>,
    /// Languages whose sentences it may not train on.
    pub(super) excluded: Vec<String>,
    /// Suffix of the name if another run has the same name.
    pub(super) variant: Option<String>,
}

/// The text that a run pseudo-labels.
pub(super) struct Pool {
    pub(super) kind: PoolSource,
    pub(super) language: String,
}

impl Draft {
    /// A run that reads only the texts of its target.
    pub(super) fn new(task: Task, seed: u64, fold: Option<usize>, settings: Settings) -> Self {
        Self {
            task,
            seed,
            fold,
            settings,
            needs: None,
            members: Vec::new(),
            teacher: None,
            joined: Vec::new(),
            pool: None,
            excluded: Vec::new(),
            variant: None,
        }
    }
}
