//! The results folder: a folder a run, whose closing manifest is the truth.

use crate::{StudyError, Task, disk};
use gleaner::{GleanerError, Scores, train::EpochRecord};
use serde::{Deserialize, Serialize};
use std::{
    fs::{self, File, TryLockError},
    path::{Path, PathBuf},
};

/// The folder of the runs.
const RUNS: &str = "runs";
/// The file that keeps facts about files and texts. It may be deleted at any time.
pub(crate) const FACTS: &str = "facts.json";

/// The version of the format of `run.json`.
const FORMAT: u32 = 2;

/// The folder that a study's results go to.
#[derive(Clone, Debug)]
pub struct Results {
    path: PathBuf,
}

/// A run's folder.
#[derive(Clone, Debug)]
pub struct RunFolder {
    path: PathBuf,
}

/// What a finished run leaves: `run.json`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct RunRecord {
    /// Version of this file's format.
    pub format: u32,
    /// The run's id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// What it did.
    pub task: Task,
    /// The seed of the experiment.
    pub seed: u64,
    /// The fold that was tested on, from 1, in a cross-validation.
    pub fold: Option<usize>,
    /// Name and version of the program.
    pub program: String,
    /// Threads that computed.
    pub threads: usize,
    /// Everything that decided its results, of which the id is a hash.
    pub identity: serde_json::Value,
    /// What was done to the texts.
    pub notes: Vec<String>,
    /// Training sentences; of a scoring, those of the model's training.
    pub train_sentences: usize,
    /// Test sentences.
    pub test_sentences: usize,
    /// The epoch of the state that was kept, from 1; of a scoring, that of the model's training.
    pub best_epoch: u32,
    /// The published score in training mode in that epoch.
    pub train_published: f64,
    /// Scores on dev.
    pub dev: Scores,
    /// Scores on test.
    pub test: Scores,
    /// Every epoch; none of a scoring.
    pub history: Vec<EpochRecord>,
}

/// Why a run failed: `failed.json`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// The run's name.
    pub name: String,
    /// How often it has failed.
    pub attempts: u32,
    /// What the last attempt said.
    pub error: String,
}

/// A sentence of the test text as a run tags it: a line of `test.jsonl`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Prediction {
    /// Where the sentence stands: in the test part, or in a cross-validation among all sentences of the
    /// language in the order train, dev, test, from 0.
    pub position: usize,
    /// The words; none where the study keeps none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tokens: Vec<String>,
    /// Where the first of the tested sentences with these words stands, if this one repeats it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub same_as: Option<usize>,
    /// Their tags in the text.
    pub gold: Vec<String>,
    /// The run's tags.
    pub tags: Vec<String>,
    /// The entities in them, with how sure the run is of each.
    #[serde(default)]
    pub spans: Vec<PredictedSpan>,
    /// Whether the sentence stands in a training text or pool of the run, or of one that it goes on
    /// from.
    pub seen: bool,
    /// Spans, from a word to before another, whose words are an entity in these training texts.
    pub known: Vec<(usize, usize)>,
}

/// An entity as a run tags it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PredictedSpan {
    /// Its type.
    pub label: String,
    /// Its first word, from 0.
    pub start: usize,
    /// Behind its last word.
    pub end: usize,
    /// Its calibrated confidence, from 0 to 1.
    pub confidence: f64,
    /// Its confidence under the CRF as it was trained.
    pub uncalibrated: f64,
}

/// How long a run took: `time.json`, which no table is made from.
#[derive(Serialize, Deserialize)]
struct Time {
    seconds: f64,
}

