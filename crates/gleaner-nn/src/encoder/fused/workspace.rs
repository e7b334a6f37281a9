//! Memory that is reused by later passes.

use crate::{encoder::EncoderConfig, kernels::int8};
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
    fn new(width: usize) -> Self {
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

/// The values that one layer keeps for its backward pass, except its input.
pub(super) struct LayerSpace {
    /// Queries, keys and values.
    pub(super) qkv: [Rows; 3],
    /// The output of attention, before the output projection.
    pub(super) context: Rows,
    pub(super) attention_norm: Normed,
    /// The input of the feed-forward sublayer.
    pub(super) middle: Rows,
    /// The feed-forward sublayer's hidden units, before bias and activation.
    pub(super) up: Rows,
    pub(super) norm: Normed,
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
    /// The input of a projection, rounded to 8 bits.
    pub(super) rounded: int8::Rows,
}

/// All memory of one pass.
pub(super) struct Workspace {
    config: EncoderConfig,
    pub(super) embeddings: Vec<f32>,
    pub(super) embedding_scales: Rows,
    /// Inputs of the layers that are kept, and the output of the last.
    pub(super) states: Vec<Rows>,
    pub(super) layers: Vec<LayerSpace>,
    pub(super) scratch: Scratch,
}

impl Workspace {
    fn new(config: &EncoderConfig) -> Self {
        let (h, f) = (config.hidden_size, config.intermediate_size);
        let qkv = || [Rows::new(h), Rows::new(h), Rows::new(h)];
        Self {
            config: config.clone(),
            embeddings: Vec::new(),
            embedding_scales: Rows::new(1),
            states: Vec::new(),
            layers: Vec::new(),
            scratch: Scratch {
                wide: Rows::new(f),
                d_wide: Rows::new(f),
                d: Rows::new(h),
                d_branch: Rows::new(h),
                d_context: Rows::new(h),
                d_qkv: qkv(),
                rounded: int8::Rows::default(),
            },
        }
    }

    /// Reserves separate memory for `layers` layers (at least one).
    pub(super) fn reserve(&mut self, layers: usize) {
        let (h, f) = (self.config.hidden_size, self.config.intermediate_size);
        let normed = || Normed { rows: Rows::new(h), scales: Rows::new(1) };
        while self.layers.len() < layers {
            self.layers.push(LayerSpace {
                qkv: [Rows::new(h), Rows::new(h), Rows::new(h)],
                context: Rows::new(h),
                attention_norm: normed(),
                middle: Rows::new(h),
                up: Rows::new(f),
                norm: normed(),
            });
        }
        while self.states.len() <= layers {
            self.states.push(Rows::new(h));
        }
    }
}
