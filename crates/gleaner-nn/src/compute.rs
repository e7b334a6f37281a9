//! Where the arithmetic runs: chosen at run time, so that model code never names a backend.

use crate::NnError;
use burn::tensor::Device;
#[cfg(accelerator)]
use burn::tensor::DeviceType;
use std::{cell::Cell, fmt, str::FromStr};

/// A way to reach devices.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Backend {
    /// The processor (burn's `flex`, and Gleaner's own kernels).
    Cpu,
    /// NVIDIA's GPUs.
    Cuda,
    /// AMD's GPUs.
    Rocm,
    /// GPUs with a Vulkan driver.
    Vulkan,
    /// Apple's GPUs.
    Metal,
    /// Whatever wgpu finds: Vulkan, Metal, DirectX 12 or OpenGL, with shaders in WebGPU's language.
    Webgpu,
}

impl Backend {
    /// All of them, those that this build lacks too.
    pub const ALL: [Self; 6] =
        [Self::Cpu, Self::Cuda, Self::Rocm, Self::Vulkan, Self::Metal, Self::Webgpu];

    /// The name that devices begin with, and that the feature has which builds it in.
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

    /// Whether this build has it.
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

    /// The devices that this machine offers through it.
    fn devices(self) -> Vec<Device> {
        match self {
            Self::Cpu => vec![Device::flex()],
            #[cfg(feature = "cuda")]
            Self::Cuda => Device::enumerate(DeviceType::Cuda).into_iter().collect(),
            #[cfg(feature = "rocm")]
            Self::Rocm => Device::enumerate(DeviceType::Rocm).into_iter().collect(),
            #[cfg(feature = "vulkan")]
            Self::Vulkan => Device::enumerate(DeviceType::Vulkan).into_iter().collect(),
            #[cfg(feature = "metal")]
            Self::Metal => Device::enumerate(DeviceType::Metal).into_iter().collect(),
            #[cfg(feature = "webgpu")]
            Self::Webgpu => Device::enumerate(DeviceType::Wgpu).into_iter().collect(),
            #[allow(unreachable_patterns)] // a build may have all
            _ => Vec::new(),
        }
    }
}

/// A device to compute on.
#[derive(Clone, Debug)]
pub struct Compute {
    backend: Backend,
    index: usize,
    device: Device,
}

impl Compute {
    /// The processor.
    pub fn cpu() -> Self {
        Self { backend: Backend::Cpu, index: 0, device: Device::flex() }
    }

    /// Every device that this build and this machine offer, the processor first.
    pub fn all() -> Vec<Self> {
        let of = |backend: Backend| {
            let devices = backend.devices().into_iter().enumerate();
            devices.map(move |(index, device)| Self { backend, index, device })
        };
        Backend::ALL.into_iter().flat_map(of).collect()
    }

    /// What the device is reached through.
    pub fn backend(&self) -> Backend {
        self.backend
    }

    /// Whether it is the processor.
    pub fn is_cpu(&self) -> bool {
        self.backend == Backend::Cpu
    }

    /// What the device calls itself, where it says.
    pub fn model(&self) -> Option<String> {
        #[cfg(accelerator)]
        if let Some(identity) = self.device.identity() {
            return Some(identity.name);
        }
        None
    }

    /// The device's own memory in bytes, where its driver says.
    pub fn memory(&self) -> Option<u64> {
        #[cfg(feature = "cuda")]
        if self.backend == Backend::Cuda {
            let context = cudarc::driver::CudaContext::new(self.index).ok()?;
            return Some(context.total_mem().ok()? as u64);
        }
        #[cfg(accelerator)]
        if let Some(address) = self.device.identity()?.physical?.pci_address {
            // Where Linux's driver of AMD's cards tells their memory.
            let file = format!("/sys/bus/pci/devices/{address}/mem_info_vram_total");
            return std::fs::read_to_string(file).ok()?.trim().parse().ok();
        }
        None
    }

    /// The burn device, without automatic differentiation.
    pub(crate) fn device(&self) -> Device {
        self.device.clone()
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

/// On this thread, names of devices without a number mean the one of this number, counted round where
/// there are fewer: so that trainings that run at a time share several devices out.
pub fn prefer_device(number: usize) {
    PREFERRED.set(number);
}

/// The name of a device, `cpu` or `BACKEND[:NUMBER]`, taken apart. Nothing is asked of the machine, and
/// the build need not have it: names stand in files that other builds have written.
///
/// # Errors
/// No device is called that.
pub fn parse_device(name: &str) -> Result<(Backend, Option<usize>), NnError> {
    let (word, number) = name.split_once(':').map_or((name, None), |(w, n)| (w, Some(n)));
    let known = Backend::ALL.into_iter().find(|b| b.name() == word);
    let index = number.map(str::parse).transpose();
    let (Some(backend), Ok(index)) = (known, index) else {
        return Err(NnError::Device(format!(
            "no device is called `{name}`; use cpu, or cuda, rocm, vulkan, metal or webgpu, and `:1` \
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
        let devices = backend.devices();
        let count = devices.len();
        let index = index.unwrap_or_else(|| PREFERRED.get() % count.max(1));
        match devices.into_iter().nth(index) {
            Some(device) => Ok(Self { backend, index, device }),
            None => {
                let found = match count {
                    0 => format!("no {} device was found on this machine", backend.name()),
                    _ => format!("this machine has {count}, counted from 0"),
                };
                Err(NnError::Device(format!(
                    "device `{name}` is not here: {found}; `gleaner devices` lists what is"
                )))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn devices_are_named_and_found_by_their_names() {
        for compute in Compute::all() {
            assert_eq!(compute.to_string().parse::<Compute>().unwrap(), compute);
        }
        assert!(Compute::all()[0].is_cpu());
        assert_eq!("cpu".parse::<Compute>().unwrap(), Compute::cpu());
    }

    #[test]
    fn a_thread_may_prefer_a_device_and_counts_round() {
        prefer_device(7);
        assert_eq!("cpu".parse::<Compute>().unwrap(), Compute::cpu());
        for backend in Backend::ALL.into_iter().filter(|b| b.is_built()) {
            let devices: Vec<_> =
                Compute::all().into_iter().filter(|c| c.backend() == backend).collect();
            if !devices.is_empty() {
                let preferred = &devices[7 % devices.len()];
                assert_eq!(&backend.name().parse::<Compute>().unwrap(), preferred);
            }
        }
        prefer_device(0);
    }

    #[test]
    fn what_is_not_here_is_told_with_what_has_it() {
        let error = |name: &str| name.parse::<Compute>().unwrap_err().to_string();
        for (name, expected) in [
            ("gpu", "no device is called `gpu`; use cpu, or cuda,"),
            ("cuda:x", "no device is called `cuda:x`"),
            ("cpu:0", "`cpu:0`: the processor is one device; use cpu"),
        ] {
            assert!(error(name).starts_with(expected), "{}", error(name));
        }
        for backend in Backend::ALL.into_iter().filter(|b| !b.is_built()) {
            let expected = format!(
                "is not in this build; use cpu, or build Gleaner with `--features {}`",
                backend.name()
            );
            assert!(error(backend.name()).ends_with(&expected), "{}", error(backend.name()));
        }
        for backend in Backend::ALL.into_iter().skip(1).filter(|b| b.is_built()) {
            let expected = format!("device `{}:99` is not here: ", backend.name());
            assert!(error(&format!("{}:99", backend.name())).starts_with(&expected));
        }
    }
}
