//! Adam and AdamW: on the processor one pass over parameter, gradient and moments, elsewhere operations on
//! all parameters of a group at once.

#[cfg(feature = "composite")]
mod on_device;
mod on_host;

use crate::{Grads, Group, ParamId, Params};
use on_host::HostMoments;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// How decay acts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OptimizerKind {
    /// Adam with L2: decay × parameter is added to the gradient (`torch.optim.Adam`).
    Adam,
    /// AdamW: the parameter shrinks by rate × decay beside the step (Loshchilov and Hutter 2019).
    Adamw,
}

/// An optimiser's settings.
#[derive(Clone, Debug, PartialEq)]
pub struct AdamConfig {
    /// Coupled or decoupled decay.
    pub kind: OptimizerKind,
    /// Decay of the first moment.
    pub beta1: f64,
    /// Decay of the second moment.
    pub beta2: f64,
    /// Added to the root of the second moment.
    pub epsilon: f64,
    /// Weight decay.
    pub decay: f64,
}

impl AdamConfig {
    /// PyTorch's defaults: betas 0.9 and 0.999, epsilon 1e-8.
    pub fn new(kind: OptimizerKind, decay: f64) -> Self {
        Self { kind, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, decay }
    }
}

/// Adam's state: two moments a parameter, and the steps made.
pub struct Adam {
    config: AdamConfig,
    steps: u64,
    moments: Moments,
}

enum Moments {
    Host(HostMoments),
    #[cfg(feature = "composite")]
    Device(on_device::DeviceMoments),
}

impl Moments {
    fn zeros(params: &Params) -> Self {
        #[cfg(feature = "composite")]
        if let Some(values) = params.device_values() {
            return Self::Device(on_device::DeviceMoments::zeros(params, values));
        }
        Self::Host(HostMoments::zeros(params))
    }
}

impl Adam {
    /// A new optimiser for `params`; frozen parameters get no moments.
    pub fn new(config: AdamConfig, params: &Params) -> Self {
        Self { config, steps: 0, moments: Moments::zeros(params) }
    }

    /// Steps made so far.
    pub fn steps(&self) -> u64 {
        self.steps
    }

    /// The moments of a parameter (first, second), for a checkpoint; empty where it is frozen.
    pub fn moments(&self, id: ParamId) -> [Cow<'_, [f32]>; 2] {
        match &self.moments {
            Moments::Host(moments) => moments.of(id).map(Cow::Borrowed),
            #[cfg(feature = "composite")]
            Moments::Device(moments) => moments.of(id).map(Cow::Owned),
        }
    }

    /// Restores what a checkpoint kept of a parameter.
    pub fn restore(&mut self, steps: u64, id: ParamId, first: &[f32], second: &[f32]) {
        self.steps = steps;
        match &mut self.moments {
            Moments::Host(moments) => moments.restore(id, first, second),
            #[cfg(feature = "composite")]
            Moments::Device(moments) => moments.restore(id, first, second),
        }
    }

    /// One step along the gradients times `scale`. `rate` gives the learning rate of a group; `None`
    /// leaves the group as it is. Arithmetic follows `torch.optim.Adam` and `AdamW` (single-tensor
    /// form).
    pub fn step(
        &mut self,
        params: &mut Params,
        grads: &Grads,
        scale: f32,
        rate: impl Fn(Group) -> Option<f64>,
    ) {
        self.steps += 1;
        let c = &self.config;
        let correction1 = 1.0 - c.beta1.powi(self.steps as i32);
        let correction2 = (1.0 - c.beta2.powi(self.steps as i32)).sqrt();
        let step = |group| {
            let rate = rate(group)?;
            Some(Step {
                scale,
                new1: (1.0 - c.beta1) as f32,
                old2: c.beta2 as f32,
                new2: (1.0 - c.beta2) as f32,
                size: (rate / correction1) as f32,
                root: correction2 as f32,
                epsilon: c.epsilon as f32,
                l2: if c.kind == OptimizerKind::Adam { c.decay as f32 } else { 0.0 },
                keep: if c.kind == OptimizerKind::Adamw {
                    (1.0 - rate * c.decay) as f32
                } else {
                    1.0
                },
            })
        };
        match &mut self.moments {
            Moments::Host(moments) => moments.step(params, grads, step),
            #[cfg(feature = "composite")]
            Moments::Device(moments) => moments.step(params, grads, step),
        }
    }
}

/// The numbers of one step, the same for every element of a parameter.
#[derive(Clone, Copy)]
struct Step {
    scale: f32,
    /// Weight of the gradient in the first moment.
    new1: f32,
    /// Weights of the old second moment and of the squared gradient in the new one; rounded from
    /// double precision each, since 1 − 0.999 in single precision is off by 1e-5.
    old2: f32,
    new2: f32,
    size: f32,
    root: f32,
    epsilon: f32,
    l2: f32,
    keep: f32,
}

/// The norm of the gradients over all parameters. On the processor sums run in a fixed order in double
/// precision, whatever the threads.
///
/// # Panics
/// The device that the gradients are on is lost.
pub fn global_norm(params: &Params, grads: &Grads) -> f64 {
    #[cfg(feature = "composite")]
    if let Some(sums) = grads.on_device() {
        return on_device::global_norm(sums);
    }
    on_host::global_norm(params, grads)
}

/// What gradients of that norm are multiplied with so that it is at most `limit`
/// (`torch.nn.utils.clip_grad_norm_`).
pub fn clip_factor(norm: f64, limit: f64) -> f32 {
    if norm > limit { (limit / (norm + 1e-6)) as f32 } else { 1.0 }
}

#[cfg(test)]
mod tests;
