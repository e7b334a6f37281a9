//! Reading files of any format into a corpus.

mod items;
mod plain;
mod summary;
mod valid;

use std::fs;
use std::path::{Path, PathBuf};

use gleaner_base::tags::SeqevalMode;

use crate::brat;
use crate::convert::{Flaw, to_iob2};
use crate::corpus::{Corpus, Sentence, Unrepaired};
use crate::detect::detect;
use crate::error::{CorpusError, Problem};
use crate::finding::{Finding, FindingKind};
use crate::format::Format;
use crate::jsonl;
use crate::options::ReadOptions;
use crate::places::Places;
use crate::recognise;
use crate::scheme::Scheme;
use items::Items;
pub use plain::read_plain;
use summary::HowRead;
use valid::Valid;

/// Reads a file. A folder with `.ann` files is read as brat's annotations, and so is a `.txt` file with an `.ann` file
/// beside it. Names of tag numbers that neither the options nor the file have are taken from
/// `dataset_info.json` in the same folder, which `datasets` writes.
///
/// # Errors
/// The file cannot be read or is malformed: see [`Problem`].
pub fn read(path: &Path, options: &ReadOptions) -> Result<Corpus, CorpusError> {
    if let Some(files) = brat::annotation_files(path, options.format) {
        return read_all(&files, options);
    }
    if let Some(annotations) = brat::stands_for(path, options.format) {
        return read(&annotations, &ReadOptions { format: Some(Format::Brat), ..options.clone() });
    }
    let bytes = fs::read(path).map_err(|error| CorpusError::in_file(path, error.into()))?;
    match read_bytes(&bytes, path, options) {
        Err(error) if matches!(error.problem(), Problem::NoLabelNames) => {
            let info =
                path.parent().and_then(|folder| fs::read_to_string(folder.join(DATASET_INFO)).ok());
            let Some(labels) = info.and_then(|info| jsonl::names_in_info(&info)) else {
                return Err(error);
            };
            read_bytes(&bytes, path, &ReadOptions { labels: Some(labels), ..options.clone() })
        }
        read => read,
    }
}

/// The file that `datasets` writes beside the data.
const DATASET_INFO: &str = "dataset_info.json";

/// The files beside one that [`read`] may read with it, where they exist: the text of brat's annotations or the
/// annotations of a text, and names of tag numbers.
pub fn companions(path: &Path) -> Vec<PathBuf> {
    let beside = path.parent().map(|folder| folder.join(DATASET_INFO));
    let pair = match path.extension().and_then(|extension| extension.to_str()) {
        Some("ann") => Some(path.with_extension("txt")),
        Some("txt") => Some(path.with_extension("ann")),
        _ => None,
    };
    pair.into_iter().chain(beside).filter(|file| file.is_file() && file != path).collect()
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
    let (format, format_reason) =
        recognise::format(bytes, name, options).ok_or_else(|| in_file(Problem::UnknownFormat))?;
    let Items { items, unusual, mut choices } = items::read(format, bytes, name, options)?;
    let mut valid = Valid::new(name, format, options, &items);
    let sentences = valid.sentences(items)?;
    choices.extend(valid.tags.choice());
    if sentences.is_empty() {
        let left_out = unusual.iter().filter(|finding| finding.kind == FindingKind::LeftOut);
        return Err(in_file(valid.nothing_left(left_out.count())));
    }
    valid.findings.extend(Finding::counted(unusual));
    valid.findings.extend(one_sentence(&sentences, format, name));
    let (sentences, scheme, findings, places) = in_iob2(sentences, valid, options)?;
    let read = HowRead { format: Some(format), format_reason, choices, scheme, places };
    let files = vec![read.of(bytes, name, &sentences)];
    Ok(Corpus { path: name.to_owned(), sentences, scheme, findings, files })
}

/// The finding about a file in which nothing separates the sentences, by its length.
fn one_sentence(sentences: &[Sentence], format: Format, name: &Path) -> Option<Finding> {
    /// Longer than the sentences of any corpus.
    const LONG: usize = 200;
    let [only] = sentences else { return None };
    let words = only.words.len();
    (format.has_a_line_for_each_word() && words > LONG).then(|| Finding {
        path: name.to_owned(),
        line: only.line,
        kind: FindingKind::OneSentence,
        detail: match format.has_columns() {
            true => format!(
                "no blank line, so all {words} words are one sentence; put one after each sentence"
            ),
            false => format!("all {words} words have the same sentence; number the sentences"),
        },
    })
}

