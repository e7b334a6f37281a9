//! The parameters of a network by name.
//!
//! Every parameter is kept as a matrix (a vector as one row), in PyTorch's layout, so that saving
//! is a copy.

use crate::{Compute, NnError};
use burn::{
    backend::{Flex, flex::FlexTensor},
    tensor::{Tensor, TensorData, Transaction},
};

/// A parameter's place in [`Params`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ParamId(pub(crate) usize);

/// Which part of a network a parameter belongs to: learning rates are set by group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Group {
    /// The encoder, embeddings included.
    Encoder,
    /// The BiLSTM.
    Lstm,
    /// The linear layer that gives emissions.
    Linear,
    /// The CRF's transitions.
    Crf,
}

struct Param {
    name: String,
    shape: Vec<usize>,
    group: Group,
    frozen: bool,
    value: Tensor<2>,
}

/// Named parameters on a device.
pub struct Params {
    compute: Compute,
    entries: Vec<Param>,
    /// Counts what changed values from outside of an optimiser.
    changes: u64,
}

impl Params {
    pub(crate) fn new(compute: Compute) -> Self {
        Self { compute, entries: Vec::new(), changes: 0 }
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
        self.changes += 1;
        let value =
            Tensor::from_data(TensorData::new(values, matrix(shape)), &self.compute.device());
        self.entries.push(Param { name, shape: shape.to_vec(), group, frozen: false, value });
        ParamId(self.entries.len() - 1)
    }

    /// All parameters, in order.
    pub fn ids(&self) -> impl Iterator<Item = ParamId> + use<> {
        (0..self.entries.len()).map(ParamId)
    }

    /// A parameter's name, as PyTorch would call it.
    pub fn name(&self, id: ParamId) -> &str {
        &self.entries[id.0].name
    }

    /// A parameter's shape.
    pub fn shape(&self, id: ParamId) -> &[usize] {
        &self.entries[id.0].shape
    }

    /// A parameter's group.
    pub fn group(&self, id: ParamId) -> Group {
        self.entries[id.0].group
    }

    /// Whether a parameter keeps its value in training.
    pub fn is_frozen(&self, id: ParamId) -> bool {
        self.entries[id.0].frozen
    }

    /// Freezes every parameter whose name `choose` accepts.
    pub fn freeze(&mut self, choose: impl Fn(&str) -> bool) {
        for p in &mut self.entries {
            p.frozen |= choose(&p.name);
        }
    }

    /// The parameter of that name.
    pub fn find(&self, name: &str) -> Option<ParamId> {
        self.entries.iter().position(|p| p.name == name).map(ParamId)
    }

    /// A copy of a parameter's values, row by row.
    ///
    /// # Panics
    /// The device they are on is lost.
    pub fn values(&self, id: ParamId) -> Vec<f32> {
        host(self.entries[id.0].value.clone()).expect("parameters can be read")
    }

    /// Copies of several parameters' values, with one wait for the device.
    ///
    /// # Panics
    /// The device they are on is lost.
    pub(crate) fn values_of<const N: usize>(&self, ids: [ParamId; N]) -> [Vec<f32>; N] {
        let all = ids
            .iter()
            .fold(Transaction::default(), |all, &id| all.register(self.tensor(id).clone()));
        let mut data = all.try_execute().expect("parameters can be read").into_iter();
        ids.map(|_| data.next().and_then(|d| d.try_into_vec().ok()).expect("parameters are f32"))
    }

    /// A parameter as it is kept: a matrix on the device.
    pub(crate) fn tensor(&self, id: ParamId) -> &Tensor<2> {
        &self.entries[id.0].value
    }

    /// What an optimiser has made of a parameter.
    pub(crate) fn replace(&mut self, id: ParamId, value: Tensor<2>) {
        self.entries[id.0].value = value;
    }

    /// A number that differs whenever values were changed by others than an optimiser.
    pub(crate) fn changes(&self) -> u64 {
        self.changes
    }

    /// Where the parameters are.
    pub(crate) fn compute(&self) -> &Compute {
        &self.compute
    }

    /// Overwrites a parameter's values.
    pub fn set(&mut self, id: ParamId, values: &[f32]) {
        if self.compute.is_cpu() {
            return self.update(id, |p| p.copy_from_slice(values));
        }
        self.changes += 1;
        let shape = matrix(self.shape(id));
        let values = TensorData::new(values.to_vec(), shape);
        self.entries[id.0].value = Tensor::from_data(values, &self.compute.device());
    }

    /// Changes a parameter's values in place (on the CPU without a copy).
    pub fn update(&mut self, id: ParamId, change: impl FnOnce(&mut [f32])) {
        self.changes += 1;
        let device = self.compute.device();
        let entry = &mut self.entries[id.0];
        let taken = std::mem::replace(&mut entry.value, Tensor::empty([1, 1], &device));
        let mut data = taken.into_data();
        change(data.as_mut_slice::<f32>().expect("parameters are f32"));
        entry.value = Tensor::from_data(data, &device);
    }

    /// The parameters as tensors for one pass: tracked leaves where they are to be trained.
    pub(crate) fn tensors(&self, training: bool) -> Tensors {
        Tensors(
            self.entries
                .iter()
                .map(|p| match training {
                    true if p.frozen => p.value.clone().autodiff(),
                    true => p.value.clone().autodiff().require_grad(),
                    false => p.value.clone(),
                })
                .collect(),
        )
    }

    /// The parameters of one pass, for an engine that computes on the host.
    pub(crate) fn on_host(&self) -> Values {
        let flex = |p: &Param| p.value.clone().try_into_primitive::<Flex>();
        Values(
            self.entries
                .iter()
                .map(|p| flex(p).expect("the host's engine is for the host's device"))
                .collect(),
        )
    }
}

/// The values of a pass's parameters, on the host and without copies. While it lives,
/// [`Params::update`] must copy what it changes.
pub(crate) struct Values(Vec<FlexTensor>);

impl std::ops::Index<ParamId> for Values {
    type Output = [f32];
    fn index(&self, id: ParamId) -> &[f32] {
        self.0[id.0].as_slice().expect("parameters are contiguous and f32")
    }
}

/// A parameter's shape as a matrix.
pub(crate) fn matrix(shape: &[usize]) -> [usize; 2] {
    if let [n] = shape { [1, *n] } else { [shape[0], shape[1]] }
}

/// The values of a tensor on the host.
///
/// # Errors
/// The device could not compute them.
pub(crate) fn host<const D: usize>(tensor: Tensor<D>) -> Result<Vec<f32>, NnError> {
    let data = tensor.try_into_data().map_err(|e| NnError::of_device(&e.to_string()))?;
    Ok(data.try_into_vec().expect("all tensors here are f32"))
}

/// The parameters of one pass.
pub(crate) struct Tensors(Vec<Tensor<2>>);

impl std::ops::Index<ParamId> for Tensors {
    type Output = Tensor<2>;
    fn index(&self, id: ParamId) -> &Tensor<2> {
        &self.0[id.0]
    }
}
