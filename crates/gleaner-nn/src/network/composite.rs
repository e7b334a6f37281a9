//! Passes of the whole network in burn's operations, on any device.

mod splitter;

use super::{Network, Pass};
use crate::{
    Batch, Grads, NnError, Packed,
    crf::Supervision,
    dense::{Dense, indices},
    encoder::composite,
    params::{Tensors, host},
    rng::Stream,
};
use burn::tensor::{Tensor, TensorData};
use splitter::BatchSplitter;
use std::ops::Range;

/// Splitters for batches that exceed the device's memory, separate because training needs more memory than
/// labelling.
#[derive(Default)]
pub(super) struct Splitters {
    train: BatchSplitter,
    label: BatchSplitter,
}

impl Network {
    /// Pretends that `pieces` pieces (padding included) at once exceed the device's memory. The fused engine
    /// ignores this.
    #[doc(hidden)] // for this crate's tests
    pub fn with_batches_below(mut self, pieces: usize) -> Self {
        let [train, label] = [(); 2].map(|()| BatchSplitter::below(pieces));
        self.splitters = Splitters { train, label };
        self
    }
}

/// Hidden states `[pieces, hidden]`.
pub(super) fn hidden(network: &Network, packed: &Packed) -> Result<Vec<f32>, NnError> {
    let parts = network.splitters.label.parts(packed, |part| {
        let tensors = network.params.tensors(false);
        let (dense, hidden) = encode(network, &tensors, packed, part, None)?;
        host(of_rows(hidden, dense.rows()))
    })?;
    Ok(parts.concat())
}

/// Emissions `[positions, tags]`, in evaluation mode.
pub(super) fn emissions(network: &Network, batch: &Batch) -> Result<Vec<f32>, NnError> {
    let parts = network.splitters.label.parts(&batch.packed, |part| {
        let tensors = network.params.tensors(false);
        host(emit(network, &tensors, batch, part, None)?)
    })?;
    Ok(parts.concat())
}

/// Runs a training pass and adds its gradients to `grads`. If the batch does not fit in the device's memory, its
/// parts are computed one after the other, which gives the same sums over sentences.
pub(super) fn train(
    network: &Network,
    batch: &Batch,
    supervision: &[Supervision],
    weight: f64,
    dropout: Option<Stream>,
    grads: &mut Grads,
) -> Result<Pass, NnError> {
    let device = network.compute.device();
    let parts = network.splitters.train.parts(&batch.packed, |part| {
        let tensors = network.params.tensors(true);
        let emissions = emit(network, &tensors, batch, part.clone(), dropout)?;
        let values = host(emissions.clone().inner())?;
        let offsets = &batch.labelled_offsets[part.start..=part.end];
        let offsets: Vec<usize> = offsets.iter().map(|o| o - offsets[0]).collect();
        let loss = network.loss(&values, &supervision[part.clone()], &offsets, weight);
        let d_emissions = TensorData::new(loss.emissions.clone(), emissions.dims());
        let d_emissions = Tensor::from_data(d_emissions, &device);
        // The gradient of Σ emissions · d is d, so this starts the backward pass with any gradient of the
        // emissions. If the emissions are not tracked, all parameters except the CRF's are frozen.
        let gradients = emissions.is_tracked().then(|| (emissions * d_emissions).sum().backward());
        if let Some(gradients) = gradients {
            grads.collect(&tensors, gradients)?;
        }
        network.add_crf(&loss, grads);
        Ok((loss.losses, values))
    })?;
    let (losses, emissions): (Vec<_>, Vec<_>) = parts.into_iter().unzip();
    let parts = losses.len();
    Ok(Pass { losses: losses.concat(), emissions: emissions.concat(), parts })
}

/// Runs two training passes as [`Network::train_twice`] describes. Parts of a batch are as in [`train`].
pub(super) fn train_twice(
    network: &Network,
    batch: &Batch,
    supervision: &[Supervision],
    weight: f64,
    share: f64,
    dropout: [Stream; 2],
    grads: &mut Grads,
) -> Result<Pass, NnError> {
    let device = network.compute.device();
    let parts = network.splitters.train.parts(&batch.packed, |part| {
        let tensors = network.params.tensors(true);
        let [first, second] =
            dropout.map(|stream| emit(network, &tensors, batch, part.clone(), Some(stream)));
        let both = [first?, second?];
        let values = [host(both[0].clone().inner())?, host(both[1].clone().inner())?];
        let offsets = &batch.labelled_offsets[part.start..=part.end];
        let offsets: Vec<usize> = offsets.iter().map(|o| o - offsets[0]).collect();
        let supervision = &supervision[part.clone()];
        let (losses, gradients) =
            network.loss_of_two([&values[0], &values[1]], supervision, &offsets, weight, share);
        let weighted = both.into_iter().zip(&gradients).map(|(emissions, loss)| {
            let d_emissions = TensorData::new(loss.emissions.clone(), emissions.dims());
            emissions * Tensor::from_data(d_emissions, &device)
        });
        let sum = weighted.map(Tensor::sum).reduce(|a, b| a + b).expect("two passes");
        // As in `train`.
        if sum.is_tracked() {
            grads.collect(&tensors, sum.backward())?;
        }
        gradients.iter().for_each(|loss| network.add_crf(loss, grads));
        let [values, _] = values;
        Ok((losses, values))
    })?;
    let (losses, emissions): (Vec<_>, Vec<_>) = parts.into_iter().unzip();
    let parts = losses.len();
    Ok(Pass { losses: losses.concat(), emissions: emissions.concat(), parts })
}

/// Hidden states `[rows, hidden]` of the sentences `part`.
fn encode(
    network: &Network,
    tensors: &Tensors,
    packed: &Packed,
    part: Range<usize>,
    dropout: Option<Stream>,
) -> Result<(Dense, Tensor<2>), NnError> {
    let device = network.compute.device();
    let dense = Dense::of(packed, part.clone(), &device);
    let pieces = &packed.ids()[packed.offsets()[part.start]..packed.offsets()[part.end]];
    let mut ids = vec![pieces.first().copied().unwrap_or(0); dense.len()];
    dense.rows().iter().zip(pieces).for_each(|(&row, &id)| ids[row] = id);
    let words = network.encoder.words.vectors(tensors, &ids, &device)?;
    let dropout = dropout.map(|s| s.named("encoder"));
    let hidden = composite::hidden(&network.encoder, tensors, &dense, words, dropout);
    Ok((dense, hidden))
}

/// Emissions `[positions, tags]` of the sentences `part`.
fn emit(
    network: &Network,
    tensors: &Tensors,
    batch: &Batch,
    part: Range<usize>,
    dropout: Option<Stream>,
) -> Result<Tensor<2>, NnError> {
    let head = &network.head;
    let first = batch.packed.offsets()[part.start];
    let labelled =
        &batch.labelled[batch.labelled_offsets[part.start]..batch.labelled_offsets[part.end]];
    let (dense, mut x) = encode(network, tensors, &batch.packed, part, dropout)?;
    if let Some(lstm) = &head.lstm {
        x = lstm.forward_composite(tensors, &dense, x, dropout.map(|s| s.named("head")));
    }
    let rows: Vec<usize> = labelled.iter().map(|&i| dense.rows()[i as usize - first]).collect();
    let x = of_rows(x, &rows);
    Ok(x.matmul(tensors[head.weight].clone().transpose()) + tensors[head.bias].clone())
}

/// The given rows of a tensor.
fn of_rows(x: Tensor<2>, rows: &[usize]) -> Tensor<2> {
    let device = x.device().inner();
    x.select(0, indices(rows.iter().copied(), &device))
}
