//! Tests of training passes on partial labels and soft targets, with every head and engine.

use gleaner_nn::{
    Engine, Grads,
    crf::{Labels, Supervision},
    network::{HeadKind, Network},
};
use support::{TAGS, batch, config, network};

#[path = "support/network.rs"]
mod support;

const ENGINES: &[Engine] = &[
    Engine::Fused,
    #[cfg(feature = "composite")]
    Engine::Composite,
];

const HEADS: [HeadKind; 3] = [HeadKind::BilstmCrf, HeadKind::Crf, HeadKind::Linear];

fn gradients(network: &Network, supervision: &[Supervision]) -> (Vec<f64>, Vec<f32>) {
    let batch = batch(&[4, 7]);
    let mut grads = Grads::zeros(&network.params);
    let pass = network.train_pass_on(&batch, supervision, 0.5, None, &mut grads).unwrap();
    let all = network.params.ids().flat_map(|id| grads.get(id).to_vec()).collect();
    (pass.losses, all)
}

fn norm(v: &[f32]) -> f64 {
    v.iter().map(|&x| f64::from(x).powi(2)).sum::<f64>().sqrt()
}

fn distance(a: &[f32], b: &[f32]) -> f64 {
    norm(&a.iter().zip(b).map(|(a, b)| a - b).collect::<Vec<_>>())
}

#[test]
fn supervision_by_tags_equals_the_plain_pass_to_the_bit() {
    let (batch, config) = (batch(&[4, 7]), config(16, 2, 20, 1, ""));
    for (kind, &engine) in HEADS.into_iter().flat_map(|k| ENGINES.iter().map(move |e| (k, e))) {
        let network = network(&config, 0.3, kind, 6).with_engine(engine);
        let mut grads = Grads::zeros(&network.params);
        let pass = network.train_pass(&batch, 0.5, None, &mut grads).unwrap();
        let plain: Vec<f32> = network.params.ids().flat_map(|id| grads.get(id).to_vec()).collect();
        let supervision = Supervision::of_tags(batch.tags(), batch.labelled_offsets());
        let (losses, found) = gradients(&network, &supervision);
        assert_eq!(losses, pass.losses);
        assert!(plain.iter().zip(&found).all(|(a, b)| a.to_bits() == b.to_bits()));
    }
}

#[test]
fn engines_agree_on_every_kind_of_supervision_and_weights_scale_gradients() {
    let (batch, config) = (batch(&[4, 7]), config(16, 2, 20, 1, ""));
    let allowed: Vec<bool> = (0..4 * TAGS).map(|i| i % 3 == 0 || i % 5 == 1).collect();
    for kind in HEADS {
        let teacher = network(&config, 0.5, kind, 6);
        let emissions = teacher.emissions(&batch).unwrap();
        let expectations = teacher.crf().lattice(&emissions[4 * TAGS..]).expectations();
        let supervision = |weight| {
            [
                Supervision { labels: Labels::Allowed(&allowed), weight },
                Supervision { labels: Labels::Expected(&expectations), weight },
            ]
        };
        let of = |engine, weight| {
            gradients(&network(&config, 0.3, kind, 6).with_engine(engine), &supervision(weight))
        };
        let (losses, fused) = of(Engine::Fused, 1.0);
        assert!(norm(&fused) > 0.0 && losses.iter().all(|l| *l > 0.0));
        for &engine in ENGINES {
            let (found, whole) = of(engine, 1.0);
            assert!(losses.iter().zip(&found).all(|(a, b)| (a - b).abs() < 1e-5));
            assert!(distance(&fused, &whole) < 1e-5 * norm(&fused));
            let (same, half) = of(engine, 0.5);
            assert_eq!(same, found);
            let doubled: Vec<f32> = half.iter().map(|g| 2.0 * g).collect();
            assert!(distance(&doubled, &whole) < 1e-5 * norm(&whole));
        }
    }
}
