//! The state of a training.

use super::{event::EpochRecord, pseudo::PseudoLabelled};
use crate::{Selection, Settings};
use gleaner_nn::{
    Params,
    optim::{Adam, AdamConfig},
    schedule::Plateau,
};
use serde::{Deserialize, Serialize};

/// The state of a training.
pub(super) struct Progress {
    pub(super) adam: Adam,
    pub(super) plateau: Plateau,
    pub(super) history: Vec<EpochRecord>,
    /// The steps of an epoch that is not finished.
    pub(super) partway: Option<Partway>,
    /// The sentences of the pool that are trained on, in order.
    pub(super) added: Vec<PseudoLabelled>,
    /// Number of fresh students before this one.
    pub(super) round: u32,
    /// Number of epochs before this round.
    pub(super) before: u32,
    /// The best parameters of this round, once there are some.
    pub(super) best: Option<Best>,
    /// The best parameters of earlier rounds.
    pub(super) champion: Option<Best>,
    /// The average over the last epochs of this round.
    pub(super) average: Average,
    /// The parameters that every fresh student starts from; empty without students.
    pub(super) initial: Vec<Vec<f32>>,
}

/// The steps of an epoch that is not finished.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Partway {
    /// Number of steps of the optimiser.
    pub(super) steps: usize,
    /// Sum over batches of the loss.
    pub(super) loss: f64,
    /// Sum over batches of the share of correct labelled positions.
    pub(super) score: f64,
    /// Number of pieces passed through the network.
    pub(super) pieces: u64,
}

/// Parameters worth keeping.
pub(super) struct Best {
    pub(super) score: f64,
    /// Their epoch, from 1; of an average, its last epoch.
    pub(super) epoch: u32,
    /// The number of epochs whose parameters were averaged.
    pub(super) averaged: Option<u32>,
    /// Copies of the trained parameters, empty for frozen ones. `None` where the last epoch is kept: the network holds
    /// them, and no epoch needs a copy.
    pub(super) params: Option<Vec<Vec<f32>>>,
}

/// The mean of parameters over epochs.
#[derive(Default)]
pub(super) struct Average {
    /// Number of epochs.
    pub(super) epochs: u32,
    /// The mean of every trained parameter; empty for frozen ones.
    pub(super) mean: Vec<Vec<f32>>,
}

impl Progress {
    /// The state before the first step of a tagger with these parameters.
    pub(super) fn new(settings: &Settings, params: &Params) -> Self {
        Self {
            adam: adam(settings, params),
            plateau: plateau(),
            history: Vec::new(),
            partway: None,
            added: Vec::new(),
            round: 0,
            before: 0,
            best: None,
            champion: None,
            average: Average::default(),
            initial: if settings.self_training.has_fresh_students() {
                trained(params)
            } else {
                Vec::new()
            },
        }
    }

    /// Epochs done.
    pub(super) fn epochs(&self) -> u32 {
        self.history.len() as u32
    }

    /// Keeps the parameters if `score` is strictly better than all earlier ones of this round. Returns whether it is
    /// better than all earlier ones.
    pub(super) fn observe(&mut self, settings: &Settings, score: f64, params: &Params) -> bool {
        let above = |best: &Option<Best>| best.as_ref().is_none_or(|b| score > b.score);
        let better = above(&self.best);
        if better {
            let params = (settings.selection.select != Selection::Last).then(|| trained(params));
            self.best = Some(Best { score, epoch: self.epochs() + 1, averaged: None, params });
        }
        better && above(&self.champion)
    }

    /// Whether the best epoch of this round, the first of equal ones, is `patience` epochs ago. An average is not an
    /// epoch: keeping one does not extend the training.
    fn out_of_patience(&self, settings: &Settings) -> bool {
        let score = |record: &EpochRecord| match settings.selection.select {
            Selection::Published => record.dev_published,
            Selection::EntityF1 | Selection::Last => record.dev_f1,
        };
        let mut best = (f64::NEG_INFINITY, self.before);
        for record in &self.history[self.before as usize..] {
            if score(record) > best.0 {
                best = (score(record), record.epoch);
            }
        }
        settings.selection.patience > 0
            && self.epochs() >= best.1.saturating_add(settings.selection.patience)
    }

