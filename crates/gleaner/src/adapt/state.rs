//! The state of an adaptation, in memory and on disk.

use super::{AdaptSettings, Adapted, RawText, Record};
use crate::{
    GleanerError,
    train::{Checkpoints, digest_of_encoder},
};
use gleaner_nn::{
    Params,
    masked::MaskedLm,
    optim::{Adam, AdamConfig, OptimizerKind},
    weights::{self, NamedTensor, WeightFile},
};
use serde::{Deserialize, Serialize};

/// The state of an adaptation, apart from its parameters.
pub(super) struct Progress {
    pub(super) adam: Adam,
    /// Number of steps done.
    pub(super) step: u64,
    /// Number of pieces trained on, special ones included.
    pub(super) pieces: u64,
    /// The sum of the losses of pieces hidden since the last record, and their number.
    pub(super) sum: f64,
    pub(super) hidden: u64,
    pub(super) history: Vec<Record>,
    /// A digest of the files of the encoder that is adapted. `None` where no checkpoint is written.
    encoder: Option<String>,
}

/// The state beside the tensors.
#[derive(Serialize, Deserialize)]
struct Saved {
    /// The version of the format.
    format: u32,
    settings: AdaptSettings,
    /// Earlier versions wrote none.
    #[serde(default)]
    encoder: Option<String>,
    texts: Vec<RawText>,
    threads: usize,
    steps_of_adam: u64,
    step: u64,
    pieces: u64,
    sum: f64,
    hidden: u64,
    history: Vec<Record>,
    /// The name of the file with the tensors.
    tensors: String,
}

impl Progress {
    /// The state before the first step.
    pub(super) fn new(settings: &AdaptSettings, params: &Params) -> Self {
        let adam = adam(settings, params);
        Self { adam, step: 0, pieces: 0, sum: 0.0, hidden: 0, history: Vec::new(), encoder: None }
    }
}

/// A new optimiser.
pub(super) fn adam(settings: &AdaptSettings, params: &Params) -> Adam {
    Adam::new(AdamConfig::new(OptimizerKind::Adamw, settings.decay), params)
}

/// The state that an adaptation starts or resumes from. A resumed state's parameters are put into `model`.
pub(super) fn begin(
    checkpoints: &Checkpoints,
    adapted: &Adapted,
    model: &mut MaskedLm,
) -> Result<Progress, GleanerError> {
    checkpoints.create()?;
    let mut state = Progress::new(&adapted.settings, &model.params);
    state.encoder = Some(digest_of_encoder(&adapted.settings.encoder)?);
    let Some(saved) = checkpoints.read::<Saved>()? else { return Ok(state) };
    let other = |what: &str, fix: &str| Err(GleanerError::occupied(checkpoints.model(), what, fix));
    if (&saved.settings, saved.threads) != (&adapted.settings, adapted.threads) {
        return other(
            "holds an unfinished adaptation with other settings",
            "use the same settings and number of threads, or choose another folder",
        );
    }
    // Rows of the embeddings that are not trained are in no checkpoint.
    if saved.encoder.is_some() && saved.encoder != state.encoder {
        return other(
            "holds an unfinished adaptation of an encoder that has changed since",
            "restore it, or choose another folder",
        );
    }
    if saved.texts != adapted.texts {
        return other(
            "holds an unfinished adaptation on texts that have changed since",
            "restore them, or choose another folder",
        );
    }
    if saved.step > adapted.steps {
        return Err(checkpoints.damaged("it has more steps than the adaptation"));
    }
    let file = WeightFile::open(&checkpoints.tensors(&saved.tensors)?)?;
    let params = &mut model.params;
    for id in params.ids() {
        if params.is_frozen(id) {
            continue;
        }
        let (name, shape) = (params.name(id).to_owned(), params.shape(id).to_owned());
        let read = |kind: &str| file.read(&format!("{kind}.{name}"), &shape);
        state.adam.restore(saved.steps_of_adam, id, &read("first")?, &read("second")?);
        params.set(id, &read("now")?);
    }
    (state.step, state.pieces) = (saved.step, saved.pieces);
    (state.sum, state.hidden) = (saved.sum, saved.hidden);
    state.history = saved.history;
    Ok(state)
}

/// Writes a checkpoint; the previous one stays until the new one is complete.
pub(super) fn save(
    checkpoints: &Checkpoints,
    adapted: &Adapted,
    model: &MaskedLm,
    state: &Progress,
) -> Result<(), GleanerError> {
    let params = &model.params;
    let mut tensors = Vec::new();
    for id in params.ids().filter(|&id| !params.is_frozen(id)) {
        let name = |kind: &str| format!("{kind}.{}", params.name(id));
        let shape = params.shape(id);
        tensors.push(NamedTensor::new(name("now"), shape, move || params.values(id)));
        for (kind, which) in [("first", 0), ("second", 1)] {
            let moment = move || std::mem::take(&mut state.adam.moments(id)[which]);
            tensors.push(NamedTensor::new(name(kind), shape, moment));
        }
    }
    let name = format!("state-{}.safetensors", state.step);
    weights::write(&checkpoints.folder().join(&name), &tensors)?;
    let saved = Saved {
        format: Checkpoints::FORMAT,
        settings: adapted.settings.clone(),
        encoder: state.encoder.clone(),
        texts: adapted.texts.clone(),
        threads: adapted.threads,
        steps_of_adam: state.adam.steps(),
        step: state.step,
        pieces: state.pieces,
        sum: state.sum,
        hidden: state.hidden,
        history: state.history.clone(),
        tensors: name.clone(),
    };
    checkpoints.commit(&saved, &name)
}
