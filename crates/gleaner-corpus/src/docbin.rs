//! spaCy's binary files of documents (`DocBin`, `.spacy`): a zlib stream of one MessagePack map.
//!
//! Each document has a row of 64-bit numbers per token. Gleaner uses the columns ORTH (the word), ENT_IOB and ENT_TYPE
//! (the entities) and SENT_START (the sentences). Words and types are numbers of strings, which the file lists. A token
//! of white space alone is part of the text, not a word.

mod fields;
mod message;
mod reader;
mod strings;
mod table;
mod writer;

pub(crate) use reader::read;
pub use writer::write;

/// The name of the format in messages.
const NAME: &str = "a spaCy DocBin";

/// spaCy's numbers of the columns.
mod column {
    pub(super) const ORTH: u64 = 65;
    pub(super) const ENT_IOB: u64 = 77;
    pub(super) const ENT_TYPE: u64 = 78;
    pub(super) const SENT_START: u64 = 80;
}

/// Values of the column ENT_IOB. 0 stands for a missing annotation.
mod iob {
    pub(super) const INSIDE: u64 = 1;
    pub(super) const OUTSIDE: u64 = 2;
    pub(super) const BEGIN: u64 = 3;
}

/// Values of the column SENT_START. 0 stands for an unknown one.
mod sentence_start {
    pub(super) const YES: u64 = 1;
    pub(super) const NO: u64 = u64::MAX; // -1
}

/// Whether a file starts as the zlib streams of spaCy do. The second byte alone is not UTF-8, so no text does.
pub(crate) fn looks_like(head: &[u8]) -> bool {
    matches!(head, [0x78, 0x9c | 0xda, ..])
}
