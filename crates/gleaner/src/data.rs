//! The texts of a run: read, mapped, divided, joined, and freed of leaks.

mod pool;

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
    /// Sentences for the tagger to label itself, if any. Tags that they bring are never trained
    /// on; they only tell how good the tagger's own are.
    pub pool: Option<Corpus>,
    /// What was done to the texts that a user should know, a sentence each.
    pub notes: Vec<String>,
}

impl RunData {
    /// Reads what `settings` name.
    ///
    /// # Errors
    /// A file is missing or malformed, or there is nothing to train on.
    pub fn load(settings: &Settings) -> Result<Self, GleanerError> {
        let mut notes = Vec::new();
        let mut data = divide(read(settings)?, settings, settings.cutoff, &mut notes)?;
        if let Some(folder) = &settings.join {
            let options =
                ReadOptions { label_map: settings.join_map.clone(), ..read_options(settings) };
            let second = read_folder(folder, &options)?;
            let mut train = divide(second, settings, settings.join_limit, &mut notes)?.train;
            notes.push(format!(
                "{} training sentences of {} stand before the {} of {}",
                train.sentences.len(),
                short_name(folder),
                data.train.sentences.len(),
                short_name(&data.train.path)
            ));
            train.append(data.train);
            data.train = train;
        }
        let leaks = data.held_out_among(&data.train);
        if !leaks.is_empty() {
            let n = leaks.len();
            if settings.drop_leaks {
                drop_at(&mut data.train, &leaks);
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
        data.pool = pool::read(settings, &data, &mut notes)?;
        data.notes = notes;
        Ok(data)
    }

    /// The positions in `corpus` of sentences that stand in dev or test too.
    fn held_out_among(&self, corpus: &Corpus) -> Vec<usize> {
        let held: Vec<&[_]> =
            std::iter::once(&self.dev).chain(&self.test).map(|c| c.sentences.as_slice()).collect();
        overlap::also_in(&corpus.sentences, &held)
    }

    /// The labelled corpora: train, dev and test.
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
        return read_folder(data, &options);
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

/// The parts of a folder, or of the sample.
fn read_folder(folder: &Path, options: &ReadOptions) -> Result<Splits<Corpus>, GleanerError> {
    match sample_name(folder) {
        Some(name) => sample(name, options),
        None => Ok(find_splits(folder)?.try_map(|paths| read_all(&paths, options))?),
    }
}

/// The name of the sample corpus that a path stands for, if it does.
pub(crate) fn sample_name(path: &Path) -> Option<&str> {
    path.to_str()?.strip_prefix("sample:")
}

/// Divides what was read as the settings say.
fn divide(
    parts: Splits<Corpus>,
    settings: &Settings,
    limit: Option<usize>,
    notes: &mut Vec<String>,
) -> Result<RunData, GleanerError> {
    match settings.split {
        Split::Given => given(parts, settings, limit, notes),
        Split::Shuffled => shuffled(parts, settings, limit, notes),
    }
}

/// Keeps the first so many sentences.
fn truncate(corpus: &mut Corpus, limit: Option<usize>, notes: &mut Vec<String>) {
    let Some(limit) = limit else { return };
    let all = corpus.sentences.len();
    if limit > all {
        notes.push(format!("cut-off at {limit}, but there are {all} sentences: all are used"));
    }
    corpus.sentences.truncate(limit);
}

/// Drops the sentences at these positions (ascending).
fn drop_at(corpus: &mut Corpus, positions: &[usize]) {
    let mut position = 0;
    corpus.sentences.retain(|_| {
        position += 1;
        positions.binary_search(&(position - 1)).is_err()
    });
}

/// The sample corpus that ships inside the program.
pub(crate) fn sample(name: &str, options: &ReadOptions) -> Result<Splits<Corpus>, GleanerError> {
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
    limit: Option<usize>,
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
    truncate(&mut train, limit, notes);
    Ok(RunData { train, dev, test, pool: None, notes: Vec::new() })
}

fn shuffled(
    parts: Splits<Corpus>,
    settings: &Settings,
    limit: Option<usize>,
    notes: &mut Vec<String>,
) -> Result<RunData, GleanerError> {
    let mut all = parts.train;
    [parts.dev, parts.test].into_iter().flatten().for_each(|part| all.append(part));
    truncate(&mut all, limit, notes);
    let split = splits::split_80_10_10(all.sentences.len(), settings.split_seed)
        .map_err(|e| too_few(&all, &e))?;
    Ok(RunData {
        train: choose(&all, &split.train),
        dev: choose(&all, &split.dev),
        test: Some(choose(&all, &split.test)),
        pool: None,
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
