//! The gradients of parameters.

mod flat;
mod on_host;

pub(crate) use flat::{Flat, FlatGroup};

use crate::{
    NnError, ParamId, Params,
    kernels::matmul::{Matrix, Product},
    params::Tensors,
};
use burn::tensor::Gradients;
use on_host::HostSums;
use std::borrow::Cow;

/// A gradient for every parameter that is trained: on the processor in buffers that are reused from step
/// to step, elsewhere in one tensor for each group.
#[derive(Clone, Debug)]
pub struct Grads(Sums);

#[derive(Clone, Debug)]
enum Sums {
    Host(HostSums),
    Device(Flat),
}

impl Grads {
    /// Zero gradients for `params`; frozen ones get none.
    pub fn zeros(params: &Params) -> Self {
        Self(match params.compute().is_cpu() {
            true => Sums::Host(HostSums::zeros(params)),
            false => Sums::Device(Flat::zeros(params)),
        })
    }

    /// The same, as on a device that is not the processor.
    #[cfg(test)]
    pub(crate) fn zeros_as_on_device(params: &Params) -> Self {
        Self(Sums::Device(Flat::zeros(params)))
    }

    /// Begins a new sum; it is complete after the next training pass.
    pub fn clear(&mut self) {
        match &mut self.0 {
            Sums::Host(sums) => sums.clear(),
            Sums::Device(sums) => sums.clear(),
        }
    }

    /// A parameter's gradient, row by row, copied where it is not on the host; empty where it is frozen.
    ///
    /// # Panics
    /// The gradients were cleared, and no training pass has followed (on the host); or the device they
    /// are on is lost.
    pub fn get(&self, id: ParamId) -> Cow<'_, [f32]> {
        match &self.0 {
            Sums::Host(sums) => Cow::Borrowed(sums.get(id)),
            Sums::Device(sums) => Cow::Owned(sums.get(id)),
        }
    }

    /// The sums of an engine that computes on the host.
    fn on_host(&mut self) -> &mut HostSums {
        match &mut self.0 {
            Sums::Host(sums) => sums,
            Sums::Device(_) => unreachable!("the host's engine is for the host's device"),
        }
    }

    /// The sums on a device, by group; `None` where they are on the host.
    pub(crate) fn on_device(&self) -> Option<&Flat> {
        match &self.0 {
            Sums::Host(_) => None,
            Sums::Device(sums) => Some(sums),
        }
    }

    /// Makes zeros of what nothing was added to since [`Grads::clear`].
    pub(crate) fn complete(&mut self) {
        if let Sums::Host(sums) = &mut self.0 {
            sums.complete();
        }
    }

    /// Adds what a backward pass left for the leaves of `tensors`.
    ///
    /// # Errors
    /// The device could not compute it; then nothing is added.
    pub(crate) fn collect(
        &mut self,
        tensors: &Tensors,
        gradients: Gradients,
    ) -> Result<(), NnError> {
        match &mut self.0 {
            Sums::Host(sums) => sums.collect(tensors, gradients),
            Sums::Device(sums) => sums.collect(tensors, gradients),
        }
    }

    /// Adds to a parameter's gradient, unless it is frozen.
    pub(crate) fn add(&mut self, id: ParamId, values: &[f32]) {
        match &mut self.0 {
            Sums::Host(sums) => sums.add(id, values),
            Sums::Device(sums) => sums.add(id, values),
        }
    }

    /// A parameter's gradient on the host, to be added to.
    pub(crate) fn get_mut(&mut self, id: ParamId) -> &mut [f32] {
        self.on_host().get_mut(id)
    }

    /// The products that add the gradients of linear layers' weights on the host, `d_outᵀ input` each,
    /// frozen ones left out. Given are weight, `d_out` `[rows, outputs]` and `input` `[rows, inputs]`.
    pub(crate) fn outer<'a, const N: usize>(
        &'a mut self,
        of: [(ParamId, Matrix<'a>, Matrix<'a>); N],
    ) -> impl Iterator<Item = Product<'a>> {
        self.on_host().outer(of)
    }
}
