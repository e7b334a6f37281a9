//! Reading JSONL sentence by sentence.

use std::io::BufRead;
use std::path::Path;

use serde::Deserialize;
use serde_json::Value;

use super::align::{Span, align};
use crate::corpus::Sentence;
use crate::error::{CorpusError, Problem};
use crate::format::ReadOptions;
use crate::labels::{RawTags, named};
use crate::lines::Lines;
use crate::text;

/// An iterator over the sentences of a JSONL file. It holds one line in memory.
///
/// After an error it continues with the next line. Numbers become names, but tags are neither
/// checked nor converted. The options `labels` and `unlabelled` are used.
pub struct Reader<R> {
    lines: Lines<R>,
    labels: Option<Vec<String>>,
    labels_fixed: bool,
    unlabelled: bool,
}

/// The keys of an object that are used.
#[derive(Deserialize)]
struct Row {
    tokens: Option<Vec<String>>,
    words: Option<Vec<String>>,
    /// Preferred to `tags`, which can be of another kind in the same object.
    ner_tags: Option<RawTags>,
    tags: Option<RawTags>,
    text: Option<String>,
    // Not typed: some corpora with tokens have something else under this key.
    spans: Option<Value>,
    label_names: Option<Vec<String>>,
}

impl<R: BufRead> Reader<R> {
    /// A reader of JSONL. Errors show `name` as the file.
    pub fn new(reader: R, name: &Path, options: &ReadOptions) -> Self {
        Self {
            lines: Lines::new(reader, name),
            labels: options.labels.clone(),
            labels_fixed: options.labels.is_some(),
            unlabelled: options.unlabelled,
        }
    }

    /// The sentence of a row; `None` if the row only has label names.
    fn sentence(&mut self, row: Row, line: usize) -> Result<Option<Sentence>, Problem> {
        let tokens = row.tokens.or(row.words);
        let only_names = tokens.is_none() && row.text.is_none() && row.label_names.is_some();
        if let Some(names) = row.label_names.filter(|_| !self.labels_fixed) {
            self.labels = Some(names);
        }
        if only_names {
            return Ok(None);
        }
        let (words, tags) = match (tokens, row.text) {
            (Some(words), _) if self.unlabelled => (words, Vec::new()),
            (Some(words), _) => {
                let tags = row.ner_tags.or(row.tags).ok_or(Problem::NoTags)?;
                let tags = named(tags, self.labels.as_deref())?;
                if tags.len() != words.len() {
                    return Err(Problem::TagCount { words: words.len(), tags: tags.len() });
                }
                (words, tags)
            }
            (None, Some(text)) if self.unlabelled => {
                (text::words(&text, 0).into_iter().map(|token| token.text).collect(), Vec::new())
            }
            (None, Some(text)) => align(&text, &spans(row.spans)?)?,
            (None, None) => return Err(Problem::NoTokens),
        };
        Ok(Some(Sentence { words, tags, line }))
    }
}

impl<R: BufRead> Iterator for Reader<R> {
    type Item = Result<Sentence, CorpusError>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let (number, row) = match self.lines.next_line()? {
                Ok(line) if line.text.trim_ascii().is_empty() => continue,
                Ok(line) => (line.number, parse(line.text, line.number)),
                Err(error) => return Some(Err(error)),
            };
            match row.and_then(|row| self.sentence(row, number)) {
                Ok(None) => {}
                Ok(Some(sentence)) => return Some(Ok(sentence)),
                Err(problem) => {
                    return Some(Err(CorpusError::at_line(self.lines.name(), number, problem)));
                }
            }
        }
    }
}

fn parse(text: &str, line: usize) -> Result<Row, Problem> {
    if line == 1 && text.trim_ascii_start().starts_with('[') {
        return Err(Problem::JsonArray);
    }
    serde_json::from_str(text).map_err(|error| json(&error))
}

fn spans(value: Option<Value>) -> Result<Vec<Span>, Problem> {
    match value {
        None | Some(Value::Null) => Err(Problem::NoTags),
        Some(value) => serde_json::from_value(value)
            .map_err(|error| Problem::Json(format!("`spans`: {error}"))),
    }
}

/// The parser's message without its line number, which is 1 for every line.
fn json(error: &serde_json::Error) -> Problem {
    let message = error.to_string();
    let message = message.rsplit_once(" at line ").map_or(message.as_str(), |(head, _)| head);
    Problem::Json(format!("{message} (column {})", error.column()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str, options: &ReadOptions) -> String {
        let shown = |item: Result<Sentence, CorpusError>| match item {
            Ok(sentence) => format!(
                "{} {} | {}\n",
                sentence.line,
                sentence.words.join(" "),
                sentence.tags.join(" ")
            ),
            Err(error) => format!("{error}\n"),
        };
        Reader::new(text.as_bytes(), Path::new("x"), options).map(shown).collect()
    }

    #[test]
    fn reads_all_shapes() {
        let text = r#"{"label_names": ["O", "B-P", "I-P"]}
{"tokens": ["Anna", "B"], "ner_tags": [1, 2], "spans": ["PER: Anna B"], "text": "no"}

{"words": ["a"], "tags": ["B-Q"]}
{"text": "In New York.", "spans": [{"start": 3, "end": 11, "type": "LOC", "id": 4}]}
{"text": "None", "spans": []}"#;
        insta::assert_snapshot!(shown(text, &ReadOptions::default()), @r"
        2 Anna B | B-P I-P
        4 a | B-Q
        5 In New York . | O B-LOC I-LOC O
        6 None | O
        ");
        let labels = Some(["O", "B-X", "I-X"].map(String::from).to_vec());
        let options = ReadOptions { labels, ..ReadOptions::default() };
        assert_eq!(shown(text, &options).lines().next(), Some("2 Anna B | B-X I-X"));
        let beside = r#"{"tokens": ["a"], "words": ["b"], "tags": [7], "ner_tags": ["B-X"]}"#;
        assert_eq!(shown(beside, &ReadOptions::default()), "1 a | B-X\n");
        let options = ReadOptions { unlabelled: true, ..ReadOptions::default() };
        let text = "{\"text\": \"a b\"}\n{\"tokens\": [\"c\"], \"tags\": [\"?\"]}";
        assert_eq!(shown(text, &options), "1 a b | \n2 c | \n");
    }

    #[test]
    fn errors_have_line_and_fix() {
        let text = r#"{"tokens": ["a"]
{"tokens": ["a"], "tags": [0]}
{"tokens": ["a"], "tags": ["O", "O"]}
{"tokens": ["a"]}
{"tags": ["O"]}
{"text": "a"}
{"text": "a", "spans": [{"start": 0}]}
{"text": "ab", "spans": [{"start": 0, "end": 1, "label": "X"}]}
{"tokens": ["a"], "tags": [true]}
{"tokens": ["a"], "tags": [-100], "label_names": ["O"]}
{"tokens": ["a"], "tags": ["O"]}"#;
        insta::assert_snapshot!(shown(text, &ReadOptions::default()));
        insta::assert_snapshot!(shown("[{\"tokens\": []}]", &ReadOptions::default()), @"x:1: a JSON array; write one object per line (`jq -c '.[]'` converts it)");
    }
}
