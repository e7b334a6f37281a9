//! Downloading encoders, taggers and data sets from the Hugging Face hub, and sending models to it.
//!
//! [`Hub::encoder`], [`Hub::tagger`] and [`Hub::dataset`] download the files that are not in the cache, check them, and
//! return their commit. With the commit the same files can be used again ([`HubId::pinned`], [`DataId::pinned`]).
//! Interrupted downloads are resumed, and a file gets its name only after its size and SHA-256 are right.
//!
//! The cache is shared with Hugging Face's tools: folders, names and locks are the same. The variables `HF_HOME`,
//! `HF_HUB_CACHE`, `HF_ENDPOINT`, `HF_TOKEN` and `HF_HUB_OFFLINE` have the same meaning ([`HubConfig::from_env`]).
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
//! println!("{} training files", data.train.len());
//! # Ok::<(), gleaner_hub::HubError>(())
//! ```
//!
//! [`Hub::push`] sends the files of a model, which [`Upload::of`] finds in its folder:
//!
//! ```no_run
//! use gleaner_hub::{Hub, PushOptions, Upload};
//!
//! let upload = Upload::of("my-model".as_ref())?;
//! let pushed = Hub::from_env()?.push(&upload, &"me/my-model".parse()?, &PushOptions::default(), &mut |_| {})?;
//! println!("{} files are new in commit {}", pushed.sent.len(), pushed.commit);
//! # Ok::<(), gleaner_hub::HubError>(())
//! ```

mod address;
mod answer;
mod backoff;
mod cache;
mod commit;
mod config;
mod contents;
mod data_files;
mod download;
mod encoder_files;
mod error;
mod event;
mod failure;
mod fetched;
mod http;
mod hub;
mod id;
mod listed;
mod listing;
mod push;
mod refusal;
mod request;
mod tagger_files;
mod target;
#[cfg(feature = "testing")]
pub mod testing;
mod upload;

pub use commit::Commit;
pub use config::HubConfig;
pub use error::{HubError, HubErrorKind};
pub use event::{Event, Watch};
pub use fetched::{Download, Fetched, FetchedData};
pub use hub::Hub;
pub use id::{DataId, HubId, is_hub_name};
pub use push::{PushOptions, Pushed, Sent};
pub use upload::{Upload, UploadFile, UploadKind};

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
