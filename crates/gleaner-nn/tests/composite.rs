//! Tests of the composite engine on every device, compared with the fused engine.

use gleaner_nn::{
    Compute, Engine, Grads, NnError,
    network::{HeadKind, Network},
    rng::Stream,
};
use pass::{DROPOUT, active, active_on, cases, distance, norm, pass};
use support::{VOCABULARY, batch, config, network};

#[path = "support/pass.rs"]
mod pass;
#[path = "support/network.rs"]
mod support;

/// The relative tolerance between the engines. GPUs approximate some functions less accurately.
fn tolerance(compute: &Compute) -> f64 {
    if compute.is_cpu() { 1e-5 } else { 1e-3 }
}

#[test]
fn engines_agree_with_and_without_dropout_on_every_device() {
    for (compute, (config, lengths)) in Compute::all()
        .into_iter()
        .flat_map(|c| cases().into_iter().map(move |case| (c.clone(), case)))
    {
        let batch = batch(&lengths);
        let tolerance = tolerance(&compute);
        for dropout in [None, Some(Stream::new(9))] {
            let fused = active(&config);
            let hidden = fused.hidden(batch.packed()).unwrap();
            let (losses, grads) = pass(&fused, &batch, dropout);
            let composite = active_on(compute.clone(), &config).with_engine(Engine::Composite);
            let expected = composite.hidden(batch.packed()).unwrap();
            assert!(distance(&hidden, &expected) < tolerance * norm(&expected));
            let (expected_losses, expected) = pass(&composite, &batch, dropout);
            for (a, b) in losses.iter().zip(&expected_losses) {
                assert!((a / b - 1.0).abs() < tolerance, "{compute}: {a} {b}");
            }
            let params = &composite.params;
            let largest = params.ids().map(|id| norm(&expected.get(id))).fold(0.0, f64::max);
            for id in params.ids() {
                let (found, expected) = (grads.get(id), expected.get(id));
                // The gradient of a key's bias is zero up to rounding.
                let error = distance(&found, &expected) / norm(&expected).max(1e-3 * largest);
                assert!(
                    error < tolerance,
                    "{compute} {} {lengths:?}: {error:.1e}",
                    params.name(id)
                );
                let of_keys = params.name(id).ends_with("key.bias");
                let vanishes = lengths == [1] || of_keys || params.is_frozen(id);
                assert!(vanishes || norm(&found) > 0.0, "{}", params.name(id));
            }
        }
    }
}

#[test]
fn a_batch_in_parts_gives_the_gradients_of_the_whole() {
    for compute in Compute::all() {
        let config = config(20, 4, 28, 2, DROPOUT);
        let batch = batch(&[1, 7, 33, 2, 16, 1]);
        let dropout = Some(Stream::new(9));
        let composite = |compute| active_on(compute, &config).with_engine(Engine::Composite);
        let whole = composite(compute.clone());
        let divided = composite(compute.clone()).with_batches_below(80);
        let [expected, found] = [&whole, &divided].map(|network| pass(network, &batch, dropout));
        let mut grads = Grads::zeros(&divided.params);
        let parts = |network: &Network, grads: &mut Grads| {
            network.train_pass(&batch, 0.5, dropout, grads).unwrap().parts
        };
        assert_eq!((parts(&divided, &mut grads), parts(&whole, &mut grads)), (4, 1));
        for (a, b) in found.0.iter().zip(&expected.0) {
            assert!((a / b - 1.0).abs() < 1e-5, "{compute}: {a} {b}");
        }
        let all = |g: &Grads| -> Vec<f32> {
            whole.params.ids().flat_map(|id| g.get(id).to_vec()).collect()
        };
        let error = distance(&all(&found.1), &all(&expected.1)) / norm(&all(&expected.1));
        assert!(error < 1e-5, "{compute}: {error:.1e}");
        let [expected, found] = [&whole, &divided].map(|n| n.emissions(&batch).unwrap());
        assert!(distance(&found, &expected) < 1e-5 * norm(&expected));
        assert_eq!(found.len(), 60 * support::TAGS);
    }
}

#[test]
fn pieces_without_a_row_are_refused() {
    let network = network(&config(20, 4, 28, 1, ""), 0.3, HeadKind::BilstmCrf, 4);
    let mut packed = batch(&[4, 3]).packed().clone();
    packed.ids_mut()[2] = VOCABULARY as u32;
    let error = network.with_engine(Engine::Composite).hidden(&packed).unwrap_err();
    assert!(error.to_string().contains("has no row 1000"), "{error}");
}

#[test]
fn weights_are_rounded_on_the_processor_only() {
    let (config, lengths) = cases().remove(0);
    let batch = batch(&lengths);
    let text = [batch.packed().clone()];
    let fused = active(&config);
    let rounding = fused.balanced_rounding(&text).unwrap();
    let composite = active(&config).with_engine(Engine::Composite);
    let refused = |result: Result<(), NnError>| matches!(result, Err(NnError::Device(_)));
    assert!(refused(composite.balanced_rounding(&text).map(drop)));
    assert!(refused(composite.rounding_errors(&rounding, &text).map(drop)));
    assert!(refused(composite.prepare(Some(&rounding)).map(drop)));
}