/// Keeps a run from being done by two at a time. The system releases it when the process ends,
/// however it ends.
pub(crate) struct Lock(#[expect(dead_code, reason = "held, not read")] File);

impl Results {
    /// The results folder at `path`, whatever it holds; it need not exist.
    pub fn new(path: &Path) -> Self {
        Self { path: path.to_owned() }
    }

    /// The results folder at `path`, which is new, empty, or holds results: tables are written over
    /// nobody else's files.
    ///
    /// # Errors
    /// It holds other files, or cannot be read.
    pub fn claim(path: &Path) -> Result<Self, StudyError> {
        let entries = match fs::read_dir(path) {
            Ok(entries) => entries,
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(Self::new(path)),
            Err(e) => return Err(StudyError::io(path, e)),
        };
        let ours = [RUNS, FACTS].iter().any(|name| path.join(name).exists());
        // What another process is just writing, or was killed at, is nobody else's.
        let is_partial = |path: &Path| path.extension().is_some_and(|e| e == disk::PARTIAL);
        let is_other =
            |entry: std::io::Result<fs::DirEntry>| !entry.is_ok_and(|e| is_partial(&e.path()));
        match ours || !entries.into_iter().any(is_other) {
            true => Ok(Self::new(path)),
            false => Err(StudyError::Gleaner(GleanerError::Settings(format!(
                "{}: the folder holds no runs, but other files; name the results of a study, or a new folder, with --out",
                path.display()
            )))),
        }
    }

    /// The folder.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The folder of a run.
    pub fn run(&self, id: &str) -> RunFolder {
        RunFolder { path: self.path.join(RUNS).join(id) }
    }
}

impl RunFolder {
    /// The folder.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The folder of its model.
    pub fn model(&self) -> PathBuf {
        self.path.join("model")
    }

    /// Whether the run is finished.
    pub fn is_done(&self) -> bool {
        self.path.join("run.json").is_file()
    }

    /// Whether its model can be started from.
    pub(crate) fn has_model(&self) -> bool {
        self.model().join("gleaner.json").is_file()
    }

    pub(crate) fn create(&self) -> Result<(), StudyError> {
        fs::create_dir_all(&self.path).map_err(|e| StudyError::io(&self.path, e))
    }

    /// The lock, or nothing where another process holds it.
    pub(crate) fn lock(&self) -> Result<Option<Lock>, StudyError> {
        self.create()?;
        let path = self.path.join("lock");
        let file = File::options()
            .create(true)
            .append(true)
            .open(&path)
            .map_err(|e| StudyError::io(&path, e))?;
        match file.try_lock() {
            Ok(()) => Ok(Some(Lock(file))),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(e)) => Err(StudyError::io(&path, e)),
        }
    }

    /// Whether a process, this one among them, is doing the run.
    pub(crate) fn is_locked(&self) -> Result<bool, StudyError> {
        Ok(self.path.join("lock").is_file() && self.lock()?.is_none())
    }

    /// What the finished run left.
    ///
    /// # Errors
    /// The run is not finished, or its manifest is not as it was written.
    pub fn record(&self) -> Result<RunRecord, StudyError> {
        let path = self.path.join("run.json");
        let record: RunRecord = disk::read_json(&path)?
            .ok_or_else(|| StudyError::results(&path, "no such file", "finish the run first"))?;
        match record.format == FORMAT {
            true => Ok(record),
            false => Err(StudyError::results(
                &path,
                format!("format {}, but this program reads format {FORMAT}", record.format),
                "delete it, and the run is done anew",
            )),
        }
    }

    /// Closes the run.
    pub(crate) fn finish(&self, record: &RunRecord, seconds: f64) -> Result<(), StudyError> {
        disk::write_json(&self.path.join("time.json"), &Time { seconds })?;
        disk::write_json(&self.path.join("run.json"), record)
    }

    /// How long the finished run took.
    pub(crate) fn seconds(&self) -> Option<f64> {
        let time: Option<Time> = disk::read_json(&self.path.join("time.json")).ok()?;
        time.map(|t| t.seconds).filter(|s| *s > 0.0)
    }

    /// Why the run failed, if it did.
    pub fn failure(&self) -> Option<Failure> {
        disk::read_json(&self.path.join("failed.json")).ok()?
    }

    pub(crate) fn write_failure(&self, failure: &Failure) -> Result<(), StudyError> {
        disk::write_json(&self.path.join("failed.json"), failure)
    }

    pub(crate) fn clear_failure(&self) -> Result<(), StudyError> {
        disk::remove(&self.path.join("failed.json"))
    }

    pub(crate) fn write_predictions(&self, found: &[Prediction]) -> Result<(), StudyError> {
        let mut text = String::new();
        for prediction in found {
            text += &serde_json::to_string(prediction).expect("plain data");
            text.push('\n');
        }
        disk::write(&self.path.join("test.jsonl"), text.as_bytes())
    }

    pub(crate) fn has_predictions(&self) -> bool {
        self.path.join("test.jsonl").is_file()
    }

    /// The test text as the run tags it.
    ///
    /// # Errors
    /// The file is missing or not as it was written.
    pub fn predictions(&self) -> Result<Vec<Prediction>, StudyError> {
        let path = self.path.join("test.jsonl");
        let bad =
            |what| StudyError::results(&path, what, "delete the run's folder, and it is done anew");
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => {
                return Err(bad("no such file".to_owned()));
            }
            Err(e) => return Err(StudyError::io(&path, e)),
        };
        let parse = |(number, line): (usize, &str)| {
            let found: Prediction =
                serde_json::from_str(line).map_err(|e| format!("line {}: {e}", number + 1))?;
            match found.is_whole() {
                true => Ok(found),
                false => Err(format!("line {}: not a tag for each word", number + 1)),
            }
        };
        let found: Vec<Prediction> =
            text.lines().enumerate().map(parse).collect::<Result<_, _>>().map_err(bad)?;
        let record: Option<RunRecord> = disk::read_json(&self.path.join("run.json"))?;
        match record.map(|record| record.test_sentences) {
            Some(n) if n != found.len() => Err(bad(format!("{} of {n} sentences", found.len()))),
            _ => Ok(found),
        }
    }

    /// Drops the words of test sentences from what a run left.
    pub(crate) fn drop_words(&self) -> Result<(), StudyError> {
        let mut found = self.predictions()?;
        if found.iter().all(|prediction| prediction.tokens.is_empty()) {
            return Ok(());
        }
        found.iter_mut().for_each(|prediction| prediction.tokens.clear());
        self.write_predictions(&found)
    }
}

