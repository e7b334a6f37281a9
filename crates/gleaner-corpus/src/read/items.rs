//! The sentences of a file as its format has them, neither checked nor converted.

use std::path::Path;

use crate::corpus::Sentence;
use crate::document::Document;
use crate::error::CorpusError;
use crate::finding::Finding;
use crate::format::Format;
use crate::options::ReadOptions;
use crate::{brat, conll, csv, docbin, jsonl, table, webanno};

/// A sentence, and the line of each word if the format's rule does not give it.
pub(super) struct Item {
    pub sentence: Sentence,
    pub lines: Option<Vec<usize>>,
}

impl From<Sentence> for Item {
    fn from(sentence: Sentence) -> Self {
        Self { sentence, lines: None }
    }
}

impl From<(Sentence, Vec<usize>)> for Item {
    fn from((sentence, lines): (Sentence, Vec<usize>)) -> Self {
        let gap = lines.windows(2).any(|pair| pair[1] != pair[0] + 1);
        Self { sentence, lines: gap.then_some(lines) }
    }
}

impl From<conll::Rows> for Item {
    fn from(mut rows: conll::Rows) -> Self {
        let lines = std::mem::take(&mut rows.lines);
        Self::from((rows.into_sentence(), lines))
    }
}

/// What a file has.
#[derive(Default)]
pub(super) struct Items {
    /// The sentences, and the errors of those that cannot be read.
    pub items: Vec<Result<Item, CorpusError>>,
    /// What was unusual in sentences that can be read, or was left out on purpose.
    pub unusual: Vec<Finding>,
    /// What was detected in the file and why, one fact each.
    pub choices: Vec<String>,
}

/// Reads all sentences of a file.
pub(super) fn read(
    format: Format,
    bytes: &[u8],
    name: &Path,
    options: &ReadOptions,
) -> Result<Items, CorpusError> {
    Ok(match format {
        Format::Conll | Format::Conll2003 | Format::ConllUPlus => {
            let mut reader = conll::Reader::new(bytes, name, options);
            let items = items(reader.by_ref());
            Items { items, choices: reader.choices(), ..Items::default() }
        }
        Format::Jsonl
        | Format::Json
        | Format::Doccano
        | Format::LabelStudio
        | Format::LabelStudioMin
        | Format::Prodigy => {
            let mut reader = jsonl::Reader::new(bytes, name, options);
            let items = items(reader.by_ref());
            Items { items, unusual: reader.take_findings(), ..Items::default() }
        }
        Format::Parquet => {
            Items { items: items(table::read(bytes, name, options)?), ..Items::default() }
        }
        Format::Csv => Items { items: items(csv::read(bytes, name, options)?), ..Items::default() },
        Format::Spacy => divided(docbin::read(bytes, name, options)?, name, options),
        Format::WebAnno => divided(webanno::read(bytes, name, options)?, name, options),
        Format::Brat => divided(vec![brat::read(bytes, name, options)], name, options),
    })
}

fn items<T: Into<Item>>(
    sentences: impl IntoIterator<Item = Result<T, CorpusError>>,
) -> Vec<Result<Item, CorpusError>> {
    sentences.into_iter().map(|sentence| sentence.map(T::into)).collect()
}

/// The sentences of documents.
fn divided(
    documents: Vec<Result<Document, CorpusError>>,
    name: &Path,
    options: &ReadOptions,
) -> Items {
    let mut items = Items::default();
    for document in documents {
        match document.and_then(|document| document.into_sentences(name, options)) {
            Ok((sentences, unusual)) => {
                items.items.extend(sentences.into_iter().map(|sentence| Ok(sentence.into())));
                items.unusual.extend(unusual);
            }
            Err(error) => items.items.push(Err(error)),
        }
    }
    items
}
