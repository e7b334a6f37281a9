//! Reading a file of any format into a corpus.

use std::fs;
use std::path::Path;

use crate::conll;
use crate::convert::{Flaw, to_iob2};
use crate::corpus::{Corpus, Sentence};
use crate::error::{CorpusError, Problem};
use crate::finding::{Finding, FindingKind};
use crate::jsonl;
use crate::label_map::LabelMap;
use crate::overlap::SEPARATOR;
use crate::scheme::{Scheme, detect};
use crate::table;
use crate::tag::Tag;

/// How sentences are laid out in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// A word a line with its columns, blank lines between sentences: see
    /// [`conll`](mod@crate::conll).
    Conll,
    /// A JSON object a line: see [`jsonl`](mod@crate::jsonl).
    Jsonl,
    /// Parquet as on the Hugging Face hub: `tokens` (list of strings), `ner_tags` or `tags` (list
    /// of numbers or of strings), the names of the numbers in the metadata key `huggingface`.
    Parquet,
}

impl Format {
    /// The format that a file's extension tells: `.conll`, `.conllu`, `.txt`, `.tsv`, `.iob`,
    /// `.iob2`, `.bio`; `.jsonl`, `.ndjson`, `.json`; `.parquet`.
    pub fn of(path: &Path) -> Option<Self> {
        match path.extension()?.to_str()?.to_ascii_lowercase().as_str() {
            "conll" | "conllu" | "txt" | "tsv" | "iob" | "iob2" | "bio" => Some(Self::Conll),
            "jsonl" | "ndjson" | "json" => Some(Self::Jsonl),
            "parquet" => Some(Self::Parquet),
            _ => None,
        }
    }

    /// The line of a word (from 0) of a sentence.
    pub(crate) fn line_of(self, sentence: &Sentence, word: usize) -> usize {
        match self {
            Self::Conll => sentence.line + word,
            Self::Jsonl | Self::Parquet => sentence.line,
        }
    }
}

/// What a reader is told beside the file. The default suits two-column CoNLL, JSONL with tag names,
/// and the hub's parquet.
#[derive(Debug, Clone, Default)]
pub struct ReadOptions {
    /// The format; by default, what [`Format::of`] says.
    pub format: Option<Format>,
    /// CoNLL: the column of the word, from 1; by default the first.
    pub word_column: Option<usize>,
    /// CoNLL: the column of the tag, from 1; by default the last.
    pub tag_column: Option<usize>,
    /// JSONL and parquet: the names of tags given as numbers, in the order of the numbers. Goes
    /// before names in the file.
    pub labels: Option<Vec<String>>,
    /// What the entity types become.
    pub label_map: Option<LabelMap>,
    /// Tags that the file's scheme does not allow, and sentences without words, are errors rather
    /// than findings.
    pub strict: bool,
    /// Malformed sentences become [`FindingKind::SkippedSentence`] rather than an error. Files that
    /// are malformed as a whole remain errors.
    pub skip_bad: bool,
    /// Tags are not needed, and not read where there are some.
    pub unlabelled: bool,
}

/// Reads a file.
///
/// # Errors
/// Everything that is wrong with it, in one line with its place: see [`Problem`].
pub fn read(path: &Path, options: &ReadOptions) -> Result<Corpus, CorpusError> {
    let bytes = fs::read(path).map_err(|error| CorpusError::in_file(path, error.into()))?;
    read_bytes(&bytes, path, options)
}

