//! The encoder on the CPU, a whole layer at a time, with hand-written forward and backward passes. They reuse
//! their memory in every step.

mod backward;
mod distances;
mod forward;
mod pre_norm;
mod prepared;
mod workspace;

pub(crate) use prepared::{Prepared, balanced, errors};
pub(super) use workspace::Workspaces;

use super::{
    Encoder, EncoderConfig, Layout,
    layout::{Layer, Linear},
    site,
};
use crate::{
    Grads, NnError, Packed, Params, Precision,
    kernels::norm::Norm,
    rng::{Dropout, Stream},
};
use workspace::Workspace;

/// The values that a training pass keeps for its backward pass.
pub(crate) struct Tape<'a> {
    values: &'a Params,
    packed: Packed,
    dropout: Option<Stream>,
    trained: Trained,
    workspace: Workspace,
}

/// The part of the encoder that a backward pass must cover.
#[derive(Clone, Copy)]
struct Trained {
    embeddings: bool,
    /// The lowest layer that needs gradients, or the number of layers if none does.
    lowest: usize,
}

/// One pass over one batch.
struct Pass<'a> {
    config: &'a EncoderConfig,
    layout: &'a Layout,
    values: &'a Params,
    packed: &'a Packed,
    dropout: Option<Stream>,
    precision: Precision,
}

/// Hidden states `[pieces, hidden]`, with weights that may be prepared.
pub(crate) fn infer(
    encoder: &Encoder,
    params: &Params,
    prepared: Option<&Prepared>,
    packed: &Packed,
) -> Result<Vec<f32>, NnError> {
    let mut workspace = encoder.workspaces.take(&encoder.config);
    let pass = Pass::new(encoder, params, packed, None);
    let lowest = encoder.layout.layers.len();
    let hidden = pass.forward(encoder, lowest, prepared, &mut workspace).map(<[f32]>::to_vec);
    encoder.workspaces.give_back(workspace);
    hidden
}

/// Hidden states `[pieces, hidden]`, and the values that a backward pass needs.
pub(crate) fn forward<'a>(
    encoder: &Encoder,
    params: &'a Params,
    packed: &Packed,
    dropout: Option<Stream>,
) -> Result<(Vec<f32>, Tape<'a>), NnError> {
    let mut workspace = encoder.workspaces.take(&encoder.config);
    let trained = Trained::of(encoder, params);
    let pass = Pass::new(encoder, params, packed, dropout);
    let hidden = pass.forward(encoder, trained.lowest, None, &mut workspace)?.to_vec();
    Ok((hidden, Tape { values: params, packed: packed.clone(), dropout, trained, workspace }))
}

/// Adds the gradients of the encoder's parameters to `grads`, given the gradient of the hidden states.
pub(crate) fn backward(encoder: &Encoder, tape: Tape, d_hidden: &[f32], grads: &mut Grads) {
    let Tape { values, packed, dropout, trained, mut workspace } = tape;
    let pass = Pass::new(encoder, values, &packed, dropout);
    pass.backward(encoder, trained, d_hidden, &mut workspace, grads);
    encoder.workspaces.give_back(workspace);
}

impl Trained {
    fn of(encoder: &Encoder, params: &Params) -> Self {
        let layout = &encoder.layout;
        let norm = layout.embedding_norm;
        let projection = layout.projection.into_iter().flat_map(|l| [l.weight, l.bias]);
        let of_distances = layout.distances.into_iter();
        let of_distances = of_distances.flat_map(|(id, norm)| [id, norm.weight, norm.bias]);
        let embeddings = [norm.weight, norm.bias]
            .into_iter()
            .chain(of_distances)
            .chain(layout.positions)
            .chain(layout.token_types)
            .chain(projection)
            .chain(encoder.words.param())
            .any(|id| !params.is_frozen(id));
        let trained = |layer: &Layer| layer.ids().any(|id| !params.is_frozen(id));
        let lowest = layout.layers.iter().position(trained).unwrap_or(layout.layers.len());
        Self { embeddings, lowest: if embeddings { 0 } else { lowest } }
    }
}

impl<'a> Pass<'a> {
    fn new(
        encoder: &'a Encoder,
        values: &'a Params,
        packed: &'a Packed,
        dropout: Option<Stream>,
    ) -> Self {
        let Encoder { config, layout, precision, .. } = encoder;
        Self { config, layout, values, packed, dropout, precision: *precision }
    }

    fn norm(&self, l: Linear) -> Norm<'_> {
        let epsilon = self.config.layer_norm_eps as f32;
        Norm { weight: &self.values[l.weight], bias: &self.values[l.bias], epsilon }
    }

    /// The dropout mask of one [`site`]. `depth` is 0 for the embeddings and i + 1 for layer i.
    fn mask(&self, depth: usize, site: u64) -> Option<Dropout> {
        let p = match site {
            site::PROBABILITIES => self.config.attention_probs_dropout_prob,
            _ => self.config.hidden_dropout_prob,
        };
        self.dropout.filter(|_| p > 0.0).map(|s| s.child(depth as u64).child(site).dropout(p))
    }
}
