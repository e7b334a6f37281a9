//! Trainings and adaptations.

use crate::{
    failure, input,
    supervise::{Line, supervised},
    tagger::overrides,
};
use anyhow::Result;
use gleaner::{
    Dataset, GleanerError, Overrides, Sentence, Settings, Splits,
    adapt::{self as adapting, AdaptSettings},
    train::{self as training, Checkpoints},
};
use gleaner_cli::embed;
use pyo3::prelude::*;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

/// The words and the tags of a part.
type Part<'py> = (Bound<'py, PyAny>, Bound<'py, PyAny>);

/// Trains a tagger and writes it to a folder. `settings` is JSON with the keys of a settings file; `parts` are train,
/// dev and test if they are in memory. Returns the record of the training, as `gleaner.json` has it.
#[pyfunction]
pub fn train(
    py: Python<'_>,
    settings: &str,
    parts: Option<(Part<'_>, Option<Part<'_>>, Option<Part<'_>>)>,
    out: PathBuf,
    resume: bool,
    listener: Option<Py<PyAny>>,
) -> PyResult<String> {
    let part = |part: Part<'_>, name| input::labelled(&part.0, &part.1, name);
    let parts = match parts {
        Some((train, dev, test)) => Some(Splits {
            train: part(train, "train")?,
            dev: dev.map(|dev| part(dev, "dev")).transpose()?,
            test: test.map(|test| part(test, "test")).transpose()?,
        }),
        None => None,
    };
    let in_memory = parts.is_some();
    let settings = failure::detached(py, || {
        let given = overrides(settings)?;
        if in_memory {
            check_in_memory(&given)?;
        }
        embed::settings(&given)
    })?;
    supervised(py, settings.run.threads, listener.as_ref(), |line| {
        let trained = fit(&settings, parts, &out, resume, &mut Watch(line))?;
        Ok(serde_json::to_string(&trained.provenance)?)
    })
}

/// Refuses settings that have no effect on sentences in memory.
fn check_in_memory(given: &Overrides) -> Result<(), GleanerError> {
    let Overrides { data, corpus, self_training, .. } = given;
    let of_files = [
        ("label_map", corpus.label_map.is_some()),
        ("labels", corpus.labels.is_some()),
        ("format", corpus.format.is_some()),
        ("word_column", corpus.word_column.is_some()),
        ("tag_column", corpus.tag_column.is_some()),
        ("nested", corpus.nested.is_some()),
        ("offsets", corpus.offsets.is_some()),
        ("text_field", corpus.text_field.is_some()),
        ("strict", data.strict.is_some()),
        ("skip_bad", data.skip_bad.is_some()),
        ("train", data.train.is_some()),
        ("pool", self_training.pool.is_some()),
        ("join", data.join.is_some()),
        ("exclude", data.exclude.is_some()),
        ("split", data.split.is_some()),
        ("folds", data.folds.is_some()),
        ("fold", data.fold.is_some()),
        ("train_limit", data.train_limit.is_some()),
    ];
    match of_files.into_iter().find(|(_, is_given)| *is_given) {
        None => Ok(()),
        Some((key, _)) => Err(GleanerError::Settings(format!(
            "{key}: no effect on sentences in memory; write them to files, or leave it out"
        ))),
    }
}

fn fit(
    settings: &Settings,
    parts: Option<Splits<Vec<Sentence>>>,
    out: &Path,
    resume: bool,
    watch: &mut Watch<'_>,
) -> Result<training::Trained, GleanerError> {
    let Some(parts) = parts else {
        return training::train(settings, out, resume, watch);
    };
    let checkpoints = Checkpoints::claim(out, resume)?;
    let data = Dataset::from_sentences(parts, settings)?;
    training::train_on(settings, data, &checkpoints, watch)
}

/// Adapts an encoder and writes it to a folder. `settings` is JSON with the names of options of `gleaner adapt`.
/// Returns the record of the adaptation, as `adapted.json` has it.
#[pyfunction]
pub fn adapt(
    py: Python<'_>,
    encoder: PathBuf,
    text: Vec<String>,
    settings: &str,
    out: PathBuf,
    resume: bool,
    listener: Option<Py<PyAny>>,
) -> PyResult<String> {
    let settings = failure::detached(py, || {
        let settings = adapt_settings(encoder, &text, settings)?;
        embed::adapt_settings(&settings)
    })?;
    supervised(py, settings.threads, listener.as_ref(), |line| {
        let adapted = adapting::adapt(&settings, &out, resume, &mut Watch(line))?;
        Ok(serde_json::to_string(&adapted)?)
    })
}

/// The defaults with the values that are given in JSON.
fn adapt_settings(encoder: PathBuf, text: &[String], given: &str) -> Result<AdaptSettings> {
    let bad = |what: String| {
        GleanerError::Settings(format!("{what}; `gleaner adapt --help` lists the settings"))
    };
    let text: Vec<gleaner::CorpusPath> =
        text.iter().map(|path| path.parse()).collect::<Result<_, _>>().map_err(bad)?;
    let mut settings = serde_json::to_value(AdaptSettings::new(encoder, text))?;
    let given: serde_json::Map<String, Value> = serde_json::from_str(given)?;
    for (key, value) in given {
        match settings.get_mut(&key) {
            Some(place) => *place = value,
            None => return Err(bad(format!("unknown setting `{key}`")).into()),
        }
    }
    let settings: AdaptSettings =
        serde_json::from_value(settings).map_err(|error| bad(error.to_string()))?;
    Ok(settings)
}

/// Reports the events of the command line's JSON Lines output, and every batch or step.
struct Watch<'a>(&'a Line<'a>);

impl training::Observer for Watch<'_> {
    fn on(&mut self, event: &training::Event) {
        self.0.say(|| match event {
            training::Event::Batch { epoch, done, of, loss, .. } => Some(
                json!({"event": "batch", "epoch": epoch, "done": done, "of": of, "loss": loss}),
            ),
            other => embed::training_event(other),
        });
    }

    fn should_stop(&self) -> bool {
        self.0.should_stop()
    }
}

impl adapting::Observer for Watch<'_> {
    fn on(&mut self, event: &adapting::Event) {
        self.0.say(|| match event {
            adapting::Event::Step { done, of, loss, .. } => {
                Some(json!({"event": "step", "done": done, "of": of, "loss": loss}))
            }
            other => embed::adaptation_event(other),
        });
    }

    fn should_stop(&self) -> bool {
        self.0.should_stop()
    }
}
