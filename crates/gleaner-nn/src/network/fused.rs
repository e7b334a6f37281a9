//! Passes of the whole network on the CPU, one layer at a time.

use super::{Head, Network, Pass};
use crate::{
    Batch, Grads, NnError, Params, Precision,
    crf::{CrfGradient, Supervision},
    encoder::fused,
    kernels::{
        matmul::{self, Accumulate, Product},
        rows::{add, column_sums},
    },
    lstm,
    rng::Stream,
};

/// Emissions `[positions, tags]`, in evaluation mode.
pub(super) fn emissions(
    network: &Network,
    prepared: Option<&fused::Prepared>,
    batch: &Batch,
) -> Result<Vec<f32>, NnError> {
    on_threads(|| {
        let hidden = fused::infer(&network.encoder, &network.params, prepared, &batch.packed)?;
        Ok(HeadPass::forward(&network.head, &network.params, batch, hidden, None).0)
    })
}

/// Runs a training pass and adds its gradients to `grads`.
pub(super) fn train(
    network: &Network,
    batch: &Batch,
    supervision: &[Supervision],
    weight: f64,
    dropout: Option<Stream>,
    grads: &mut Grads,
) -> Result<Pass, NnError> {
    on_threads(|| {
        let (emissions, forward) = Forward::new(network, batch, dropout)?;
        let loss = network.loss(&emissions, supervision, &batch.labelled_offsets, weight);
        forward.backward(network, batch, &loss, grads);
        Ok(Pass { losses: loss.losses, emissions, parts: 1 })
    })
}

/// Runs two training passes as [`Network::train_twice`] describes.
pub(super) fn train_twice(
    network: &Network,
    batch: &Batch,
    supervision: &[Supervision],
    weight: f64,
    share: f64,
    dropout: [Stream; 2],
    grads: &mut Grads,
) -> Result<Pass, NnError> {
    on_threads(|| {
        let [first, second] = dropout.map(|stream| Forward::new(network, batch, Some(stream)));
        let ((emissions, first), (again, second)) = (first?, second?);
        let offsets = &batch.labelled_offsets;
        let (losses, gradients) =
            network.loss_of_two([&emissions, &again], supervision, offsets, weight, share);
        for (forward, loss) in [first, second].into_iter().zip(&gradients) {
            forward.backward(network, batch, loss, grads);
        }
        Ok(Pass { losses, emissions, parts: 1 })
    })
}

/// The values that a training pass keeps for its backward pass.
struct Forward<'a> {
    tape: fused::Tape<'a>,
    head: HeadPass,
}

impl<'a> Forward<'a> {
    /// Emissions `[positions, tags]`, and what the backward pass needs.
    fn new(
        network: &'a Network,
        batch: &Batch,
        dropout: Option<Stream>,
    ) -> Result<(Vec<f32>, Self), NnError> {
        let values = &network.params;
        let of_encoder = dropout.map(|s| s.named("encoder"));
        let (hidden, tape) = fused::forward(&network.encoder, values, &batch.packed, of_encoder)?;
        let of_head = dropout.map(|s| s.named("head"));
        let (emissions, head) = HeadPass::forward(&network.head, values, batch, hidden, of_head);
        Ok((emissions, Self { tape, head }))
    }

    /// Adds the gradients of all parameters to `grads`.
    fn backward(self, network: &Network, batch: &Batch, loss: &CrfGradient, grads: &mut Grads) {
        let (head, values) = (&network.head, &network.params);
        let d_hidden = self.head.backward(head, values, batch, &loss.emissions, grads);
        fused::backward(&network.encoder, self.tape, &d_hidden, grads);
        network.add_crf(loss, grads);
    }
}

/// Runs a whole pass inside the thread pool. From outside, every parallel loop would have to wake the pool and
/// wait for it.
fn on_threads<R: Send>(pass: impl FnOnce() -> R + Send) -> R {
    rayon::scope(|_| pass())
}

/// The values that the head keeps for its backward pass.
struct HeadPass {
    lstm: Option<lstm::Tape>,
    /// The input of the linear layer, `[positions, width]`.
    input: Vec<f32>,
    width: usize,
}

impl HeadPass {
    /// Emissions `[positions, tags]` from hidden states `[pieces, hidden]`.
    fn forward(
        head: &Head,
        values: &Params,
        batch: &Batch,
        hidden: Vec<f32>,
        dropout: Option<Stream>,
    ) -> (Vec<f32>, Self) {
        let (mut input, mut tape) = (hidden, None);
        if let Some(lstm) = &head.lstm {
            let (output, kept) = lstm.forward_fused(values, &batch.packed, input, dropout);
            (input, tape) = (output, Some(kept));
        }
        let weight = matmul::rows(&values[head.weight], values[head.weight].len() / head.tags);
        let width = weight.columns();
        if !batch.all_pieces() {
            let row = |&i: &u32| &input[i as usize * width..][..width];
            input = batch.labelled.iter().flat_map(row).copied().collect();
        }
        let mut emissions = vec![0.0; batch.labelled.len() * head.tags];
        let bias = Accumulate::Row(&values[head.bias]);
        let input_rows = matmul::rows(&input, width);
        Precision::F32.multiply(&mut emissions, bias, input_rows, weight.transpose());
        (emissions, Self { lstm: tape, input, width })
    }

    /// Returns the gradient of the hidden states, `[pieces, hidden]`, given that of the emissions. Adds the
    /// gradients of the parameters to `grads`.
    fn backward(
        self,
        head: &Head,
        values: &Params,
        batch: &Batch,
        d_emissions: &[f32],
        grads: &mut Grads,
    ) -> Vec<f32> {
        let (positions, width) = (batch.labelled.len(), self.width);
        grads.add(head.bias, &column_sums(d_emissions, head.tags));
        let mut d = vec![0.0; positions * width];
        let weight = matmul::rows(&values[head.weight], width);
        let d_emissions = matmul::rows(d_emissions, head.tags);
        let mut products = vec![Product::of(&mut d, Accumulate::Zero, d_emissions, weight)];
        let input = matmul::rows(&self.input, width);
        products.extend(grads.outer([(head.weight, d_emissions, input)]));
        Precision::F32.multiply_all(products);
        if !batch.all_pieces() {
            let of_labelled = std::mem::replace(&mut d, vec![0.0; batch.packed.pieces() * width]);
            for (&i, from) in batch.labelled.iter().zip(of_labelled.chunks_exact(width)) {
                add(&mut d[i as usize * width..][..width], from);
            }
        }
        match (&head.lstm, self.lstm) {
            (Some(lstm), Some(tape)) => lstm.backward_fused(values, &batch.packed, tape, d, grads),
            _ => d,
        }
    }
}
