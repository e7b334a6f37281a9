//! Annotation of named entities in the browser.
//!
//! A [`Project`] is a folder: `project.toml`, the sentences (`texts.jsonl`), the journal of answers (`journal.jsonl`),
//! and the taggers that were trained on them (`models/`). A [`Session`] is a project that this process alone may
//! change. A [`Service`] chooses sentences, proposes spans and trains in the background, and [`router`] serves it over
//! HTTP.
//!
//! - **The journal is the truth.** An answer is appended and synced before it is confirmed. The state of a project is a
//!   function of its journal ([`State`]), so that a process that is killed loses no confirmed answer.
//! - **The test set is honest.** Whether a sentence is held out is a function of the project's seed and the sentence's
//!   number. Held-out sentences are shown in random order, without proposals, and are never trained on.
//!
//! A project may also be an [`audit`]: it shows the doubtful sentences of a labelled corpus, and gives a [`patch()`]
//! and the [`corrected`] corpus.
//!
//! ```text
//! texts ─▶ next sentences ─▶ answers ─▶ journal ─▶ state ─▶ corpus ─▶ training ─▶ proposals
//! ```

mod agreement;
mod answer;
pub mod audit;
mod draw;
mod error;
mod http;
mod journal;
mod models;
mod next;
mod order;
mod patch;
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
pub use answer::{Action, Answer, Misfit, Proposal, ShownSpan, Span};
pub use error::AnnotateError;
pub use http::{page_paths, router};
pub use journal::Entry;
pub use patch::{Change, corrected, patch};
pub use progress::Progress;
pub use project::{NewProject, Part, Project};
pub use scores::{Forecast, Score};
pub use service::{Log, Service, Shown};
pub use session::{Added, Session};
pub use settings::{Direction, Imported, Mode, ProjectSettings};
pub use state::State;
pub use texts::Text;

#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
