//! A cased WordPiece vocabulary and its `tokenizer.json`.
//!
//! The vocabulary grows by merging the most frequent pair of adjacent pieces (Sennrich, Haddow and Birch 2016). Words
//! are then split greedily into the longest pieces (Wu et al. 2016), as in BERT.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

/// The special pieces. Their ids are their positions.
const SPECIAL: [&str; 5] = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"];

/// The id of the first piece that is not special.
pub(crate) const FIRST: u32 = SPECIAL.len() as u32;

/// The id of the piece that replaces a masked one.
pub(crate) const MASK: u32 = 4;

/// The start of a piece that continues a word.
const CONTINUES: &str = "##";

/// Letters with diacritics in Afrikaans and Dutch, including loanwords.
const MARKED: &str = "áàäâãåæçéèëêíìïîñóòöôøúùüûýŉ";

/// Punctuation, including marks that the sample does not use.
const SIGNS: &str = "!\"#$%&'()*+,-./:;<=>?@[]_|«»‘’“”„–—…°€£§";

/// A vocabulary of `size` pieces from words and their counts. Of equally frequent pairs, the one whose pieces are older
/// is merged.
pub(crate) fn grow(counts: &BTreeMap<&str, i64>, size: usize) -> Vec<String> {
    let mut pieces: Vec<String> = SPECIAL.map(String::from).to_vec();
    pieces.extend(alphabet(counts).iter().flat_map(|c| [c.to_string(), format!("{CONTINUES}{c}")]));
    let mut ids: BTreeMap<String, usize> =
        pieces.iter().enumerate().map(|(id, piece)| (piece.clone(), id)).collect();
    let mut words: Vec<(Vec<usize>, i64)> = counts
        .iter()
        .map(|(word, &count)| {
            let piece = |(at, c): (usize, char)| {
                let prefix = if at == 0 { "" } else { CONTINUES };
                ids[&format!("{prefix}{c}")]
            };
            (word.char_indices().map(piece).collect(), count)
        })
        .collect();
    let mut pairs: BTreeMap<(usize, usize), i64> = BTreeMap::new();
    for (word, count) in &words {
        add(&mut pairs, word, *count);
    }
    while pieces.len() < size {
        let most = pairs.iter().max_by_key(|&(pair, count)| (*count, Reverse(*pair)));
        let Some((&pair, _)) = most.filter(|(_, count)| **count > 0) else { break };
        let right = &pieces[pair.1];
        let merged = pieces[pair.0].clone() + right.strip_prefix(CONTINUES).unwrap_or(right);
        let id = *ids.entry(merged).or_insert_with_key(|merged| {
            pieces.push(merged.clone());
            pieces.len() - 1
        });
        for (word, count) in &mut words {
            if word.windows(2).any(|w| (w[0], w[1]) == pair) {
                add(&mut pairs, word, -*count);
                merge(word, pair, id);
                add(&mut pairs, word, *count);
            }
        }
    }
    pieces
}

fn alphabet(counts: &BTreeMap<&str, i64>) -> BTreeSet<char> {
    let capitals = MARKED.chars().flat_map(char::to_uppercase).filter(|c| c.is_alphabetic());
    let plain = ('a'..='z').chain('A'..='Z').chain('0'..='9');
    let of_text = counts.keys().flat_map(|word| word.chars());
    plain.chain(MARKED.chars()).chain(capitals).chain(SIGNS.chars()).chain(of_text).collect()
}

fn add(pairs: &mut BTreeMap<(usize, usize), i64>, word: &[usize], count: i64) {
    for w in word.windows(2) {
        *pairs.entry((w[0], w[1])).or_default() += count;
    }
}

/// Replaces each occurrence of `pair` in `word`, from the left.
fn merge(word: &mut Vec<usize>, pair: (usize, usize), id: usize) {
    let mut at = 0;
    while at + 1 < word.len() {
        if (word[at], word[at + 1]) == pair {
            word[at] = id;
            word.remove(at + 1);
        }
        at += 1;
    }
}

/// A Hugging Face `tokenizer.json` with the vocabulary. It splits at white space and keeps case and accents.
pub(crate) fn tokenizer_json(pieces: &[String]) -> Value {
    let added: Vec<Value> = (SPECIAL.iter().enumerate())
        .map(|(id, piece)| {
            json!({
                "id": id, "content": piece, "single_word": false, "lstrip": false, "rstrip": false,
                "normalized": false, "special": true,
            })
        })
        .collect();
    let special = |piece: &str, id: usize| json!({"id": piece, "ids": [id], "tokens": [piece]});
    let frame = |piece: &str| json!({"SpecialToken": {"id": piece, "type_id": 0}});
    let sequence = |name: &str| json!({"Sequence": {"id": name, "type_id": 0}});
    let vocabulary: Map<String, Value> =
        pieces.iter().enumerate().map(|(id, piece)| (piece.clone(), json!(id))).collect();
    json!({
        "version": "1.0",
        "truncation": null,
        "padding": null,
        "added_tokens": added,
        "normalizer": {"type": "NFC"},
        "pre_tokenizer": {"type": "WhitespaceSplit"},
        "post_processor": {
            "type": "TemplateProcessing",
            "single": [frame("[CLS]"), sequence("A"), frame("[SEP]")],
            "pair": [frame("[CLS]"), sequence("A"), frame("[SEP]"), sequence("B"), frame("[SEP]")],
            "special_tokens": {"[CLS]": special("[CLS]", 2), "[SEP]": special("[SEP]", 3)},
        },
        "decoder": {"type": "WordPiece", "prefix": CONTINUES, "cleanup": false},
        "model": {
            "type": "WordPiece",
            "unk_token": "[UNK]",
            "continuing_subword_prefix": CONTINUES,
            "max_input_chars_per_word": 100,
            "vocab": vocabulary,
        },
    })
}
