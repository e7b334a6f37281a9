//! Tests of two passes with different dropout, with every head and engine.

use gleaner_nn::{
    Engine, Grads,
    crf::Supervision,
    network::{HeadKind, Network, Pass},
    rng::Stream,
};
use pass::{DROPOUT, distance, norm};
use support::{batch, config, network};

#[path = "support/pass.rs"]
mod pass;
#[path = "support/network.rs"]
mod support;

const ENGINES: &[Engine] = &[
    Engine::Fused,
    #[cfg(feature = "composite")]
    Engine::Composite,
];

const HEADS: [HeadKind; 3] = [HeadKind::BilstmCrf, HeadKind::Crf, HeadKind::Linear];

const LENGTHS: [usize; 3] = [4, 1, 7];

fn tagger(kind: HeadKind, engine: Engine) -> Network {
    network(&config(16, 2, 20, 1, DROPOUT), 0.5, kind, 6).with_engine(engine)
}

/// The losses and all gradients of a training pass.
fn result(
    network: &Network,
    pass: impl FnOnce(&Network, &[Supervision], &mut Grads) -> Pass,
) -> (Vec<f64>, Vec<f32>) {
    let batch = batch(&LENGTHS);
    let mut supervision = Supervision::of_tags(batch.tags(), batch.labelled_offsets());
    supervision[2].weight = 0.5;
    let mut grads = Grads::zeros(&network.params);
    let losses = pass(network, &supervision, &mut grads).losses;
    (losses, network.params.ids().flat_map(|id| grads.get(id).to_vec()).collect())
}

fn once(network: &Network, dropout: u64) -> (Vec<f64>, Vec<f32>) {
    result(network, |network, supervision, grads| {
        let dropout = Some(Stream::new(dropout));
        network.train_pass_on(&batch(&LENGTHS), supervision, 0.25, dropout, grads).unwrap()
    })
}

fn twice(network: &Network, share: f64, dropout: [u64; 2]) -> (Vec<f64>, Vec<f32>) {
    result(network, |network, supervision, grads| {
        let dropout = dropout.map(Stream::new);
        network.train_twice(&batch(&LENGTHS), supervision, 0.25, share, dropout, grads).unwrap()
    })
}

fn cases() -> impl Iterator<Item = (HeadKind, Engine)> {
    HEADS.into_iter().flat_map(|kind| ENGINES.iter().map(move |engine| (kind, *engine)))
}

#[test]
fn without_a_share_they_are_the_mean_of_two_passes() {
    for (kind, engine) in cases() {
        let network = tagger(kind, engine);
        let [first, second, both] =
            [once(&network, 1), once(&network, 2), twice(&network, 0.0, [1, 2])];
        for ((a, b), mean) in first.0.iter().zip(&second.0).zip(&both.0) {
            assert!(((a + b) / 2.0 - mean).abs() < 1e-9, "{a} {b} {mean}");
        }
        let mean: Vec<f32> = first.1.iter().zip(&second.1).map(|(a, b)| (a + b) / 2.0).collect();
        assert!(distance(&mean, &both.1) < 1e-5 * norm(&mean), "{kind:?} {engine:?}");
        assert!(distance(&first.1, &both.1) > 1e-2 * norm(&mean));
    }
}

#[test]
fn equal_passes_do_not_disagree() {
    for (kind, engine) in cases() {
        let network = tagger(kind, engine);
        let (one, both) = (once(&network, 1), twice(&network, 3.0, [1, 1]));
        for (a, b) in one.0.iter().zip(&both.0) {
            assert!((a - b).abs() < 1e-9, "{a} {b}");
        }
        assert!(distance(&one.1, &both.1) < 1e-5 * norm(&one.1), "{kind:?} {engine:?}");
    }
}

/// The loss that the gradients belong to: sentences times their weights.
fn weighted(losses: &[f64]) -> f64 {
    0.25 * (losses[0] + losses[1] + 0.5 * losses[2])
}

#[test]
fn gradients_are_the_slope_of_the_loss() {
    for (kind, engine) in cases() {
        let (_, gradient) = twice(&tagger(kind, engine), 4.0, [1, 2]);
        let length = norm(&gradient);
        let at = |step: f64| {
            let mut network = tagger(kind, engine);
            let mut along = gradient.iter();
            for id in network.params.ids() {
                if network.params.is_frozen(id) {
                    continue;
                }
                network.params.update(id, |values| {
                    for (value, g) in values.iter_mut().zip(&mut along) {
                        *value += (step / length * f64::from(*g)) as f32;
                    }
                });
            }
            weighted(&twice(&network, 4.0, [1, 2]).0)
        };
        let slope = (at(2e-3) - at(-2e-3)) / 4e-3;
        assert!((slope / length - 1.0).abs() < 1e-2, "{kind:?} {engine:?}: {slope} {length}");
        // A part of it belongs to the disagreement: a hundred times what rounding leaves.
        let (_, plain) = twice(&tagger(kind, engine), 0.0, [1, 2]);
        assert!(distance(&plain, &gradient) > 1e-3 * length, "{kind:?} {engine:?}");
    }
}

#[cfg(feature = "composite")]
#[test]
fn engines_agree_also_in_parts() {
    for kind in HEADS {
        let fused = twice(&tagger(kind, Engine::Fused), 4.0, [1, 2]);
        for most in [usize::MAX, 12] {
            let network = tagger(kind, Engine::Composite).with_batches_below(most);
            let composite = twice(&network, 4.0, [1, 2]);
            for (a, b) in fused.0.iter().zip(&composite.0) {
                assert!((a / b - 1.0).abs() < 1e-5, "{a} {b}");
            }
            assert!(distance(&fused.1, &composite.1) < 1e-5 * norm(&fused.1), "{kind:?} {most}");
        }
    }
}
