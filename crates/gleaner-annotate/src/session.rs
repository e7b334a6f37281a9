//! A project that this process alone may change.

use crate::{
    answer::{Action, Answer, Proposal, check_name},
    error::AnnotateError,
    journal::{Entry, Journal},
    project::Project,
    texts::{self, Text},
};
use gleaner_base::files;
use gleaner_corpus::{Sentence, overlap::sentence_key};
use std::{
    collections::HashSet,
    fs::{self, TryLockError},
    path::Path,
};

/// A project, its journal, and the lock that keeps other processes from changing it.
pub struct Session {
    project: Project,
    journal: Journal,
    /// Number of bytes of a torn last line that were dropped.
    torn: usize,
    _lock: fs::File,
}

/// What an import added.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Added {
    /// Number of new sentences.
    pub sentences: usize,
    /// Number of sentences left out because their words are in the project already.
    pub repeated: usize,
}

impl Session {
    /// Opens a project. A torn last line of its journal, whose answer was never confirmed, is dropped.
    ///
    /// # Errors
    /// As [`Project::read`]; another process has opened the project.
    pub fn open(folder: &Path) -> Result<Self, AnnotateError> {
        let mut project = Project::without_answers(folder)?;
        let path = folder.join("lock");
        let lock = files::open_lock(&path).map_err(|e| AnnotateError::io(&path, e))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let what = "another process has the project open";
                return Err(AnnotateError::folder(folder, what, "end it first"));
            }
            Err(TryLockError::Error(e)) => return Err(AnnotateError::io(&path, e)),
        }
        // Again, now that nobody else imports.
        project.set_texts(texts::read(&project.texts_path(), &project.settings().types)?);
        let (journal, contents) = Journal::open(&project.journal_path())?;
        project.replay(contents.entries)?;
        Ok(Self { project, journal, torn: contents.torn, _lock: lock })
    }

    /// The project.
    pub fn project(&self) -> &Project {
        &self.project
    }

    /// A note on a torn last line that was dropped, if there was one.
    pub fn warning(&self) -> Option<String> {
        (self.torn > 0).then(|| {
            format!(
                "{}: dropped {} bytes after the last complete line: an answer that was never confirmed",
                self.project.journal_path().display(),
                self.torn
            )
        })
    }

    /// Adds sentences, which have tags or not. `name` is the file that they come from. A sentence whose words are in
    /// the project already is left out: the same sentence must not be in the training and in the test part.
    ///
    /// # Errors
    /// The project is an audit, an entity type is not one of the project, or the sentences cannot be written. Nothing
    /// is changed then.
    pub fn import(&mut self, name: &str, sentences: &[Sentence]) -> Result<Added, AnnotateError> {
        if self.project.audit().is_some() {
            let what = "an audit has the sentences of its corpus and takes no others";
            let fix = "create another project for them";
            return Err(AnnotateError::folder(self.project.folder(), what, fix));
        }
        let types = &self.project.settings().types;
        let mut texts = self.project.texts().to_vec();
        let before = texts.len();
        let mut known: HashSet<String> = texts.iter().map(|t| sentence_key(&t.words)).collect();
        for sentence in sentences {
            let types_of = sentence.entities().into_iter().map(|entity| entity.entity_type);
            if let Some(unknown) = types_of.into_iter().find(|name| !types.contains(name)) {
                let what = format!("`{unknown}` is not a type of the project");
                let fix = "add it to `types` in project.toml, or rename it with --map";
                return Err(AnnotateError::damaged(name.as_ref(), sentence.line, what, fix));
            }
            if known.insert(sentence_key(&sentence.words)) {
                texts.push(Text {
                    id: texts.len(),
                    words: sentence.words.clone(),
                    from: format!("{name}:{}", sentence.line),
                    tags: (!sentence.tags.is_empty()).then(|| sentence.tags.clone()),
                });
            }
        }
        let added = texts.len() - before;
        if added > 0 {
            texts::write(&self.project.texts_path(), &texts)?;
            self.project.set_texts(texts);
        }
        Ok(Added { sentences: added, repeated: sentences.len() - added })
    }

    /// Writes an answer to the journal, with the proposal that the annotator saw; returns its number there. An answer
    /// that counts already is not written again.
    ///
    /// # Errors
    /// The answer does not fit the project, or cannot be written. It does not count then.
    pub fn answer(&mut self, answer: Answer, seen: Option<Proposal>) -> Result<u64, AnnotateError> {
        let answer = self.project.fitting(answer)?;
        if let Some(n) = self.project.state().same(&answer) {
            return Ok(n);
        }
        let Answer { annotator, id, action, spans } = answer;
        let n = self.project.state().next();
        let (proposed, model) = seen.map(|seen| (seen.spans, seen.model)).unzip();
        self.record(Entry { n, id, annotator, action, spans, proposed, model: model.flatten() })?;
        Ok(n)
    }

    /// Takes back the annotator's previous answer; returns it. `None` if there is none.
    ///
    /// # Errors
    /// The name cannot be one, or the journal cannot be written. Nothing is taken back then.
    pub fn undo(&mut self, annotator: &str) -> Result<Option<Entry>, AnnotateError> {
        check_name(annotator)?;
        let Some(previous) = self.project.state().previous(annotator).cloned() else {
            return Ok(None);
        };
        self.record(Entry {
            n: self.project.state().next(),
            action: Action::Undo,
            spans: Vec::new(),
            proposed: None,
            model: None,
            ..previous.clone()
        })?;
        Ok(Some(previous))
    }

    fn record(&mut self, entry: Entry) -> Result<(), AnnotateError> {
        self.journal.append(&entry)?;
        self.project.state_mut().apply(entry);
        Ok(())
    }
}

#[cfg(test)]
mod tests;
