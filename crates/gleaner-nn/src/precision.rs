//! How exact the factors of large products are.

use serde::{Deserialize, Serialize};

/// What the factors of the encoder's matrix products are rounded to. On the processor sums are f32, and so
/// is everything else: parameters, activations, gradients, attention. On other devices attention's products
/// round their factors too, and results of products are rounded before the rest is computed in f32; parameters
/// and moments stay f32.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Precision {
    /// 24 significant bits.
    #[default]
    F32,
    /// 8 significant bits, at about twice the speed where the device has instructions for them.
    Bf16,
}
