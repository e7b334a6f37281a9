//! The parameters of a network by name, and their gradients.
//!
//! Every parameter is kept as a matrix (a vector as one row), in PyTorch's layout, so that saving
//! is a copy. Gradients live in host buffers that are reused from step to step.

use crate::{
    Compute,
    kernels::matmul::{Matrix, Onto, Product},
};
use burn::{
    backend::{Flex, flex::FlexTensor},
    tensor::{Gradients, Tensor, TensorData},
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
}

impl Params {
    pub(crate) fn new(compute: Compute) -> Self {
        Self { compute, entries: Vec::new() }
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
        let matrix = if let [n] = shape { [1, *n] } else { [shape[0], shape[1]] };
        let value = Tensor::from_data(TensorData::new(values, matrix), &self.compute.device());
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
    pub fn values(&self, id: ParamId) -> Vec<f32> {
        host(self.entries[id.0].value.clone())
    }

    /// Overwrites a parameter's values.
    pub fn set(&mut self, id: ParamId, values: &[f32]) {
        self.update(id, |p| p.copy_from_slice(values));
    }

    /// Changes a parameter's values in place (on the CPU without a copy).
    pub fn update(&mut self, id: ParamId, change: impl FnOnce(&mut [f32])) {
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

/// The values of a tensor on the host.
pub(crate) fn host(tensor: Tensor<2>) -> Vec<f32> {
    tensor.into_data().try_into_vec().expect("all tensors here are f32")
}

/// The parameters of one pass.
pub(crate) struct Tensors(Vec<Tensor<2>>);

impl std::ops::Index<ParamId> for Tensors {
    type Output = Tensor<2>;
    fn index(&self, id: ParamId) -> &Tensor<2> {
        &self.0[id.0]
    }
}

/// A gradient for every parameter that is trained.
#[derive(Clone, Debug)]
pub struct Grads {
    values: Vec<Vec<f32>>,
    /// Whether a gradient's numbers are this step's. If not, they are what an earlier step left, stand
    /// for zeros, and are overwritten by the first that is added.
    current: Vec<bool>,
}

impl Grads {
    /// Zero gradients for `params`; frozen ones get none.
    pub fn zeros(params: &Params) -> Self {
        let zeros =
            |p: &Param| if p.frozen { Vec::new() } else { vec![0.0; p.shape.iter().product()] };
        Self {
            values: params.entries.iter().map(zeros).collect(),
            current: vec![true; params.entries.len()],
        }
    }

    /// Begins a new sum; it is complete after the next training pass.
    pub fn clear(&mut self) {
        self.current.fill(false);
    }

    /// A parameter's gradient; empty where it is frozen.
    ///
    /// # Panics
    /// The gradients were cleared, and no training pass has followed.
    pub fn get(&self, id: ParamId) -> &[f32] {
        assert!(self.current[id.0], "gradients are read after a training pass");
        &self.values[id.0]
    }

    /// A parameter's gradient, to be added to.
    pub fn get_mut(&mut self, id: ParamId) -> &mut [f32] {
        if !std::mem::replace(&mut self.current[id.0], true) {
            self.values[id.0].fill(0.0);
        }
        &mut self.values[id.0]
    }

    /// Makes zeros of what nothing was added to since [`Grads::clear`].
    pub(crate) fn complete(&mut self) {
        for i in 0..self.values.len() {
            self.get_mut(ParamId(i));
        }
    }

    /// Adds to a parameter's gradient, unless it is frozen.
    pub(crate) fn add(&mut self, id: ParamId, values: &[f32]) {
        self.get_mut(id).iter_mut().zip(values).for_each(|(g, v)| *g += v);
    }

    /// The products that add the gradients of linear layers' weights, `d_outᵀ input` each, frozen ones
    /// left out. Given are weight, `d_out` `[rows, outputs]` and `input` `[rows, inputs]`.
    pub(crate) fn outer<'a, const N: usize>(
        &'a mut self,
        of: [(ParamId, Matrix<'a>, Matrix<'a>); N],
    ) -> impl Iterator<Item = Product<'a>> {
        let places = of.map(|(id, ..)| id.0);
        let onto = places.map(|i| match std::mem::replace(&mut self.current[i], true) {
            true => Onto::Result,
            false => Onto::Zero,
        });
        let sums = self.values.get_disjoint_mut(places).expect("weights of different layers");
        let products = sums.into_iter().zip(onto).zip(of);
        products.filter(|((sums, _), _)| !sums.is_empty()).map(
            |((sums, onto), (_, d_out, input))| Product::of(sums, onto, d_out.transpose(), input),
        )
    }

    /// Adds what a backward pass left for the leaves of `tensors`.
    pub(crate) fn collect(&mut self, tensors: &Tensors, mut gradients: Gradients) {
        for (i, leaf) in tensors.0.iter().enumerate() {
            if self.values[i].is_empty() {
                continue;
            }
            if let Some(g) = leaf.grad_remove(&mut gradients) {
                self.add(ParamId(i), &host(g));
            }
        }
    }
}
