//! The texts of a training: read, mapped, split, joined, and freed of leaks.

mod divide;
mod files;
mod in_memory;
mod leaks;
mod part;
mod pool;
mod record;
mod segmenter;

use crate::{GleanerError, Settings};
pub use files::{FileReport, Role};
use gleaner_base::split_names::SplitName;
use gleaner_corpus::{
    Corpus, CorpusError, Finding, FindingKind, Mentions, ReadOptions, Splits, Warning, find_parts,
    find_splits, part_warnings, read_all, read_bytes, repeated_files, text::Segmenter,
};
use gleaner_sample::{SampleSentence, SampleSplits};
use leaks::Leaks;
pub(crate) use leaks::texts as excluded_texts;
pub(crate) use pool::of_file as unlabelled_file;
pub use pool::{POOL_NOTE, is_plain_text, pool_sentences};
pub use record::TextRecord;
pub(crate) use record::{digest, digest_file};
use std::path::{Path, PathBuf};

/// The texts of a training.
pub struct Dataset {
    /// The training text.
    pub train: Corpus,
    /// The dev text: calibrates confidences and, where the best epoch is kept, chooses it.
    pub dev: Corpus,
    /// The test text, if there is one.
    pub test: Option<Corpus>,
    /// The position of each test sentence, from 0: in the test part where parts are used as given, else among all
    /// sentences in the order train, dev, test.
    pub test_positions: Vec<usize>,
    /// Sentences for the tagger to label itself, if any. Their own tags are never trained on; they only show how good
    /// the predicted ones are.
    pub pool: Option<Corpus>,
    /// The mentions that replace those of the training text, if they are to be replaced.
    pub mentions: Option<Mentions>,
    /// How plain text is cut, as learnt from the training text and from a pool of plain text.
    pub segmenter: Segmenter,
    /// How each file was read.
    pub files: Vec<FileReport>,
    /// What is suspicious about the parts.
    pub warnings: Vec<Warning>,
    /// Notes for users on what was done to the texts, one sentence each.
    pub notes: Vec<String>,
}

impl Dataset {
    /// Reads the texts that `settings` name.
    ///
    /// # Errors
    /// A file is missing or malformed, or there is nothing to train on.
    pub fn load(settings: &Settings) -> Result<Self, GleanerError> {
        let mut notes = Vec::new();
        let given = read(settings)?;
        let mut files = FileReport::of_parts(&given);
        let mut joined_notes = Vec::new();
        let mut parts = joined(settings, &mut joined_notes)?;
        let warnings = [part_warnings(&given), repeated_files(&given, &parts)].concat();
        let mut divided = divide::divide(given, settings, &mut notes)?;
        // Learnt from all of the main training text, because the texts to leave out are cut by the same rule.
        let segmenter = segmenter::of(settings, &divided.train)?;
        let leaks = Leaks::of(settings, &divided, &segmenter, &mut notes, &mut files)?;
        let mut count = leaks::Count::default();
        leaks.drop_from(&mut divided.train, &mut count);
        leaks.drop_from_drawn(&mut divided, &mut count)?;
        divide::draw(&mut divided.train, settings, &mut notes);
        notes.extend(joined_notes);
        files.extend(parts.iter().flat_map(|part| FileReport::of(Role::Join, part)));
        let warnings = files::apt(warnings, &parts, settings);
        parts.iter_mut().for_each(|part| leaks.drop_from(part, &mut count));
        for (joined, part) in settings.data.join.iter().zip(&parts) {
            notes.push(format!(
                "{} training sentences of {} come before the {} of {}",
                part.sentences.len(),
                short_name(&joined.corpus.path),
                divided.train.sentences.len(),
                short_name(&divided.train.path)
            ));
        }
        leaks.note(count, &mut notes);
        let main = divided.train.path.clone();
        let train = parts.into_iter().chain([divided.train]).reduce(|mut train, part| {
            train.append(part);
            train
        });
        let train = Corpus { path: main, ..train.expect("the main text is one of them") };
        if train.sentences.is_empty() {
            return Err(GleanerError::NoTrainingText(format!(
                "{}: no training sentence is left; add data, or use --drop-leaks false",
                train.path.display()
            )));
        }
        let pool = pool::read(settings, &segmenter, &leaks, &mut notes, &mut files)?;
        notes.extend(segmenter::difference(&segmenter, &train));
        let (dev, test, test_positions) = (divided.dev, divided.test, divided.test_positions);
        let mentions = mentions(settings, &train)?;
        Ok(Self {
            train,
            dev,
            test,
            test_positions,
            pool,
            mentions,
            segmenter,
            files,
            warnings,
            notes,
        })
    }

