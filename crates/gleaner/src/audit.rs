//! Auditing labelled text: reads it with the places of its sentences, and finds faults that need an encoder, beside
//! those that [`gleaner_corpus::audit`] finds.

mod confident;
mod cross_validation;

pub use cross_validation::{CrossValidation, doubtful_tags};

use crate::{
    GleanerError, Pieces, Settings, Split,
    data::{read_options, sample, sample_name},
};
use gleaner_corpus::audit::{DataSet, Issue, IssueKind, Part, excerpt};
use std::path::{Path, PathBuf};

/// Reads data sets, one for each folder or sample (`sample:af`), and one for each file; but files of one folder
/// whose names give a part (train, dev or test) form one data set. `settings` say how they are read and split.
///
/// # Errors
/// A file is missing or malformed, or has too few sentences to be split.
pub fn read_data_sets(
    paths: &[PathBuf],
    settings: &Settings,
) -> Result<Vec<DataSet>, GleanerError> {
    let mut groups: Vec<Vec<PathBuf>> = Vec::new();
    let is_part = |path: &Path| sample_name(path).is_none() && Part::of_file(path) != Part::Whole;
    for path in paths {
        let beside = |group: &&mut Vec<PathBuf>| {
            let first = &group[0];
            is_part(first) && is_part(path) && first.parent() == path.parent() && !path.is_dir()
        };
        match groups.iter_mut().find(beside) {
            Some(group) => group.push(path.clone()),
            None => groups.push(vec![path.clone()]),
        }
    }
    groups.into_iter().map(|group| read_data_set(group, settings)).collect()
}

fn read_data_set(paths: Vec<PathBuf>, settings: &Settings) -> Result<DataSet, GleanerError> {
    let options = read_options(settings);
    let name = match paths.as_slice() {
        [one] => one.display().to_string(),
        [first, ..] => first.parent().unwrap_or(first).display().to_string(),
        [] => String::new(),
    };
    let set = match paths.as_slice() {
        [one] if sample_name(one).is_some() => {
            let parts = sample(sample_name(one).unwrap_or_default(), &options)?;
            let others = [(Part::Dev, parts.dev), (Part::Test, parts.test)];
            let others = others.into_iter().filter_map(|(part, corpus)| Some((part, corpus?)));
            DataSet::new(name, std::iter::once((Part::Train, parts.train)).chain(others).collect())
        }
        [one] if one.is_dir() => DataSet::read_folder(one, &options)?,
        _ => DataSet::read_files(name, paths, &options)?,
    };
    match settings.data.split {
        Split::Shuffled => {
            let name = set.name.clone();
            let divided = set.divided(settings.data.cutoff, settings.data.split_seed);
            divided.map_err(|e| GleanerError::Settings(format!("{name}: {e}")))
        }
        _ => Ok(set),
    }
}

/// Sentences with words that the vocabulary of `pieces` cannot represent in full.
pub fn unknown_pieces(set: &DataSet, pieces: &Pieces) -> Vec<Issue> {
    let fault = |entry: &gleaner_corpus::audit::Entry| {
        let words = &entry.sentence.words;
        let unknown = pieces.unknown_words(words);
        let &first = unknown.first()?;
        let more = match unknown.len() - 1 {
            0 => String::new(),
            n => format!(", and {n} more"),
        };
        let word = excerpt(&words[first..=first]);
        let detail = format!("“{word}” has pieces that the encoder does not know{more}");
        Some(Issue::new(IssueKind::UnknownPieces, entry.place_of(first), detail, words))
    };
    set.entries.iter().filter_map(fault).collect()
}

#[cfg(test)]
mod tests;
