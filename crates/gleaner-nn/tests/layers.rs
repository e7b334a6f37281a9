//! Learning rates and new values by layer of the encoder.

use gleaner_nn::{
    Grads, Group,
    encoder::EncoderConfig,
    network::Network,
    optim::{Adam, AdamConfig, OptimizerKind},
};
use pass::{active, pass};
use std::collections::BTreeMap;
use support::{batch, config, deberta, modernbert};

#[path = "support/pass.rs"]
mod pass;
#[path = "support/network.rs"]
mod support;

/// Encoders of three layers.
fn encoders() -> [EncoderConfig; 3] {
    let bert = config(12, 3, 20, 3, r#", "initializer_range": 0.05"#);
    [bert, modernbert(12, 3, 20, 3), deberta(12, 3, 20, 3, "")]
}

fn values(network: &Network) -> BTreeMap<String, Vec<f32>> {
    let params = &network.params;
    params.ids().map(|id| (params.name(id).to_owned(), params.values(id).into_owned())).collect()
}

/// The largest distance that a value of each parameter moves in a step of Adam, without those whose gradient is zero
/// but for rounding.
fn moves(network: &mut Network, grads: &Grads) -> BTreeMap<String, f64> {
    let before = values(network);
    let mut adam = Adam::new(AdamConfig::new(OptimizerKind::Adamw, 0.0), &network.params);
    adam.step(&mut network.params, grads, 1.0, |group| {
        Some(if group == Group::Encoder { 1e-2 } else { 1e-3 })
    });
    let params = &network.params;
    let trained = params.ids().filter(|id| !params.is_frozen(*id)).map(|id| params.name(id));
    trained
        .filter(|name| !name.ends_with("key.bias"))
        .map(|name| {
            let now = params.values(params.find(name).unwrap());
            let moves = now.iter().zip(&before[name]).map(|(a, b)| (a - b).abs());
            (name.to_owned(), f64::from(moves.fold(0.0, f32::max)))
        })
        .collect()
}

#[test]
fn each_layer_has_its_rate() {
    for config in encoders() {
        let mut network = active(&config);
        network.decay_rates_by_layer(0.5);
        let (_, grads) = pass(&network, &batch(&[5, 9, 2]), None);
        // The first step of Adam moves values by the rate.
        for (name, farthest) in moves(&mut network, &grads) {
            let expected = match name.strip_prefix("bert.") {
                None => 1e-3,
                Some("final_norm.weight") => 1e-2,
                Some(rest) if rest.starts_with("encoder.layer.2.") => 1e-2,
                Some(rest) if rest.starts_with("encoder.layer.1.") => 5e-3,
                Some(rest) if rest.starts_with("encoder.layer.0.") => 2.5e-3,
                Some(_) => 1.25e-3,
            };
            assert!((farthest / expected - 1.0).abs() < 1e-2, "{name}: {farthest}, not {expected}");
        }
    }
}

#[test]
fn top_layers_are_reset_as_new_ones() {
    for config in encoders() {
        let after = |seed: Option<u64>| {
            let mut network = active(&config);
            seed.into_iter().for_each(|seed| network.reset_layers(2, seed));
            values(&network)
        };
        let [old, new, again, other] = [None, Some(1), Some(1), Some(2)].map(after);
        assert_eq!(new, again);
        let (mut drawn, mut squares) = (0, 0.0);
        for (name, new) in &new {
            let reset = ["bert.encoder.layer.1.", "bert.encoder.layer.2."];
            if !reset.iter().any(|start| name.starts_with(start)) {
                assert_eq!(new, &old[name], "{name}");
            } else if name.ends_with(".bias") {
                assert!(new.iter().all(|x| *x == 0.0), "{name}");
            } else if name.contains("LayerNorm") {
                assert!(new.iter().all(|x| *x == 1.0), "{name}");
            } else {
                assert_ne!(new, &other[name], "{name}");
                drawn += new.len();
                squares += new.iter().map(|x| f64::from(*x).powi(2)).sum::<f64>();
            }
        }
        // Of more than two thousand values.
        let spread = (squares / drawn as f64).sqrt();
        let expected = f64::from(config.initializer_range);
        assert!((spread / expected - 1.0).abs() < 0.05, "{spread}, not {expected}");
        let query =
            |layer: usize| &new[&format!("bert.encoder.layer.{layer}.attention.self.query.weight")];
        assert_ne!(query(1), query(2));
    }
}
