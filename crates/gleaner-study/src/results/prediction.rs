//! A run's predictions on the test text: `test.jsonl`.

use super::folder::RunFolder;
use crate::{disk, error::StudyError};
use gleaner_base::tags::{SeqevalMode, Tag};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::{fs, path::Path};

/// A test sentence with the run's predictions: a line of `test.jsonl`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Prediction {
    /// The sentence's number, from 0: in the test part, or in a cross-validation among all sentences of
    /// the language in the order train, dev, test.
    pub position: usize,
    /// The words; empty if the study does not keep them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tokens: Vec<String>,
    /// The number of the first test sentence with the same words, if this one repeats it.
    // The alias is the name in results of earlier builds.
    #[serde(default, skip_serializing_if = "Option::is_none", alias = "same_as")]
    pub same_as: Option<usize>,
    /// Gold tags, one for each word.
    pub gold: Vec<String>,
    /// Predicted tags, one for each word.
    pub tags: Vec<String>,
    /// Predicted entities with their confidences.
    #[serde(default)]
    pub spans: Vec<PredictedSpan>,
    /// Whether the sentence occurs in a training text or pool of the run, or of a run that it starts
    /// from.
    pub seen: bool,
    /// Spans (first word, word after the last) whose words are an entity in these training texts.
    pub known: Vec<(usize, usize)>,
}

/// A predicted entity.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PredictedSpan {
    /// Its entity type.
    pub label: String,
    /// Its first word, from 0.
    pub start: usize,
    /// The word after its last.
    pub end: usize,
    /// Its calibrated confidence, from 0 to 1, written and read with six decimals.
    #[serde(serialize_with = "written", deserialize_with = "read")]
    pub confidence: f64,
    /// Its confidence before calibration, with six decimals too.
    #[serde(serialize_with = "written", deserialize_with = "read")]
    pub uncalibrated: f64,
}

impl PredictedSpan {
    /// Whether its confidences are probabilities.
    fn is_valid(&self) -> bool {
        [self.confidence, self.uncalibrated].iter().all(|c| (0.0..=1.0).contains(c))
    }
}

/// More decimals carry no information and double the size of compressed results.
fn six_decimals(confidence: f64) -> f64 {
    (confidence * 1e6).round() / 1e6
}

fn written<S: Serializer>(confidence: &f64, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_f64(six_decimals(*confidence))
}

/// Earlier versions wrote all decimals. Rounding here gives the same tables from their results.
fn read<'a, D: Deserializer<'a>>(from: D) -> Result<f64, D::Error> {
    f64::deserialize(from).map(six_decimals)
}

impl Prediction {
    /// Whether every word has two valid tags, spans are within the sentence, and confidences are valid.
    fn is_whole(&self) -> bool {
        let words = self.gold.len();
        let within = |start: usize, end: usize| start < end && end <= words;
        let is_tag = |tag: &String| Tag::parse_as_seqeval(tag, SeqevalMode::Default).is_some();
        self.tags.len() == words
            && self.gold.iter().chain(&self.tags).all(is_tag)
            && (self.tokens.is_empty() || self.tokens.len() == words)
            && self.spans.iter().all(|span| within(span.start, span.end) && span.is_valid())
            && self.known.iter().all(|(start, end)| within(*start, *end))
    }
}

impl RunFolder {
    pub(crate) fn write_predictions(&self, found: &[Prediction]) -> Result<(), StudyError> {
        let mut text = String::new();
        for prediction in found {
            text += &serde_json::to_string(prediction).expect("plain data");
            text.push('\n');
        }
        disk::write(&self.predicted(), text.as_bytes())
    }

    pub(crate) fn has_predictions(&self) -> bool {
        self.predicted().is_file()
    }

    /// The run's predictions on the test text.
    ///
    /// # Errors
    /// The file is missing or malformed, or does not match the run's record.
    pub fn predictions(&self) -> Result<Vec<Prediction>, StudyError> {
        let path = self.predicted();
        let bad = |what| wrong(&path, what);
        let text = match fs::read_to_string(&path) {
            Ok(text) => text,
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => {
                return Err(bad("no such file".to_owned()));
            }
            Err(e) => return Err(StudyError::io(&path, e)),
        };
        let at_line = |number: usize, what: String| {
            wrong(Path::new(&format!("{}:{}", path.display(), number + 1)), what)
        };
        let parse = |(number, line): (usize, &str)| {
            let found: Prediction =
                serde_json::from_str(line).map_err(|e| at_line(number, e.to_string()))?;
            match found.is_whole() {
                true => Ok(found),
                false => Err(at_line(
                    number,
                    "tags, spans or confidences do not fit the sentence".to_owned(),
                )),
            }
        };
        let found: Vec<Prediction> =
            text.lines().enumerate().map(parse).collect::<Result<_, _>>()?;
        match self.any_record()?.map(|record| record.test_sentences) {
            Some(n) if n != found.len() => Err(bad(format!("{} of {n} sentences", found.len()))),
            _ => Ok(found),
        }
    }

