//! The devices that burn supports.

use super::Backend;
use burn::tensor::{Device, DeviceType, FloatDType};

/// A device of one backend.
#[derive(Clone, Debug)]
pub(super) struct Accelerator(Device);

impl Accelerator {
    /// The devices of a backend on this machine.
    pub(super) fn all(backend: Backend) -> Vec<Self> {
        let kind = match backend {
            #[cfg(feature = "cuda")]
            Backend::Cuda => DeviceType::Cuda,
            #[cfg(feature = "rocm")]
            Backend::Rocm => DeviceType::Rocm,
            #[cfg(feature = "vulkan")]
            Backend::Vulkan => DeviceType::Vulkan,
            #[cfg(feature = "metal")]
            Backend::Metal => DeviceType::Metal,
            #[cfg(feature = "webgpu")]
            Backend::Webgpu => DeviceType::Wgpu,
            _ => return Vec::new(),
        };
        Device::enumerate(kind).into_iter().map(Self).collect()
    }

    /// The model name of the device, if the driver reports one.
    pub(super) fn model(&self) -> Option<String> {
        self.0.identity().map(|identity| identity.name)
    }

    /// The size of the device's memory in bytes, if the driver reports it. `index` is the index of the device
    /// within its backend.
    pub(super) fn memory(&self, backend: Backend, index: usize) -> Option<u64> {
        if backend == Backend::Cuda {
            return cuda_memory(index);
        }
        let address = self.0.identity()?.physical?.pci_address?;
        // The Linux driver for AMD GPUs reports the memory size here.
        let file = format!("/sys/bus/pci/devices/{address}/mem_info_vram_total");
        std::fs::read_to_string(file).ok()?.trim().parse().ok()
    }

    /// Whether the device has instructions for bf16.
    pub(super) fn multiplies_bf16(&self) -> bool {
        self.0.supports_dtype(FloatDType::BF16)
    }

    /// The burn device, without automatic differentiation.
    pub(super) fn device(&self) -> Device {
        self.0.clone()
    }
}

#[cfg(feature = "cuda")]
fn cuda_memory(index: usize) -> Option<u64> {
    let context = cudarc::driver::CudaContext::new(index).ok()?;
    Some(context.total_mem().ok()? as u64)
}

#[cfg(not(feature = "cuda"))]
fn cuda_memory(_: usize) -> Option<u64> {
    None
}
