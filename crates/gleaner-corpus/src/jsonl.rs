//! JSON Lines: an object a line, each a sentence. Blank lines are passed over.
//!
//! | keys | sentence |
//! |---|---|
//! | `tokens` (or `words`), `tags` (or `ner_tags`) | lists of the same length; tags are names, or numbers with a list of names |
//! | `text`, `spans` | words by [`text::words`](crate::text::words); a span has `start`, `end` (Unicode scalar values, end exclusive) and `label` or `type` |
//!
//! The names of numbers come from the options, or from the key `label_names` (a list) of the object
//! or of one before it; a line may hold that key alone. Where an object has tokens, its text and
//! spans are not read. Other keys are not read.

mod align;
mod reader;
mod writer;

pub use reader::Reader;
pub use writer::write;