    /// Removes the words of test sentences from the predictions of a finished run, the predictions of an unfinished
    /// one, which labels again when it continues, and partial files that may contain words. Skips a run that another
    /// process is doing.
    pub(crate) fn drop_words(&self) -> Result<(), StudyError> {
        let Some(_lock) = self.lock()? else { return Ok(()) };
        self.clear_partial()?;
        match self.is_done() {
            true => self.strip_words(),
            false => disk::remove(&self.predicted()),
        }
    }

    fn strip_words(&self) -> Result<(), StudyError> {
        let mut found = self.predictions()?;
        if found.iter().all(|prediction| prediction.tokens.is_empty()) {
            return Ok(());
        }
        found.iter_mut().for_each(|prediction| prediction.tokens.clear());
        self.write_predictions(&found)
    }
}

fn wrong(path: &Path, what: String) -> StudyError {
    StudyError::results(path, what, "delete the run's folder to repeat the run")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::results::Results;

    fn prediction(words: usize) -> Prediction {
        Prediction {
            position: 0,
            tokens: vec!["a".into(); words],
            same_as: None,
            gold: vec!["O".into(); words],
            tags: vec!["O".into(); words],
            spans: Vec::new(),
            seen: false,
            known: Vec::new(),
        }
    }

    #[test]
    fn confidences_are_written_and_read_with_six_decimals() {
        let folder = tempfile::tempdir().unwrap();
        let run = Results::new(folder.path()).run("1");
        run.create().unwrap();
        let (label, start, end) = ("PER".to_owned(), 0, 2);
        let (confidence, uncalibrated) = (0.123_456_789, 0.999_999_9);
        let span = PredictedSpan { label, start, end, confidence, uncalibrated };
        run.write_predictions(&[Prediction { spans: vec![span], ..prediction(2) }]).unwrap();
        let read = &run.predictions().unwrap()[0].spans[0];
        assert_eq!((read.confidence, read.uncalibrated), (0.123_457, 1.0));
        let text = fs::read_to_string(run.path().join("test.jsonl")).unwrap();
        assert!(text.contains(r#""confidence":0.123457,"uncalibrated":1.0"#), "{text}");
        let earlier = r#"{"label":"PER","start":0,"end":2,"confidence":0.123456789,"uncalibrated":0.9999999}"#;
        assert_eq!(serde_json::from_str::<PredictedSpan>(earlier).unwrap(), *read);
    }

    #[test]
    fn the_earlier_name_of_repetitions_is_read() {
        let repeated = Prediction { same_as: Some(4), ..prediction(1) };
        let json = serde_json::to_string(&repeated).unwrap();
        let earlier = json.replace(r#""same-as":4"#, r#""same_as":4"#);
        assert_ne!(earlier, json);
        assert_eq!(serde_json::from_str::<Prediction>(&earlier).unwrap(), repeated);
    }

    #[test]
    fn incomplete_and_malformed_predictions_are_refused() {
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
        let two = [prediction(2), prediction(3)];
        run.write_predictions(&two).unwrap();
        assert_eq!(run.predictions().unwrap(), two);
        let cut = run.path().join("test.jsonl.0f.partial");
        fs::write(&cut, "{\"tokens\":[\"a\"").unwrap();
        run.strip_words().unwrap();
        let dropped = run.predictions().unwrap();
        assert!(dropped.iter().all(|p| p.tokens.is_empty()) && dropped[1].gold == two[1].gold);
        // This run is not finished: it labels again when it continues.
        run.drop_words().unwrap();
        assert!(!cut.exists() && !run.has_predictions());
        let sure = PredictedSpan {
            label: "PER".into(),
            start: 0,
            end: 1,
            confidence: 1.5,
            uncalibrated: 0.5,
        };
        let odd: [&dyn Fn(&mut Prediction); 5] = [
            &|p| p.tags.truncate(1),
            &|p| p.tags[1] = "S-PER".into(),
            &|p| p.known.push((1, 4)),
            &|p| p.tokens.truncate(2),
            &|p| p.spans.push(sure.clone()),
        ];
        for odd in odd {
            let mut changed = two.clone();
            odd(&mut changed[1]);
            run.write_predictions(&changed).unwrap();
            assert!(
                refused().contains("test.jsonl:2: tags, spans or confidences"),
                "{}",
                refused()
            );
        }
    }
}
