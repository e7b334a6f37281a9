//! Auditing labelled text: reads it with the places of its sentences, and finds faults that need an encoder, beside
//! those that [`gleaner_corpus::audit`] finds.

mod confident;
mod cross_validation;

pub use cross_validation::{CrossValidation, doubtful_tags};

use crate::{
    CorpusPath, GleanerError, PieceTokenizer, Settings, Split,
    data::{sample, sample_name},
};
use gleaner_corpus::{
    Corpus, CorpusError, Warning,
    audit::{DataSet, Issue, IssueKind, Part, excerpt},
    read,
};
use std::path::Path;

/// Reads data sets, one for each folder or sample (`sample:af`), and one for each file; but files of one folder
/// whose names give a part (train, dev or test) form one data set. `settings` say how they are read and split, and
/// every path can have options of its own.
///
/// # Errors
/// A file is missing or malformed, or has too few sentences to be split.
pub fn read_data_sets(
    paths: &[CorpusPath],
    settings: &Settings,
) -> Result<Vec<DataSet>, GleanerError> {
    let mut groups: Vec<Vec<&CorpusPath>> = Vec::new();
    let is_part = |path: &Path| sample_name(path).is_none() && Part::of_file(path) != Part::Whole;
    for one in paths {
        let path = &one.path;
        let beside = |group: &&mut Vec<&CorpusPath>| {
            let first = &group[0].path;
            is_part(first) && is_part(path) && first.parent() == path.parent() && !path.is_dir()
        };
        match groups.iter_mut().find(beside) {
            Some(group) => group.push(one),
            None => groups.push(vec![one]),
        }
    }
    groups.into_iter().map(|group| read_data_set(group, settings)).collect()
}

fn read_data_set(paths: Vec<&CorpusPath>, settings: &Settings) -> Result<DataSet, GleanerError> {
    let name = match paths.as_slice() {
        [one] => one.path.display().to_string(),
        [first, ..] => first.path.parent().unwrap_or(&first.path).display().to_string(),
        [] => String::new(),
    };
    let options = |one: &CorpusPath| settings.read_options_among(one);
    let set = match paths.as_slice() {
        [one] if sample_name(&one.path).is_some() => {
            let parts = sample(sample_name(&one.path).unwrap_or_default(), &options(one))?;
            let others = [(Part::Dev, parts.dev), (Part::Test, parts.test)];
            let others = others.into_iter().filter_map(|(part, corpus)| Some((part, corpus?)));
            DataSet::new(name, std::iter::once((Part::Train, parts.train)).chain(others).collect())
        }
        [one] if one.path.is_dir() => DataSet::read_folder(&one.path, &options(one))?,
        _ => {
            let mut files: Vec<(Part, &CorpusPath)> =
                paths.into_iter().map(|one| (Part::of_file(&one.path), one)).collect();
            files.sort_by_key(|(part, _)| *part); // stable: files of one part keep their order
            let corpora: Result<Vec<(Part, Corpus)>, CorpusError> = files
                .into_iter()
                .map(|(part, one)| Ok((part, read(&one.path, &options(one))?)))
                .collect();
            let mut set = DataSet::new(name, corpora?);
            // Who names files leaves parts out on purpose.
            set.warnings.retain(|warning| !matches!(warning, Warning::NoPart { .. }));
            set
        }
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

/// Sentences with words that the vocabulary of `tokenizer` cannot represent in full.
pub fn unknown_pieces(set: &DataSet, tokenizer: &PieceTokenizer) -> Vec<Issue> {
    let fault = |entry: &gleaner_corpus::audit::Entry| {
        let words = &entry.sentence.words;
        let unknown = tokenizer.unknown_words(words);
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
