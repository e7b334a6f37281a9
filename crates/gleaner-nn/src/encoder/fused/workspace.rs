//! Memory that is reused by later passes.

use super::distances::Distances;
use crate::{
    encoder::EncoderConfig,
    kernels::{int8, norm::Norm, rotary::Rotations},
};
use std::sync::Mutex;

/// Idle workspaces. There are at most as many as passes have run at the same time.
#[derive(Default)]
pub(in crate::encoder) struct Workspaces(Mutex<Vec<Workspace>>);

impl Workspaces {
    pub(super) fn take(&self, config: &EncoderConfig) -> Workspace {
        self.idle().pop().unwrap_or_else(|| Workspace::new(config))
    }

    pub(super) fn give_back(&self, workspace: Workspace) {
        self.idle().push(workspace);
    }

    fn idle(&self) -> std::sync::MutexGuard<'_, Vec<Workspace>> {
        self.0.lock().unwrap_or_else(|broken| broken.into_inner())
    }
}

/// A matrix whose memory grows to the largest batch and is never freed.
pub(super) struct Rows {
    width: usize,
    values: Vec<f32>,
}

impl Rows {
    pub(super) fn new(width: usize) -> Self {
        Self { width, values: Vec::new() }
    }

    /// The first `rows` rows.
    pub(super) fn get(&self, rows: usize) -> &[f32] {
        &self.values[..rows * self.width]
    }

    /// The first `rows` rows, to write to.
    pub(super) fn get_mut(&mut self, rows: usize) -> &mut [f32] {
        let n = rows * self.width;
        if self.values.len() < n {
            self.values = vec![0.0; n];
        }
        &mut self.values[..n]
    }
}

/// The values that a normalisation keeps for its backward pass.
pub(super) struct Normed {
    /// Rows before weight and bias.
    pub(super) rows: Rows,
    /// The scale of every row.
    pub(super) scales: Rows,
}

impl Normed {
    pub(super) fn new(width: usize) -> Self {
        Self { rows: Rows::new(width), scales: Rows::new(1) }
    }

    /// Writes the normalisation of `x` to `result`.
    pub(super) fn normalise(&mut self, norm: Norm, x: &[f32], result: &mut [f32]) {
        let n = x.len() / norm.weight.len();
        let rows = self.rows.get_mut(n);
        rows.copy_from_slice(x);
        norm.forward(None, rows, self.scales.get_mut(n), result);
    }
}

/// The values that one layer keeps for its backward pass, except its input.
pub(super) struct LayerSpace {
    /// The input of attention, if it is normalised.
    pub(super) input: Rows,
    pub(super) attended: Attended,
    pub(super) attention_norm: Normed,
    /// The input of the feed-forward sublayer.
    pub(super) middle: Rows,
    /// The feed-forward sublayer's hidden units, before bias and activation.
    pub(super) up: Rows,
    pub(super) norm: Normed,
}

/// The values of attention that its backward pass needs.
pub(super) struct Attended {
    /// Queries, keys and values.
    pub(super) qkv: [Rows; 3],
    /// Keys and queries of distances, if positions are relative.
    pub(super) distances: [Rows; 2],
    /// The output, before the output projection.
    pub(super) context: Rows,
}

/// Memory that is used within one layer's pass.
pub(super) struct Scratch {
    /// Activations of the feed-forward sublayer's hidden units.
    pub(super) wide: Rows,
    /// Their gradients.
    pub(super) d_wide: Rows,
    /// The gradient of the layer's output, and later of its input.
    pub(super) d: Rows,
    /// The gradient of a branch that is added to the residual.
    pub(super) d_branch: Rows,
    pub(super) d_context: Rows,
    pub(super) d_qkv: [Rows; 3],
    /// The gradients of the keys and queries of distances.
    pub(super) d_distances: [Rows; 2],
    /// The gradient of units and gates, if units are gated.
    pub(super) d_up: Rows,
    /// The input of a projection, rounded to 8 bits.
    pub(super) rounded: int8::Rows,
    /// Rotations in local and in global layers, if positions are rotary.
    pub(super) rotations: Option<[Rotations; 2]>,
    /// Empty unless positions are relative.
    pub(super) distances: Distances,
}

/// All memory of one pass.
pub(super) struct Workspace {
    config: EncoderConfig,
    pub(super) embeddings: Vec<f32>,
    pub(super) embedding_scales: Rows,
    /// The normalised embeddings, if they are projected to the hidden size, with their gradient and that of the
    /// embeddings before.
    pub(super) projected: [Rows; 3],
    /// Inputs of the layers that are kept, and the output of the last.
    pub(super) states: Vec<Rows>,
    pub(super) layers: Vec<LayerSpace>,
    pub(super) scratch: Scratch,
    pub(super) final_norm: Normed,
    /// The result of the last normalisation, if it does not belong to a layer.
    pub(super) hidden: Rows,
}

impl Workspace {
    fn new(config: &EncoderConfig) -> Self {
        let (h, f, e) = (config.hidden_size, config.intermediate_size, config.embedding_width());
        let qkv = || [Rows::new(h), Rows::new(h), Rows::new(h)];
        let rotations = config.rotary.as_ref().map(|rotary| {
            let width = h / config.num_attention_heads;
            [rotary.local_theta, rotary.global_theta].map(|theta| Rotations::new(width, theta))
        });
        Self {
            config: config.clone(),
            embeddings: Vec::new(),
            embedding_scales: Rows::new(1),
            projected: [Rows::new(e), Rows::new(e), Rows::new(e)],
            states: Vec::new(),
            layers: Vec::new(),
            scratch: Scratch {
                wide: Rows::new(f),
                d_wide: Rows::new(f),
                d: Rows::new(h),
                d_branch: Rows::new(h),
                d_context: Rows::new(h),
                d_qkv: qkv(),
                d_distances: [Rows::new(h), Rows::new(h)],
                d_up: Rows::new(config.up_width()),
                rounded: int8::Rows::default(),
                rotations,
                distances: Distances::new(h),
            },
            final_norm: Normed::new(h),
            hidden: Rows::new(h),
        }
    }

    /// Reserves separate memory for `layers` layers (at least one), and rotations for sentences of `longest` pieces.
    pub(super) fn reserve(&mut self, layers: usize, longest: usize) {
        let h = self.config.hidden_size;
        while self.layers.len() < layers {
            self.layers.push(LayerSpace {
                input: Rows::new(h),
                attended: Attended {
                    qkv: [Rows::new(h), Rows::new(h), Rows::new(h)],
                    distances: [Rows::new(h), Rows::new(h)],
                    context: Rows::new(h),
                },
                attention_norm: Normed::new(h),
                middle: Rows::new(h),
                up: Rows::new(self.config.up_width()),
                norm: Normed::new(h),
            });
        }
        self.scratch.rotations.iter_mut().flatten().for_each(|r| r.reserve(longest));
        while self.states.len() <= layers {
            self.states.push(Rows::new(h));
        }
    }
}
