//! The training sentences of a run of simulated annotation: `annotated.json`.

use super::folder::RunFolder;
use crate::{disk, error::StudyError};
use gleaner_corpus::Sentence;
use serde::{Deserialize, Serialize};
use std::{collections::BTreeSet, path::PathBuf};

/// How the note of a run of simulated annotation begins.
pub(crate) const ANNOTATION_NOTE: &str = "simulated annotation: ";

/// What to do about a file that is not the run's.
const FIX: &str = "restore the run's own file, or delete the run's folder to repeat it";

/// The training sentences of a run of simulated annotation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct Annotated {
    /// Their positions in the training part, from 0, in the order of annotation.
    pub(crate) sentences: Vec<usize>,
    /// Number of their words.
    pub(crate) words: usize,
}

impl Annotated {
    /// The sentences at these positions of the training part.
    pub(crate) fn of(sentences: Vec<usize>, train: &[Sentence]) -> Self {
        let words = sentences.iter().map(|&at| train[at].words.len()).sum();
        Self { sentences, words }
    }

    /// Whether they can be sentences of this training part.
    fn fits(&self, train: &[Sentence]) -> bool {
        let distinct: BTreeSet<usize> = self.sentences.iter().copied().collect();
        let within = distinct.last().is_none_or(|last| *last < train.len());
        within
            && distinct.len() == self.sentences.len()
            && *self == Self::of(self.sentences.clone(), train)
    }
}

impl RunFolder {
    fn annotation(&self) -> PathBuf {
        self.path().join("annotated.json")
    }

    /// Records the run's sentences before it is trained on them.
    pub(crate) fn write_annotated(&self, annotated: &Annotated) -> Result<(), StudyError> {
        disk::write_json(&self.annotation(), annotated)
    }

    /// Whether the run's sentences are recorded.
    pub(crate) fn has_annotated(&self) -> bool {
        self.annotation().is_file()
    }

    /// The run's sentences.
    ///
    /// # Errors
    /// The file is missing or malformed.
    pub(crate) fn annotated(&self) -> Result<Annotated, StudyError> {
        let path = self.annotation();
        let unlike = |what: &str| StudyError::results(&path, what, FIX);
        match disk::read_json(&path) {
            Ok(found) => found.ok_or_else(|| unlike("no such file")),
            Err(StudyError::Results { what, .. }) => Err(unlike(&what)),
            Err(other) => Err(other),
        }
    }

    /// The run's sentences, which must be of this training part.
    ///
    /// # Errors
    /// As [`RunFolder::annotated`]; or the sentences are of another text.
    pub(crate) fn annotated_of(&self, train: &[Sentence]) -> Result<Annotated, StudyError> {
        let annotated = self.annotated()?;
        match annotated.fits(train) {
            true => Ok(annotated),
            false => {
                let what = "its sentences are not of the run's training text";
                Err(StudyError::results(&self.annotation(), what, FIX))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::results::Results;
    use gleaner_base::files::faults::{Fault, sweep};
    use std::fs;

    #[test]
    fn a_record_is_whole_or_missing_after_any_fault() {
        let annotated = Annotated { sentences: vec![4, 1, 0], words: 17 };
        let write = |place: &std::path::Path| {
            let run = Results::new(place).run("1");
            run.create().and_then(|()| run.write_annotated(&annotated)).is_ok()
        };
        let folder = tempfile::tempdir().unwrap();
        let struck = sweep(
            folder.path(),
            &Fault::ALL,
            |_| (),
            write,
            |place, outcome| {
                let run = Results::new(place).run("1");
                assert!(run.has_annotated() || !outcome.is_success, "{outcome}");
                if run.has_annotated() {
                    assert_eq!(run.annotated().unwrap(), annotated, "{outcome}");
                }
                assert!(write(place), "{outcome}");
                assert_eq!(run.annotated().unwrap(), annotated, "{outcome}");
            },
        );
        assert!(struck > 10, "{struck}");
    }

    #[test]
    fn sentences_are_read_as_written_and_others_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        let run = Results::new(folder.path()).run("1");
        run.create().unwrap();
        let parts = gleaner_sample::labelled("af").unwrap();
        let text = gleaner_sample::to_conll(&parts.train[..9]);
        let train = gleaner_corpus::read_bytes(
            text.as_bytes(),
            "x.conll".as_ref(),
            &gleaner_corpus::ReadOptions::default(),
        );
        let train = train.unwrap().sentences;
        assert!(!run.has_annotated());
        let error = run.annotated().unwrap_err().to_string();
        assert!(error.contains("annotated.json: no such file; restore"), "{error}");
        let annotated = Annotated::of(vec![8, 0, 3], &train);
        assert_eq!(
            annotated.words,
            [8, 0, 3].map(|i: usize| train[i].words.len()).iter().sum::<usize>()
        );
        run.write_annotated(&annotated).unwrap();
        assert!(run.has_annotated());
        assert_eq!(run.annotated_of(&train).unwrap(), annotated);
        let words = annotated.words;
        for other in [
            format!("{{\"sentences\": [8, 0, 9], \"words\": {words}}}"),
            format!("{{\"sentences\": [8, 0, 0], \"words\": {words}}}"),
            format!("{{\"sentences\": [8, 0, 3], \"words\": {}}}", words + 1),
        ] {
            fs::write(run.path().join("annotated.json"), other).unwrap();
            let error = run.annotated_of(&train).unwrap_err().to_string();
            assert!(
                error.contains("annotated.json: its sentences are not of the run's"),
                "{error}"
            );
        }
        for broken in ["{", "{\"sentences\": [-1], \"words\": 3}"] {
            fs::write(run.path().join("annotated.json"), broken).unwrap();
            let error = run.annotated_of(&train).unwrap_err().to_string();
            assert!(error.ends_with(FIX) && !error.contains('\n'), "{error}");
        }
    }
}
