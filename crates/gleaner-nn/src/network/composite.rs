//! Passes of the whole network in burn's operations, for any device.

mod splitter;

use super::{Network, Pass};
use crate::{
    Batch, Grads, NnError, Packed,
    crf::Lesson,
    dense::{Dense, indices},
    encoder::composite,
    params::{Tensors, host},
    rng::Stream,
};
use burn::tensor::{Tensor, TensorData};
use splitter::BatchSplitter;
use std::ops::Range;

/// How batches are divided that exceed the device's memory. A training pass needs more memory than
/// labelling.
#[derive(Default)]
pub(super) struct Splitters {
    train: BatchSplitter,
    label: BatchSplitter,
}

impl Network {
    /// The same network, as if the device's memory did not hold `pieces` pieces (padding included) at
    /// once. The fused engine ignores it.
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

/// Emissions `[units, tags]`, in evaluation mode.
pub(super) fn emissions(network: &Network, batch: &Batch) -> Result<Vec<f32>, NnError> {
    let parts = network.splitters.label.parts(&batch.packed, |part| {
        let tensors = network.params.tensors(false);
        host(emit(network, &tensors, batch, part, None)?)
    })?;
    Ok(parts.concat())
}

/// One training pass, its gradients added to `grads`. Where the device has no room for the batch, parts
/// of it follow one another: sums over sentences are the same.
pub(super) fn train(
    network: &Network,
    batch: &Batch,
    lessons: &[Lesson],
    weight: f64,
    dropout: Option<Stream>,
    grads: &mut Grads,
) -> Result<Pass, NnError> {
    let device = network.compute.device();
    let parts = network.splitters.train.parts(&batch.packed, |part| {
        let tensors = network.params.tensors(true);
        let emissions = emit(network, &tensors, batch, part.clone(), dropout)?;
        let values = host(emissions.clone().inner())?;
        let offsets = &batch.unit_offsets[part.start..=part.end];
        let offsets: Vec<usize> = offsets.iter().map(|o| o - offsets[0]).collect();
        let loss = network.loss(&values, &lessons[part.clone()], &offsets, weight);
        let d_emissions = TensorData::new(loss.emissions.clone(), emissions.dims());
        let d_emissions = Tensor::from_data(d_emissions, &device);
        // The gradient of Σ emissions · d is d: this starts a backward pass from any gradient of the
        // emissions. Untracked, every parameter but the CRF's is frozen.
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

/// Hidden states `[rows, hidden]` of some sentences.
fn encode(
    network: &Network,
    tensors: &Tensors,
    packed: &Packed,
    part: Range<usize>,
    dropout: Option<Stream>,
) -> Result<(Dense, Tensor<2>), NnError> {
    let device = network.compute.device();
    let dense = Dense::of(packed, part.clone(), &device);
    let pieces = &packed.ids[packed.offsets[part.start]..packed.offsets[part.end]];
    let mut ids = vec![pieces.first().copied().unwrap_or(0); dense.len()];
    dense.rows().iter().zip(pieces).for_each(|(&row, &id)| ids[row] = id);
    let words = network.encoder.words.vectors(tensors, &ids, &device)?;
    let dropout = dropout.map(|s| s.named("encoder"));
    let hidden = composite::hidden(&network.encoder, tensors, &dense, words, dropout);
    Ok((dense, hidden))
}

/// Emissions `[units, tags]` of some sentences.
fn emit(
    network: &Network,
    tensors: &Tensors,
    batch: &Batch,
    part: Range<usize>,
    dropout: Option<Stream>,
) -> Result<Tensor<2>, NnError> {
    let head = &network.head;
    let first = batch.packed.offsets[part.start];
    let units = &batch.units[batch.unit_offsets[part.start]..batch.unit_offsets[part.end]];
    let (dense, mut x) = encode(network, tensors, &batch.packed, part, dropout)?;
    if let Some(lstm) = &head.lstm {
        x = lstm.forward_composite(tensors, &dense, x, dropout.map(|s| s.named("head")));
    }
    let rows: Vec<usize> = units.iter().map(|&u| dense.rows()[u as usize - first]).collect();
    let x = of_rows(x, &rows);
    Ok(x.matmul(tensors[head.weight].clone().transpose()) + tensors[head.bias].clone())
}

/// Some rows of a tensor.
fn of_rows(x: Tensor<2>, rows: &[usize]) -> Tensor<2> {
    let device = x.device().inner();
    x.select(0, indices(rows.iter().copied(), &device))
}
