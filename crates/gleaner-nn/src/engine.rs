//! The engines that carry out the arithmetic.

use crate::Compute;

/// An implementation of the network's arithmetic. Engines agree up to rounding, dropout included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// Whole layers at a time on the CPU, with hand-written gradients.
    Fused,
    /// Single burn operations on any device, with automatic differentiation.
    #[cfg(feature = "composite")]
    Composite,
}

impl Engine {
    /// The fastest engine for a device.
    pub fn of(compute: &Compute) -> Self {
        #[cfg(feature = "composite")]
        if !compute.is_cpu() {
            return Self::Composite;
        }
        debug_assert!(compute.is_cpu());
        Self::Fused
    }
}
