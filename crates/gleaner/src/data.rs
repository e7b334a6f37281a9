//! The texts of a run: read, mapped, divided, and freed of leaks.

use crate::{GleanerError, Settings, Split};
use gleaner_corpus::{
    Corpus, CorpusError, ReadOptions, Splits, find_splits, overlap, read_all, read_bytes, splits,
};
use sha2::{Digest, Sha256};
use std::path::{Path, PathBuf};

/// The sentences of a run.
pub struct RunData {
    /// For training.
    pub train: Corpus,
    /// For choosing the best epoch.
    pub dev: Corpus,
    /// For the score, if there is any.
    pub test: Option<Corpus>,
    /// What was done to the texts that a user should know, a sentence each.
    pub notes: Vec<String>,
}

impl RunData {
    /// Reads what `settings` name.
    ///
    /// # Errors
    /// A file is missing or malformed, or there is nothing to train on.
    pub fn load(settings: &Settings) -> Result<Self, GleanerError> {
        let parts = read(settings)?;
        let mut notes = Vec::new();
        let mut data = match settings.split {
            Split::Given => given(parts, settings, &mut notes)?,
            Split::Shuffled => shuffled(parts, settings, &mut notes)?,
        };
        let held: Vec<&[_]> =
            std::iter::once(&data.dev).chain(&data.test).map(|c| c.sentences.as_slice()).collect();
        let leaks = overlap::also_in(&data.train.sentences, &held);
        if !leaks.is_empty() {
            let n = leaks.len();
            if settings.drop_leaks {
                let mut position = 0;
                data.train.sentences.retain(|_| {
                    position += 1;
                    leaks.binary_search(&(position - 1)).is_err()
                });
                notes.push(format!(
                    "{n} training sentences stand in dev or test too and were dropped"
                ));
            } else {
                notes.push(format!(
                    "{n} training sentences stand in dev or test too: scores are too high"
                ));
            }
        }
        if data.train.sentences.is_empty() {
            return Err(GleanerError::Settings(format!(
                "{}: no training sentence is left; give more data, or --drop-leaks false",
                data.train.path.display()
            )));
        }
        data.notes = notes;
        Ok(data)
    }

    /// All corpora: train, dev and test.
    pub fn corpora(&self) -> impl Iterator<Item = &Corpus> {
        [&self.train, &self.dev].into_iter().chain(&self.test)
    }
}

/// How files are to be read.
pub(crate) fn read_options(settings: &Settings) -> ReadOptions {
    ReadOptions {
        tag_column: settings.tag_column,
        label_map: settings.label_map.clone(),
        strict: settings.strict,
        skip_bad: settings.skip_bad,
        ..ReadOptions::default()
    }
}

fn read(settings: &Settings) -> Result<Splits<Corpus>, GleanerError> {
    let options = read_options(settings);
    if let Some(data) = &settings.data {
        if let Some(name) = data.to_str().and_then(|d| d.strip_prefix("sample:")) {
            return sample(name, &options);
        }
        return Ok(find_splits(data)?.try_map(|paths| read_all(&paths, &options))?);
    }
    if settings.train.is_empty() {
        return Err(GleanerError::Settings(
            "no training data; give --data FOLDER or --train FILE (or --data sample:af to try)"
                .into(),
        ));
    }
    let optional =
        |paths: &[PathBuf]| (!paths.is_empty()).then(|| read_all(paths, &options)).transpose();
    Ok(Splits {
        train: read_all(&settings.train, &options)?,
        dev: optional(&settings.dev)?,
        test: optional(&settings.test)?,
    })
}

/// The sample corpus that ships inside the program.
fn sample(name: &str, options: &ReadOptions) -> Result<Splits<Corpus>, GleanerError> {
    let parts = gleaner_sample::labelled(name).ok_or_else(|| {
        GleanerError::Settings(format!(
            "data: there is no sample `{name}`; use sample:af or sample:nl"
        ))
    })?;
    let corpus =
        |part: &str, sentences: &[gleaner_sample::SampleSentence]| -> Result<Corpus, CorpusError> {
            let name = PathBuf::from(format!("sample:{name}/{part}.conll"));
            read_bytes(gleaner_sample::to_conll(sentences).as_bytes(), &name, options)
        };
    Ok(Splits {
        train: corpus("train", &parts.train)?,
        dev: Some(corpus("dev", &parts.dev)?),
        test: Some(corpus("test", &parts.test)?),
    })
}

fn given(
    parts: Splits<Corpus>,
    settings: &Settings,
    notes: &mut Vec<String>,
) -> Result<RunData, GleanerError> {
    let Splits { mut train, dev, test } = parts;
    let dev = match dev {
        Some(dev) => dev,
        None => {
            let (kept, held) =
                splits::train_test_split(train.sentences.len(), 0.1, settings.split_seed)
                    .map_err(|e| too_few(&train, &e))?;
            let dev = choose(&train, &held);
            train = choose(&train, &kept);
            notes.push(format!(
                "no dev data: {} of the training sentences, drawn with seed {}, are used for it",
                dev.sentences.len(),
                settings.split_seed
            ));
            dev
        }
    };
    Ok(RunData { train, dev, test, notes: Vec::new() })
}

fn shuffled(
    parts: Splits<Corpus>,
    settings: &Settings,
    notes: &mut Vec<String>,
) -> Result<RunData, GleanerError> {
    let mut all = parts.train;
    [parts.dev, parts.test].into_iter().flatten().for_each(|part| all.append(part));
    if let Some(cutoff) = settings.cutoff {
        if cutoff > all.sentences.len() {
            notes.push(format!(
                "cut-off at {cutoff}, but there are {} sentences: all are used",
                all.sentences.len()
            ));
        }
        all.sentences.truncate(cutoff);
    }
    let split = splits::split_80_10_10(all.sentences.len(), settings.split_seed)
        .map_err(|e| too_few(&all, &e))?;
    Ok(RunData {
        train: choose(&all, &split.train),
        dev: choose(&all, &split.dev),
        test: Some(choose(&all, &split.test)),
        notes: Vec::new(),
    })
}

fn too_few(corpus: &Corpus, error: &splits::SplitError) -> GleanerError {
    GleanerError::Settings(format!("{}: {error}", corpus.path.display()))
}

fn choose(corpus: &Corpus, positions: &[usize]) -> Corpus {
    let sentences = positions.iter().map(|&i| corpus.sentences[i].clone()).collect();
    Corpus {
        sentences,
        path: corpus.path.clone(),
        scheme: corpus.scheme,
        findings: corpus.findings.clone(),
    }
}

/// A SHA-256 of a corpus's words and tags, in hexadecimal.
pub(crate) fn fingerprint(corpus: &Corpus) -> String {
    let mut hash = Sha256::new();
    for s in &corpus.sentences {
        for (i, word) in s.words.iter().enumerate() {
            hash.update(word);
            hash.update("\t");
            hash.update(s.tags.get(i).map_or("", String::as_str));
            hash.update("\n");
        }
        hash.update("\n");
    }
    hash.finalize().iter().map(|b| format!("{b:02x}")).collect()
}

/// The name of a file or folder for people: its last part.
pub(crate) fn short_name(path: &Path) -> String {
    path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned()
}

#[cfg(test)]
mod tests;
