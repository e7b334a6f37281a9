//! What the review of a corpus gives: a patch, and the corpus with the patch applied.

use crate::{
    answer::{Action, Span},
    audit::AuditedFile,
    project::Project,
    texts::Text,
};
use gleaner_corpus::{Corpus, Scheme, Sentence, audit::Part};
use serde::Serialize;
use std::collections::BTreeMap;

/// A sentence that was changed or left out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Change<'a> {
    /// Its part of the corpus.
    pub part: Part,
    /// Its file, as it was named.
    pub file: &'a str,
    /// The line of its first word, from 1; the row of a Parquet file.
    pub line: usize,
    /// Its position among the sentences of the file, from 1.
    pub sentence: usize,
    /// Who decided.
    pub annotator: &'a str,
    /// Its words.
    pub words: &'a [String],
    /// The entities that the corpus has.
    pub old: Vec<Span>,
    /// The entities that it should have; `None` if the sentence is left out.
    pub new: Option<Vec<Span>>,
}

/// The sentences of an audit that were changed or rejected, in the order of the corpus. Where annotators disagree, the
/// latest answer decides. Confirming entities whose tags break IOB2 changes the tags: then `old` and `new` are equal.
/// Empty if the project is not an audit.
pub fn patch(project: &Project) -> Vec<Change<'_>> {
    project
        .state()
        .verdicts()
        .into_iter()
        .filter_map(|(id, entry)| {
            let (file, position) = project.audit()?.file(id)?;
            let text = project.texts().get(id)?;
            let old = text.spans().unwrap_or_default();
            let new = (entry.action == Action::Accept).then(|| entry.spans.clone());
            let is_as_before = new.as_ref() == Some(&old);
            if is_as_before && text.tags == Some(Span::tags(&old, text.words.len())) {
                return None;
            }
            Some(Change {
                part: file.part,
                file: &file.name,
                line: line(text),
                sentence: position + 1,
                annotator: &entry.annotator,
                words: &text.words,
                old,
                new,
            })
        })
        .collect()
}

/// The parts of the corpus of an audit with its [`patch()`] applied, without those that have no sentence left. A
/// sentence that was not changed has the tags of its file; whatever was confirmed is in IOB2. Empty if the project is
/// not an audit.
pub fn corrected(project: &Project) -> Vec<(Part, Corpus)> {
    let verdicts = project.state().verdicts();
    let mut parts: BTreeMap<Part, Corpus> = BTreeMap::new();
    let files = project.audit().map_or(&[][..], |audit| audit.files.as_slice());
    let mut rest = project.texts();
    for file in files {
        let (own, others) = rest.split_at(file.sentences.min(rest.len()));
        rest = others;
        let part = parts.entry(file.part).or_insert_with(|| empty(file));
        part.sentences.extend(own.iter().filter_map(|text| {
            let tags = match verdicts.get(&text.id) {
                Some(entry) if entry.action == Action::Reject => return None,
                Some(entry) => Span::tags(&entry.spans, text.words.len()),
                None => text.tags.clone().unwrap_or_default(),
            };
            Some(Sentence { words: text.words.clone(), tags, line: line(text), unrepaired: None })
        }));
    }
    parts.into_iter().filter(|(_, corpus)| !corpus.sentences.is_empty()).collect()
}

fn empty(file: &AuditedFile) -> Corpus {
    Corpus {
        path: file.name.clone().into(),
        sentences: Vec::new(),
        scheme: Scheme::Iob2,
        findings: Vec::new(),
        files: Vec::new(),
    }
}

/// The line that a sentence comes from.
fn line(text: &Text) -> usize {
    text.from.rsplit_once(':').and_then(|(_, line)| line.parse().ok()).unwrap_or(0)
}

#[cfg(test)]
mod tests;
