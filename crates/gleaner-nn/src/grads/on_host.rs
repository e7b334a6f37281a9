//! Gradients in host buffers that are reused in every step.

use crate::{
    ParamId, Params,
    kernels::matmul::{Accumulate, Matrix, Product},
};

#[derive(Clone, Debug)]
pub(super) struct HostSums {
    values: Vec<Vec<f32>>,
    /// Whether a gradient's values are those of the current step. If not, they are left from an earlier step,
    /// count as zeros, and are overwritten by the first addition.
    current: Vec<bool>,
}

impl HostSums {
    pub(super) fn zeros(params: &Params) -> Self {
        let zeros = |id| match params.is_frozen(id) {
            true => Vec::new(),
            false => vec![0.0; params.len(id)],
        };
        let values: Vec<Vec<f32>> = params.ids().map(zeros).collect();
        Self { current: vec![true; values.len()], values }
    }

    pub(super) fn clear(&mut self) {
        self.current.fill(false);
    }

    pub(super) fn get(&self, id: ParamId) -> &[f32] {
        assert!(self.current[id.0], "gradients are read after a training pass");
        &self.values[id.0]
    }

    pub(super) fn get_mut(&mut self, id: ParamId) -> &mut [f32] {
        if !std::mem::replace(&mut self.current[id.0], true) {
            self.values[id.0].fill(0.0);
        }
        &mut self.values[id.0]
    }

    pub(super) fn complete(&mut self) {
        for i in 0..self.values.len() {
            self.get_mut(ParamId(i));
        }
    }

    pub(super) fn add(&mut self, id: ParamId, values: &[f32]) {
        self.get_mut(id).iter_mut().zip(values).for_each(|(g, v)| *g += v);
    }

    pub(super) fn outer<'a, const N: usize>(
        &'a mut self,
        of: [(ParamId, Matrix<'a>, Matrix<'a>); N],
    ) -> impl Iterator<Item = Product<'a>> {
        let places = of.map(|(id, ..)| id.0);
        let accumulate = places.map(|i| match std::mem::replace(&mut self.current[i], true) {
            true => Accumulate::Result,
            false => Accumulate::Zero,
        });
        let sums = self.values.get_disjoint_mut(places).expect("weights of different layers");
        let products = sums.into_iter().zip(accumulate).zip(of);
        products.filter(|((sums, _), _)| !sums.is_empty()).map(
            |((sums, accumulate), (_, d_out, input))| {
                Product::of(sums, accumulate, d_out.transpose(), input)
            },
        )
    }

    /// Adds the gradients that a backward pass of the composite engine computed.
    #[cfg(feature = "composite")]
    pub(super) fn collect(
        &mut self,
        tensors: &crate::params::Tensors,
        mut gradients: burn::tensor::Gradients,
    ) -> Result<(), crate::NnError> {
        for i in 0..self.values.len() {
            if self.values[i].is_empty() {
                continue;
            }
            if let Some(g) = tensors[ParamId(i)].grad_remove(&mut gradients) {
                self.add(ParamId(i), &crate::params::host(g)?);
            }
        }
        Ok(())
    }
}