    /// A note on malformed sentences that were left out of train, dev and test: their number and the first place, but
    /// none of their words.
    pub fn left_out(&self) -> Option<String> {
        let is_left_out = |f: &&Finding| f.kind == FindingKind::SkippedSentence;
        let all: Vec<&Finding> =
            self.corpora().flat_map(|c| &c.findings).filter(is_left_out).collect();
        let first = all.first()?;
        let place = format!("{}:{}", short_name(&first.path), first.line);
        Some(format!("malformed sentences left out: {}, the first at {place}", all.len()))
    }

    /// The labelled corpora: train, dev and test.
    pub fn corpora(&self) -> impl Iterator<Item = &Corpus> {
        [&self.train, &self.dev].into_iter().chain(&self.test)
    }
}

fn read(settings: &Settings) -> Result<Splits<Corpus>, GleanerError> {
    let options = settings.read_options();
    if let Some(data) = &settings.data.data {
        return read_folder(data, &options);
    }
    if settings.data.train.is_empty() {
        return Err(GleanerError::NoTrainingText(
            "no training data; add --data FOLDER or --train FILE (or --data sample:af to try)"
                .into(),
        ));
    }
    let optional =
        |paths: &[PathBuf]| (!paths.is_empty()).then(|| read_all(paths, &options)).transpose();
    Ok(Splits {
        train: read_all(&settings.data.train, &options)?,
        dev: optional(&settings.data.dev)?,
        test: optional(&settings.data.test)?,
    })
}

/// The mentions of the training text and of the lists that settings name, if mentions are to be replaced.
fn mentions(settings: &Settings, train: &Corpus) -> Result<Option<Mentions>, GleanerError> {
    if settings.data.replace_mentions == 0.0 {
        return Ok(None);
    }
    let mut mentions = Mentions::of(train);
    for path in &settings.data.mentions {
        mentions.append(Mentions::read(path)?);
    }
    Ok(Some(mentions))
}

/// The parts of a folder, or of the sample (`sample:af`, `sample:nl`).
///
/// # Errors
/// A file is missing or malformed, or there is no such sample.
pub fn read_folder(folder: &Path, options: &ReadOptions) -> Result<Splits<Corpus>, GleanerError> {
    match sample_name(folder) {
        Some(name) => sample(name, options),
        None => Ok(find_splits(folder)?.try_map(|paths| read_all(&paths, options))?),
    }
}

/// The parts that a folder or a sample has, in the order train, dev, test. None of them is needed.
///
/// # Errors
/// A file is missing or malformed, or there is no part or no such sample.
pub fn read_parts(
    folder: &Path,
    options: &ReadOptions,
) -> Result<Vec<(Role, Corpus)>, GleanerError> {
    if sample_name(folder).is_none() {
        let read = |(split, files): (SplitName, Vec<PathBuf>)| {
            Ok((Role::from(split), read_all(&files, options)?))
        };
        return find_parts(folder)?.into_iter().map(read).collect();
    }
    let Splits { train, dev, test } = read_folder(folder, options)?;
    let parts = [(Role::Train, Some(train)), (Role::Dev, dev), (Role::Test, test)];
    Ok(parts.into_iter().filter_map(|(role, part)| Some((role, part?))).collect())
}

