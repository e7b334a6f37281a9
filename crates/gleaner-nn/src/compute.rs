//! Where the arithmetic runs: chosen at run time, so that model code never names a backend.

use crate::NnError;
use burn::tensor::Device;
use std::{fmt, str::FromStr};

/// A device to compute on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Compute {
    /// The processor (burn's `flex` backend).
    #[default]
    Cpu,
}

impl Compute {
    /// The burn device, without automatic differentiation.
    pub(crate) fn device(self) -> Device {
        match self {
            Self::Cpu => Device::flex(),
        }
    }
}

impl fmt::Display for Compute {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cpu => f.write_str("cpu"),
        }
    }
}

impl FromStr for Compute {
    type Err = NnError;

    fn from_str(s: &str) -> Result<Self, NnError> {
        match s {
            "cpu" => Ok(Self::Cpu),
            other => {
                Err(NnError::Device(format!("device `{other}` is not in this build; use `cpu`")))
            }
        }
    }
}
