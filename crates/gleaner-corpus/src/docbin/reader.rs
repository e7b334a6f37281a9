//! Reading spaCy's files.

use super::{
    NAME,
    fields::{Fields, Tokens, unknown_spaces},
    message::{Value, damaged, parse},
    table::Table,
};
use crate::{
    document::Document,
    error::{CorpusError, Problem},
    flate::{Corrupt, from_zlib},
    options::ReadOptions,
};
use std::path::Path;

// A small file can state much more than it has, because DEFLATE repeats 258 bytes with two bits, and because a token
// that takes no space compressed can stand for a long string. These limits are several times what real files need.

/// Bytes of the message, and of all texts, for each byte of the file.
const EXPANSION: usize = 128;
/// Values of the message, which are strings and the flags of documents, for each byte of the file.
const VALUES: usize = 4;
/// The same for a file of any length.
const OF_ANY_FILE: usize = 16 << 20;
const VALUES_OF_ANY_FILE: usize = 1 << 20;

/// Reads the documents of a file. Their lines are their numbers, from 1.
pub(crate) fn read(
    bytes: &[u8],
    name: &Path,
    options: &ReadOptions,
) -> Result<Vec<Result<Document, CorpusError>>, CorpusError> {
    let documents = documents(bytes, options.unlabelled)
        .map_err(|problem| CorpusError::in_file(name, problem))?;
    let placed = |(line, document): (usize, Result<Document, Problem>)| {
        document.map_err(|problem| CorpusError::at_line(name, line, problem))
    };
    Ok((1..).zip(documents).map(placed).collect())
}

fn documents(bytes: &[u8], unlabelled: bool) -> Result<Vec<Result<Document, Problem>>, Problem> {
    let limit = bytes.len().saturating_mul(EXPANSION).saturating_add(OF_ANY_FILE);
    let message = from_zlib(bytes, limit).map_err(|Corrupt(reason)| damaged(reason))?;
    let most = bytes.len().saturating_mul(VALUES).saturating_add(VALUES_OF_ANY_FILE);
    let Value::Map(pairs) = parse(&message, most)? else {
        return Err(damaged("it does not hold a map"));
    };
    let fields = Fields(&pairs);
    let table = Table::of(&fields, unlabelled)?;
    let Tokens { lengths, numbers, spaces } = Tokens::of(&fields, table.width)?;
    let flags = fields.list("flags").unwrap_or_default();
    let mut first = 0;
    let mut documents: Vec<Result<Document, Problem>> = Vec::new();
    let mut left = limit;
    for (at, length) in lengths.into_iter().enumerate() {
        let rows = &numbers[first * table.width..(first + length) * table.width];
        let spaces = match flags.get(at) {
            Some(flags) if unknown_spaces(flags) => None,
            _ => Some(&spaces[first..first + length]),
        };
        let document = table.document(rows, spaces, at + 1, &mut left);
        if let Err(Problem::Malformed { .. }) = document {
            return document.map(|_| Vec::new());
        }
        documents.push(document);
        first += length;
    }
    let is_empty = |document: &Result<Document, Problem>| {
        document.as_ref().is_ok_and(|document| document.spans.is_empty())
    };
    if fields.has_span_groups() && !unlabelled && documents.iter().all(is_empty) {
        let reason =
            "no document has entities, but some have groups of spans; store these as `doc.ents`"
                .to_owned();
        return Err(Problem::Malformed { format: NAME, reason });
    }
    Ok(documents)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::docbin::{
        column, iob,
        message::{add_bytes, add_list, add_map, add_number, add_text},
        strings,
    };
    use crate::flate::to_zlib;

    fn refused(message: &[u8]) -> String {
        let file = to_zlib(message);
        assert!(file.len() < 1 << 20, "{}", file.len());
        read(&file, Path::new("x.spacy"), &ReadOptions::default()).unwrap_err().to_string()
    }

    #[test]
    fn small_files_that_become_large_are_refused() {
        assert_eq!(
            refused(&vec![0; 120 << 20]),
            "x.spacy: not readable as a spaCy DocBin: it is longer than stated; write it again with spaCy 3"
        );
        let mut many = Vec::new();
        add_list(&mut many, 2 << 20);
        many.resize(many.len() + (2 << 20), 0x90);
        assert_eq!(
            refused(&many),
            "x.spacy: not readable as a spaCy DocBin: it has far more values than a file of its length; write it again with spaCy 3"
        );
        // Tokens of a few bytes that stand for a long word, or begin an entity of a long type.
        let long = "x".repeat(200_000);
        for of_type in [false, true] {
            let mut message = Vec::new();
            let (word, entity_type) =
                if of_type { ("a", long.as_str()) } else { (long.as_str(), "X") };
            add_map(&mut message, 5);
            add_text(&mut message, "attrs");
            let columns = [column::ORTH, column::ENT_IOB, column::ENT_TYPE];
            add_list(&mut message, columns.len());
            columns.iter().for_each(|&column| add_number(&mut message, column));
            add_text(&mut message, "strings");
            add_list(&mut message, 2);
            add_text(&mut message, word);
            add_text(&mut message, entity_type);
            let tokens = 10_000_usize;
            add_text(&mut message, "tokens");
            let row = [strings::number(word), iob::BEGIN, strings::number(entity_type)];
            let row: Vec<u8> = row.iter().flat_map(|number| number.to_le_bytes()).collect();
            add_bytes(&mut message, &row.repeat(tokens));
            add_text(&mut message, "spaces");
            add_bytes(&mut message, &vec![1; tokens]);
            add_text(&mut message, "lengths");
            add_bytes(&mut message, &(tokens as i32).to_le_bytes());
            assert_eq!(
                refused(&message),
                "x.spacy: not readable as a spaCy DocBin: its texts are far longer than a file of its length; write it again with spaCy 3"
            );
        }
    }
}