impl Prediction {
    /// Whether there is a tag for each word on both sides, and spans lie within.
    fn is_whole(&self) -> bool {
        let words = self.gold.len();
        let within = |start: usize, end: usize| start < end && end <= words;
        self.tags.len() == words
            && (self.tokens.is_empty() || self.tokens.len() == words)
            && self.spans.iter().all(|span| within(span.start, span.end))
            && self.known.iter().all(|(start, end)| within(*start, *end))
    }
}

impl RunRecord {
    /// The version of the format that is written.
    pub(crate) const FORMAT: u32 = FORMAT;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn predictions_that_are_cut_or_shifted_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        let results = Results::new(folder.path());
        let run = results.run("1");
        let refused = || run.predictions().unwrap_err().to_string();
        assert!(
            refused().contains("test.jsonl: no such file; delete the run's folder"),
            "{}",
            refused()
        );
        run.create().unwrap();
        let prediction = |words: usize| Prediction {
            position: 0,
            tokens: vec!["a".into(); words],
            same_as: None,
            gold: vec!["O".into(); words],
            tags: vec!["O".into(); words],
            spans: Vec::new(),
            seen: false,
            known: Vec::new(),
        };
        let two = [prediction(2), prediction(3)];
        run.write_predictions(&two).unwrap();
        assert_eq!(run.predictions().unwrap(), two);
        run.drop_words().unwrap();
        let dropped = run.predictions().unwrap();
        assert!(dropped.iter().all(|p| p.tokens.is_empty()) && dropped[1].gold == two[1].gold);
        let odd: [fn(&mut Prediction); 3] =
            [|p| p.tags.truncate(1), |p| p.known.push((1, 4)), |p| p.tokens.truncate(2)];
        for odd in odd {
            let mut changed = two.clone();
            odd(&mut changed[1]);
            run.write_predictions(&changed).unwrap();
            assert!(
                refused().contains("test.jsonl: line 2: not a tag for each word"),
                "{}",
                refused()
            );
        }
    }

    #[test]
    fn a_finished_run_that_is_trained_again_is_running() {
        let folder = tempfile::tempdir().unwrap();
        let run = Results::new(folder.path()).run("1");
        assert!(!run.is_locked().unwrap() && !run.path().exists());
        let lock = run.lock().unwrap();
        assert!(lock.is_some() && run.is_locked().unwrap());
        drop(lock);
        assert!(!run.is_locked().unwrap());
    }

    #[test]
    fn a_folder_is_claimed_that_is_new_empty_or_of_a_study() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("results");
        assert!(Results::claim(&path).is_ok());
        fs::create_dir(&path).unwrap();
        assert!(Results::claim(&path).is_ok());
        // Another process is just writing its first file here.
        fs::write(path.join("facts.json.1f.partial"), "{").unwrap();
        assert!(Results::claim(&path).is_ok());
        fs::write(path.join("notes.txt"), "mine").unwrap();
        assert!(Results::claim(&path).is_err());
        fs::write(path.join(FACTS), "{}").unwrap();
        assert!(Results::claim(&path).is_ok());
        fs::remove_file(path.join(FACTS)).unwrap();
        fs::create_dir(path.join(RUNS)).unwrap();
        assert!(Results::claim(&path).is_ok());
    }
}
