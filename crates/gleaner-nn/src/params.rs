//! The parameters of a network, by name.
//!
//! Every parameter is a matrix in PyTorch's layout (a vector is a matrix of one row), so saving copies
//! values without rearranging them.

#[cfg(feature = "composite")]
mod on_device;

#[cfg(feature = "composite")]
pub(crate) use on_device::{DeviceValues, Tensors, host, matrix};

use crate::Compute;
use std::borrow::Cow;

/// Index of a parameter in [`Params`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ParamId(pub(crate) usize);

/// The part of a network that a parameter belongs to. Each group has its own learning rate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Group {
    /// The encoder, embeddings included.
    Encoder,
    /// The BiLSTM.
    Lstm,
    /// The linear layer that computes emissions.
    Linear,
    /// The CRF's transitions.
    Crf,
}

/// How an optimiser updates a parameter.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Treatment {
    /// The group whose learning rate the parameter has.
    pub(crate) group: Group,
    /// Multiplies the learning rate.
    pub(crate) rate_factor: f64,
    /// Whether weight decay applies.
    pub(crate) decays: bool,
}

struct Param {
    name: String,
    shape: Vec<usize>,
    treatment: Treatment,
    frozen: bool,
    /// Whether the network does not have the parameter.
    absent: bool,
}

/// Named parameters, in the memory of the device that computes with them.
pub struct Params {
    entries: Vec<Param>,
    values: Values,
}

/// The values of all parameters, in order.
enum Values {
    Host(Vec<Vec<f32>>),
    #[cfg(feature = "composite")]
    Device(DeviceValues),
}

impl Params {
    pub(crate) fn new(compute: &Compute) -> Self {
        #[cfg(feature = "composite")]
        if !compute.is_cpu() {
            return Self::on_device(compute.device());
        }
        debug_assert!(compute.is_cpu());
        Self { entries: Vec::new(), values: Values::Host(Vec::new()) }
    }

    /// Adds a parameter of one or two dimensions.
    pub(crate) fn add(
        &mut self,
        name: String,
        shape: &[usize],
        group: Group,
        values: Vec<f32>,
    ) -> ParamId {
        debug_assert!(shape.len() == 1 || shape.len() == 2);
        debug_assert_eq!(shape.iter().product::<usize>(), values.len());
        match &mut self.values {
            Values::Host(all) => all.push(values),
            #[cfg(feature = "composite")]
            Values::Device(all) => all.add(shape, values),
        }
        let treatment = Treatment { group, rate_factor: 1.0, decays: true };
        let (frozen, absent) = (false, false);
        self.entries.push(Param { name, shape: shape.to_vec(), treatment, frozen, absent });
        ParamId(self.entries.len() - 1)
    }

    /// Adds zeros in place of a bias that a network does not have. They are never trained and never saved.
    pub(crate) fn add_zeros(&mut self, name: String, shape: &[usize], group: Group) -> ParamId {
        let id = self.add(name, shape, group, vec![0.0; shape.iter().product()]);
        let Param { frozen, absent, .. } = &mut self.entries[id.0];
        (*frozen, *absent) = (true, true);
        id
    }

    /// All parameters, in order.
    pub fn ids(&self) -> impl Iterator<Item = ParamId> + use<> {
        (0..self.entries.len()).map(ParamId)
    }

    /// A parameter's name in PyTorch.
    pub fn name(&self, id: ParamId) -> &str {
        &self.entries[id.0].name
    }

    /// A parameter's shape.
    pub fn shape(&self, id: ParamId) -> &[usize] {
        &self.entries[id.0].shape
    }

    /// Number of values of a parameter.
    pub(crate) fn len(&self, id: ParamId) -> usize {
        self.shape(id).iter().product()
    }

    /// A parameter's group.
    pub fn group(&self, id: ParamId) -> Group {
        self.treatment(id).group
    }

    /// How an optimiser updates a parameter.
    pub(crate) fn treatment(&self, id: ParamId) -> Treatment {
        self.entries[id.0].treatment
    }

    /// Whether the network does not have the parameter, and computes with zeros instead.
    pub(crate) fn is_absent(&self, id: ParamId) -> bool {
        self.entries[id.0].absent
    }

    /// Whether training leaves a parameter unchanged.
    pub fn is_frozen(&self, id: ParamId) -> bool {
        self.entries[id.0].frozen
    }

    /// Freezes every parameter whose name `choose` accepts.
    pub fn freeze(&mut self, choose: impl Fn(&str) -> bool) {
        for p in &mut self.entries {
            p.frozen |= choose(&p.name);
        }
    }

    /// Sets the number by which each parameter's learning rate is multiplied. Make optimisers and gradients
    /// afterwards, because they sort parameters by it.
    pub fn scale_rates(&mut self, factor: impl Fn(&str) -> f64) {
        for p in &mut self.entries {
            p.treatment.rate_factor = factor(&p.name);
        }
    }

    /// Excludes biases and normalisations from weight decay: all vectors except the CRF's scores. Make optimisers and
    /// gradients afterwards, because they sort parameters by it.
    pub fn decay_only_weights(&mut self) {
        for p in &mut self.entries {
            p.treatment.decays = p.shape.len() > 1 || p.treatment.group == Group::Crf;
        }
    }

    /// The parameter with this name.
    pub fn find(&self, name: &str) -> Option<ParamId> {
        self.entries.iter().position(|p| p.name == name).map(ParamId)
    }

    /// A parameter's values, row by row: borrowed on the CPU, copied from other devices.
    ///
    /// # Panics
    /// The device is lost.
    pub fn values(&self, id: ParamId) -> Cow<'_, [f32]> {
        match &self.values {
            Values::Host(all) => Cow::Borrowed(&all[id.0]),
            #[cfg(feature = "composite")]
            Values::Device(all) => Cow::Owned(all.values(id)),
        }
    }

    /// Copies of the values of several parameters, with a single wait for the device.
    ///
    /// # Panics
    /// The device is lost.
    pub(crate) fn values_of<const N: usize>(&self, ids: [ParamId; N]) -> [Vec<f32>; N] {
        match &self.values {
            Values::Host(all) => ids.map(|id| all[id.0].clone()),
            #[cfg(feature = "composite")]
            Values::Device(all) => all.values_of(ids),
        }
    }

    /// Overwrites a parameter's values.
    pub fn set(&mut self, id: ParamId, values: &[f32]) {
        match &mut self.values {
            Values::Host(all) => all[id.0].copy_from_slice(values),
            #[cfg(feature = "composite")]
            Values::Device(all) => all.set(id, values.to_vec()),
        }
    }

    /// Changes a parameter's values, in place on the CPU.
    pub fn update(&mut self, id: ParamId, change: impl FnOnce(&mut [f32])) {
        match &mut self.values {
            Values::Host(all) => change(&mut all[id.0]),
            #[cfg(feature = "composite")]
            Values::Device(all) => {
                let mut values = all.values(id);
                change(&mut values);
                all.set(id, values);
            }
        }
    }
}

/// The values of a parameter on the CPU.
///
/// # Panics
/// The parameters are on another device.
impl std::ops::Index<ParamId> for Params {
    type Output = [f32];
    fn index(&self, id: ParamId) -> &[f32] {
        match &self.values {
            Values::Host(all) => &all[id.0],
            #[cfg(feature = "composite")]
            Values::Device(_) => unreachable!("only the fused engine indexes, on the processor"),
        }
    }
}