/// The name of the built-in sample corpus that a path names, if it names one.
pub(crate) fn sample_name(path: &Path) -> Option<&str> {
    path.to_str()?.strip_prefix("sample:")
}

/// Whether a path names a corpus that is built into the program.
pub fn is_sample(path: &Path) -> bool {
    sample_name(path).is_some()
}

/// The sentences to train on of the joined corpora.
fn joined(settings: &Settings, notes: &mut Vec<String>) -> Result<Vec<Corpus>, GleanerError> {
    let of = |joined: &crate::Joined| {
        let options = settings.read_options_beside(&joined.corpus);
        let parts = read_folder(&joined.corpus.path, &options)?;
        match joined.whole {
            true => Ok(divide::whole(parts, joined.limit, notes)),
            false => divide::training_part(parts, settings, joined.limit, notes),
        }
    };
    settings.data.join.iter().map(of).collect()
}

/// The labelled sentences of the sample corpus with this name.
pub(crate) fn labelled_sample(name: &str) -> Result<SampleSplits, GleanerError> {
    gleaner_sample::labelled(name).ok_or_else(|| {
        GleanerError::Settings(format!(
            "data: there is no sample `{name}`; use sample:af or sample:nl"
        ))
    })
}

/// The sample corpus that is built into the program.
pub(crate) fn sample(name: &str, options: &ReadOptions) -> Result<Splits<Corpus>, GleanerError> {
    let parts = labelled_sample(name)?;
    let corpus = |part: &str, sentences: &[SampleSentence]| -> Result<Corpus, CorpusError> {
        let name = PathBuf::from(format!("sample:{name}/{part}.conll"));
        read_bytes(gleaner_sample::to_conll(sentences).as_bytes(), &name, options)
    };
    Ok(Splits {
        train: corpus("train", &parts.train)?,
        dev: Some(corpus("dev", &parts.dev)?),
        test: Some(corpus("test", &parts.test)?),
    })
}

/// A note on sentences that were left out of a text that no other part of the program reports.
fn skipped(corpus: &Corpus, what: &str) -> Option<String> {
    let first = corpus.findings.iter().find(|f| f.kind == FindingKind::SkippedSentence)?;
    let n = Finding::skipped(&corpus.findings);
    Some(format!("sentences of {what} left out: {n}, the first: {first}"))
}

/// The short name of a file or folder for messages: its last part, or its name on the Hugging Face hub if it is in a
/// hub cache.
pub(crate) fn short_name(path: &Path) -> String {
    let last = || path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
    hub_name(path).unwrap_or_else(last)
}

/// `OWNER/NAME`, followed by `:` and the path within, of a folder in a hub cache.
fn hub_name(path: &Path) -> Option<String> {
    let HubPlace { name, within, .. } = HubPlace::of(path)?;
    Some(if within.is_empty() { name } else { format!("{name}:{within}") })
}

/// What a path in the cache of the Hugging Face hub is part of.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct HubPlace {
    /// `OWNER/NAME` of the repository.
    pub(crate) name: String,
    /// The commit.
    pub(crate) commit: String,
    /// The path in the repository; empty for the repository itself.
    pub(crate) within: String,
}

impl HubPlace {
    /// The place of `.../models--OWNER--NAME/snapshots/COMMIT/...`; likewise of `datasets--`.
    pub(crate) fn of(path: &Path) -> Option<Self> {
        let parts: Vec<&str> = path.iter().map(|part| part.to_str()).collect::<Option<_>>()?;
        let at = parts.iter().rposition(|part| *part == "snapshots")?;
        let repository = parts[at.checked_sub(1)?];
        let name =
            ["models--", "datasets--"].iter().find_map(|kind| repository.strip_prefix(kind))?;
        let (commit, within) = parts.get(at + 1..)?.split_first()?;
        Some(Self {
            name: name.replacen("--", "/", 1),
            commit: (*commit).to_owned(),
            within: within.join("/"),
        })
    }
}

#[cfg(test)]
mod tests;
