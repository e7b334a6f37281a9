//! The loops of the CPU engine: matrix products, attention, and row-wise operations.
//!
//! Loops have no branches and reduce in [`math::LANES`] parts, so that the compiler vectorises them.
//! `multiversion!` compiles them for several instruction sets and selects one at run time. The order of summation
//! depends only on sizes, so the same instruction set and number of threads give the same bytes.

pub mod attention;
pub mod bf16;
pub mod gelu;
pub mod lstm;
pub mod math;
pub mod matmul;
pub mod matrix;
pub mod norm;
pub mod product;
mod rectangle;
mod right;
pub mod rows;
mod single;

/// The instruction sets that loops are compiled for, fastest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// 512-bit vectors.
    Avx512,
    /// 256-bit vectors, with fused multiply-add.
    Avx2,
    /// The target's baseline.
    Portable,
}

impl Level {
    /// The fastest level that this machine supports.
    #[inline]
    pub fn detect() -> Self {
        #[cfg(test)]
        if let Some(level) = tests::LEVEL.get() {
            return level;
        }
        #[cfg(target_arch = "x86_64")]
        {
            use std::arch::is_x86_feature_detected as has; // the result is cached
            if has!("avx512f") && has!("avx512bw") && has!("avx512dq") && has!("avx512vl") {
                return Self::Avx512;
            }
            if has!("avx2") && has!("fma") {
                return Self::Avx2;
            }
        }
        Self::Portable
    }
}

/// Whether a fused multiply-add is one instruction of the target's baseline.
pub(crate) const BASELINE_FMA: bool = cfg!(any(target_arch = "aarch64", target_feature = "fma"));

/// Number of vectors of [`math::LANES`] numbers that fit in the registers of the target's baseline.
pub(crate) const BASELINE_VECTORS: usize = if cfg!(target_arch = "aarch64") { 8 } else { 4 };

/// Compiles a function for every [`Level`] and calls the fastest one. The body may use two constants: `FMA` is
/// true if a fused multiply-add is one instruction, and `VECTORS` is the number of vectors of [`math::LANES`]
/// numbers that fit in the registers.
macro_rules! multiversion {
    ($(#[$attribute:meta])* $visible:vis fn $name:ident($($arg:ident: $type:ty),* $(,)?) $body:block) => {
        $(#[$attribute])*
        $visible fn $name($($arg: $type),*) {
            #[inline(always)]
            fn body<const FMA: bool, const VECTORS: usize>($($arg: $type),*) $body

            #[cfg(target_arch = "x86_64")]
            {
                #[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl,avx2,fma")]
                fn avx512($($arg: $type),*) {
                    body::<true, 32>($($arg),*)
                }
                #[target_feature(enable = "avx2,fma")]
                fn avx2($($arg: $type),*) {
                    body::<true, 8>($($arg),*)
                }
                match $crate::kernels::Level::detect() {
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

#[cfg(test)]
pub(crate) mod tests {
    use super::Level;
    use std::cell::Cell;

    thread_local! {
        /// The level that a test forces.
        pub(super) static LEVEL: Cell<Option<Level>> = const { Cell::new(None) };
    }

    /// Runs a test at every level that this machine supports.
    pub(crate) fn at_every_level(test: impl Fn() + Send + Sync) {
        let best = Level::detect();
        for level in [Level::Avx512, Level::Avx2, Level::Portable] {
            if level < best {
                continue;
            }
            let set = move |_| LEVEL.set(Some(level));
            let pool = rayon::ThreadPoolBuilder::new().num_threads(2).start_handler(set);
            pool.build().expect("two threads").install(&test);
        }
    }
}
