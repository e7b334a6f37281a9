//! Malformed sentences: whether they are left out, and how many were.

use super::sentence::{Sentences, Waiting};
use gleaner_corpus::{Corpus, CorpusError, Finding, FindingKind, Problem};
use std::sync::{Arc, Mutex, PoisonError};

/// What was left out of the input. Shared, because another thread reads.
#[derive(Clone, Default)]
pub struct Skipped(Arc<Mutex<Counts>>);

#[derive(Default)]
struct Counts {
    sentences: usize,
    words: usize,
    /// The first error.
    first: Option<String>,
}

impl Skipped {
    /// Counts a malformed sentence, or an empty word.
    pub fn add(&self, error: &CorpusError) {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match error.problem() {
            Problem::EmptyWord { .. } => counts.words += 1,
            _ => counts.sentences += 1,
        }
        counts.first.get_or_insert_with(|| error.to_string());
    }

    /// What was left out, for users.
    pub fn said(&self) -> Option<String> {
        let counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let first = counts.first.as_ref()?;
        let parts = [(counts.sentences, "malformed sentences"), (counts.words, "empty words")];
        let parts = parts.iter().filter(|(n, _)| *n > 0).map(|(n, what)| format!("{what}: {n}"));
        let parts: Vec<String> = parts.collect();
        Some(format!("note: left out: {}; the first: {first}", parts.join(", ")))
    }
}

/// Whether malformed sentences are left out, and their number.
#[derive(Clone)]
pub struct Skipping {
    pub skip: bool,
    pub skipped: Skipped,
}

impl Skipping {
    /// The sentences without malformed ones whose problem `may_skip`, if these are left out.
    pub fn over(
        &self,
        sentences: impl Iterator<Item = Result<Waiting, CorpusError>> + Send + 'static,
        may_skip: fn(&Problem) -> bool,
    ) -> Sentences {
        let Self { skip, skipped } = self.clone();
        Box::new(sentences.filter(move |sentence| match sentence {
            Err(error) if skip && may_skip(error.problem()) => {
                skipped.add(error);
                false
            }
            _ => true,
        }))
    }

    /// Counts the sentences that were left out of a corpus.
    pub fn count(&self, corpus: &Corpus) {
        let is_skipped = |f: &&Finding| f.kind == FindingKind::SkippedSentence;
        for finding in corpus.findings.iter().filter(is_skipped) {
            let problem = Problem::Annotation(finding.detail.clone());
            self.skipped.add(&CorpusError::at_line(&finding.path, finding.line, problem));
        }
    }
}
