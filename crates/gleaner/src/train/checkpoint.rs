//! The state of a training, in memory and on disk.

use super::event::EpochRecord;
use crate::{GleanerError, Settings, Tagger, model_folder::OpenFolder};
use gleaner_nn::{
    ParamId, Params,
    optim::Adam,
    schedule::Plateau,
    weights::{self, NamedTensor, WeightFile},
};
use serde::{Deserialize, Serialize};

/// How far a training is.
pub(super) struct Progress {
    pub(super) adam: Adam,
    pub(super) plateau: Plateau,
    pub(super) history: Vec<EpochRecord>,
    /// The epoch of the best state, from 1; 0 before the first.
    pub(super) best_epoch: u32,
    best_score: f64,
    best: Vec<Vec<f32>>,
}

/// What is written beside the tensors.
#[derive(Serialize, Deserialize)]
struct Saved {
    settings: Settings,
    steps: u64,
    plateau: Plateau,
    history: Vec<EpochRecord>,
    best_epoch: u32,
    best_score: f64,
    /// Name of the file with the tensors.
    tensors: String,
}

impl Progress {
    pub(super) fn new(adam: Adam, plateau: Plateau) -> Self {
        Self {
            adam,
            plateau,
            history: Vec::new(),
            best_epoch: 0,
            best_score: f64::NEG_INFINITY,
            best: Vec::new(),
        }
    }

    /// Keeps the parameters if `score` is strictly better than any before.
    pub(super) fn observe(&mut self, score: f64, epoch: u32, params: &Params) -> bool {
        let better = score > self.best_score;
        if better {
            self.best_score = score;
            self.best_epoch = epoch;
            self.best = params
                .ids()
                .map(|id| if params.is_frozen(id) { Vec::new() } else { params.values(id) })
                .collect();
        }
        better
    }

    /// Whether the best epoch lies `patience` epochs back.
    pub(super) fn out_of_patience(&self, patience: u32) -> bool {
        patience > 0 && self.history.len() as u32 >= self.best_epoch + patience
    }

    /// Puts the best parameters back.
    pub(super) fn restore_best(&mut self, params: &mut Params) {
        for (id, values) in params.ids().zip(std::mem::take(&mut self.best)) {
            if !params.is_frozen(id) {
                params.set(id, &values);
            }
        }
    }
}

/// Writes a checkpoint; the one before stays until the new one is whole.
pub(super) fn save(
    folder: &OpenFolder,
    settings: &Settings,
    tagger: &Tagger,
    state: &Progress,
) -> Result<(), GleanerError> {
    let params = &tagger.network.params;
    let name = format!("state-{}.safetensors", state.history.len());
    let path = folder.checkpoint().join(&name);
    let mut tensors = Vec::new();
    for id in params.ids().filter(|id| !params.is_frozen(*id)) {
        let (first, second) = state.adam.moments(id);
        tensors.push(named("now", params, id, move || params.values(id)));
        tensors.push(named("best", params, id, move || best_of(state, params, id)));
        tensors.push(named("first", params, id, || first.to_vec()));
        tensors.push(named("second", params, id, || second.to_vec()));
    }
    weights::write(&path, &tensors)?;
    let saved = Saved {
        settings: settings.clone(),
        steps: state.adam.steps(),
        plateau: state.plateau.clone(),
        history: state.history.clone(),
        best_epoch: state.best_epoch,
        best_score: state.best_score,
        tensors: name.clone(),
    };
    folder.write_checkpoint_manifest(&saved)?;
    folder.drop_other_checkpoints(&name)
}

/// One of the tensors that are kept of a parameter.
fn named<'a>(
    kind: &str,
    params: &Params,
    id: ParamId,
    values: impl Fn() -> Vec<f32> + 'a,
) -> NamedTensor<'a> {
    NamedTensor::new(format!("{kind}.{}", params.name(id)), params.shape(id), values)
}

fn best_of(state: &Progress, params: &Params, id: ParamId) -> Vec<f32> {
    let index = params.ids().position(|i| i == id).expect("an id of these parameters");
    state.best[index].clone()
}

/// Loads a checkpoint if there is one; whether there was.
pub(super) fn load(
    folder: &OpenFolder,
    settings: &Settings,
    tagger: &mut Tagger,
    state: &mut Progress,
) -> Result<bool, GleanerError> {
    let Some(saved) = folder.read_checkpoint_manifest::<Saved>()? else { return Ok(false) };
    if saved.settings != *settings {
        return Err(GleanerError::model(
            folder.path(),
            "holds an unfinished training with other settings",
            "repeat its settings, or choose another folder",
        ));
    }
    let file = WeightFile::open(&folder.checkpoint().join(&saved.tensors))?;
    let params = &mut tagger.network.params;
    state.best.clear();
    for id in params.ids() {
        if params.is_frozen(id) {
            state.best.push(Vec::new());
            continue;
        }
        let (name, shape) = (params.name(id).to_owned(), params.shape(id).to_owned());
        let read = |kind: &str| file.read(&format!("{kind}.{name}"), &shape);
        state.best.push(read("best")?);
        state.adam.restore(saved.steps, id, &read("first")?, &read("second")?);
        params.set(id, &read("now")?);
    }
    state.plateau = saved.plateau;
    state.history = saved.history;
    state.best_epoch = saved.best_epoch;
    state.best_score = saved.best_score;
    Ok(true)
}
