//! Adam and AdamW. On the CPU, a step is one pass over each parameter, its gradient and its moments. On other
//! devices, each operation covers all parameters of a group at once.

#[cfg(feature = "composite")]
mod on_device;
mod on_host;

use crate::{Grads, Group, ParamId, Params, params::Treatment};
use on_host::HostMoments;
use serde::{Deserialize, Serialize};
use std::borrow::Cow;

/// How weight decay is applied.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OptimizerKind {
    /// Adam with L2 regularisation: decay × parameter is added to the gradient (`torch.optim.Adam`).
    Adam,
    /// AdamW: the parameter is multiplied by 1 − rate × decay, separately from the gradient step (Loshchilov and
    /// Hutter 2019).
    Adamw,
}

/// Settings of an optimiser.
#[derive(Clone, Debug, PartialEq)]
pub struct AdamConfig {
    /// Coupled (Adam) or decoupled (AdamW) weight decay.
    pub kind: OptimizerKind,
    /// Decay rate of the first moment.
    pub beta1: f64,
    /// Decay rate of the second moment.
    pub beta2: f64,
    /// Added to the square root of the second moment.
    pub epsilon: f64,
    /// Weight decay factor.
    pub decay: f64,
}

impl AdamConfig {
    /// PyTorch's defaults: betas 0.9 and 0.999, epsilon 1e-8.
    pub fn new(kind: OptimizerKind, decay: f64) -> Self {
        Self { kind, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, decay }
    }
}

/// The state of Adam: two moments for every parameter, and the number of steps.
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
    /// A new optimiser for `params`. Frozen parameters have no moments.
    pub fn new(config: AdamConfig, params: &Params) -> Self {
        Self { config, steps: 0, moments: Moments::zeros(params) }
    }

    /// Number of steps so far.
    pub fn steps(&self) -> u64 {
        self.steps
    }

    /// The first and second moments of a parameter, to save in a checkpoint. They are empty if the parameter is
    /// frozen.
    pub fn moments(&self, id: ParamId) -> [Cow<'_, [f32]>; 2] {
        match &self.moments {
            Moments::Host(moments) => moments.of(id).map(Cow::Borrowed),
            #[cfg(feature = "composite")]
            Moments::Device(moments) => moments.of(id).map(Cow::Owned),
        }
    }

    /// Restores the number of steps and a parameter's moments from a checkpoint.
    pub fn restore(&mut self, steps: u64, id: ParamId, first: &[f32], second: &[f32]) {
        self.steps = steps;
        match &mut self.moments {
            Moments::Host(moments) => moments.restore(id, first, second),
            #[cfg(feature = "composite")]
            Moments::Device(moments) => moments.restore(id, first, second),
        }
    }

    /// Updates the parameters with the gradients multiplied by `scale`. `rate` returns the learning rate of a group, to
    /// which the factors of [`Params::scale_rates`] apply; `None` leaves the group unchanged. The arithmetic follows
    /// `torch.optim.Adam` and `AdamW` (single-tensor form).
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
        let step = |treatment: Treatment| {
            let rate = rate(treatment.group)? * treatment.rate_factor;
            let decay = if treatment.decays { c.decay } else { 0.0 };
            Some(Step {
                scale,
                new1: (1.0 - c.beta1) as f32,
                old2: c.beta2 as f32,
                new2: (1.0 - c.beta2) as f32,
                size: (rate / correction1) as f32,
                root: correction2 as f32,
                epsilon: c.epsilon as f32,
                l2: if c.kind == OptimizerKind::Adam { decay as f32 } else { 0.0 },
                keep: if c.kind == OptimizerKind::Adamw {
                    (1.0 - rate * decay) as f32
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

/// The coefficients of one step, the same for every element of a parameter.
#[derive(Clone, Copy)]
struct Step {
    scale: f32,
    /// Weight of the gradient in the first moment.
    new1: f32,
    /// Weights of the old second moment and of the squared gradient in the new second moment. Each is rounded from
    /// double precision, because 1 − 0.999 in single precision has a relative error of 1e-5.
    old2: f32,
    new2: f32,
    size: f32,
    root: f32,
    epsilon: f32,
    l2: f32,
    keep: f32,
}

/// The L2 norm of the gradients of all parameters. On the CPU, it is summed in double precision in a fixed order,
/// whatever the number of threads.
///
/// # Panics
/// The device that holds the gradients is lost.
pub fn global_norm(params: &Params, grads: &Grads) -> f64 {
    #[cfg(feature = "composite")]
    if let Some(sums) = grads.on_device() {
        return on_device::global_norm(sums);
    }
    on_host::global_norm(params, grads)
}

/// The factor that clips gradients with this norm to a norm of at most `limit` (`torch.nn.utils.clip_grad_norm_`).
pub fn clip_factor(norm: f64, limit: f64) -> f32 {
    if norm > limit { (limit / (norm + 1e-6)) as f32 } else { 1.0 }
}

#[cfg(test)]
mod tests;
