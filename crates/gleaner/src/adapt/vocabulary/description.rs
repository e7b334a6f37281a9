//! A `tokenizer.json` to which pieces are added.

use super::{Learnt, NewPiece};
use serde_json::{Value, json};
use std::collections::{BTreeMap, HashMap};

/// Maximum number of characters of a new piece; the longest of published tokenizers have 50.
const LONGEST: usize = 50;
/// By how much a new piece of a Unigram model is at least more probable than its halves, in nats: enough that it is
/// preferred to them.
const BETTER: f64 = 0.1;

/// A tokenizer to which pieces can be added.
pub(super) struct Description {
    json: Value,
    kind: Kind,
    /// The id of the first new piece.
    first: usize,
    /// The texts of tokens that are found before all pieces, by id.
    added: BTreeMap<usize, String>,
}

enum Kind {
    /// Words are cut into the longest pieces from the left. Pieces within a word start with `prefix`.
    WordPiece { prefix: String },
    /// Words are cut into the most probable pieces. `vocab` lists them by id.
    Unigram,
    /// Pairs of pieces are joined in a fixed order.
    Bpe {
        /// Whether a merge is a text of two pieces with a space between, and not a list.
        has_lines: bool,
    },
}

impl Description {
    /// Reads a `tokenizer.json`.
    ///
    /// # Errors
    /// No pieces can be added to it.
    pub(super) fn read(json: &[u8]) -> Result<Self, String> {
        let json: Value = serde_json::from_slice(json).map_err(|e| e.to_string())?;
        let model = &json["model"];
        let kind = match model["type"].as_str() {
            Some("WordPiece") => {
                let prefix = model["continuing_subword_prefix"].as_str().unwrap_or("##");
                Kind::WordPiece { prefix: prefix.to_owned() }
            }
            Some("Unigram") => Kind::Unigram,
            Some("BPE") => {
                for key in ["continuing_subword_prefix", "end_of_word_suffix"] {
                    if model[key].as_str().is_some_and(|mark| !mark.is_empty()) {
                        return Err(format!("no pieces can be added to BPE with a `{key}`"));
                    }
                }
                Kind::Bpe { has_lines: model["merges"][0].is_string() }
            }
            Some(other) => return Err(format!("no pieces can be added to a {other} tokenizer")),
            None => return Err("no pieces can be added to a tokenizer without a `type`".into()),
        };
        let added: BTreeMap<usize, String> = json["added_tokens"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|t| Some((t["id"].as_u64()? as usize, t["content"].as_str()?.to_owned())))
            .collect();
        let after_vocab = match &model["vocab"] {
            Value::Array(pieces) => pieces.len(),
            Value::Object(ids) => {
                ids.values().filter_map(Value::as_u64).max().map_or(0, |id| id as usize + 1)
            }
            _ => return Err("it has no `vocab`".into()),
        };
        if let Value::Object(ids) = &model["vocab"] {
            // The file's ids of such tokens do not count: tokenizers numbers them after the pieces.
            let missing = added.iter().filter(|(_, token)| !ids.contains_key(*token));
            for (next, (id, token)) in (ids.len()..).zip(missing) {
                if *id != next {
                    return Err(format!(
                        "the token {token:?} has the id {id}, but {next} follows the pieces"
                    ));
                }
            }
        }
        let first = added.keys().next_back().map_or(0, |id| id + 1).max(after_vocab);
        // A list has no gaps: added tokens take their places in it.
        if matches!(kind, Kind::Unigram)
            && let Some(gap) = (after_vocab..first).find(|id| !added.contains_key(id))
        {
            return Err(format!("no piece has the id {gap}"));
        }
        Ok(Self { json, kind, first, added })
    }

    pub(super) fn first(&self) -> usize {
        self.first
    }

    /// Whether pieces that are only steps to larger ones are needed too.
    pub(super) fn needs_all(&self) -> bool {
        matches!(self.kind, Kind::Bpe { .. })
    }

    /// Whether a text is a token that is found before all pieces.
    pub(super) fn is_added(&self, text: &str) -> bool {
        self.added.values().any(|token| token == text)
    }

    /// Whether a piece is a byte of a letter without a piece.
    pub(super) fn is_byte(&self, text: &str) -> bool {
        let digits = text.strip_prefix("<0x").and_then(|rest| rest.strip_suffix('>'));
        self.json["model"]["byte_fallback"] == true && digits.is_some_and(|d| d.len() == 2)
    }

    /// The piece of a letter, at the start of a split or within it.
    pub(super) fn letter(&self, letter: char, at_start: bool) -> String {
        match &self.kind {
            Kind::WordPiece { prefix } if !at_start => format!("{prefix}{letter}"),
            _ => letter.to_string(),
        }
    }

    /// The piece of two pieces that follow one another in a split; `None` if it cannot be one.
    pub(super) fn join(&self, left: &str, right: &str) -> Option<String> {
        let joined = match &self.kind {
            Kind::WordPiece { prefix } => format!("{left}{}", right.strip_prefix(&**prefix)?),
            Kind::Bpe { has_lines: true } if left.contains(' ') || right.contains(' ') => {
                return None;
            }
            Kind::Unigram | Kind::Bpe { .. } => format!("{left}{right}"),
        };
        let fits = joined.chars().count() <= LONGEST && !self.is_added(&joined);
        fits.then_some(joined)
    }

    /// Sets the scores of new pieces in a Unigram model: their share of the `total` pieces of the text, but enough that
    /// a piece is preferred to its halves.
    pub(super) fn score(&self, pieces: &mut [NewPiece], total: u64) {
        if !matches!(self.kind, Kind::Unigram) {
            return;
        }
        let vocab = self.json["model"]["vocab"].as_array().into_iter().flatten();
        let mut scores: HashMap<String, f64> =
            vocab.filter_map(|p| Some((p[0].as_str()?.to_owned(), p[1].as_f64()?))).collect();
        for piece in pieces {
            let share = (piece.count as f64 / total.max(1) as f64).ln();
            let of_halves = piece.halves.as_ref().map_or(f64::NEG_INFINITY, |halves| {
                halves.iter().map(|half| scores.get(half).copied().unwrap_or(0.0)).sum::<f64>()
            });
            piece.score = share.max(of_halves + BETTER).min(0.0);
            scores.insert(piece.text.clone(), piece.score);
        }
    }

    /// The bytes of a `tokenizer.json` with new pieces.
    pub(super) fn with(&self, learnt: &Learnt) -> Vec<u8> {
        let mut json = self.json.clone();
        let model = &mut json["model"];
        match &mut model["vocab"] {
            Value::Array(vocab) => {
                for id in vocab.len()..self.first {
                    vocab.push(json!([self.added.get(&id), 0.0]));
                }
                vocab.extend(learnt.pieces.iter().map(|piece| json!([piece.text, piece.score])));
            }
            Value::Object(vocab) => {
                // With their ids, which new pieces would otherwise move.
                for (id, token) in &self.added {
                    vocab.entry(token.clone()).or_insert_with(|| (*id).into());
                }
                for (id, piece) in (self.first..).zip(&learnt.pieces) {
                    vocab.insert(piece.text.clone(), id.into());
                }
            }
            _ => {}
        }
        if let (Kind::Bpe { has_lines }, Value::Array(merges)) = (&self.kind, &mut model["merges"])
        {
            merges.extend(learnt.merges.iter().map(|[left, right]| match has_lines {
                true => Value::from(format!("{left} {right}")),
                false => json!([left, right]),
            }));
        }
        json.to_string().into_bytes()
    }
}