/// Reads the bytes of a file, such as data that is part of a program. `name` stands for the path in
/// messages, and tells the format where the options do not.
///
/// # Errors
/// As [`read`].
pub fn read_bytes(bytes: &[u8], name: &Path, options: &ReadOptions) -> Result<Corpus, CorpusError> {
    let in_file = |problem| CorpusError::in_file(name, problem);
    let format = options
        .format
        .or_else(|| Format::of(name))
        .ok_or_else(|| in_file(Problem::UnknownFormat))?;
    let mut findings = Vec::new();
    let mut sentences = match format {
        Format::Conll => {
            let rows = conll::Reader::new(bytes, name, options)
                .map(|rows| rows.map(conll::Rows::into_sentence));
            sound(rows, name, format, options, &mut findings)?
        }
        Format::Jsonl => {
            sound(jsonl::Reader::new(bytes, name, options), name, format, options, &mut findings)?
        }
        Format::Parquet => sound(
            table::read(bytes, name, options)?.into_iter(),
            name,
            format,
            options,
            &mut findings,
        )?,
    };
    if sentences.is_empty() {
        return Err(in_file(match findings.first() {
            Some(first) => Problem::AllSkipped {
                sentences: findings.len(),
                line: first.line,
                first: first.detail.trim_start_matches(SKIPPED).to_owned(),
            },
            None => Problem::Empty,
        }));
    }
    let line_of = |sentence: &Sentence, word: usize| format.line_of(sentence, word);
    let scheme = if options.unlabelled {
        Scheme::Unlabelled
    } else {
        let scheme = detect(&sentences, line_of)
            .map_err(|(line, problem)| CorpusError::at_line(name, line, problem))?;
        for sentence in &mut sentences {
            let (tags, flaws) = to_iob2(&sentence.tags, scheme);
            for flaw in flaws {
                let line = line_of(sentence, flaw.word);
                findings.push(judge(flaw, line, name, scheme, options.strict)?);
            }
            sentence.tags = tags;
        }
        if let Some(map) = &options.label_map {
            findings.extend(map.apply(&mut sentences, name, line_of)?);
        }
        scheme
    };
    findings.sort_by_key(|finding| finding.line);
    Ok(Corpus { path: name.to_owned(), sentences, scheme, findings })
}

/// The sentences that can be used; the others become findings or the error.
fn sound(
    items: impl Iterator<Item = Result<Sentence, CorpusError>>,
    name: &Path,
    format: Format,
    options: &ReadOptions,
    findings: &mut Vec<Finding>,
) -> Result<Vec<Sentence>, CorpusError> {
    let mut sentences = Vec::new();
    for item in items {
        let checked = item.and_then(|sentence| match check(&sentence) {
            Ok(()) => Ok(sentence),
            Err((word, problem)) => {
                Err(CorpusError::at_line(name, format.line_of(&sentence, word), problem))
            }
        });
        match checked {
            Ok(sentence) => sentences.push(sentence),
            Err(error) => findings.push(skipped(error, options)?),
        }
    }
    Ok(sentences)
}

/// How a finding of a sentence that is left out begins.
const SKIPPED: &str = "sentence skipped: ";

/// The finding for a sentence that is left out, or its error where it may not be.
fn skipped(error: CorpusError, options: &ReadOptions) -> Result<Finding, CorpusError> {
    let harmless = matches!(error.problem(), Problem::NoWords) && !options.strict;
    match error.line() {
        Some(line) if harmless || (options.skip_bad && error.problem().spoils_one_sentence()) => {
            Ok(Finding {
                path: error.path().to_owned(),
                line,
                kind: FindingKind::SkippedSentence,
                detail: format!("{SKIPPED}{}", error.problem()),
            })
        }
        _ => Err(error),
    }
}

/// What is wrong with a sentence as it was read, with the position of the word (from 0).
fn check(sentence: &Sentence) -> Result<(), (usize, Problem)> {
    let Sentence { words, tags, .. } = sentence;
    if words.is_empty() {
        return Err((0, Problem::NoWords));
    }
    if let Some(word) = words.iter().position(String::is_empty) {
        return Err((word, Problem::EmptyWord { position: word + 1 }));
    }
    if let Some(word) = words.iter().position(|word| word.contains(SEPARATOR)) {
        return Err((word, Problem::SeparatorInWord { position: word + 1 }));
    }
    if let Some(word) = tags.iter().position(String::is_empty) {
        return Err((word, Problem::EmptyTag));
    }
    match tags.iter().position(|tag| Tag::parse(tag).is_none()) {
        Some(word) => Err((word, Problem::UnknownTag { tag: tags[word].clone() })),
        None => Ok(()),
    }
}

fn judge(
    flaw: Flaw,
    line: usize,
    name: &Path,
    scheme: Scheme,
    strict: bool,
) -> Result<Finding, CorpusError> {
    if strict {
        return Err(CorpusError::at_line(
            name,
            line,
            Problem::BrokenScheme { detail: flaw.what, scheme },
        ));
    }
    Ok(Finding {
        path: name.to_owned(),
        line,
        kind: flaw.kind,
        detail: format!("{}, {}", flaw.what, flaw.reading),
    })
}
