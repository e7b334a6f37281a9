//! A build without accelerators: the type [`Accelerator`] has no values.

use super::Backend;

#[derive(Clone, Debug)]
pub(super) enum Accelerator {}

impl Accelerator {
    pub(super) fn all(_: Backend) -> Vec<Self> {
        Vec::new()
    }

    pub(super) fn model(&self) -> Option<String> {
        match *self {}
    }

    pub(super) fn memory(&self, _: Backend, _: usize) -> Option<u64> {
        match *self {}
    }

    pub(super) fn multiplies_bf16(&self) -> bool {
        match *self {}
    }

    #[cfg(feature = "composite")]
    pub(super) fn device(&self) -> burn::tensor::Device {
        match *self {}
    }
}
