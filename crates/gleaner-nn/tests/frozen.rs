//! Tests of encoders that are only read.

use gleaner_nn::{Frozen, encoder::EncoderConfig, network::HeadKind};
use support::{batch, config, deberta, encoder, modernbert, network};

#[path = "support/network.rs"]
mod support;

const SPREAD: f32 = 0.5;

fn hidden(config: &EncoderConfig, layers: usize) -> Vec<f32> {
    let frozen = Frozen::open(config.clone(), encoder(config, SPREAD), layers).unwrap();
    assert_eq!(frozen.width(), config.hidden_size);
    frozen.hidden(batch(&[5, 1, 9]).packed()).unwrap()
}

fn distance(a: &[f32], b: &[f32]) -> f32 {
    assert_eq!(a.len(), b.len());
    a.iter().zip(b).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max)
}

#[test]
fn all_layers_give_the_hidden_states_of_the_network() {
    for config in [config(20, 4, 28, 4, ""), modernbert(20, 2, 28, 4), deberta(20, 4, 28, 4, "")] {
        let network = network(&config, SPREAD, HeadKind::Linear, 0);
        let expected = network.hidden(batch(&[5, 1, 9]).packed()).unwrap();
        for layers in [4, 9] {
            assert!(distance(&hidden(&config, layers), &expected) < 1e-5, "{}", config.model_type);
        }
    }
}

#[test]
fn the_first_layers_do_not_depend_on_the_others() {
    let families: [fn(usize) -> EncoderConfig; 2] =
        [|layers| config(20, 4, 28, layers, ""), |layers| deberta(20, 4, 28, layers, "")];
    for of in families {
        let (whole, short) = (of(4), of(2));
        assert_eq!(hidden(&whole, 2), hidden(&short, 2));
        assert!(distance(&hidden(&whole, 2), &hidden(&whole, 3)) > 0.01);
        assert_eq!(hidden(&whole, 0), hidden(&whole, 1));
    }
    // The normalisation after the last layer belongs to that layer alone.
    let (whole, short) = (modernbert(20, 2, 28, 4), modernbert(20, 2, 28, 2));
    assert!(distance(&hidden(&whole, 2), &hidden(&short, 2)) > 0.01);
}
