//! The precision of the factors of large matrix products.

use serde::{Deserialize, Serialize};

/// The precision that the factors of the encoder's matrix products are rounded to.
///
/// On the CPU, sums and everything else (parameters, activations, gradients, attention) are f32. On other devices,
/// the factors of attention's products are rounded too. The results of products are also rounded before further
/// computation in f32. Parameters and moments are always f32.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Precision {
    /// 24 significant bits.
    #[default]
    F32,
    /// 8 significant bits. About twice as fast on devices with bf16 instructions.
    Bf16,
}
