//! Encoders and data sets by their names on the Hugging Face hub.
//!
//! [`Hub::encoder`] and [`Hub::dataset`] fetch what is not in the cache yet, check it and say which commit it is of, so
//! that a result can be repeated with the very same files ([`HubId::pinned`], [`DataId::pinned`]).
//!
//! The cache is the one that Hugging Face's own tools use, with their folders, names and locks. `HF_HOME`,
//! `HF_HUB_CACHE`, `HF_ENDPOINT`, `HF_TOKEN` and `HF_HUB_OFFLINE` mean what they mean there ([`HubConfig::from_env`]).
//!
//! ```no_run
//! use gleaner_hub::{Event, Hub};
//!
//! let hub = Hub::from_env()?;
//! let mut show = |event: Event<'_>| {
//!     if let Event::Progress { file, done, of } = event {
//!         eprintln!("{file}: {done} of {of} bytes");
//!     }
//! };
//! let encoder = hub.encoder(&"intfloat/multilingual-e5-small".parse()?, &mut show)?;
//! println!("{} at {}", encoder.folder.display(), encoder.commit);
//! let data = hub.dataset(&"hub:unimelb-nlp/wikiann:fo".parse()?, &mut show)?;
//! println!("{} files to train on", data.train.len());
//! # Ok::<(), gleaner_hub::HubError>(())
//! ```

mod address;
mod cache;
mod config;
mod download;
mod error;
mod event;
mod http;
mod hub;
mod id;
mod listing;
mod patience;
mod refusal;
mod splits;
#[cfg(feature = "testing")]
pub mod testing;

pub use config::HubConfig;
pub use error::{HubError, HubErrorKind};
pub use event::{Event, Watch};
pub use hub::{Download, Fetched, FetchedData, Hub};
pub use id::{Commit, DataId, HubId};
