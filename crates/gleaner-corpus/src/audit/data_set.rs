//! Labelled text whose sentences have their file and part.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use gleaner_base::split_names::SplitName;
use serde::{Deserialize, Serialize};

use super::issue::Place;
use crate::corpus::{Corpus, Sentence};
use crate::error::CorpusError;
use crate::finding::Finding;
use crate::folder::find_splits;
use crate::format::Format;
use crate::options::ReadOptions;
use crate::part_warnings::{Warning, same_files, warnings};
use crate::places::Places;
use crate::read::read;
use crate::reading::Reading;
use crate::splits::{SplitError, split_80_10_10};

/// A part of a data set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Part {
    /// Training part.
    Train,
    /// Part to choose checkpoints and settings on.
    Dev,
    /// Part to measure scores on.
    Test,
    /// A file that is not part of a split.
    Whole,
}

impl Part {
    /// Whether the part is dev or test.
    pub fn is_held_out(self) -> bool {
        matches!(self, Self::Dev | Self::Test)
    }

    /// The part of a file by its name: `train`; `dev`, `valid` or `validation`; `test`; otherwise
    /// [`Whole`](Self::Whole).
    pub fn of_file(path: &Path) -> Self {
        let name = path.file_name().and_then(|name| name.to_str());
        match name.filter(|_| Format::of(path).is_some()).and_then(SplitName::of_file) {
            Some(SplitName::Train) => Self::Train,
            Some(SplitName::Dev) => Self::Dev,
            Some(SplitName::Test) => Self::Test,
            None => Self::Whole,
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
    /// The part that the sentence belongs to.
    pub part: Part,
    file: Arc<Path>,
    places: Arc<Places>,
}

impl Entry {
    /// The place of the first word.
    pub fn place(&self) -> Place {
        self.place_of(0)
    }

    /// The place of the word at a position (from 0): its line where each word has one, otherwise the line of the
    /// sentence.
    pub fn place_of(&self, word: usize) -> Place {
        let line = self.places.line_of(self.sentence.line, word);
        Place { file: self.file.to_path_buf(), line, part: self.part }
    }
}

/// The labelled text of one language or source, in its parts.
#[derive(Debug, Clone)]
pub struct DataSet {
    /// The name to show, such as its folder or file.
    pub name: String,
    /// The sentences of all parts, in the order train, dev, test.
    pub entries: Vec<Entry>,
    /// What was unusual in its files.
    pub findings: Vec<Finding>,
    /// How its files were read.
    pub files: Vec<(Part, Reading)>,
    /// What is suspicious about its parts.
    pub warnings: Vec<Warning>,
}

impl DataSet {
    /// A data set of corpora, each from one file.
    pub fn new(name: String, parts: Vec<(Part, Corpus)>) -> Self {
        let warnings = warnings_of(&parts);
        let (entries, findings, files) = Default::default();
        let mut set = Self { name, entries, findings, files, warnings };
        for (part, corpus) in parts {
            let file: Arc<Path> = corpus.path.into();
            let by_name = || Places::new(Format::of(&file));
            let places = corpus.files.first().map_or_else(by_name, |file| file.places.clone());
            let places = Arc::new(places);
            let entry = |sentence: Sentence| Entry {
                sentence,
                part,
                file: Arc::clone(&file),
                places: Arc::clone(&places),
            };
            set.entries.extend(corpus.sentences.into_iter().map(entry));
            set.findings.extend(corpus.findings);
            set.files.extend(corpus.files.into_iter().map(|read| (part, read)));
        }
        set
    }

    /// Reads the files of a folder, named as for [`find_splits`].
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

    fn read_parts(
        name: String,
        files: impl Iterator<Item = (Part, PathBuf)>,
        options: &ReadOptions,
    ) -> Result<Self, CorpusError> {
        let corpora: Result<Vec<(Part, Corpus)>, CorpusError> =
            files.map(|(part, file)| Ok((part, read(&file, options)?))).collect();
        Ok(Self::new(name, corpora?))
    }

    /// Splits the sentences (the first `cutoff`, if given) again with [`split_80_10_10`]. They keep their
    /// places in the files.
    ///
    /// # Errors
    /// A part would be empty.
    pub fn divided(mut self, cutoff: Option<usize>, seed: u32) -> Result<Self, SplitError> {
        self.entries.truncate(cutoff.unwrap_or(usize::MAX));
        let split = split_80_10_10(self.entries.len(), seed)?;
        let parts = [(Part::Train, split.train), (Part::Dev, split.dev), (Part::Test, split.test)];
        let of_part = |(part, positions): (Part, Vec<usize>)| {
            let entry = |at: usize| Entry { part, ..self.entries[at].clone() };
            positions.into_iter().map(entry).collect::<Vec<_>>()
        };
        self.entries = parts.into_iter().flat_map(of_part).collect();
        // The others are about parts that are not used.
        self.warnings.retain(|warning| matches!(warning, Warning::SameFile { .. }));
        Ok(self)
    }

    /// The sentences of a part, in order.
    pub fn part(&self, part: Part) -> impl Iterator<Item = &Entry> {
        self.entries.iter().filter(move |entry| entry.part == part)
    }
}

/// The warnings about the parts of a data set; of files that are not parts, only that two are the same.
fn warnings_of(parts: &[(Part, Corpus)]) -> Vec<Warning> {
    let of = |wanted: Part| -> Vec<&Corpus> {
        parts.iter().filter(|(part, _)| *part == wanted).map(|(_, corpus)| corpus).collect()
    };
    match of(Part::Train).as_slice() {
        [] => {
            let files: Vec<&Reading> = parts.iter().flat_map(|(_, corpus)| &corpus.files).collect();
            same_files(&files)
        }
        train => warnings(train, [of(Part::Dev), of(Part::Test)]),
    }
}
