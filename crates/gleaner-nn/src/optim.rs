//! Adam and AdamW, one pass over parameter, gradient and moments.

use crate::{
    Grads, Group, ParamId, Params,
    kernels::{math::LANES, multiversion},
};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};

/// Elements that one thread steps at a time.
const CHUNK: usize = 1 << 14;

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
    first: Vec<Vec<f32>>,
    second: Vec<Vec<f32>>,
}

impl Adam {
    /// A new optimiser for `params`; frozen parameters get no moments.
    pub fn new(config: AdamConfig, params: &Params) -> Self {
        let zeros = || -> Vec<Vec<f32>> {
            params
                .ids()
                .map(|id| {
                    if params.is_frozen(id) {
                        Vec::new()
                    } else {
                        vec![0.0; params.shape(id).iter().product()]
                    }
                })
                .collect()
        };
        Self { config, steps: 0, first: zeros(), second: zeros() }
    }

    /// Steps made so far.
    pub fn steps(&self) -> u64 {
        self.steps
    }

    /// The moments of a parameter (first, second), for a checkpoint.
    pub fn moments(&self, id: ParamId) -> (&[f32], &[f32]) {
        (&self.first[id.0], &self.second[id.0])
    }

    /// Restores what a checkpoint kept of a parameter.
    pub fn restore(&mut self, steps: u64, id: ParamId, first: &[f32], second: &[f32]) {
        self.steps = steps;
        self.first[id.0].copy_from_slice(first);
        self.second[id.0].copy_from_slice(second);
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
        for id in params.ids() {
            let (Some(rate), false) = (rate(params.group(id)), params.is_frozen(id)) else {
                continue;
            };
            let step = Step {
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
            };
            let (m, v, g) = (&mut self.first[id.0], &mut self.second[id.0], grads.get(id));
            params.update(id, |p| {
                let chunks = p
                    .par_chunks_mut(CHUNK)
                    .zip(m.par_chunks_mut(CHUNK))
                    .zip(v.par_chunks_mut(CHUNK))
                    .zip(g.par_chunks(CHUNK));
                chunks.for_each(|(((p, m), v), g)| run(step, p, m, v, g));
            });
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

multiversion! {
    fn run(step: Step, p: &mut [f32], m: &mut [f32], v: &mut [f32], g: &[f32]) {
        for (((p, m), v), g) in p.iter_mut().zip(m).zip(v).zip(g) {
            let g = g * step.scale + step.l2 * *p;
            *m += step.new1 * (g - *m);
            *v = step.old2 * *v + step.new2 * g * g;
            *p = *p * step.keep - step.size * *m / (v.sqrt() / step.root + step.epsilon);
        }
    }
}

/// The norm of the gradients over all parameters. Sums run in a fixed order in double precision,
/// whatever the threads.
pub fn global_norm(params: &Params, grads: &Grads) -> f64 {
    let squares = params.ids().map(|id| {
        let chunk = |chunk: &[f32]| {
            let mut sum = 0.0;
            sum_of_squares(chunk, &mut sum);
            sum
        };
        let parts: Vec<f64> = grads.get(id).par_chunks(CHUNK).map(chunk).collect();
        parts.into_iter().sum::<f64>()
    });
    squares.sum::<f64>().sqrt()
}

/// What gradients of that norm are multiplied with so that it is at most `limit`
/// (`torch.nn.utils.clip_grad_norm_`).
pub fn clip_factor(norm: f64, limit: f64) -> f32 {
    if norm > limit { (limit / (norm + 1e-6)) as f32 } else { 1.0 }
}

multiversion! {
    fn sum_of_squares(x: &[f32], sum: &mut f64) {
        let (chunks, rest) = x.as_chunks::<LANES>();
        let mut lanes = [0.0; LANES];
        for chunk in chunks {
            for (lane, &x) in lanes.iter_mut().zip(chunk) {
                *lane += f64::from(x) * f64::from(x);
            }
        }
        for (lane, &x) in lanes.iter_mut().zip(rest) {
            *lane += f64::from(x) * f64::from(x);
        }
        *sum = lanes.iter().sum();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Compute, kernels::tests::at_every_level};

    /// Two parameters, one longer than a chunk, and gradients from -2 to 2.
    fn setting() -> (Params, Grads) {
        let mut params = Params::new(Compute::Cpu);
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
            let all = params.ids().flat_map(|id| grads.get(id).iter().map(|&x| f64::from(x)));
            let plain = all.map(|x| x * x).sum::<f64>().sqrt();
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
}
