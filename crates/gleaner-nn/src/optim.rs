//! Adam and AdamW: on the processor one pass over parameter, gradient and moments, elsewhere operations on
//! all parameters of a group at once.

mod on_device;
mod on_host;

use crate::{Grads, Group, ParamId, Params};
use on_device::DeviceMoments;
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
    Device(DeviceMoments),
}

impl Adam {
    /// A new optimiser for `params`; frozen parameters get no moments.
    pub fn new(config: AdamConfig, params: &Params) -> Self {
        let moments = match params.compute().is_cpu() {
            true => Moments::Host(HostMoments::zeros(params)),
            false => Moments::Device(DeviceMoments::zeros(params)),
        };
        Self { config, steps: 0, moments }
    }

    /// Steps made so far.
    pub fn steps(&self) -> u64 {
        self.steps
    }

    /// The moments of a parameter (first, second), for a checkpoint; empty where it is frozen.
    pub fn moments(&self, id: ParamId) -> [Cow<'_, [f32]>; 2] {
        match &self.moments {
            Moments::Host(moments) => moments.of(id).map(Cow::Borrowed),
            Moments::Device(moments) => moments.of(id).map(Cow::Owned),
        }
    }

    /// Restores what a checkpoint kept of a parameter.
    pub fn restore(&mut self, steps: u64, id: ParamId, first: &[f32], second: &[f32]) {
        self.steps = steps;
        match &mut self.moments {
            Moments::Host(moments) => moments.restore(id, first, second),
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
    match grads.on_device() {
        None => on_host::global_norm(params, grads),
        Some(sums) => on_device::global_norm(sums),
    }
}

/// What gradients of that norm are multiplied with so that it is at most `limit`
/// (`torch.nn.utils.clip_grad_norm_`).
pub fn clip_factor(norm: f64, limit: f64) -> f32 {
    if norm > limit { (limit / (norm + 1e-6)) as f32 } else { 1.0 }
}

#[cfg(test)]
mod tests {
    use super::on_host::CHUNK;
    use super::*;
    use crate::{Compute, kernels::tests::at_every_level};

    /// Two parameters, one longer than a chunk, and gradients from -2 to 2.
    fn setting() -> (Params, Grads) {
        let mut params = Params::new(Compute::cpu());
        for (name, n) in [("long", CHUNK + 37), ("short", 5)] {
            let values = (0..n).map(|i| (i % 13) as f32 / 13.0 - 0.5).collect();
            params.add(name.into(), &[n], Group::Crf, values);
        }
        let mut grads = Grads::zeros(&params);
        for id in params.ids() {
            let g = grads.get_mut(id).iter_mut().enumerate();
            g.for_each(|(i, g)| *g = (i % 401) as f32 / 100.0 - 2.0);
        }
        (params, grads)
    }

    #[test]
    fn the_norm_is_that_of_all_gradients_together() {
        at_every_level(|| {
            let (params, grads) = setting();
            let all = params.ids().flat_map(|id| grads.get(id).to_vec());
            let plain = all.map(|x| f64::from(x).powi(2)).sum::<f64>().sqrt();
            assert!((global_norm(&params, &grads) / plain - 1.0).abs() < 1e-12);
        });
    }

    #[test]
    fn gradients_are_cut_to_the_limit_and_never_raised() {
        assert_eq!(clip_factor(0.5, 1.0), 1.0);
        assert!((clip_factor(4.0, 1.0) - 0.25).abs() < 1e-6);
        assert_eq!(clip_factor(0.0, 1.0), 1.0);
    }

    #[test]
    fn a_scaled_step_is_a_step_along_scaled_gradients() {
        at_every_level(|| {
            for kind in [OptimizerKind::Adam, OptimizerKind::Adamw] {
                let after = |scale: f32, in_gradients: f32| {
                    let (mut params, mut grads) = setting();
                    for id in params.ids() {
                        grads.get_mut(id).iter_mut().for_each(|g| *g *= in_gradients);
                    }
                    let mut adam = Adam::new(AdamConfig::new(kind, 0.1), &params);
                    for _ in 0..3 {
                        adam.step(&mut params, &grads, scale, |_| Some(1e-2));
                    }
                    params.ids().map(|id| params.values(id)).collect::<Vec<_>>()
                };
                assert_eq!(after(0.25, 1.0), after(1.0, 0.25));
                assert_ne!(after(0.25, 1.0), after(1.0, 1.0));
            }
        });
    }

    #[test]
    fn what_is_done_on_devices_is_what_is_done_on_the_host() {
        for (kind, frozen) in [(OptimizerKind::Adam, "none"), (OptimizerKind::Adamw, "short")] {
            let [(mut host, of_host), (mut device, _)] = [setting(), setting()];
            host.freeze(|name| name == frozen);
            device.freeze(|name| name == frozen);
            let mut of_device = Grads::zeros_as_on_device(&device);
            for id in device.ids() {
                of_device.add(id, &of_host.get(id));
                let expected =
                    if device.is_frozen(id) { Vec::new() } else { of_host.get(id).to_vec() };
                assert_eq!(of_device.get(id), expected);
            }
            let trained = Grads::zeros(&host);
            let mut on_host = trained.clone();
            for id in host.ids().filter(|&id| !host.is_frozen(id)) {
                on_host.add(id, &of_host.get(id));
            }
            let norms = [global_norm(&host, &on_host), global_norm(&device, &of_device)];
            assert!((norms[0] / norms[1] - 1.0).abs() < 1e-6, "{norms:?}");
            let config = AdamConfig::new(kind, 0.1);
            let mut adam = Adam::new(config.clone(), &host);
            let as_on_device = |params: &Params, steps: u64| Adam {
                config: config.clone(),
                steps,
                moments: Moments::Device(DeviceMoments::zeros(params)),
            };
            let mut other = as_on_device(&device, 0);
            for step in 0..5u64 {
                if step == 2 {
                    // Values that are set count, and a checkpoint goes on where it was.
                    let id = host.find("long").unwrap();
                    let values: Vec<f32> = host.values(id).iter().map(|x| x * 2.0).collect();
                    host.set(id, &values);
                    device.set(id, &values);
                    let mut resumed = as_on_device(&device, 0);
                    for id in device.ids().filter(|&id| !device.is_frozen(id)) {
                        let [first, second] = other.moments(id);
                        resumed.restore(step, id, &first, &second);
                    }
                    other = resumed;
                }
                let rate = |_| (step != 3).then_some(1e-2);
                adam.step(&mut host, &on_host, 0.5, rate);
                other.step(&mut device, &of_device, 0.5, rate);
            }
            for id in host.ids() {
                let [a, b] = [host.values(id), device.values(id)];
                let far = a.iter().zip(&b).any(|(a, b)| (a - b).abs() > 1e-5 * (1.0 + a.abs()));
                assert!(!far, "{kind:?} {}", host.name(id));
            }
            of_device.clear();
            assert_eq!(global_norm(&device, &of_device), 0.0);
        }
    }
}
