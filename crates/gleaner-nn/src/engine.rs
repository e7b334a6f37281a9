//! What carries the arithmetic out.

use crate::Compute;

/// How a network computes. Engines agree up to rounding, dropout included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// Whole layers at a time, on the processor, with hand-written gradients.
    Fused,
    /// Single operations of burn, on any device, with its automatic gradients.
    #[cfg(feature = "composite")]
    Composite,
}

impl Engine {
    /// The fastest engine of a device.
    pub fn of(compute: &Compute) -> Self {
        #[cfg(feature = "composite")]
        if !compute.is_cpu() {
            return Self::Composite;
        }
        debug_assert!(compute.is_cpu());
        Self::Fused
    }
}
