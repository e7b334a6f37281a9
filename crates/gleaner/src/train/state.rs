//! The state of a training on disk.

use super::{
    Checkpoints, Provenance, TakenOver,
    event::EpochRecord,
    inputs::Inputs,
    progress::{Average, Best, Partway, Progress},
    pseudo::PseudoLabelled,
};
use crate::{GleanerError, Labels, Settings, Tagger, TextRecord, pieces::WordPieces};
use gleaner_nn::{
    ParamId, Params,
    crf::Expectations,
    schedule::Plateau,
    weights::{self, NamedTensor, WeightFile},
};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// The tensor of the distributions that are learnt from sentences of the pool.
const SOFT: &str = "pool.soft";

/// The state beside the tensors.
#[derive(Serialize, Deserialize)]
struct Saved {
    /// The version of the format; checkpoints of version 0.1.0 have none.
    #[serde(default = "first_format")]
    format: u32,
    settings: Settings,
    /// The training, dev and test text, and the pool.
    texts: [Option<TextRecord>; 4],
    /// What the training took over from an earlier model.
    taken_over: Option<TakenOver>,
    /// The digest of [`Inputs`]; earlier checkpoints have none.
    #[serde(default)]
    inputs: Option<String>,
    steps: u64,
    plateau: Plateau,
    history: Vec<EpochRecord>,
    /// The epoch that was stopped, if one was.
    #[serde(default)]
    partway: Option<Partway>,
    added: Vec<PseudoLabelled>,
    /// For each added sentence with a distribution, the sizes of its two parts.
    soft: Vec<[usize; 2]>,
    round: u32,
    before: u32,
    best: Option<SavedBest>,
    champion: Option<SavedBest>,
    /// Number of epochs in the average.
    averaged: u32,
    /// The name of the file with the tensors.
    tensors: String,
}

/// Parameters worth keeping, without the parameters.
#[derive(Serialize, Deserialize)]
struct SavedBest {
    score: f64,
    epoch: u32,
    averaged: Option<u32>,
    /// Whether the tensors hold copies of the parameters; checkpoints of version 0.1.0 always do.
    #[serde(default = "always")]
    copied: bool,
}

fn always() -> bool {
    true
}

fn first_format() -> u32 {
    1
}

/// Writes a checkpoint; the previous one stays until the new one is complete.
pub(super) fn save(
    checkpoints: &Checkpoints,
    made_of: &Provenance,
    inputs: &Inputs,
    tagger: &Tagger,
    state: &Progress,
) -> Result<(), GleanerError> {
    let params = &tagger.network.params;
    // A name of its own for every place in the training: the tensors of the previous checkpoint stay until the new one
    // is complete.
    let name = match &state.partway {
        Some(partway) => format!("state-{}-{}.safetensors", state.epochs(), partway.steps),
        None => format!("state-{}.safetensors", state.epochs()),
    };
    let path = checkpoints.folder().join(&name);
    let copies: Vec<(&str, &[Vec<f32>])> = [
        ("best", state.best.as_ref().and_then(|b| b.params.as_deref())),
        ("champion", state.champion.as_ref().and_then(|b| b.params.as_deref())),
        ("mean", (state.average.epochs > 0).then_some(&state.average.mean[..])),
    ]
    .into_iter()
    .filter_map(|(kind, copy)| Some((kind, copy?)))
    .collect();
    let mut tensors = Vec::new();
    for (at, id) in params.ids().enumerate().filter(|(_, id)| !params.is_frozen(*id)) {
        tensors.push(named("now", params, id, move || params.values(id)));
        for (kind, which) in [("first", 0), ("second", 1)] {
            let moment = move || std::mem::take(&mut state.adam.moments(id)[which]);
            tensors.push(named(kind, params, id, moment));
        }
        for &(kind, copy) in &copies {
            tensors.push(named(kind, params, id, move || &copy[at]));
        }
    }
    let of_soft =
        |a: &PseudoLabelled| a.soft.as_ref().map(|soft| [soft.positions.len(), soft.steps.len()]);
    let soft: Vec<[usize; 2]> = state.added.iter().filter_map(of_soft).collect();
    let numbers: usize = soft.iter().flatten().sum();
    if numbers > 0 {
        let all = || {
            let soft = state.added.iter().filter_map(|a| a.soft.as_ref());
            soft.flat_map(|s| s.positions.iter().chain(&s.steps)).copied().collect::<Vec<f32>>()
        };
        tensors.push(NamedTensor::new(SOFT, &[numbers], all));
    }
    weights::write(&path, &tensors)?;
    let kept = |best: &Option<Best>| {
        let of = |b: &Best| SavedBest {
            score: b.score,
            epoch: b.epoch,
            averaged: b.averaged,
            copied: b.params.is_some(),
        };
        best.as_ref().map(of)
    };
    let saved = Saved {
        format: Checkpoints::FORMAT,
        settings: made_of.settings.clone(),
        texts: made_of.texts(),
        taken_over: made_of.taken_over.clone(),
        inputs: Some(inputs.digest()?.to_owned()),
        steps: state.adam.steps(),
        plateau: state.plateau.clone(),
        history: state.history.clone(),
        partway: state.partway.clone(),
        added: state.added.clone(),
        soft,
        round: state.round,
        before: state.before,
        best: kept(&state.best),
        champion: kept(&state.champion),
        averaged: state.average.epochs,
        tensors: name.clone(),
    };
    checkpoints.commit(&saved, &name)
}

