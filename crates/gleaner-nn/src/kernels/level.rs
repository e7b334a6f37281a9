//! The instruction sets that loops are compiled for, and the one that this process uses.

use crate::NnError;
use std::sync::LazyLock;

/// The variable of the environment that limits the level, for tests and benchmarks.
const VARIABLE: &str = "GLEANER_SIMD";

/// A set of vector instructions, fastest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// 512-bit vectors (AVX-512 F, BW, DQ and VL).
    Avx512,
    /// 256-bit vectors, with fused multiply-add.
    Avx2,
    /// The target's baseline: NEON on 64-bit Arm, SSE2 on x86-64.
    Portable,
}

impl Level {
    /// All levels, fastest first.
    pub const ALL: [Self; 3] = [Self::Avx512, Self::Avx2, Self::Portable];

    /// The level that loops use: the fastest of this processor, or the one that `GLEANER_SIMD` names. A wrong value of
    /// the variable has no effect here; [`Level::check`] reports it.
    #[inline]
    pub fn current() -> Self {
        #[cfg(test)]
        if let Some(level) = tests::LEVEL.get() {
            return level;
        }
        static CURRENT: LazyLock<Level> = LazyLock::new(|| {
            let chosen = std::env::var(VARIABLE).ok();
            Level::chosen(chosen.as_deref(), Level::supported()).unwrap_or(Level::supported())
        });
        *CURRENT
    }

    /// Checks the value of `GLEANER_SIMD`.
    ///
    /// # Errors
    /// It names no level, or one that this processor does not have.
    pub fn check() -> Result<(), NnError> {
        let chosen = std::env::var_os(VARIABLE);
        let chosen = chosen.as_deref().map(|name| name.to_string_lossy());
        Self::chosen(chosen.as_deref(), Self::supported()).map(|_| ())
    }

    /// The level's name in `GLEANER_SIMD`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Avx512 => "avx512",
            Self::Avx2 => "avx2",
            Self::Portable => "portable",
        }
    }

    /// The fastest level that this processor has.
    fn supported() -> Self {
        #[cfg(target_arch = "x86_64")]
        {
            use std::arch::is_x86_feature_detected as has;
            let is_avx512 =
                has!("avx512f") && has!("avx512bw") && has!("avx512dq") && has!("avx512vl");
            // A hypervisor may hide some instructions of a level and not others.
            if has!("avx2") && has!("fma") {
                return if is_avx512 { Self::Avx512 } else { Self::Avx2 };
            }
        }
        Self::Portable
    }

    /// The level with a name, or the fastest one if none is given.
    fn chosen(name: Option<&str>, fastest: Self) -> Result<Self, NnError> {
        let Some(name) = name.filter(|name| !name.is_empty()) else { return Ok(fastest) };
        let available = || Self::ALL.into_iter().filter(|level| *level >= fastest);
        available().find(|level| level.name() == name).ok_or_else(|| {
            let names: Vec<&str> = available().map(Self::name).collect();
            NnError::Device(format!(
                "{VARIABLE}: this processor has no instructions `{name}`; use {}",
                names.join(" or ")
            ))
        })
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use std::cell::Cell;

    thread_local! {
        /// The level that a test forces.
        pub(super) static LEVEL: Cell<Option<Level>> = const { Cell::new(None) };
    }

    /// Runs a test at every level that this process may use.
    pub(crate) fn at_every_level(test: impl Fn() + Send + Sync) {
        let best = Level::current();
        for level in Level::ALL.into_iter().filter(|level| *level >= best) {
            let set = move |_| LEVEL.set(Some(level));
            let pool = rayon::ThreadPoolBuilder::new().num_threads(2).start_handler(set);
            pool.build().expect("two threads").install(&test);
        }
    }

    #[test]
    fn a_level_is_chosen_by_name_among_those_of_the_processor() {
        for (name, fastest, chosen) in [
            (None, Level::Avx512, Some(Level::Avx512)),
            (Some(""), Level::Avx2, Some(Level::Avx2)),
            (Some("avx2"), Level::Avx512, Some(Level::Avx2)),
            (Some("portable"), Level::Avx512, Some(Level::Portable)),
            (Some("avx512"), Level::Avx512, Some(Level::Avx512)),
            (Some("avx512"), Level::Avx2, None),
            (Some("AVX2"), Level::Avx2, None),
            (Some("avx"), Level::Avx512, None),
        ] {
            assert_eq!(Level::chosen(name, fastest).ok(), chosen, "{name:?} {fastest:?}");
        }
        let error = Level::chosen(Some("avx512"), Level::Avx2).unwrap_err().to_string();
        let expected =
            "GLEANER_SIMD: this processor has no instructions `avx512`; use avx2 or portable";
        assert_eq!(error, expected);
    }
}
