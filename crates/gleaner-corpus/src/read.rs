//! Reading files of any format into a corpus.

use std::fs;
use std::path::{Path, PathBuf};

use gleaner_base::tags::Tag;

use crate::conll;
use crate::convert::{Flaw, to_iob2};
use crate::corpus::{Corpus, Sentence};
use crate::detect::detect;
use crate::error::{CorpusError, Problem};
use crate::finding::{Finding, FindingKind};
use crate::format::{Format, ReadOptions};
use crate::jsonl;
use crate::overlap::SEPARATOR;
use crate::scheme::Scheme;
use crate::table;

/// Reads a file.
///
/// # Errors
/// The file cannot be read or is malformed: see [`Problem`].
pub fn read(path: &Path, options: &ReadOptions) -> Result<Corpus, CorpusError> {
    let bytes = fs::read(path).map_err(|error| CorpusError::in_file(path, error.into()))?;
    read_bytes(&bytes, path, options)
}

/// Reads files of one split, one after the other. Lines and rows count from 1 in each file.
///
/// # Errors
/// As [`read`]; [`Problem::Empty`] if there are no files.
pub fn read_all(paths: &[PathBuf], options: &ReadOptions) -> Result<Corpus, CorpusError> {
    let (first, others) =
        paths.split_first().ok_or_else(|| CorpusError::in_file(Path::new(""), Problem::Empty))?;
    let mut corpus = read(first, options)?;
    for path in others {
        corpus.append(read(path, options)?);
    }
    Ok(corpus)
}

/// Reads the contents of a file from memory. `name` is used as the path in messages, and its
/// extension as the format if the options name none.
///
/// # Errors
/// As [`read`].
///
/// ```
/// use gleaner_corpus::{ReadOptions, read_bytes};
/// use std::path::Path;
///
/// let text = "Anna\tB-PER\nsings\tO\n";
/// let corpus = read_bytes(text.as_bytes(), Path::new("train.tsv"), &ReadOptions::default())?;
/// assert_eq!(corpus.sentences[0].words, ["Anna", "sings"]);
/// # Ok::<(), gleaner_corpus::CorpusError>(())
/// ```
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
            valid(rows, name, format, options, &mut findings)?
        }
        Format::Jsonl => {
            valid(jsonl::Reader::new(bytes, name, options), name, format, options, &mut findings)?
        }
        Format::Parquet => valid(
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
                findings.push(report(flaw, line, name, scheme, options.strict)?);
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

/// The valid sentences. The others become findings or an error.
fn valid(
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

/// The start of the detail of a finding about a skipped sentence.
const SKIPPED: &str = "sentence skipped: ";

/// The finding about a skipped sentence, or its error if it must not be skipped.
fn skipped(error: CorpusError, options: &ReadOptions) -> Result<Finding, CorpusError> {
    let harmless = matches!(error.problem(), Problem::NoWords) && !options.strict;
    match error.line() {
        Some(line) if harmless || (options.skip_bad && error.problem().concerns_one_sentence()) => {
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

/// Checks a sentence of a file. The error has the position of the word, from 0.
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

/// The finding about a flaw, or its error in strict mode.
fn report(
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_of_a_split_are_read_one_after_the_other() {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in [
            ("train-0-of-2.txt", "a\tB-X\n"),
            ("train-1-of-2.txt", "b\tO\nc\tI-Y\nd\tB-Y\ne\tB-X\n"),
        ] {
            fs::write(folder.path().join(name), text).unwrap();
        }
        let paths = [0, 1].map(|part| folder.path().join(format!("train-{part}-of-2.txt")));
        let corpus = read_all(&paths, &ReadOptions::default()).unwrap();
        assert_eq!(corpus.word_count(), 5);
        let finding = corpus.findings[0].to_string();
        assert!(
            finding.ends_with("train-1-of-2.txt:2: I-Y with no Y before it, read as B-Y"),
            "{finding}"
        );
    }
}
