//! The test text as a run tags it: `test.jsonl`.

use super::{RunFolder, RunRecord};
use crate::{StudyError, disk};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::{fs, path::Path};

/// A sentence of the test text as a run tags it: a line of `test.jsonl`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Prediction {
    /// Where the sentence stands: in the test part, or in a cross-validation among all sentences of the
    /// language in the order train, dev, test, from 0.
    pub position: usize,
    /// The words; none where the study keeps none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tokens: Vec<String>,
    /// Where the first of the tested sentences with these words stands, if this one repeats it.
    // The alias is the name in results of earlier builds.
    #[serde(default, skip_serializing_if = "Option::is_none", alias = "same_as")]
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
    /// Its calibrated confidence, from 0 to 1, written and read to six decimals.
    #[serde(serialize_with = "written", deserialize_with = "read")]
    pub confidence: f64,
    /// Its confidence under the CRF as it was trained, to six decimals too.
    #[serde(serialize_with = "written", deserialize_with = "read")]
    pub uncalibrated: f64,
}

impl PredictedSpan {
    /// Whether its confidences are probabilities.
    fn is_possible(&self) -> bool {
        [self.confidence, self.uncalibrated].iter().all(|c| (0.0..=1.0).contains(c))
    }
}

/// No confidence is known better, and what is written stays half as large when it is packed.
fn six_decimals(confidence: f64) -> f64 {
    (confidence * 1e6).round() / 1e6
}

fn written<S: Serializer>(confidence: &f64, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_f64(six_decimals(*confidence))
}

/// Earlier programs wrote all decimals: their records give the same tables, written anew or not.
fn read<'a, D: Deserializer<'a>>(from: D) -> Result<f64, D::Error> {
    f64::deserialize(from).map(six_decimals)
}

impl Prediction {
    /// Whether there is a tag for each word on both sides, spans lie within, and confidences are such.
    fn is_whole(&self) -> bool {
        let words = self.gold.len();
        let within = |start: usize, end: usize| start < end && end <= words;
        self.tags.len() == words
            && (self.tokens.is_empty() || self.tokens.len() == words)
            && self.spans.iter().all(|span| within(span.start, span.end) && span.is_possible())
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

    /// The test text as the run tags it.
    ///
    /// # Errors
    /// The file is missing or not as it was written.
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
                    "not a tag for each word, or spans or confidences that cannot be".to_owned(),
                )),
            }
        };
        let found: Vec<Prediction> =
            text.lines().enumerate().map(parse).collect::<Result<_, _>>()?;
        let record: Option<RunRecord> = disk::read_json(&self.path.join("run.json"))?;
        match record.map(|record| record.test_sentences) {
            Some(n) if n != found.len() => Err(bad(format!("{} of {n} sentences", found.len()))),
            _ => Ok(found),
        }
    }

    /// Drops the words of test sentences from what a finished run left, and from what a process that was killed at
    /// writing them left. A run that another process is doing again waits for the next time.
    pub(crate) fn drop_words(&self) -> Result<(), StudyError> {
        let Some(_lock) = self.lock()? else { return Ok(()) };
        self.clear_partial()?;
        let mut found = self.predictions()?;
        if found.iter().all(|prediction| prediction.tokens.is_empty()) {
            return Ok(());
        }
        found.iter_mut().for_each(|prediction| prediction.tokens.clear());
        self.write_predictions(&found)
    }
}

fn wrong(path: &Path, what: String) -> StudyError {
    StudyError::results(path, what, "delete the run's folder, and it is done anew")
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
    fn confidences_have_six_decimals_written_and_read() {
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
    fn repetitions_as_earlier_builds_name_them_are_read() {
        let repeated = Prediction { same_as: Some(4), ..prediction(1) };
        let json = serde_json::to_string(&repeated).unwrap();
        let earlier = json.replace(r#""same-as":4"#, r#""same_as":4"#);
        assert_ne!(earlier, json);
        assert_eq!(serde_json::from_str::<Prediction>(&earlier).unwrap(), repeated);
    }

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
        let two = [prediction(2), prediction(3)];
        run.write_predictions(&two).unwrap();
        assert_eq!(run.predictions().unwrap(), two);
        let cut = run.path().join("test.jsonl.0f.partial");
        fs::write(&cut, "{\"tokens\":[\"a\"").unwrap();
        run.drop_words().unwrap();
        assert!(!cut.exists());
        let dropped = run.predictions().unwrap();
        assert!(dropped.iter().all(|p| p.tokens.is_empty()) && dropped[1].gold == two[1].gold);
        let sure = PredictedSpan {
            label: "PER".into(),
            start: 0,
            end: 1,
            confidence: 1.5,
            uncalibrated: 0.5,
        };
        let odd: [&dyn Fn(&mut Prediction); 4] =
            [&|p| p.tags.truncate(1), &|p| p.known.push((1, 4)), &|p| p.tokens.truncate(2), &|p| {
                p.spans.push(sure.clone())
            }];
        for odd in odd {
            let mut changed = two.clone();
            odd(&mut changed[1]);
            run.write_predictions(&changed).unwrap();
            assert!(refused().contains("test.jsonl:2: not a tag for each word"), "{}", refused());
        }
    }
}
