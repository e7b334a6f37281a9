//! Tests of the fused engine: gradients against finite differences of the loss, and consistency between passes.

use gleaner_nn::{
    Batch, Grads, NnError, Precision, Projection, Rounding,
    encoder::EncoderConfig,
    network::{HeadKind, Network},
    rng::Stream,
};
use pass::{DROPOUT, active, cases, distance, norm, pass};
use support::{VOCABULARY, batch, config, deberta, modernbert, network};

#[path = "support/pass.rs"]
mod pass;
#[path = "support/network.rs"]
mod support;

fn same_bytes(network: &Network, a: &Grads, b: &Grads) {
    for id in network.params.ids() {
        let bits = |g: &Grads| g.get(id).iter().map(|x| x.to_bits()).collect::<Vec<_>>();
        assert_eq!(bits(a), bits(b), "{}", network.params.name(id));
    }
}

#[test]
fn dropout_is_drawn_anew_for_every_stream_and_left_out_in_use() {
    for more in [
        r#", "hidden_dropout_prob": 0.1, "attention_probs_dropout_prob": 0.0"#,
        r#", "hidden_dropout_prob": 0.0, "attention_probs_dropout_prob": 0.1"#,
    ] {
        let network = active(&config(20, 4, 28, 2, more));
        let batch = batch(&[5, 9]);
        let loss = |dropout| pass(&network, &batch, dropout).0[0];
        assert_ne!(loss(Some(Stream::new(1))), loss(Some(Stream::new(2))));
        assert_eq!(loss(Some(Stream::new(1))), loss(Some(Stream::new(1))));
        assert_ne!(loss(Some(Stream::new(1))), loss(None));
        let before = network.hidden(batch.packed()).unwrap();
        loss(Some(Stream::new(3)));
        assert_eq!(network.hidden(batch.packed()).unwrap(), before);
    }
}

#[test]
fn gradients_are_slopes_of_the_loss() {
    check_slopes(&config(20, 4, 28, 2, DROPOUT));
    check_slopes(&deberta(20, 4, 28, 2, DROPOUT));
}

fn check_slopes(config: &EncoderConfig) {
    let mut network = active(config);
    let batch = batch(&[6, 1, 17]);
    let dropout = Some(Stream::new(5));
    let (_, grads) = pass(&network, &batch, dropout);
    for id in network.params.ids() {
        let name = network.params.name(id).to_owned();
        // Without vectors of distances, it adds the same to all scores of a query.
        if name.ends_with("key.bias") && config.relative.is_none() {
            continue;
        }
        // In the direction of the gradient g, the slope of the loss is ‖g‖.
        let (start, gradient) = (network.params.values(id).into_owned(), grads.get(id));
        let length = norm(&gradient);
        let mut loss_at = |step: f64| {
            let factor = (step / length) as f32;
            let moved = start.iter().zip(&*gradient).map(|(x, g)| x + factor * g);
            network.params.set(id, &moved.collect::<Vec<_>>());
            0.5 * pass(&network, &batch, dropout).0.iter().sum::<f64>()
        };
        let step = 1e-2;
        let slope = (loss_at(step) - loss_at(-step)) / (2.0 * step);
        network.params.set(id, &start);
        assert!((slope / length - 1.0).abs() < 1e-2, "{name}: {slope} {length}");
    }
}

#[test]
fn the_same_pass_gives_the_same_bytes_whatever_ran_before() {
    for config in
        [config(48, 4, 100, 2, DROPOUT), modernbert(48, 4, 100, 2), deberta(48, 4, 100, 2, DROPOUT)]
    {
        let network = active(&config);
        let (short, long) = (batch(&[9, 1, 30]), batch(&[70, 64, 5, 41]));
        let dropout = Some(Stream::new(5));
        let (losses, grads) = pass(&network, &short, dropout);
        pass(&network, &long, dropout);
        network.hidden(long.packed()).unwrap();
        let (again, grads_again) = pass(&network, &short, dropout);
        assert_eq!(losses, again);
        same_bytes(&network, &grads, &grads_again);
    }
}

#[test]
fn a_sentence_has_the_same_hidden_states_in_every_batch() {
    for config in [config(48, 4, 100, 2, ""), modernbert(48, 4, 100, 2), deberta(48, 4, 100, 2, "")]
    {
        let network = active(&config);
        let together = network.hidden(batch(&[30, 1, 9]).packed()).unwrap();
        let alone = network.hidden(batch(&[30]).packed()).unwrap();
        assert!(distance(&together[..alone.len()], &alone) < 1e-6 * norm(&alone));
    }
}

#[test]
fn freezing_changes_no_other_gradient() {
    check_freezing(&config(48, 4, 100, 3, DROPOUT));
    check_freezing(&modernbert(48, 4, 100, 3));
    check_freezing(&deberta(48, 4, 100, 3, DROPOUT));
}

fn check_freezing(config: &EncoderConfig) {
    let dropout = Some(Stream::new(5));
    let batch = batch(&[9, 1, 30]);
    let whole = active(config);
    let (losses, all) = pass(&whole, &batch, dropout);
    let in_first_two = |n: &str| n.contains("layer.0.") || n.contains("layer.1.");
    let choices: [&dyn Fn(&str) -> bool; 5] = [
        &|n| n.contains("embeddings") || in_first_two(n),
        &|n| in_first_two(n) || (n.contains("embeddings") && !n.contains("position")),
        &|n| {
            n.contains("embeddings")
                || (in_first_two(n) && n != "bert.encoder.layer.1.output.dense.bias")
        },
        &|n| n.contains(".weight"),
        &|n| n.starts_with("bert."),
    ];
    for (i, choose) in choices.iter().enumerate() {
        let mut network = active(config);
        network.params.freeze(choose);
        let (found, some) = pass(&network, &batch, dropout);
        assert_eq!(found, losses);
        for id in network.params.ids() {
            let name = network.params.name(id);
            let expected = if choose(name) { Vec::new() } else { all.get(id).to_vec() };
            assert_eq!(some.get(id), expected, "choice {i}, {name}");
        }
    }
}

