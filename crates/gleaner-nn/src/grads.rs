//! The gradients of parameters.

#[cfg(feature = "composite")]
mod flat;
mod on_host;

#[cfg(feature = "composite")]
pub(crate) use flat::{Flat, FlatGroup};

use crate::{
    ParamId, Params,
    kernels::matmul::{Matrix, Product},
};
use on_host::HostSums;
use std::borrow::Cow;

/// A gradient for every trained parameter: on the CPU in buffers that are reused in every step, on other devices
/// in one tensor per group.
#[derive(Clone, Debug)]
pub struct Grads(Sums);

#[derive(Clone, Debug)]
enum Sums {
    Host(HostSums),
    #[cfg(feature = "composite")]
    Device(Flat),
}

impl Grads {
    /// Zero gradients for `params`. Frozen parameters have none.
    pub fn zeros(params: &Params) -> Self {
        #[cfg(feature = "composite")]
        if let Some(values) = params.device_values() {
            return Self(Sums::Device(Flat::zeros(params, values.device())));
        }
        Self(Sums::Host(HostSums::zeros(params)))
    }

    /// Starts new sums. They are valid after the next training pass.
    pub fn clear(&mut self) {
        match &mut self.0 {
            Sums::Host(sums) => sums.clear(),
            #[cfg(feature = "composite")]
            Sums::Device(sums) => sums.clear(),
        }
    }

    /// A parameter's gradient, row by row: borrowed on the CPU, copied from other devices. It is empty for a
    /// frozen parameter.
    ///
    /// # Panics
    /// No training pass has followed [`Grads::clear`] (on the CPU), or the device is lost.
    pub fn get(&self, id: ParamId) -> Cow<'_, [f32]> {
        match &self.0 {
            Sums::Host(sums) => Cow::Borrowed(sums.get(id)),
            #[cfg(feature = "composite")]
            Sums::Device(sums) => Cow::Owned(sums.get(id)),
        }
    }

    /// Adds to a parameter's gradient, unless the parameter is frozen.
    pub(crate) fn add(&mut self, id: ParamId, values: &[f32]) {
        match &mut self.0 {
            Sums::Host(sums) => sums.add(id, values),
            #[cfg(feature = "composite")]
            Sums::Device(sums) => sums.add(id, values),
        }
    }

    /// Zeroes the gradients that nothing was added to since [`Grads::clear`].
    pub(crate) fn complete(&mut self) {
        match &mut self.0 {
            Sums::Host(sums) => sums.complete(),
            #[cfg(feature = "composite")]
            Sums::Device(_) => {}
        }
    }

    /// A parameter's gradient on the CPU, to add to.
    pub(crate) fn get_mut(&mut self, id: ParamId) -> &mut [f32] {
        self.on_host().get_mut(id)
    }

    /// The products that add the gradients of linear layers' weights on the CPU: `d_outᵀ input` for each (weight,
    /// `d_out` `[rows, outputs]`, `input` `[rows, inputs]`) whose weight is not frozen.
    pub(crate) fn outer<'a, const N: usize>(
        &'a mut self,
        of: [(ParamId, Matrix<'a>, Matrix<'a>); N],
    ) -> impl Iterator<Item = Product<'a>> {
        self.on_host().outer(of)
    }

    /// The sums of the fused engine.
    fn on_host(&mut self) -> &mut HostSums {
        match &mut self.0 {
            Sums::Host(sums) => sums,
            #[cfg(feature = "composite")]
            Sums::Device(_) => unreachable!("the fused engine computes on the processor"),
        }
    }
}

#[cfg(feature = "composite")]
impl Grads {
    /// The sums on a device, by group; `None` if they are on the host.
    pub(crate) fn on_device(&self) -> Option<&Flat> {
        match &self.0 {
            Sums::Host(_) => None,
            Sums::Device(sums) => Some(sums),
        }
    }

    /// Adds the gradients that a backward pass computed for the leaves of `tensors`.
    ///
    /// # Errors
    /// The device failed to compute the gradients. Nothing is added in that case.
    pub(crate) fn collect(
        &mut self,
        tensors: &crate::params::Tensors,
        gradients: burn::tensor::Gradients,
    ) -> Result<(), crate::NnError> {
        match &mut self.0 {
            Sums::Host(sums) => sums.collect(tensors, gradients),
            Sums::Device(sums) => sums.collect(tensors, gradients),
        }
    }
}
