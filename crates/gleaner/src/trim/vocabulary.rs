//! The vocabulary in a `tokenizer.json`.

use super::{bpe::Merges, ids::NewIds};
use serde_json::{Value, json};
use std::collections::{BTreeSet, HashMap};

/// How a tokenizer cuts words into pieces.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Model {
    Unigram,
    WordPiece,
    Bpe,
}

/// The pieces of a tokenizer.
pub(super) struct Vocabulary {
    json: Value,
    model: Model,
    /// The pieces of the model by their ids.
    pieces: Vec<(u32, String)>,
    ids: HashMap<String, u32>,
    /// Special and added pieces that are not in the model, with the ids that follow.
    added: Vec<(u32, String)>,
    merges: Option<Merges>,
    /// The length of the longest piece, in bytes.
    longest: usize,
}

impl Vocabulary {
    /// Reads a `tokenizer.json`.
    pub(super) fn read(json: &[u8]) -> Result<Self, String> {
        let json: Value =
            serde_json::from_slice(json).map_err(|e| format!("not a tokenizer ({e})"))?;
        let source = &json["model"];
        let model = match source["type"].as_str() {
            Some("Unigram") => Model::Unigram,
            Some("WordPiece") => Model::WordPiece,
            Some("BPE") => Model::Bpe,
            other => {
                let kind = other.unwrap_or("unnamed");
                return Err(format!("a tokenizer of the kind {kind} cannot be trimmed"));
            }
        };
        let mut pieces = match &source["vocab"] {
            Value::Array(entries) if model == Model::Unigram => (0..)
                .zip(entries)
                .map(|(id, entry)| Some((id, entry[0].as_str()?.to_owned())))
                .collect::<Option<Vec<_>>>(),
            Value::Object(entries) if model != Model::Unigram => entries
                .iter()
                .map(|(piece, id)| Some((u32::try_from(id.as_u64()?).ok()?, piece.clone())))
                .collect(),
            _ => None,
        }
        .ok_or("its vocabulary is malformed")?;
        pieces.sort_unstable();
        let ids: HashMap<String, u32> =
            pieces.iter().map(|(id, piece)| (piece.clone(), *id)).collect();
        let mut added = Vec::new();
        for token in json["added_tokens"].as_array().into_iter().flatten() {
            let id = token["id"].as_u64().and_then(|id| u32::try_from(id).ok());
            let (id, piece) =
                id.zip(token["content"].as_str()).ok_or("an added piece is malformed")?;
            if !ids.contains_key(piece) {
                added.push((id, piece.to_owned()));
            }
        }
        let merges = (model == Model::Bpe).then(|| Merges::read(source, &ids)).transpose()?;
        let longest = pieces.iter().map(|piece| piece.1.len()).max().unwrap_or(0);
        Ok(Self { json, model, pieces, ids, added, merges, longest })
    }

    pub(super) fn model(&self) -> Model {
        self.model
    }

    /// Number of pieces.
    pub(super) fn len(&self) -> usize {
        self.pieces.len() + self.added.len()
    }

    /// Whether there is a piece of this id.
    pub(super) fn has(&self, id: u32) -> bool {
        self.pieces.binary_search_by_key(&id, |piece| piece.0).is_ok()
            || self.added.iter().any(|piece| piece.0 == id)
    }

    /// The pieces that every text may need: added ones, the unknown piece, single characters and bytes.
    pub(super) fn essential(&self) -> BTreeSet<u32> {
        let source = &self.json["model"];
        let unknown = match self.model {
            Model::Unigram => source["unk_id"].as_u64().and_then(|id| u32::try_from(id).ok()),
            _ => source["unk_token"].as_str().and_then(|piece| self.ids.get(piece).copied()),
        };
        let tokens = self.json["added_tokens"].as_array().into_iter().flatten();
        let tokens = tokens.filter_map(|token| self.ids.get(token["content"].as_str()?).copied());
        let mut kept: BTreeSet<u32> = tokens.chain(unknown).collect();
        kept.extend(self.added.iter().map(|piece| piece.0));
        let single = self.pieces.iter().filter(|(_, piece)| self.is_single(piece));
        kept.extend(single.map(|piece| piece.0));
        kept.extend(self.least_likely());
        kept
    }

    /// Whether a piece is a character or a byte.
    fn is_single(&self, piece: &str) -> bool {
        let source = &self.json["model"];
        let affix = |key: &str, default| source[key].as_str().unwrap_or(default).to_owned();
        let (prefix, suffix) = match self.model {
            Model::Unigram => (String::new(), String::new()),
            Model::WordPiece => (affix("continuing_subword_prefix", "##"), String::new()),
            Model::Bpe => (affix("continuing_subword_prefix", ""), affix("end_of_word_suffix", "")),
        };
        let byte = piece.strip_prefix("<0x").and_then(|rest| rest.strip_suffix('>'));
        let is_byte = byte.is_some_and(|b| b.len() == 2 && u8::from_str_radix(b, 16).is_ok());
        let inner = piece.strip_prefix(&*prefix).unwrap_or(piece);
        let inner = inner.strip_suffix(&*suffix).unwrap_or(inner);
        is_byte || inner.chars().count() <= 1
    }

