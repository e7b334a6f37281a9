//! An HTTP server for taggers.
//!
//! [`listen`] serves any router behind the checks that a server on somebody's machine needs.

mod error;
pub mod json;
pub mod listen;

pub use error::{Refusal, ServeError};
