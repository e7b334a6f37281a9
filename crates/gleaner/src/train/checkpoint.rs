//! The state of a training, in memory and on disk.

use super::{TakenOver, event::EpochRecord, pseudo::PseudoLabelled};
use crate::{
    GleanerError, Provenance, Settings, Tagger,
    model_folder::{OpenFolder, TextRecord},
};
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
    /// Sentences of the pool that are trained on, in order.
    pub(super) added: Vec<PseudoLabelled>,
    /// The epoch of the best state, from 1; 0 before the first.
    pub(super) best_epoch: u32,
    best_score: f64,
    best: Vec<Vec<f32>>,
}

/// What is written beside the tensors.
#[derive(Serialize, Deserialize)]
struct Saved {
    settings: Settings,
    /// The training, dev and test text, and the pool.
    texts: [Option<TextRecord>; 4],
    /// The model that was started from.
    taken_over: Option<TakenOver>,
    steps: u64,
    plateau: Plateau,
    history: Vec<EpochRecord>,
    added: Vec<PseudoLabelled>,
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
            added: Vec::new(),
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
    made_of: &Provenance,
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
        settings: made_of.settings.clone(),
        texts: made_of.texts(),
        taken_over: made_of.taken_over.clone(),
        steps: state.adam.steps(),
        plateau: state.plateau.clone(),
        history: state.history.clone(),
        added: state.added.clone(),
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

/// Loads a checkpoint if there is one.
pub(super) fn load(
    folder: &OpenFolder,
    made_of: &Provenance,
    tagger: &mut Tagger,
    state: &mut Progress,
) -> Result<(), GleanerError> {
    let Some(saved) = folder.read_checkpoint_manifest::<Saved>()? else { return Ok(()) };
    let other = |what: &str, fix: &str| Err(GleanerError::folder(folder.path(), what, fix));
    if saved.settings != made_of.settings {
        return other(
            "holds an unfinished training with other settings",
            "repeat its settings, or choose another folder",
        );
    }
    if saved.texts != made_of.texts() {
        return other(
            "holds an unfinished training on texts that have changed since",
            "put them back, or choose another folder",
        );
    }
    if saved.taken_over != made_of.taken_over {
        return other(
            "holds an unfinished training from another model",
            "put the model back, or choose another folder",
        );
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
    state.added = saved.added;
    state.best_epoch = saved.best_epoch;
    state.best_score = saved.best_score;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{EncoderFiles, Labels};
    use gleaner_nn::{
        Compute,
        network::Network,
        optim::{AdamConfig, OptimizerKind},
    };
    use std::path::Path;

    #[test]
    fn the_first_of_equal_scores_is_kept_and_patience_counts_from_it() {
        let encoder = EncoderFiles::open(Path::new(crate::SAMPLE_ENCODER)).unwrap();
        let settings = Settings::resolve(&[]).unwrap();
        let labels = Labels::new(vec!["O".into(), "B-X".into(), "I-X".into()]);
        let head = crate::train::head_config(&settings, &labels);
        let weights = encoder.weights.clone();
        let mut network =
            Network::on_encoder(encoder.config, head, weights, 1, Compute::Cpu).unwrap();
        let adam = Adam::new(AdamConfig::new(OptimizerKind::Adam, 0.0), &network.params);
        let mut state = Progress::new(adam, Plateau::new(0.1, 5, 1e-4));
        let bias = network.params.find("fc.bias").unwrap();
        for (epoch, (score, better, tired)) in
            [(0.0, true, false), (0.5, true, false), (0.5, false, false), (0.4, false, true)]
                .into_iter()
                .enumerate()
        {
            let epoch = epoch as u32 + 1;
            network.params.set(bias, &[epoch as f32; 3]);
            assert_eq!(state.observe(score, epoch, &network.params), better, "epoch {epoch}");
            state.history.push(EpochRecord {
                epoch,
                train_loss: 0.0,
                train_score: 0.0,
                dev_loss: 0.0,
                dev_f1: score,
                dev_published: 0.0,
                round: None,
            });
            assert_eq!(state.out_of_patience(2), tired, "epoch {epoch}");
            assert!(!state.out_of_patience(0));
        }
        assert_eq!(state.best_epoch, 2);
        state.restore_best(&mut network.params);
        assert_eq!(network.params.values(bias), [2.0; 3]);
    }
}
