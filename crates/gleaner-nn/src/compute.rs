//! The compute device. It is chosen at run time, so that model code never names a backend.

#[cfg_attr(not(feature = "accelerator"), path = "compute/no_accelerator.rs")]
mod accelerator;

use crate::{NnError, Precision};
use accelerator::Accelerator;
use std::{cell::Cell, fmt, str::FromStr};

/// An interface to devices.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Backend {
    /// The CPU, with Gleaner's own kernels.
    Cpu,
    /// NVIDIA GPUs.
    Cuda,
    /// AMD GPUs.
    Rocm,
    /// GPUs with a Vulkan driver.
    Vulkan,
    /// Apple GPUs.
    Metal,
    /// The graphics API that wgpu finds (Vulkan, Metal, DirectX 12 or OpenGL), with shaders in WGSL.
    Webgpu,
}

impl Backend {
    /// All backends, including those that this build lacks.
    pub const ALL: [Self; 6] =
        [Self::Cpu, Self::Cuda, Self::Rocm, Self::Vulkan, Self::Metal, Self::Webgpu];

    /// The backend's name in device names, which is also the name of its Cargo feature.
    pub fn name(self) -> &'static str {
        match self {
            Self::Cpu => "cpu",
            Self::Cuda => "cuda",
            Self::Rocm => "rocm",
            Self::Vulkan => "vulkan",
            Self::Metal => "metal",
            Self::Webgpu => "webgpu",
        }
    }

    /// Whether this build includes the backend.
    pub fn is_built(self) -> bool {
        match self {
            Self::Cpu => true,
            Self::Cuda => cfg!(feature = "cuda"),
            Self::Rocm => cfg!(feature = "rocm"),
            Self::Vulkan => cfg!(feature = "vulkan"),
            Self::Metal => cfg!(feature = "metal"),
            Self::Webgpu => cfg!(feature = "webgpu"),
        }
    }
}

/// A device to compute on.
#[derive(Clone, Debug)]
pub struct Compute {
    backend: Backend,
    /// Index of the device within its backend, from 0.
    index: usize,
    /// `None` for the CPU.
    accelerator: Option<Accelerator>,
}

impl Compute {
    /// The CPU.
    pub fn cpu() -> Self {
        Self { backend: Backend::Cpu, index: 0, accelerator: None }
    }

    /// All devices that this build and this machine support, the CPU first.
    pub fn all() -> Vec<Self> {
        Backend::ALL.into_iter().flat_map(Self::of).collect()
    }

    /// The devices of a backend on this machine.
    fn of(backend: Backend) -> Vec<Self> {
        if backend == Backend::Cpu {
            return vec![Self::cpu()];
        }
        let of = |(index, found)| Self { backend, index, accelerator: Some(found) };
        Accelerator::all(backend).into_iter().enumerate().map(of).collect()
    }

    /// The backend of the device.
    pub fn backend(&self) -> Backend {
        self.backend
    }

    /// Whether the device is the CPU.
    pub fn is_cpu(&self) -> bool {
        self.backend == Backend::Cpu
    }

    /// The model name of the device, if the driver reports one.
    pub fn model(&self) -> Option<String> {
        self.accelerator.as_ref()?.model()
    }

    /// The size of the device's memory in bytes, if the driver reports it.
    pub fn memory(&self) -> Option<u64> {
        self.accelerator.as_ref()?.memory(self.backend, self.index)
    }

    /// Whether the device has instructions for bf16.
    pub(crate) fn multiplies_bf16(&self) -> bool {
        match &self.accelerator {
            None => crate::kernels::bf16::available(),
            Some(accelerator) => accelerator.multiplies_bf16(),
        }
    }

    /// The burn device, without automatic differentiation.
    #[cfg(feature = "composite")]
    pub(crate) fn device(&self) -> burn::tensor::Device {
        let flex = burn::tensor::Device::flex;
        self.accelerator.as_ref().map_or_else(flex, Accelerator::device)
    }
}

impl Precision {
    /// The precision that a device uses if this one is requested: f32 instead of bf16 if the device has no bf16
    /// instructions.
    pub fn available_on(self, compute: &Compute) -> Self {
        match self {
            Self::Bf16 if !compute.multiplies_bf16() => Self::F32,
            precision => precision,
        }
    }
}

impl PartialEq for Compute {
    fn eq(&self, other: &Self) -> bool {
        (self.backend, self.index) == (other.backend, other.index)
    }
}

impl fmt::Display for Compute {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.backend {
            Backend::Cpu => f.write_str("cpu"),
            backend => write!(f, "{}:{}", backend.name(), self.index),
        }
    }
}

thread_local! {
    static PREFERRED: Cell<usize> = const { Cell::new(0) };
}

/// Sets the device that a name without a number, such as `cuda`, selects on this thread. If there are fewer
/// devices, `number` wraps around. This distributes concurrent trainings over several devices.
pub fn prefer_device(number: usize) {
    PREFERRED.set(number);
}

/// Parses the name of a device, `cpu` or `BACKEND[:NUMBER]`. Neither this machine nor this build needs to have the
/// device, because files written by other builds also contain device names.
///
/// # Errors
/// The name is not a device name.
pub fn parse_device(name: &str) -> Result<(Backend, Option<usize>), NnError> {
    let (word, number) = name.split_once(':').map_or((name, None), |(w, n)| (w, Some(n)));
    let known = Backend::ALL.into_iter().find(|b| b.name() == word);
    let index = number.map(str::parse).transpose();
    let (Some(backend), Ok(index)) = (known, index) else {
        return Err(NnError::Device(format!(
            "unknown device `{name}`; use cpu, or cuda, rocm, vulkan, metal or webgpu, and `:1` \
             after it for the second"
        )));
    };
    if backend == Backend::Cpu && number.is_some() {
        return Err(NnError::Device(format!("`{name}`: the processor is one device; use cpu")));
    }
    Ok((backend, index))
}

impl FromStr for Compute {
    type Err = NnError;

    fn from_str(name: &str) -> Result<Self, NnError> {
        let (backend, index) = parse_device(name)?;
        if !backend.is_built() {
            return Err(NnError::Device(format!(
                "device `{name}` is not in this build; use cpu, or build Gleaner with `--features {}`",
                backend.name()
            )));
        }
        let devices = Self::of(backend);
        let count = devices.len();
        let index = index.unwrap_or_else(|| PREFERRED.get() % count.max(1));
        match devices.into_iter().nth(index) {
            Some(device) => Ok(device),
            None => {
                let found = match count {
                    0 => format!("no {} device was found on this machine", backend.name()),
                    _ => format!("this machine has {count}, counted from 0"),
                };
                Err(NnError::Device(format!(
                    "device `{name}` is unavailable: {found}; `gleaner devices` lists the available ones"
                )))
            }
        }
    }
}

#[cfg(test)]
mod tests;
