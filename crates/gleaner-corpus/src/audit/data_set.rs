//! Labelled text whose every sentence knows its file and its part.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::Serialize;

use super::fault::Place;
use crate::corpus::{Corpus, Sentence};
use crate::error::CorpusError;
use crate::finding::Finding;
use crate::folder::{find_splits, part_of};
use crate::read::{Format, ReadOptions, read};
use crate::splits::{SplitError, split_80_10_10};

/// A part of a data set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Part {
    /// For training.
    Train,
    /// For choosing among models.
    Dev,
    /// For the score.
    Test,
    /// A file that belongs to no part.
    Whole,
}

impl Part {
    /// Whether scores are measured or models chosen on it.
    pub fn is_held_out(self) -> bool {
        matches!(self, Self::Dev | Self::Test)
    }

    /// The part that the name of a file tells: `train`; `dev`, `valid` or `validation`; `test`; else
    /// [`Whole`](Self::Whole).
    pub fn of_file(path: &Path) -> Self {
        match path.file_name().and_then(|name| name.to_str()).and_then(part_of) {
            Some("train") => Self::Train,
            Some("dev") => Self::Dev,
            Some("test") => Self::Test,
            _ => Self::Whole,
        }
    }
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Train => "train",
            Self::Dev => "dev",
            Self::Test => "test",
            Self::Whole => "whole",
        })
    }
}

/// A sentence with its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Words and IOB2 tags.
    pub sentence: Sentence,
    /// The part that it belongs to.
    pub part: Part,
    file: Arc<Path>,
}

impl Entry {
    /// Where the sentence begins.
    pub fn place(&self) -> Place {
        self.place_of(0)
    }

    /// Where a word stands (from 0): its own line in CoNLL, else that of the sentence.
    pub fn place_of(&self, word: usize) -> Place {
        let line = match Format::of(&self.file) {
            Some(format) => format.line_of(&self.sentence, word),
            None => self.sentence.line,
        };
        Place { file: self.file.to_path_buf(), line, part: self.part }
    }
}

/// The labelled text of one language or source, in its parts.
#[derive(Debug, Clone)]
pub struct DataSet {
    /// What people know it by: its folder or file.
    pub name: String,
    /// The sentences of all parts, in the order train, dev, test.
    pub entries: Vec<Entry>,
    /// What was odd where it was read.
    pub findings: Vec<Finding>,
}

impl DataSet {
    /// A data set of corpora, each read from one file.
    pub fn new(name: String, parts: Vec<(Part, Corpus)>) -> Self {
        let mut set = Self { name, entries: Vec::new(), findings: Vec::new() };
        for (part, corpus) in parts {
            let file: Arc<Path> = corpus.path.into();
            let entry = |sentence: Sentence| Entry { sentence, part, file: Arc::clone(&file) };
            set.entries.extend(corpus.sentences.into_iter().map(entry));
            set.findings.extend(corpus.findings);
        }
        set
    }

    /// Reads a folder with files named train, dev (or validation) and test.
    ///
    /// # Errors
    /// As [`find_splits`] and [`read()`].
    pub fn read_folder(folder: &Path, options: &ReadOptions) -> Result<Self, CorpusError> {
        let splits = find_splits(folder)?;
        let parts =
            [(Part::Train, Some(splits.train)), (Part::Dev, splits.dev), (Part::Test, splits.test)];
        let files = parts
            .into_iter()
            .flat_map(|(part, files)| files.into_iter().flatten().map(move |file| (part, file)));
        Self::read_parts(folder.display().to_string(), files, options)
    }

    /// Reads files, each the part that its name tells.
    ///
    /// # Errors
    /// As [`read()`].
    pub fn read_files(
        name: String,
        files: Vec<PathBuf>,
        options: &ReadOptions,
    ) -> Result<Self, CorpusError> {
        let mut files: Vec<(Part, PathBuf)> =
            files.into_iter().map(|file| (Part::of_file(&file), file)).collect();
        files.sort_by_key(|(part, _)| *part); // stable: files of one part keep their order
        Self::read_parts(name, files.into_iter(), options)
    }

    fn read_parts(
        name: String,
        files: impl Iterator<Item = (Part, PathBuf)>,
        options: &ReadOptions,
    ) -> Result<Self, CorpusError> {
        let corpora: Result<Vec<(Part, Corpus)>, CorpusError> =
            files.map(|(part, file)| Ok((part, read(&file, options)?))).collect();
        Ok(Self::new(name, corpora?))
    }

    /// The same sentences (the first `cutoff`, where it is given) divided anew: 80 % for training, 10 % each
    /// for dev and test, as [`split_80_10_10`] says. They keep their places in the files.
    ///
    /// # Errors
    /// Where a part would be empty.
    pub fn divided(mut self, cutoff: Option<usize>, seed: u32) -> Result<Self, SplitError> {
        self.entries.truncate(cutoff.unwrap_or(usize::MAX));
        let split = split_80_10_10(self.entries.len(), seed)?;
        let parts = [(Part::Train, split.train), (Part::Dev, split.dev), (Part::Test, split.test)];
        let of_part = |(part, positions): (Part, Vec<usize>)| {
            let entry = |at: usize| Entry { part, ..self.entries[at].clone() };
            positions.into_iter().map(entry).collect::<Vec<_>>()
        };
        self.entries = parts.into_iter().flat_map(of_part).collect();
        Ok(self)
    }

    /// The sentences of a part, in order.
    pub fn part(&self, part: Part) -> impl Iterator<Item = &Entry> {
        self.entries.iter().filter(move |entry| entry.part == part)
    }
}