/// Sentences in IOB2, the scheme of the file, what was unusual in it by line, and the lines of its words.
type Converted = (Vec<Sentence>, Scheme, Vec<Finding>, Places);

/// Converts the tags of a file to IOB2 and maps their types.
fn in_iob2(
    mut sentences: Vec<Sentence>,
    valid: Valid<'_>,
    options: &ReadOptions,
) -> Result<Converted, CorpusError> {
    let Valid { name, places, tags, mut findings, .. } = valid;
    let line_of = |sentence: &Sentence, word: usize| places.line_of(sentence.line, word);
    let mut scheme = Scheme::Unlabelled;
    if !options.unlabelled {
        scheme = detect(&sentences, tags.notation(), line_of)
            .map_err(|(line, problem)| CorpusError::at_line(name, line, problem))?;
        let spaced = tags.findings(name)?;
        // A label map names the types itself.
        findings.extend(spaced.into_iter().filter(|_| options.label_map.is_none()));
        for sentence in &mut sentences {
            for flaw in repair(sentence, scheme) {
                let line = line_of(sentence, flaw.word);
                findings.push(report(flaw, line, name, scheme, options.strict)?);
            }
        }
        if let Some(map) = &options.label_map {
            findings.extend(map.apply(&mut sentences, name, line_of)?);
        }
    }
    findings.sort_by_key(|finding| finding.line);
    Ok((sentences, scheme, findings, places))
}

/// Converts the tags of a sentence to IOB2. Returns where they broke their scheme.
fn repair(sentence: &mut Sentence, scheme: Scheme) -> Vec<Flaw> {
    let (tags, flaws) = to_iob2(&sentence.tags, scheme);
    if !flaws.is_empty() {
        sentence.unrepaired = Some(Box::new(unrepaired(&sentence.tags, &tags, scheme)));
    }
    sentence.tags = tags;
    flaws
}

impl Corpus {
    /// A text of sentences in memory, which have tags of IOB2. Where these break the scheme they are repaired as in
    /// files, with a finding, whose line is the number of the sentence. Findings show `name` as the file.
    pub fn in_memory(name: &Path, mut sentences: Vec<Sentence>) -> Self {
        let mut findings = Vec::new();
        for (number, sentence) in (1..).zip(&mut sentences) {
            let found = |flaw: Flaw| Finding {
                path: name.to_owned(),
                line: number,
                kind: flaw.kind,
                detail: format!("{}, {}", flaw.what, flaw.reading),
            };
            findings.extend(repair(sentence, Scheme::Iob2).into_iter().map(found));
        }
        let (path, scheme) = (name.to_owned(), Scheme::Iob2);
        Self { path, sentences, scheme, findings, files: Vec::new() }
    }
}

/// What is scored of a sentence whose tags break their scheme. `iob2` has the repaired tags.
fn unrepaired(tags: &[String], iob2: &[String], scheme: Scheme) -> Unrepaired {
    let strict = scheme.entities(tags, SeqevalMode::Strict);
    let tags = if scheme == Scheme::Iob2 { tags } else { iob2 };
    Unrepaired { tags: tags.to_vec(), strict }
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
    fn a_long_text_without_blank_lines_is_reported() {
        let kinds = |words: usize, end: &str| {
            let text = "a\tO\n".repeat(words) + end;
            let corpus = read_bytes(text.as_bytes(), Path::new("x.tsv"), &ReadOptions::default());
            corpus.unwrap().findings.into_iter().map(|finding| finding.kind).collect::<Vec<_>>()
        };
        assert_eq!(kinds(201, ""), [FindingKind::OneSentence]);
        assert_eq!(kinds(200, ""), []);
        assert_eq!(kinds(300, "\na\tO\n"), []);
        let text = format!("Sentence #,Word,Tag\n{}", "1,a,O\n".repeat(201));
        let corpus = read_bytes(text.as_bytes(), Path::new("x.csv"), &ReadOptions::default());
        let finding = corpus.unwrap().findings.remove(0);
        assert_eq!(finding.detail, "all 201 words have the same sentence; number the sentences");
    }

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