    /// Whether this round has no further epoch.
    pub(super) fn round_is_over(&self, settings: &Settings) -> bool {
        self.epochs() - self.before >= settings.epochs_of_round(self.round)
            || self.out_of_patience(settings)
    }

    /// Starts the next round with a fresh student; keeps the best parameters of the earlier rounds.
    pub(super) fn next_round(&mut self, settings: &Settings, params: &mut Params) {
        let earlier = self.champion.take();
        self.champion = better(earlier, self.best.take());
        put(params, &self.initial);
        self.adam = adam(settings, params);
        self.plateau = plateau();
        self.average = Average::default();
        self.round += 1;
        self.before = self.epochs();
    }

    /// Puts the best parameters of all rounds into the network. Returns which ones they are.
    pub(super) fn restore_best(&mut self, params: &mut Params) -> Option<Best> {
        let best = better(self.champion.take(), self.best.take())?;
        if let Some(copies) = &best.params {
            put(params, copies);
        }
        Some(best)
    }
}

impl Average {
    /// Adds the parameters after one more epoch.
    pub(super) fn take(&mut self, params: &Params) {
        self.epochs += 1;
        let now = trained(params);
        if self.epochs == 1 {
            self.mean = now;
            return;
        }
        let share = 1.0 / f64::from(self.epochs);
        for (mean, now) in self.mean.iter_mut().flatten().zip(now.iter().flatten()) {
            *mean += ((f64::from(*now) - f64::from(*mean)) * share) as f32;
        }
    }
}

/// The better of two; of equal scores the earlier.
fn better(earlier: Option<Best>, later: Option<Best>) -> Option<Best> {
    match (earlier, later) {
        (Some(a), Some(b)) => Some(if b.score > a.score { b } else { a }),
        (a, b) => a.or(b),
    }
}

/// Copies of the trained parameters; empty for frozen ones.
fn trained(params: &Params) -> Vec<Vec<f32>> {
    let of = |id| if params.is_frozen(id) { Vec::new() } else { params.values(id).into_owned() };
    params.ids().map(of).collect()
}

/// Overwrites the trained parameters with copies.
pub(super) fn put(params: &mut Params, copies: &[Vec<f32>]) {
    for (id, values) in params.ids().zip(copies) {
        if !params.is_frozen(id) {
            params.set(id, values);
        }
    }
}

fn adam(settings: &Settings, params: &Params) -> Adam {
    Adam::new(AdamConfig::new(settings.optimizer.optimizer, settings.optimizer.decay), params)
}

