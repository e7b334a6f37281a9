//! What is kept of how a file was read.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::Path;

use crate::corpus::Sentence;
use crate::format::Format;
use crate::places::Places;
use crate::reading::Reading;
use crate::scheme::Scheme;

/// How a file was recognised and read.
pub(super) struct HowRead {
    pub format: Option<Format>,
    pub format_reason: &'static str,
    pub choices: Vec<String>,
    pub scheme: Scheme,
    pub places: Places,
}

impl HowRead {
    /// The summary of a file with these contents.
    pub(super) fn of(self, bytes: &[u8], path: &Path, sentences: &[Sentence]) -> Reading {
        let Self { format, format_reason, choices, scheme, places } = self;
        let mut entities = BTreeMap::new();
        for entity in sentences.iter().flat_map(Sentence::entities) {
            *entities.entry(entity.entity_type).or_insert(0) += 1;
        }
        let first = sentences.first().map(|sentence| {
            let tags = sentence.tags.iter().cloned().chain(std::iter::repeat(String::new()));
            sentence.words.iter().cloned().zip(tags).collect()
        });
        let mut hasher = DefaultHasher::new();
        hasher.write(bytes);
        if format == Some(Format::Brat) {
            // The text is in another file.
            sentences.iter().for_each(|sentence| sentence.words.hash(&mut hasher));
        }
        Reading {
            path: path.to_owned(),
            format,
            format_reason,
            choices,
            scheme,
            first: first.unwrap_or_default(),
            sentences: sentences.len(),
            entities,
            content: (bytes.len(), hasher.finish()),
            places,
        }
    }
}
