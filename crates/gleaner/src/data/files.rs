//! How the files of a data set were read, and what is suspicious about them, for users.

use super::{Corpus, Splits};
use crate::{Settings, Split};
use gleaner_base::split_names::SplitName;
use gleaner_corpus::{Format, Reading, Warning, audit::Part};
use serde::{Deserialize, Serialize};
use std::{
    collections::BTreeMap,
    fmt,
    path::{Path, PathBuf},
};

words! {
    /// What the text of a file is used for.
    Role {
        /// Training sentences.
        Train = "train",
        /// Dev sentences.
        Dev = "dev",
        /// Test sentences.
        Test = "test",
        /// A text that is not part of a split.
        Whole = "whole",
        /// Training sentences of a joined corpus.
        Join = "join",
        /// Sentences that a tagger labels.
        Pool = "pool",
        /// Sentences that must not be trained on.
        Exclude = "exclude",
    }
}

impl From<Part> for Role {
    fn from(part: Part) -> Self {
        match part {
            Part::Train => Self::Train,
            Part::Dev => Self::Dev,
            Part::Test => Self::Test,
            Part::Whole => Self::Whole,
        }
    }
}

impl From<SplitName> for Role {
    fn from(split: SplitName) -> Self {
        match split {
            SplitName::Train => Self::Train,
            SplitName::Dev => Self::Dev,
            SplitName::Test => Self::Test,
        }
    }
}

impl Role {
    /// The part that a file's name gives.
    pub fn of_file(path: &Path) -> Self {
        Part::of_file(path).into()
    }
}

/// How a file was read. Displays as one line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub struct FileReport {
    /// The file.
    pub path: PathBuf,
    /// What it is used for.
    pub role: Role,
    /// Its format, by the name of [`gleaner_corpus::Format::name`]; `text` for plain text.
    pub format: String,
    /// Why it was read in this format.
    pub format_reason: String,
    /// What was detected in the file and why, one fact each, such as its columns.
    pub choices: Vec<String>,
    /// The scheme of its tags.
    pub scheme: String,
    /// The words of the first sentence with their tags. The tags are empty if the file is unlabelled.
    pub first: Vec<(String, String)>,
    /// Number of sentences.
    pub sentences: usize,
    /// Number of entities of each type, after the label map.
    pub entities: BTreeMap<String, usize>,
}

impl FileReport {
    /// The report of a file that was read with this role.
    pub fn new(role: Role, read: &Reading) -> Self {
        Self {
            path: read.path.clone(),
            role,
            format: read.format.map_or("text", Format::name).to_owned(),
            format_reason: read.format_reason.to_owned(),
            choices: read.choices.clone(),
            scheme: read.scheme.to_string(),
            first: read.first.clone(),
            sentences: read.sentences,
            entities: read.entities.clone(),
        }
    }

    /// The reports of all files of a corpus.
    pub(super) fn of(role: Role, corpus: &Corpus) -> Vec<Self> {
        corpus.files.iter().map(|read| Self::new(role, read)).collect()
    }

    /// The reports of the files of all parts.
    pub(super) fn of_parts(parts: &Splits<Corpus>) -> Vec<Self> {
        let all = [
            (Role::Train, Some(&parts.train)),
            (Role::Dev, parts.dev.as_ref()),
            (Role::Test, parts.test.as_ref()),
        ];
        all.into_iter()
            .flat_map(|(role, part)| part.map_or_else(Vec::new, |part| Self::of(role, part)))
            .collect()
    }

    /// The name of its format for users.
    pub fn format_name(&self) -> String {
        match Format::of_name(&self.format) {
            Some(format) => format.to_string(),
            None => "plain text".to_owned(),
        }
    }

    /// The first words with their tags, such as `Anna/B-PER sings/O`.
    pub fn first_words(&self, most: usize) -> String {
        let pair = |(word, tag): &(String, String)| match tag.is_empty() {
            true => word.clone(),
            false => format!("{word}/{tag}"),
        };
        let words: Vec<String> = self.first.iter().take(most).map(pair).collect();
        let more = if self.first.len() > most { " ..." } else { "" };
        words.join(" ") + more
    }

    /// The types with their numbers of entities.
    pub fn types(&self) -> String {
        let types: Vec<String> =
            self.entities.iter().map(|(name, n)| format!("{name} {n}")).collect();
        if types.is_empty() { "no entity".to_owned() } else { types.join(", ") }
    }
}

impl fmt::Display for FileReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        /// Words of the first sentence that are shown.
        const SHOWN: usize = 4;
        let Self { path, role, format_reason, sentences, .. } = self;
        write!(f, "{}", path.display())?;
        if *role != Role::Whole {
            write!(f, " ({role})")?;
        }
        write!(f, ": {} ({format_reason})", self.format_name())?;
        self.choices.iter().try_for_each(|choice| write!(f, "; {choice}"))?;
        write!(f, "; {sentences} sentence{}, ", if *sentences == 1 { "" } else { "s" })?;
        if self.first.iter().any(|(_, tag)| !tag.is_empty()) {
            write!(f, "{}, {}, ", self.scheme, self.types())?;
        }
        write!(f, "starting {}", self.first_words(SHOWN))
    }
}

/// The warnings about the parts of the main corpus that remain beside the joined corpora and the split.
pub(super) fn apt(warnings: Vec<Warning>, joined: &[Corpus], settings: &Settings) -> Vec<Warning> {
    let types: Vec<String> = joined.iter().flat_map(Corpus::entity_types).collect();
    let given = settings.data.split == Split::Given;
    let is_apt = |warning: &Warning| match warning {
        // Who names single files leaves parts out on purpose.
        Warning::NoPart { .. } => given && settings.data.data.is_some(),
        Warning::NoEntity { .. } => given && types.is_empty(),
        Warning::UnknownType { entity_type, .. } => given && !types.contains(entity_type),
        _ => true,
    };
    warnings.into_iter().filter(is_apt).collect()
}
