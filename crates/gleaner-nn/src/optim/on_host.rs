//! Adam on the CPU: one pass over each parameter, its gradient and its moments.

use super::Step;
use crate::{
    Grads, ParamId, Params,
    kernels::{math::LANES, multiversion},
    params::Treatment,
};
use rayon::prelude::*;

/// Number of elements that one thread updates at a time.
pub(super) const CHUNK: usize = 1 << 14;

/// The two moments of every parameter. Frozen parameters have none.
pub(super) struct HostMoments {
    first: Vec<Vec<f32>>,
    second: Vec<Vec<f32>>,
}

impl HostMoments {
    pub(super) fn zeros(params: &Params) -> Self {
        let zeros = || -> Vec<Vec<f32>> {
            params
                .ids()
                .map(|id| if params.is_frozen(id) { Vec::new() } else { vec![0.0; params.len(id)] })
                .collect()
        };
        Self { first: zeros(), second: zeros() }
    }

    pub(super) fn of(&self, id: ParamId) -> [&[f32]; 2] {
        [&self.first[id.0], &self.second[id.0]]
    }

    pub(super) fn restore(&mut self, id: ParamId, first: &[f32], second: &[f32]) {
        self.first[id.0].copy_from_slice(first);
        self.second[id.0].copy_from_slice(second);
    }

    pub(super) fn step(
        &mut self,
        params: &mut Params,
        grads: &Grads,
        step: impl Fn(Treatment) -> Option<Step>,
    ) {
        for id in params.ids() {
            let (Some(step), false) = (step(params.treatment(id)), params.is_frozen(id)) else {
                continue;
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

/// The L2 norm of the gradients of all parameters, summed in double precision in a fixed order.
pub(super) fn global_norm(params: &Params, grads: &Grads) -> f64 {
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
