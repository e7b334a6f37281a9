//! Words that a file gives beside a text.

use std::ops::Range;

use serde_json::Value;

use super::spans::{json, range};
use crate::error::Problem;

/// The words of an object.
pub(super) enum Tokens {
    /// As strings.
    Texts(Vec<String>),
    /// As offsets in the text, each with its string if the file has it.
    Offsets(Vec<(Range<usize>, Option<String>)>),
}

/// Parses the value of `tokens` or `words`: a list of strings, of `[start, end]`, or of Prodigy's objects.
pub(super) fn parse(value: Value, key: &str) -> Result<Tokens, Problem> {
    let Value::Array(items) = value else {
        return Err(json(format!("`{key}` is not a list")));
    };
    if items.iter().all(Value::is_string) {
        return serde_json::from_value(Value::Array(items))
            .map(Tokens::Texts)
            .map_err(|error| json(format!("`{key}`: {error}")));
    }
    if let Some(at) = items.iter().position(|item| !item.is_string())
        && items.iter().any(Value::is_string)
    {
        return Err(json(format!("`{key}`: item {} is not a string, but others are", at + 1)));
    }
    let mut tokens = Vec::with_capacity(items.len());
    for (at, item) in items.iter().enumerate() {
        let place = range(item).ok_or_else(|| {
            json(format!(
                "`{key}`: item {} is neither a string nor an object with `start` and `end`",
                at + 1
            ))
        })?;
        let text = item.get("text").and_then(Value::as_str).map(str::to_owned);
        // spaCy's tokenizer makes tokens of white space.
        if text.as_ref().is_none_or(|text| !text.trim().is_empty()) {
            tokens.push((place, text));
        }
    }
    Ok(Tokens::Offsets(tokens))
}

/// The offsets of words in their text, in Unicode scalar values. Apart from the words, the text has only white space.
pub(super) fn align(words: &[String], text: &str) -> Result<Vec<Range<usize>>, Problem> {
    let mut rest = text;
    let mut at = 0;
    let mut ranges = Vec::with_capacity(words.len());
    for (position, word) in (1..).zip(words) {
        if word.is_empty() {
            return Err(Problem::EmptyWord { position });
        }
        // A word can start with white space itself.
        while !rest.starts_with(word.as_str()) {
            let mut characters = rest.chars();
            match characters.next() {
                Some(next) if next.is_whitespace() => rest = characters.as_str(),
                _ => {
                    return Err(Problem::Word {
                        position,
                        reason: format!(
                            "the text does not continue with {word:?} at character {at}; write the words as in the text"
                        ),
                    });
                }
            }
            at += 1;
        }
        let end = at + word.chars().count();
        ranges.push(at..end);
        at = end;
        rest = &rest[word.len()..];
    }
    match words.is_empty() || rest.trim().is_empty() {
        true => Ok(ranges),
        false => Err(Problem::Word {
            position: words.len(),
            reason: format!(
                "the text continues after it, at character {at}; write all words of the text"
            ),
        }),
    }
}
