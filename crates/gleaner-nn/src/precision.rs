//! How exact the factors of large products are.

use serde::{Deserialize, Serialize};

/// What the factors of the encoder's matrix products are rounded to. Sums are always f32, and so is
/// everything else: parameters, activations, gradients, attention.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Precision {
    /// 24 significant bits.
    #[default]
    F32,
    /// 8 significant bits, at about twice the speed where the processor has instructions for them.
    Bf16,
}

impl Precision {
    /// The precision that this machine computes in when this one is asked for: f32 where it has no
    /// instructions for bf16.
    pub fn available(self) -> Self {
        match self {
            Self::Bf16 if !crate::kernels::bf16::available() => Self::F32,
            precision => precision,
        }
    }
}
