//! Checks of a `tokenizer.json` before the crate that applies it reads it.
//!
//! The crate trusts its file: some values let it panic, overflow the stack, take time without end, or cut the same word
//! otherwise each time. A model can come from anyone, so these values are refused. Keys are looked for wherever they
//! stand, because the crate also reads steps that do not name their type.

mod pattern;

use crate::tokenizer_files::charsmap;
use serde::{Deserialize, de::IgnoredAny};
use serde_json::{Value, value::RawValue};
use std::borrow::Cow;

/// Maximum length in bytes of a text that a step or a model adds to every word; usual ones have 3.
const LONGEST_ADDITION: usize = 64;
/// Maximum length of all patterns in bytes; the longest of published tokenizers have 300.
const LONGEST_PATTERNS: usize = 1024;
/// Maximum number of characters of a word that WordPiece cuts, in time that grows with the cube; usually 100.
const LONGEST_WORD: u64 = 1000;
/// Maximum length of a piece of Unigram in bytes, each of which is a level of a tree that is dropped recursively; the
/// longest of published tokenizers have 50.
const LONGEST_PIECE: usize = 1024;
/// Maximum length of all pieces of Unigram in bytes, each of which takes up to 300 bytes of memory; those of a million
/// pieces have 10 MB.
const LONGEST_PIECES: usize = 16_000_000;

/// The parts of a tokenizer that are checked, and what [`PieceTokenizer`](super::PieceTokenizer) needs of its model.
#[derive(Deserialize)]
pub(super) struct Description<'a> {
    #[serde(default)]
    normalizer: Value,
    #[serde(default)]
    pre_tokenizer: Value,
    #[serde(default)]
    post_processor: Value,
    #[serde(default)]
    added_tokens: Vec<Added>,
    #[serde(borrow, default)]
    pub(super) model: Model<'a>,
}

/// A token that is found in text before all others, with the white space around it that it takes.
#[derive(Deserialize)]
struct Added {
    #[serde(default)]
    lstrip: bool,
    #[serde(default)]
    rstrip: bool,
}

#[derive(Default, Deserialize)]
pub(super) struct Model<'a> {
    #[serde(rename = "type")]
    pub(super) kind: Option<String>,
    pub(super) unk_token: Option<String>,
    pub(super) unk_id: Option<u32>,
    dropout: Option<f64>,
    continuing_subword_prefix: Option<String>,
    end_of_word_suffix: Option<String>,
    max_input_chars_per_word: Option<u64>,
    #[serde(borrow)]
    vocab: Option<&'a RawValue>,
    #[serde(borrow)]
    merges: Option<&'a RawValue>,
}

impl Description<'_> {
    /// Refuses what the crate cannot be trusted with.
    ///
    /// # Errors
    /// What it is.
    pub(super) fn check(&self) -> Result<(), String> {
        let mut patterns = 0;
        check_steps(&self.normalizer, &mut patterns)?;
        check_steps(&self.pre_tokenizer, &mut patterns)?;
        check_templates(&self.post_processor)?;
        if self.added_tokens.iter().any(|token| token.lstrip)
            && self.added_tokens.iter().any(|token| token.rstrip)
        {
            return Err("its added tokens could take the same space (`lstrip` and `rstrip`)".into());
        }
        self.model.check()
    }
}

