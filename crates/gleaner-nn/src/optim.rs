//! Adam and AdamW, one pass over parameter, gradient and moments.

use crate::{Grads, Group, ParamId, Params};
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

    /// One step. `rate` gives the learning rate of a group; `None` leaves the group as it is.
    /// Arithmetic follows `torch.optim.Adam` and `AdamW` (single-tensor form).
    pub fn step(
        &mut self,
        params: &mut Params,
        grads: &Grads,
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
                chunks.for_each(|(((p, m), v), g)| step.run(p, m, v, g));
            });
        }
    }
}

/// The numbers of one step, the same for every element of a parameter.
struct Step {
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

impl Step {
    fn run(&self, p: &mut [f32], m: &mut [f32], v: &mut [f32], g: &[f32]) {
        for (((p, m), v), g) in p.iter_mut().zip(m).zip(v).zip(g) {
            let g = g + self.l2 * *p;
            *m += self.new1 * (g - *m);
            *v = self.old2 * *v + self.new2 * g * g;
            *p = *p * self.keep - self.size * *m / (v.sqrt() / self.root + self.epsilon);
        }
    }
}

/// Scales the gradients so that their norm over all parameters is at most `limit`; returns the norm
/// before. Sums run in a fixed order in double precision, whatever the threads.
pub fn clip_by_global_norm(params: &Params, grads: &mut Grads, limit: f64) -> f64 {
    let square: f64 = params
        .ids()
        .map(|id| {
            let parts: Vec<f64> = grads
                .get(id)
                .par_chunks(CHUNK)
                .map(|c| c.iter().map(|&x| f64::from(x) * f64::from(x)).sum())
                .collect();
            parts.into_iter().sum::<f64>()
        })
        .sum();
    let norm = square.sqrt();
    if norm > limit {
        // As torch.nn.utils.clip_grad_norm_.
        let factor = (limit / (norm + 1e-6)) as f32;
        for id in params.ids() {
            grads
                .get_mut(id)
                .par_chunks_mut(CHUNK)
                .for_each(|c| c.iter_mut().for_each(|x| *x *= factor));
        }
    }
    norm
}
