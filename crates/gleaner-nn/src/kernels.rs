//! The loops of the CPU engine: matrix products, attention, and row-wise operations.
//!
//! Loops have no branches and reduce in [`math::LANES`] parts, so that the compiler vectorises them.
//! `multiversion!` compiles them for several instruction sets and selects one at run time. The order of summation
//! depends only on sizes, so the same instruction set and number of threads give the same bytes.

#![allow(
    unsafe_code,
    reason = "instructions of the processor, and parts of a result that several threads write"
)]

pub mod attention;
pub mod bf16;
mod factors;
pub mod geglu;
pub mod gelu;
pub mod int8;
mod level;
pub mod lstm;
pub mod math;
pub mod matmul;
pub mod matrix;
pub mod norm;
pub mod product;
mod rectangle;
pub mod rotary;
pub mod rows;
mod single;
pub mod softmax;

pub use level::Level;
#[cfg(test)]
pub(crate) use level::tests::at_every_level;

/// Whether a fused multiply-add is one instruction of the target's baseline.
pub(crate) const BASELINE_FMA: bool = cfg!(any(target_arch = "aarch64", target_feature = "fma"));

/// Number of vectors of [`math::LANES`] numbers that fit in the registers of the target's baseline.
pub(crate) const BASELINE_VECTORS: usize = if cfg!(target_arch = "aarch64") { 8 } else { 4 };

/// Compiles a function for every [`Level`] and calls the fastest one. The body may use two constants: `FMA` is
/// true if a fused multiply-add is one instruction, and `VECTORS` is the number of vectors of [`math::LANES`]
/// numbers that fit in the registers.
macro_rules! multiversion {
    ($(#[$attribute:meta])* $visible:vis fn $name:ident($($arg:ident: $type:ty),* $(,)?) $(-> $result:ty)? $body:block) => {
        $(#[$attribute])*
        #[allow(unsafe_code, reason = "calls of functions with instructions that were found")]
        $visible fn $name($($arg: $type),*) $(-> $result)? {
            #[inline(always)]
            fn body<const FMA: bool, const VECTORS: usize>($($arg: $type),*) $(-> $result)? $body

            #[cfg(target_arch = "x86_64")]
            {
                #[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx2,fma")]
                fn avx512($($arg: $type),*) $(-> $result)? {
                    body::<true, 32>($($arg),*)
                }
                #[target_feature(enable = "avx2,fma")]
                fn avx2($($arg: $type),*) $(-> $result)? {
                    body::<true, 8>($($arg),*)
                }
                match $crate::kernels::Level::current() {
                    // SAFETY: at this level the processor has these instructions.
                    $crate::kernels::Level::Avx512 => return unsafe { avx512($($arg),*) },
                    // SAFETY: as above.
                    $crate::kernels::Level::Avx2 => return unsafe { avx2($($arg),*) },
                    $crate::kernels::Level::Portable => {}
                }
            }
            body::<{ $crate::kernels::BASELINE_FMA }, { $crate::kernels::BASELINE_VECTORS }>(
                $($arg),*
            )
        }
    };
}
pub(crate) use multiversion;