#[test]
fn several_threads_may_use_one_network() {
    let network = active(&config(48, 4, 100, 2, ""));
    let batches: Vec<Batch> = (1..9).map(|i| batch(&[i, 40 - i, 2 * i])).collect();
    let expected: Vec<_> = batches.iter().map(|b| network.hidden(b.packed()).unwrap()).collect();
    std::thread::scope(|scope| {
        for (batch, expected) in batches.iter().zip(&expected) {
            let network = &network;
            scope.spawn(move || assert_eq!(&network.hidden(batch.packed()).unwrap(), expected));
        }
    });
}

#[test]
fn pieces_without_a_row_are_refused_and_inactive_ones_read_from_the_file() {
    let mut network = network(&config(20, 4, 28, 1, ""), 0.3, HeadKind::BilstmCrf, 4);
    let mut packed = batch(&[4, 3]).packed().clone();
    let all = network.hidden(&packed).unwrap();
    network.activate(&packed.ids()[..1]).unwrap();
    assert_eq!(network.hidden(&packed).unwrap(), all);
    packed.ids_mut()[2] = VOCABULARY as u32;
    let error = network.hidden(&packed).unwrap_err().to_string();
    assert!(error.contains("has no row 1000"), "{error}");
}

#[test]
#[cfg_attr(not(bf16), ignore = "needs a processor with AVX-512 BF16")]
fn bf16_products_are_near_those_of_f32_and_the_same_every_time() {
    for (config, lengths) in cases() {
        let batch = batch(&lengths);
        let network = active(&config);
        let exact = network.hidden(batch.packed()).unwrap();
        let (losses, expected) = pass(&network, &batch, None);
        let network = network.with_precision(Precision::Bf16);
        if network.precision() != Precision::Bf16 {
            eprintln!("skipped: GLEANER_SIMD excludes bf16");
            return;
        }
        let hidden = network.hidden(batch.packed()).unwrap();
        let error = distance(&hidden, &exact) / norm(&exact);
        // Rounding a factor has a relative error of at most 2^-9. Errors accumulate over layers.
        assert!(error > 1e-5 && error < 3e-2, "{error:.1e}");
        let (found_losses, found) = pass(&network, &batch, None);
        for (a, b) in found_losses.iter().zip(&losses) {
            assert!((a / b - 1.0).abs() < 5e-2, "{a} {b}");
        }
        let all = |g: &Grads| -> Vec<f32> {
            network.params.ids().flat_map(|id| g.get(id).to_vec()).collect()
        };
        let error = distance(&all(&found), &all(&expected)) / norm(&all(&expected));
        assert!(error < 0.1, "{error:.1e}");
        same_bytes(&network, &found, &pass(&network, &batch, None).1);
    }
}

#[test]
fn packed_weights_change_nothing_and_rounded_weights_little() {
    check_prepared(&config(64, 4, 96, 3, ""));
    check_prepared(&modernbert(64, 4, 96, 3));
    check_prepared(&deberta(64, 4, 96, 3, ""));
}

fn check_prepared(config: &EncoderConfig) {
    let network = active(config);
    let batch = batch(&[5, 1, 30, 12]);
    let exact = network.emissions(&batch).unwrap();
    let packed = network.prepare(None).unwrap();
    assert_eq!(network.emissions_of(&packed, &batch).unwrap(), exact);

    let text = [batch.packed().clone()];
    let rounding = network.balanced_rounding(&text).unwrap();
    assert_eq!(rounding.count(), 12);
    let far = |rounding: &Rounding| {
        let prepared = network.prepare(Some(rounding)).unwrap();
        let found = network.emissions_of(&prepared, &batch).unwrap();
        distance(&found, &exact) / norm(&exact)
    };
    let all = far(&rounding);
    assert!(all > 0.0 && all < 0.1, "{all}");
    // In f32, every projection adds no error.
    let none = (0..3).flat_map(|layer| Projection::ALL.map(|p| (layer, p)));
    let none = none.fold(rounding.clone(), |rounding, (layer, p)| rounding.without(layer, p));
    assert_eq!((none.count(), far(&none)), (0, 0.0));
    for errors in network.rounding_errors(&rounding, &text).unwrap() {
        assert!(errors.iter().all(|&e| e > 0.0 && e < 2e-3), "{errors:?}");
    }
    let errors = network.rounding_errors(&rounding.without(1, Projection::Up), &text).unwrap();
    assert!(errors[1][2] == 0.0 && errors[0][2] > 0.0, "{errors:?}");
}

#[test]
fn a_rounding_of_another_encoder_is_refused() {
    let [small, deep] = [2, 3].map(|layers| active(&config(20, 4, 28, layers, "")));
    let rounding = deep.balanced_rounding(&[batch(&[3]).packed().clone()]).unwrap();
    assert!(matches!(small.prepare(Some(&rounding)), Err(NnError::Rounding)));
}
