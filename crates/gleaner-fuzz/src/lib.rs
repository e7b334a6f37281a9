//! Harnesses that feed every reader of Gleaner, and what computes with what was read, with damaged and made-up input.
//!
//! A [`Harness`] takes bytes. It reads them as a file, or draws a structure from them with [`Choices`]. For every input
//! five things must hold:
//!
//! 1. nothing panics;
//! 2. an error is one line;
//! 3. no more memory is in use at a time than a multiple of the input's length and a constant, which each harness
//!    states;
//! 4. it takes less than a second, or ten where tests run on a machine that may be busy;
//! 5. what the harness itself asserts, such as that what is accepted and written again is read back equal.
//!
//! [`run()`] damages the harness's seeds, which Gleaner's own writers make. An input whose result is new (an error that
//! differs in more than its numbers) is damaged further. No compiler support is needed, so this runs on the stable
//! toolchain, in the tests with a fixed seed and a fixed number of inputs, and for as long as wanted with
//! `scripts/fuzz`. Inputs that once broke something are in `regressions/`, and run first.

mod choices;
mod harness;
mod harnesses;
mod memory;
mod mutate;
mod run;

pub use choices::Choices;
pub use harness::{Harness, Memory};
pub use harnesses::HARNESSES;
pub use memory::peak_of;
pub use run::{Limit, Report, Watched, run};
