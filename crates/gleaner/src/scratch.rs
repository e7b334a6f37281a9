//! Trainings on sentences in memory, of which nothing is kept but the tagger.

use crate::{
    GleanerError, Settings, Split,
    settings::DataSettings,
    train::{Observer, Trained, train},
};
use gleaner_corpus::{Sentence, jsonl};
use std::{
    fs::File,
    io::{BufWriter, Write},
    path::Path,
};

/// The sentences of a training.
pub(crate) struct Texts<'a> {
    pub(crate) train: Vec<&'a Sentence>,
    /// Where there are none, a tenth of those for training.
    pub(crate) dev: Vec<&'a Sentence>,
    pub(crate) test: Vec<&'a Sentence>,
}

/// Trains a tagger as `settings` say, but on these sentences (whose types have their final names) and without
/// a pool, in a temporary folder that is removed again.
pub(crate) fn train_on(
    settings: &Settings,
    texts: &Texts,
    observer: &mut dyn Observer,
) -> Result<Trained, GleanerError> {
    let folder = tempfile::tempdir().map_err(|e| GleanerError::io(&std::env::temp_dir(), e))?;
    let write = |name: &str, sentences: &[&Sentence]| {
        let path = folder.path().join(name);
        match sentences {
            [] => Ok(Vec::new()),
            _ => write(&path, sentences).map(|()| vec![path.clone()]),
        }
    };
    let mut settings = settings.clone();
    settings.data = DataSettings {
        data: None,
        train: write("train.jsonl", &texts.train)?,
        dev: write("dev.jsonl", &texts.dev)?,
        test: write("test.jsonl", &texts.test)?,
        split: Split::Given,
        cutoff: None,
        train_limit: None,
        label_map: None,
        join: Vec::new(),
        exclude: Vec::new(),
        ..settings.data
    };
    settings.self_training.pool = Vec::new();
    train(&settings, &folder.path().join("model"), false, observer)
}

fn write(path: &Path, sentences: &[&Sentence]) -> Result<(), GleanerError> {
    let refused = |error| GleanerError::io(path, error);
    let mut file = BufWriter::new(File::create(path).map_err(refused)?);
    for sentence in sentences {
        jsonl::write(&mut file, sentence).map_err(refused)?;
    }
    file.flush().map_err(refused)
}
