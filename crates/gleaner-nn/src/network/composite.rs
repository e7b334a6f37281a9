//! Passes of the whole network in burn's operations, for any device.

use super::{Head, Network};
use crate::{
    Batch, Grads, NnError,
    crf::CrfGradient,
    encoder::composite,
    params::{Tensors, host},
    rng::Stream,
};
use burn::tensor::{Int, Tensor, TensorData};

/// Emissions `[units, tags]`, in evaluation mode.
pub(super) fn emissions(network: &Network, batch: &Batch) -> Result<Vec<f32>, NnError> {
    let hidden = composite::infer(&network.encoder, &network.params, &batch.packed)?;
    let tensors = network.params.tensors(false);
    Ok(host(head(&network.head, &tensors, batch, hidden, None)))
}

/// One training pass: emissions, from them what `loss` gives, and gradients added to `grads`.
pub(super) fn train(
    network: &Network,
    batch: &Batch,
    dropout: Option<Stream>,
    loss: impl FnOnce(&[f32]) -> CrfGradient,
    grads: &mut Grads,
) -> Result<(Vec<f32>, CrfGradient), NnError> {
    let of_encoder = dropout.map(|s| s.named("encoder"));
    let (hidden, tape) =
        composite::forward(&network.encoder, &network.params, &batch.packed, of_encoder)?;
    let hidden = hidden.autodiff().require_grad();
    let tensors = network.params.tensors(true);
    let of_head = dropout.map(|s| s.named("head"));
    let emissions = head(&network.head, &tensors, batch, hidden.clone(), of_head);
    let values = host(emissions.clone().inner());
    let crf = loss(&values);
    let d_emissions = TensorData::new(crf.emissions.clone(), emissions.dims());
    let d_emissions = Tensor::from_data(d_emissions, &network.compute.device());
    let mut gradients = (emissions * d_emissions).sum().backward();
    let d_hidden =
        hidden.grad_remove(&mut gradients).expect("the head depends on the hidden states");
    grads.collect(&tensors, gradients);
    composite::backward(tape, d_hidden, grads);
    Ok((values, crf))
}

/// Emissions `[units, tags]` from hidden states `[pieces, hidden]`.
fn head(
    head: &Head,
    tensors: &Tensors,
    batch: &Batch,
    hidden: Tensor<2>,
    dropout: Option<Stream>,
) -> Tensor<2> {
    let mut x = hidden;
    if let Some(lstm) = &head.lstm {
        x = lstm.forward_composite(tensors, &batch.packed, x, dropout);
    }
    if !batch.all_pieces() {
        let rows: Vec<i64> = batch.units.iter().map(|&u| i64::from(u)).collect();
        let rows = TensorData::new(rows, [batch.units.len()]);
        x = x.clone().select(0, Tensor::<1, Int>::from_data(rows, &x.device()));
    }
    x.matmul(tensors[head.weight].clone().transpose()) + tensors[head.bias].clone()
}
