//! What architectures without bf16 instructions have in their place: a type without values, so that nothing of this
//! is ever called.

use super::{Left, Pair, Panel};

/// Proof that the processor has bf16 instructions, which does not exist here.
#[derive(Clone, Copy)]
pub(in crate::kernels) enum Instructions {}

impl Instructions {
    pub(in crate::kernels) fn detect() -> Option<Self> {
        None
    }

    pub(super) fn round(self, _: &[f32], _: &mut [Pair]) {
        match self {}
    }

    pub(super) fn round_down(
        self,
        _: &[f32],
        _: usize,
        _: (usize, usize),
        _: &mut [Pair],
        _: usize,
    ) {
        match self {}
    }

    pub(super) fn round_across(self, _: &[f32], _: usize, _: &mut [Panel]) {
        match self {}
    }

    pub(super) fn sums(self, _: usize, _: Left, _: &[Panel], _: &mut [f32], _: usize, _: bool) {
        match self {}
    }
}
