//! Annotation of named entities in the browser.
//!
//! A [`Project`] is a folder: `project.toml`, the sentences (`texts.jsonl`), the journal of answers (`journal.jsonl`),
//! and the taggers that were trained on them (`models/`). A [`Session`] is a project that this process alone may change.
//! A [`Service`] chooses sentences, proposes spans and trains in the background, and [`router`] serves it over HTTP.
//!
//! - **The journal is the truth.** An answer is appended and synced before it is confirmed. The state of a project is a
//!   function of its journal ([`State`]), so that a process that is killed loses no confirmed answer.
//! - **The test set is honest.** Whether a sentence is held out is a function of the project's seed and the sentence's
//!   number. Held-out sentences are shown in random order, without proposals, and are never trained on.
//!
//! ```text
//! texts ─▶ next sentences ─▶ answers ─▶ journal ─▶ state ─▶ corpus ─▶ training ─▶ proposals
//! ```

mod agreement;
mod answer;
mod draw;
mod error;
mod http;
mod journal;
mod models;
mod next;
mod order;
mod progress;
mod project;
mod scores;
mod service;
mod session;
mod settings;
mod state;
#[cfg(test)]
mod testing;
mod texts;

pub use agreement::PairAgreement;
pub use answer::{Action, Answer, Proposal, Refusal, Span};
pub use error::AnnotateError;
pub use http::{page_paths, router};
pub use journal::Entry;
pub use progress::Progress;
pub use project::{NewProject, Part, Project};
pub use scores::{Forecast, Score};
pub use service::{Log, Service, Shown, ShownSpan};
pub use session::{Added, Session};
pub use settings::{Direction, Imported, ProjectSettings};
pub use state::State;
pub use texts::Text;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
