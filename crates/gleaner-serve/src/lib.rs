//! An HTTP server for taggers.
//!
//! A [`Server`] loads models and answers requests to label text: in its own form, in that of the Hugging Face hub, and
//! as a backend of Label Studio and doccano. [`listen`] serves any router behind the checks that a server on somebody's
//! machine needs.
//!
//! ```no_run
//! use gleaner::Ensemble;
//! use gleaner_serve::{ServeError, Server, Source, listen::{Listen, Stop}};
//! use std::sync::Arc;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let sources = vec![Source { name: "default".into(), folder: "my-model".into() }];
//! let open = |folder: &std::path::Path| {
//!     Ensemble::load(folder).map(Arc::new).map_err(|error| ServeError::Settings(error.to_string()))
//! };
//! let server = Server::load(sources, 100_000, Arc::new(|_| ()), open)?;
//! let listen = Listen::new("127.0.0.1:8080".parse()?);
//! server.run(listen, &Stop::default(), |address| println!("listening on http://{address}/"))?;
//! # Ok(())
//! # }
//! ```

mod error;
pub mod json;
mod labeller;
pub mod listen;
mod metrics;
mod model;
mod queue;
mod routes;
mod server;
#[cfg(test)]
mod testing;
mod text;

pub use error::{Refusal, ServeError};
pub use labeller::Labeller;
pub use server::{Event, Log, Server, Source};

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
