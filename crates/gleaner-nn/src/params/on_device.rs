//! Parameters as burn tensors: those in device memory, and those of one pass of the composite engine.

use super::{ParamId, Params, Values};
use crate::NnError;
use burn::tensor::{Device, Tensor, TensorData, Transaction};

/// Values in the memory of a device.
pub(crate) struct DeviceValues {
    device: Device,
    tensors: Vec<Tensor<2>>,
    /// Number of changes that were not made by an optimiser.
    changes: u64,
}

impl DeviceValues {
    pub(super) fn add(&mut self, shape: &[usize], values: Vec<f32>) {
        self.changes += 1;
        self.tensors.push(tensor(values, matrix(shape), &self.device));
    }

    pub(super) fn values(&self, id: ParamId) -> Vec<f32> {
        host(self.tensor(id).clone()).expect("parameters can be read")
    }

    pub(super) fn values_of<const N: usize>(&self, ids: [ParamId; N]) -> [Vec<f32>; N] {
        let all = ids
            .iter()
            .fold(Transaction::default(), |all, &id| all.register(self.tensor(id).clone()));
        let mut data = all.try_execute().expect("parameters can be read").into_iter();
        ids.map(|_| data.next().and_then(|d| d.try_into_vec().ok()).expect("parameters are f32"))
    }

    pub(super) fn set(&mut self, id: ParamId, values: Vec<f32>) {
        self.changes += 1;
        self.tensors[id.0] = tensor(values, self.tensors[id.0].dims(), &self.device);
    }

    /// The device.
    pub(crate) fn device(&self) -> &Device {
        &self.device
    }

    /// A parameter as a matrix.
    pub(crate) fn tensor(&self, id: ParamId) -> &Tensor<2> {
        &self.tensors[id.0]
    }

    /// Replaces a parameter with the result of an optimiser step.
    pub(crate) fn replace(&mut self, id: ParamId, value: Tensor<2>) {
        self.tensors[id.0] = value;
    }

    /// A number that increases whenever values are changed by anything but an optimiser.
    pub(crate) fn changes(&self) -> u64 {
        self.changes
    }
}

impl Params {
    /// An empty set of parameters, to be stored in the memory of a device.
    pub(crate) fn on_device(device: Device) -> Self {
        let values = DeviceValues { device, tensors: Vec::new(), changes: 0 };
        Self { entries: Vec::new(), values: Values::Device(values) }
    }

    /// The values, if they are in the memory of a device.
    pub(crate) fn device_values(&self) -> Option<&DeviceValues> {
        match &self.values {
            Values::Host(_) => None,
            Values::Device(values) => Some(values),
        }
    }

    /// Like [`Params::device_values`], but mutable.
    pub(crate) fn device_values_mut(&mut self) -> Option<&mut DeviceValues> {
        match &mut self.values {
            Values::Host(_) => None,
            Values::Device(values) => Some(values),
        }
    }

    /// The parameters as tensors for one pass. In `training`, those that are not frozen are leaves that require
    /// gradients. Values on the host are copied.
    pub(crate) fn tensors(&self, training: bool) -> Tensors {
        let flex = Device::flex();
        let of = |id: ParamId| match &self.values {
            Values::Host(all) => tensor(all[id.0].clone(), matrix(self.shape(id)), &flex),
            Values::Device(all) => all.tensor(id).clone(),
        };
        let of = |id| match training {
            true if self.is_frozen(id) => of(id).autodiff(),
            true => of(id).autodiff().require_grad(),
            false => of(id),
        };
        Tensors(self.ids().map(of).collect())
    }
}

/// The parameters for one pass.
pub(crate) struct Tensors(Vec<Tensor<2>>);

impl std::ops::Index<ParamId> for Tensors {
    type Output = Tensor<2>;
    fn index(&self, id: ParamId) -> &Tensor<2> {
        &self.0[id.0]
    }
}

/// A parameter's shape as a matrix.
pub(crate) fn matrix(shape: &[usize]) -> [usize; 2] {
    if let [n] = shape { [1, *n] } else { [shape[0], shape[1]] }
}

fn tensor(values: Vec<f32>, shape: [usize; 2], device: &Device) -> Tensor<2> {
    Tensor::from_data(TensorData::new(values, shape), device)
}

/// Copies the values of a tensor to the host.
///
/// # Errors
/// The device failed to compute them.
pub(crate) fn host<const D: usize>(tensor: Tensor<D>) -> Result<Vec<f32>, NnError> {
    let data = tensor.try_into_data().map_err(|e| NnError::of_device(&e.to_string()))?;
    Ok(data.try_into_vec().expect("all tensors here are f32"))
}