    /// The piece of the lowest score: Unigram derives the score of unknown characters from it.
    fn least_likely(&self) -> Option<u32> {
        if self.model != Model::Unigram {
            return None;
        }
        let score = |id: &u32| self.score(*id);
        self.pieces.iter().map(|piece| piece.0).min_by(|a, b| score(a).total_cmp(&score(b)))
    }

    fn score(&self, id: u32) -> f64 {
        self.json["model"]["vocab"][id as usize][1].as_f64().unwrap_or(0.0)
    }

    /// All pieces of the model, the most frequent first. WordPiece and BPE number them in this order.
    pub(super) fn ranked(&self) -> Vec<u32> {
        let mut ids: Vec<u32> = self.pieces.iter().map(|piece| piece.0).collect();
        if self.model == Model::Unigram {
            ids.sort_by(|a, b| self.score(*b).total_cmp(&self.score(*a)).then(a.cmp(b)));
        }
        ids
    }

    /// Adds a piece, and those without which it is not made.
    pub(super) fn keep(&self, id: u32, kept: &mut BTreeSet<u32>) {
        match &self.merges {
            Some(merges) => merges.keep(id, kept),
            None => drop(kept.insert(id)),
        }
    }

    /// The pieces of WordPiece that occur in a word, at its start or later.
    pub(super) fn parts(&self, word: &str) -> BTreeSet<u32> {
        let source = &self.json["model"];
        let prefix = source["continuing_subword_prefix"].as_str().unwrap_or("##");
        let mut found = BTreeSet::new();
        let ends: Vec<usize> = word.char_indices().map(|(at, _)| at).chain([word.len()]).collect();
        for (number, start) in ends.iter().enumerate() {
            for end in ends[number + 1..].iter().take_while(|end| **end - start <= self.longest) {
                let part = &word[*start..*end];
                let continued = self.ids.get(&format!("{prefix}{part}"));
                found.extend(self.ids.get(part).into_iter().chain(continued));
            }
        }
        found
    }

    /// The new ids of kept pieces. Those of the model come first, because a tokenizer numbers added pieces after them.
    pub(super) fn new_ids(&self, kept: &BTreeSet<u32>) -> NewIds {
        let own = self.pieces.iter().map(|piece| piece.0).filter(|id| kept.contains(id));
        NewIds::of(own.chain(self.added.iter().map(|piece| piece.0)).collect())
    }

    /// The `tokenizer.json` with the kept pieces and their new ids.
    pub(super) fn trimmed(&self, ids: &NewIds) -> Vec<u8> {
        let mut json = self.json.clone();
        let model = &mut json["model"];
        let own =
            self.pieces.iter().filter_map(|(old, piece)| Some((*old, piece, ids.new_id(*old)?)));
        model["vocab"] = match self.model {
            Model::Unigram => {
                own.map(|(old, ..)| self.json["model"]["vocab"][old as usize].clone()).collect()
            }
            _ => Value::Object(own.map(|(_, piece, new)| (piece.clone(), json!(new))).collect()),
        };
        if let Some(unknown) = model.get_mut("unk_id") {
            renumber(unknown, ids);
        }
        if let (Some(merges), Some(Value::Array(entries))) = (&self.merges, model.get_mut("merges"))
        {
            let mut places = 0..;
            entries.retain(|_| {
                let at = places.next().expect("endless");
                merges.is_kept(at, |id| ids.new_id(id).is_some())
            });
        }
        for token in elements(json.get_mut("added_tokens")) {
            token.get_mut("id").into_iter().for_each(|id| renumber(id, ids));
        }
        if let Some(processor) = json.get_mut("post_processor") {
            frame(processor, ids);
        }
        let padding = json.get_mut("padding").and_then(|padding| padding.get_mut("pad_id"));
        padding.into_iter().for_each(|id| renumber(id, ids));
        json.to_string().into_bytes()
    }
}

/// Replaces an id.
pub(super) fn renumber(value: &mut Value, ids: &NewIds) {
    let old = value.as_u64().and_then(|id| u32::try_from(id).ok());
    if let Some(new) = old.and_then(|old| ids.new_id(old)) {
        *value = json!(new);
    }
}

/// Replaces the ids of the pieces that a post-processor puts around a sentence.
fn frame(processor: &mut Value, ids: &NewIds) {
    elements(processor.get_mut("processors")).for_each(|inner| frame(inner, ids));
    for key in ["sep", "cls"] {
        if let Some(id) = processor.get_mut(key).and_then(|pair| pair.get_mut(1)) {
            renumber(id, ids);
        }
    }
    let special = processor.get_mut("special_tokens").and_then(Value::as_object_mut);
    for (_, token) in special.into_iter().flatten() {
        elements(token.get_mut("ids")).for_each(|id| renumber(id, ids));
    }
}

/// The elements of an array; none of anything else.
fn elements(value: Option<&mut Value>) -> impl Iterator<Item = &mut Value> {
    value.and_then(Value::as_array_mut).into_iter().flatten()
}

#[cfg(test)]
mod tests;