impl Model<'_> {
    fn check(&self) -> Result<(), String> {
        if let Some(dropout) = self.dropout.filter(|dropout| *dropout != 0.0) {
            return Err(format!(
                "its dropout of {dropout} could split the same word differently each time; set it to null"
            ));
        }
        let additions =
            [&self.continuing_subword_prefix, &self.end_of_word_suffix, &self.unk_token];
        for addition in additions.into_iter().flatten() {
            check_addition(addition)?;
        }
        if let Some(longest) = self.max_input_chars_per_word.filter(|n| *n > LONGEST_WORD) {
            return Err(format!("it cuts words of {longest} characters (at most {LONGEST_WORD})"));
        }
        if let Some(prefix) = self.continuing_subword_prefix.as_ref().filter(|p| !p.is_empty()) {
            self.check_merges(prefix.len())?;
        }
        self.check_pieces()
    }

    /// Refuses merges whose second part is not longer than the prefix, which is removed from it.
    fn check_merges(&self, prefix: usize) -> Result<(), String> {
        let Some(merges) = self.merges else { return Ok(()) };
        let merges: Vec<Merge> = serde_json::from_str(merges.get()).map_err(|e| e.to_string())?;
        let second = |merge: &Merge| match merge {
            Merge::Pair([_, second]) => second.is_char_boundary(prefix),
            Merge::Line(line) => {
                line.split(' ').nth(1).is_none_or(|second| second.is_char_boundary(prefix))
            }
        };
        match merges.iter().all(second) {
            true => Ok(()),
            false => Err("a merge has no `continuing_subword_prefix`".into()),
        }
    }

    /// Refuses pieces of Unigram that are too long.
    fn check_pieces(&self) -> Result<(), String> {
        let Some(vocab) = self.vocab.map(RawValue::get).filter(|vocab| vocab.starts_with('['))
        else {
            return Ok(());
        };
        let pieces: Vec<(Cow<'_, str>, IgnoredAny)> =
            serde_json::from_str(vocab).map_err(|e| e.to_string())?;
        if let Some(longest) = pieces.iter().map(|(piece, _)| piece.len()).max()
            && longest > LONGEST_PIECE
        {
            return Err(format!("it has a piece of {longest} bytes (at most {LONGEST_PIECE})"));
        }
        let all: usize = pieces.iter().map(|(piece, _)| piece.len()).sum();
        match all > LONGEST_PIECES {
            true => Err(format!("its pieces have {all} bytes (at most {LONGEST_PIECES})")),
            false => Ok(()),
        }
    }
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Merge {
    Pair([String; 2]),
    Line(String),
}

/// Checks the steps of a normalizer or pre-tokenizer. `patterns` is the length of the patterns so far.
fn check_steps(step: &Value, patterns: &mut usize) -> Result<(), String> {
    match step {
        Value::Array(steps) => steps.iter().try_for_each(|step| check_steps(step, patterns)),
        Value::Object(keys) => keys.iter().try_for_each(|(key, value)| {
            match (key.as_str(), value) {
                ("precompiled_charsmap", Value::String(rules)) => charsmap::check_base64(rules)?,
                ("Regex", Value::String(pattern)) => {
                    *patterns += pattern.len();
                    if *patterns > LONGEST_PATTERNS {
                        return Err(format!(
                            "its patterns have more than {LONGEST_PATTERNS} bytes"
                        ));
                    }
                    pattern::check(pattern)?;
                }
                ("content" | "prepend", Value::String(addition)) => check_addition(addition)?,
                ("length", Value::Number(length)) if length.as_u64() == Some(0) => {
                    return Err("it cuts words into parts of length 0".into());
                }
                _ => {}
            }
            check_steps(value, patterns)
        }),
        _ => Ok(()),
    }
}

fn check_addition(addition: &str) -> Result<(), String> {
    match addition.len() <= LONGEST_ADDITION {
        true => Ok(()),
        false => Err(format!(
            "it adds a text of {} bytes to words (at most {LONGEST_ADDITION})",
            addition.len()
        )),
    }
}

/// Checks that a template of one sentence names no second one, and no special piece that is not defined.
fn check_templates(processor: &Value) -> Result<(), String> {
    match processor {
        Value::Array(all) => all.iter().try_for_each(check_templates),
        Value::Object(keys) => {
            for piece in processor["single"].as_array().into_iter().flatten() {
                if piece["Sequence"]["id"] == "B" {
                    return Err("its template of one sentence has a second one".into());
                }
                let id = &piece["SpecialToken"]["id"];
                if let Some(id) =
                    id.as_str().filter(|id| processor["special_tokens"].get(*id).is_none())
                {
                    return Err(format!(
                        "its template has {id:?}, which is not among its special tokens"
                    ));
                }
            }
            keys.values().try_for_each(check_templates)
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests;