fn plateau() -> Plateau {
    Plateau::new(0.1, 5, 1e-4)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{EncoderFiles, Labels, Overrides};
    use gleaner_nn::{Compute, network::Network};
    use std::path::Path;

    fn network(settings: &Settings) -> Network {
        let encoder = EncoderFiles::open(Path::new(crate::SAMPLE_ENCODER)).unwrap();
        let labels = Labels::new(vec!["O".into(), "B-X".into(), "I-X".into()]);
        let head = crate::train::prepare::tagger_config(settings).head(&labels);
        let weights = encoder.weights.clone();
        Network::on_encoder(encoder.config, head, weights, 1, Compute::cpu()).unwrap()
    }

    /// An epoch with this score on dev, after which all biases are `value`.
    fn epoch(
        settings: &Settings,
        state: &mut Progress,
        network: &mut Network,
        score: f64,
        value: f32,
    ) -> bool {
        let bias = network.params.find("fc.bias").unwrap();
        network.params.set(bias, &[value; 3]);
        let best = state.observe(settings, score, &network.params);
        state.history.push(EpochRecord {
            epoch: state.epochs() + 1,
            pieces: 0,
            train_loss: 0.0,
            train_score: None,
            dev_loss: 0.0,
            dev_f1: score,
            dev_published: 0.0,
            round: None,
        });
        best
    }

    fn bias(network: &Network) -> Vec<f32> {
        network.params.values(network.params.find("fc.bias").unwrap()).into_owned()
    }

    #[test]
    fn the_first_of_equal_scores_is_kept_and_patience_counts_from_it() {
        let of = |patience: u32| {
            let file = format!("select = \"entity-f1\"\npatience = {patience}");
            Settings::resolve(&[&toml::from_str(&file).unwrap()]).unwrap()
        };
        let settings = of(2);
        let mut network = network(&settings);
        let mut state = Progress::new(&settings, &network.params);
        for (i, (score, better, tired)) in
            [(0.0, true, false), (0.5, true, false), (0.5, false, false), (0.4, false, true)]
                .into_iter()
                .enumerate()
        {
            assert_eq!(
                epoch(&settings, &mut state, &mut network, score, i as f32 + 1.0),
                better,
                "{i}"
            );
            assert_eq!(state.round_is_over(&settings), tired, "{i}");
            assert!(!state.round_is_over(&of(0)) && !state.round_is_over(&of(u32::MAX)));
        }
        // Keeping an average does not extend the training.
        let params = Some(trained(&network.params));
        state.best = Some(Best { score: 0.9, epoch: 4, averaged: Some(2), params });
        assert!(state.round_is_over(&settings));
        state.best = None;
        assert!(epoch(&settings, &mut state, &mut network, 0.3, 9.0));
        assert!(state.round_is_over(&settings));
        state.best = None;
        epoch(&settings, &mut state, &mut network, 0.6, 2.0);
        assert!(!state.round_is_over(&settings));
        assert_eq!(state.restore_best(&mut network.params).map(|b| b.epoch), Some(6));
        assert_eq!(bias(&network), [2.0; 3]);
    }

    #[test]
    fn a_round_starts_anew_and_the_best_of_all_rounds_is_kept() {
        let file: Overrides = toml::from_str(
            "select = \"entity-f1\"\nepochs = 2\nround-epochs = 3\npatience = 2\npool = [\"p\"]\nstudent = \"fresh\"\nrounds = 2",
        )
        .unwrap();
        let settings = Settings::resolve(&[&file]).unwrap();
        let mut network = network(&settings);
        let before = bias(&network);
        let mut state = Progress::new(&settings, &network.params);
        assert!(
            epoch(&settings, &mut state, &mut network, 0.6, 1.0) && !state.round_is_over(&settings)
        );
        assert!(
            !epoch(&settings, &mut state, &mut network, 0.5, 2.0) && state.round_is_over(&settings)
        );
        state.next_round(&settings, &mut network.params);
        assert_eq!((bias(&network), state.round, state.before), (before.clone(), 1, 2));
        assert!(!state.round_is_over(&settings));
        // The best of its round, but not of all.
        assert!(!epoch(&settings, &mut state, &mut network, 0.6, 3.0));
        assert_eq!(state.best.as_ref().map(|b| b.epoch), Some(3));
        epoch(&settings, &mut state, &mut network, 0.1, 4.0);
        assert!(!state.round_is_over(&settings), "patience counts within the round");
        epoch(&settings, &mut state, &mut network, 0.2, 5.0);
        assert!(state.round_is_over(&settings));
        state.next_round(&settings, &mut network.params);
        assert!(epoch(&settings, &mut state, &mut network, 0.7, 6.0));
        state.next_round(&settings, &mut network.params);
        epoch(&settings, &mut state, &mut network, 0.7, 7.0);
        let best = state.restore_best(&mut network.params).unwrap();
        assert_eq!((best.epoch, bias(&network)), (6, vec![6.0; 3]));
    }

    #[test]
    fn epochs_copy_no_parameters_where_the_last_one_is_kept() {
        let settings = Settings::resolve(&[&toml::from_str("select = \"last\"").unwrap()]).unwrap();
        let mut network = network(&settings);
        let mut state = Progress::new(&settings, &network.params);
        for value in [1.0, 2.0] {
            epoch(&settings, &mut state, &mut network, f64::from(value), value);
            assert!(state.best.as_ref().is_some_and(|best| best.params.is_none()));
        }
        let best = state.restore_best(&mut network.params).unwrap();
        assert_eq!((best.epoch, bias(&network)), (2, vec![2.0; 3]));
    }

    #[test]
    fn an_average_is_the_mean_of_its_epochs() {
        let settings = Settings::resolve(&[]).unwrap();
        let mut network = network(&settings);
        let mut state = Progress::new(&settings, &network.params);
        for value in [1.0, 2.0, 6.0] {
            epoch(&settings, &mut state, &mut network, 0.0, value);
            state.average.take(&network.params);
        }
        put(&mut network.params, &state.average.mean);
        assert_eq!((bias(&network), state.average.epochs), (vec![3.0; 3], 3));
    }
}