/// One of the tensors that are saved for a parameter.
fn named<'a, V: Into<Cow<'a, [f32]>>>(
    kind: &str,
    params: &Params,
    id: ParamId,
    values: impl Fn() -> V + 'a,
) -> NamedTensor<'a> {
    NamedTensor::new(format!("{kind}.{}", params.name(id)), params.shape(id), values)
}

impl Saved {
    /// Whether all positions and sizes are within the training's history, pool and labels, so that none of them is used
    /// unchecked later.
    fn is_consistent(&self, pool: &[WordPieces], labels: &Labels) -> bool {
        let fits = |a: &PseudoLabelled| {
            let Some(words) = pool.get(a.sentence).map(WordPieces::words) else { return false };
            a.tags.len() == words
                && a.tags.iter().all(|tag| usize::from(*tag) < labels.len())
                && a.unsure.iter().all(|word| *word < words)
                && a.unsure.is_sorted_by(|word, next| word < next)
        };
        let tags = labels.len();
        let is_distribution = |&[positions, steps]: &[usize; 2]| {
            positions.is_multiple_of(tags) && steps == tags * tags && positions < u32::MAX as usize
        };
        self.before as usize <= self.history.len()
            && self.partway.as_ref().is_none_or(|partway| partway.steps < u32::MAX as usize)
            && self.added.iter().all(fits)
            && self.soft.len() <= self.added.len()
            && self.soft.iter().all(is_distribution)
    }
}

/// Loads a checkpoint if there is one. `pool` has the pieces of the pool.
pub(super) fn load(
    checkpoints: &Checkpoints,
    made_of: &Provenance,
    inputs: &Inputs,
    pool: &[WordPieces],
    tagger: &mut Tagger,
    state: &mut Progress,
) -> Result<(), GleanerError> {
    let Some(saved) = checkpoints.read::<Saved>()? else { return Ok(()) };
    let other = |what: &str, fix: &str| Err(GleanerError::occupied(checkpoints.model(), what, fix));
    if saved.settings != made_of.settings {
        return other(
            "holds an unfinished training with other settings",
            "use the same settings, or choose another folder",
        );
    }
    if saved.texts != made_of.texts() {
        return other(
            "holds an unfinished training on texts that have changed since",
            "restore them, or choose another folder",
        );
    }
    if saved.taken_over != made_of.taken_over {
        return other(
            "holds an unfinished training from another model",
            "restore the model, or choose another folder",
        );
    }
    if let Some(before) = &saved.inputs
        && before != inputs.digest()?
    {
        return other(
            "holds an unfinished training with an encoder, mentions or teachers that have changed since",
            "restore them, or choose another folder",
        );
    }
    if !saved.is_consistent(pool, &tagger.labels) {
        return Err(checkpoints.damaged("a position or size in it is out of range"));
    }
    let file = WeightFile::open(&checkpoints.tensors(&saved.tensors)?)?;
    let params = &mut tagger.network.params;
    let [mean, best, champion] = [
        (saved.averaged > 0, "mean"),
        (saved.best.as_ref().is_some_and(|best| best.copied), "best"),
        (saved.champion.as_ref().is_some_and(|best| best.copied), "champion"),
    ]
    .map(|(copied, kind)| copied.then(|| copies(&file, kind, params)).transpose());
    state.average = Average { epochs: saved.averaged, mean: mean?.unwrap_or_default() };
    let whole = |saved: Option<SavedBest>, params| {
        let of = |SavedBest { score, epoch, averaged, .. }| Best { score, epoch, averaged, params };
        saved.map(of)
    };
    state.best = whole(saved.best, best?);
    state.champion = whole(saved.champion, champion?);
    for id in params.ids() {
        if params.is_frozen(id) {
            continue;
        }
        let (name, shape) = (params.name(id).to_owned(), params.shape(id).to_owned());
        let read = |kind: &str| file.read(&format!("{kind}.{name}"), &shape);
        state.adam.restore(saved.steps, id, &read("first")?, &read("second")?);
        params.set(id, &read("now")?);
    }
    state.plateau = saved.plateau;
    state.history = saved.history;
    state.partway = saved.partway;
    state.added = saved.added;
    state.round = saved.round;
    state.before = saved.before;
    put_soft(&file, &saved.soft, &mut state.added)
}

/// Copies of all trained parameters; empty for frozen ones.
fn copies(file: &WeightFile, kind: &str, params: &Params) -> Result<Vec<Vec<f32>>, GleanerError> {
    let of = |id| match params.is_frozen(id) {
        true => Ok(Vec::new()),
        false => Ok(file.read(&format!("{kind}.{}", params.name(id)), params.shape(id))?),
    };
    params.ids().map(of).collect()
}

/// Gives the added sentences their distributions.
fn put_soft(
    file: &WeightFile,
    sizes: &[[usize; 2]],
    added: &mut [PseudoLabelled],
) -> Result<(), GleanerError> {
    let numbers: usize = sizes.iter().flatten().sum();
    if numbers == 0 {
        return Ok(());
    }
    let mut left = &file.read(SOFT, &[numbers])?[..];
    for (a, sizes) in added.iter_mut().zip(sizes) {
        let [positions, steps] = sizes.map(|n| {
            let (part, rest) = left.split_at(n);
            left = rest;
            part.to_vec()
        });
        a.soft = Some(Expectations { positions, steps });
    }
    Ok(())
}
