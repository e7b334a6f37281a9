//! New pieces for a text: letters that the tokenizer lacks, and pieces that often follow one another.
//!
//! The pieces are learnt by continuing byte-pair encoding (Sennrich et al. 2016, section 3.2) from the pieces that the
//! tokenizer has. So every new piece consists of old ones, whose mean embedding it starts with. The trainers of the
//! crate `tokenizers` start from letters, and what they learn depends on the order of a hash table.

mod description;
mod fertility;
mod merges;

pub use fertility::Fertility;

use super::{
    AdaptSettings,
    text::{self, WordCounts},
};
use crate::{EncoderFiles, GleanerError, PieceTokenizer};
use description::Description;
use gleaner_base::model_files::TOKENIZER;
use merges::{Pairs, Word};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use std::{
    collections::{BTreeMap, HashMap, HashSet},
    path::Path,
};

/// Minimum number of occurrences of a new piece: less teaches little about it.
const LEAST: u64 = 5;
/// Minimum number of held-out words that fertility is measured on; with fewer, the other words are used.
const ENOUGH: u64 = 1000;

/// The pieces that were added to a tokenizer, and what they change.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub struct NewPieces {
    /// Maximum number of pieces to add.
    pub asked: usize,
    /// Number of pieces that were learnt.
    pub learnt: usize,
    /// Number of these that are single letters.
    pub letters: usize,
    /// Whether the pieces were added.
    pub added: bool,
    /// How the tokenizer cuts words without them.
    pub before: Fertility,
    /// How it cuts words with them.
    pub after: Fertility,
}

/// A tokenizer with new pieces.
pub(super) struct Extended {
    pub(super) tokenizer_json: Vec<u8>,
    pub(super) pieces: PieceTokenizer,
    /// The id of the first new piece; the others follow.
    pub(super) first: usize,
    /// The old pieces that each new piece consists of.
    pub(super) parts: Vec<Vec<u32>>,
}

/// What was learnt from a text.
#[derive(Default)]
struct Learnt {
    pieces: Vec<NewPiece>,
    /// The pairs of pieces that become one, in this order.
    merges: Vec<[String; 2]>,
}

struct NewPiece {
    text: String,
    /// The old pieces that it consists of.
    parts: Vec<u32>,
    /// The two pieces that it is joined from; none for a letter.
    halves: Option<[String; 2]>,
    count: u64,
    /// In a Unigram model, the logarithm of its probability.
    score: f64,
}

impl NewPieces {
    /// What users should know of it, in one sentence.
    pub(super) fn note(&self) -> String {
        let Self { asked, learnt, letters, before, after, .. } = self;
        if *learnt == 0 {
            return format!(
                "no new pieces: no letter without a piece and no pair of pieces occurs {LEAST} times or more"
            );
        }
        let change = format!(
            "pieces per word {:.2} before and {:.2} after, words with an unknown piece {:.1} % before and {:.1} % after",
            before.pieces_per_word,
            after.pieces_per_word,
            100.0 * before.unknown,
            100.0 * after.unknown
        );
        match self.added {
            true => {
                format!(
                    "{learnt} of at most {asked} new pieces, {letters} of them letters: {change}"
                )
            }
            false => format!(
                "no new pieces, because {learnt} change little: {change}; --force-new-pieces adds them"
            ),
        }
    }
}

/// Learns up to `most` new pieces from the texts that `settings` name. The tokenizer is extended if that pays, or if it
/// is forced.
pub(super) fn extend(
    settings: &AdaptSettings,
    most: usize,
    encoder: &EncoderFiles,
    pieces: &PieceTokenizer,
) -> Result<(Option<Extended>, NewPieces), GleanerError> {
    let path = settings.encoder.join(TOKENIZER);
    let fix = "leave out --new-pieces, or choose another encoder";
    let bad = |what: String| GleanerError::model(&path, what, fix);
    let description = Description::read(&encoder.tokenizer_json).map_err(bad)?;
    let (first, rows) = (description.first(), encoder.config.vocab_size);
    if first > rows {
        let last = first - 1;
        return Err(bad(format!("it has the id {last}, but config.json a vocab_size of {rows}")));
    }
    let [train, held] = text::words(settings)?;
    let counted = if held.values().sum::<u64>() >= ENOUGH { &held } else { &train };
    let before = Fertility::of(pieces, counted);
    let learnt = learn(&description, &path, pieces, &train, most)?;
    let mut record = NewPieces {
        asked: most,
        learnt: learnt.pieces.len(),
        letters: learnt.pieces.iter().filter(|piece| piece.halves.is_none()).count(),
        added: false,
        before,
        after: before,
    };
    if learnt.pieces.is_empty() {
        return Ok((None, record));
    }
    let tokenizer_json = description.with(&learnt);
    let pieces = PieceTokenizer::new(&path, &tokenizer_json, false)?;
    record.after = Fertility::of(&pieces, counted);
    record.added = settings.force_new_pieces || record.after.pays_over(&before);
    let parts = learnt.pieces.into_iter().map(|piece| piece.parts).collect();
    let extended = Extended { tokenizer_json, pieces, first, parts };
    Ok((record.added.then_some(extended), record))
}

fn learn(
    description: &Description,
    path: &Path,
    pieces: &PieceTokenizer,
    words: &WordCounts,
    most: usize,
) -> Result<Learnt, GleanerError> {
    let splits = splits(pieces, words);
    let mut learnt = Learnt { pieces: letters(description, pieces, &splits), ..Learnt::default() };
    learnt.pieces.truncate(most);
    let with_letters;
    let base = match learnt.pieces.is_empty() {
        true => pieces,
        false => {
            with_letters = PieceTokenizer::new(path, &description.with(&learnt), false)?;
            &with_letters
        }
    };
    let total = learn_merges(description, base, &splits, most, &mut learnt);
    description.score(&mut learnt.pieces, total);
    if description.needs_all() || learnt.pieces.is_empty() {
        return Ok(learnt);
    }
    // What is only a step to larger pieces is left out: it would never be trained. Letters stay, for words to come.
    let extended = PieceTokenizer::new(path, &description.with(&learnt), false)?;
    let mut uses: HashMap<String, u64> = HashMap::new();
    for (pieces, count) in cut(&extended, &splits) {
        pieces.into_iter().for_each(|(_, text)| *uses.entry(text).or_default() += count);
    }
    learnt.pieces.retain(|piece| {
        piece.halves.is_none() || uses.get(&piece.text).is_some_and(|n| *n >= LEAST)
    });
    Ok(learnt)
}

/// The parts of words that a tokenizer's model cuts on their own, with their numbers of occurrences.
fn splits(pieces: &PieceTokenizer, words: &WordCounts) -> WordCounts {
    let words: Vec<(&String, &u64)> = words.iter().collect();
    let all: Vec<(Vec<String>, u64)> =
        words.par_iter().map(|(word, count)| (pieces.splits(word), **count)).collect();
    let mut splits = WordCounts::new();
    for (of_word, count) in all {
        of_word.into_iter().for_each(|split| *splits.entry(split).or_default() += count);
    }
    splits
}

/// The pieces of all splits, each with its id and its text.
fn cut(pieces: &PieceTokenizer, splits: &WordCounts) -> Vec<(Vec<(u32, String)>, u64)> {
    let splits: Vec<(&String, &u64)> = splits.iter().collect();
    splits.par_iter().map(|(split, count)| (pieces.of_split(split), **count)).collect()
}

/// Letters without a piece, the most frequent first.
fn letters(
    description: &Description,
    pieces: &PieceTokenizer,
    splits: &WordCounts,
) -> Vec<NewPiece> {
    let mut counts: BTreeMap<String, (char, u64)> = BTreeMap::new();
    for ((split, count), (of_split, _)) in splits.iter().zip(cut(pieces, splits)) {
        if !of_split.iter().any(|(id, text)| is_unknown(description, pieces, *id, text)) {
            continue;
        }
        for (at, letter) in split.chars().enumerate() {
            let text = description.letter(letter, at == 0);
            if pieces.id(&text).is_none() && !description.is_added(&text) {
                counts.entry(text).or_insert((letter, 0)).1 += count;
            }
        }
    }
    let piece = |(text, (letter, count)): (String, (char, u64))| {
        let mut parts: Vec<u32> =
            pieces.of_split(&letter.to_string()).into_iter().map(|(id, _)| id).collect();
        if parts.is_empty() {
            parts.push(pieces.fallback());
        }
        NewPiece { text, parts, halves: None, count, score: 0.0 }
    };
    let frequent = counts.into_iter().filter(|(_, (_, count))| *count >= LEAST);
    let mut letters: Vec<NewPiece> = frequent.map(piece).collect();
    letters.sort_by_key(|letter| std::cmp::Reverse(letter.count)); // stable: ties by text
    letters
}

/// Whether a piece stands for text that the tokenizer does not know.
fn is_unknown(description: &Description, pieces: &PieceTokenizer, id: u32, text: &str) -> bool {
    Some(id) == pieces.unknown() || description.is_byte(text)
}

/// Joins the most frequent pair of pieces to a new one, again and again. `base` has the letters that were learnt
/// before. Returns the number of pieces of the text.
fn learn_merges(
    description: &Description,
    base: &PieceTokenizer,
    splits: &WordCounts,
    most: usize,
    learnt: &mut Learnt,
) -> u64 {
    let mut symbols = Symbols::default();
    for letter in &learnt.pieces {
        symbols.add(letter.text.clone(), letter.parts.clone());
    }
    let (mut words, mut total) = (Vec::new(), 0);
    for (pieces, count) in cut(base, splits) {
        total += count * pieces.len() as u64;
        // No piece is joined across an unknown one.
        for known in pieces.split(|(id, text)| is_unknown(description, base, *id, text)) {
            let symbol = |(id, text): &(u32, String)| symbols.find_or_add(text, || vec![*id]);
            words.push(Word { symbols: known.iter().map(symbol).collect(), count });
        }
    }
    let (mut pairs, mut merged) = (Pairs::of(&words), HashSet::new());
    while learnt.pieces.len() < most {
        let Some((pair, count)) = pairs.most_frequent().filter(|(_, count)| *count >= LEAST) else {
            break;
        };
        let [left, right] = pair.map(|symbol| symbols.texts[symbol as usize].clone());
        let Some(text) = description.join(&left, &right) else {
            pairs.forget(pair);
            continue;
        };
        let is_new = !symbols.index.contains_key(&text) && base.id(&text).is_none();
        let parts = match base.id(&text) {
            Some(id) => vec![id],
            None => pair.map(|symbol| symbols.parts[symbol as usize].clone()).concat(),
        };
        if is_new {
            let (text, halves) = (text.clone(), Some([left.clone(), right.clone()]));
            learnt.pieces.push(NewPiece { text, parts: parts.clone(), halves, count, score: 0.0 });
        }
        // A pair can come up again when other pieces were joined: its first place in the order counts.
        if merged.insert(pair) {
            learnt.merges.push([left, right]);
        }
        let joined = symbols.find_or_add(&text, || parts);
        pairs.merge(&mut words, pair, joined);
    }
    total
}

/// Pieces by number, old and new ones.
#[derive(Default)]
struct Symbols {
    texts: Vec<String>,
    /// The old pieces that each consists of.
    parts: Vec<Vec<u32>>,
    index: HashMap<String, u32>,
}

impl Symbols {
    fn add(&mut self, text: String, parts: Vec<u32>) -> u32 {
        let symbol = self.texts.len() as u32;
        self.index.insert(text.clone(), symbol);
        self.texts.push(text);
        self.parts.push(parts);
        symbol
    }

    fn find_or_add(&mut self, text: &str, parts: impl FnOnce() -> Vec<u32>) -> u32 {
        match self.index.get(text) {
            Some(&symbol) => symbol,
            None => self.add(text.to_owned(), parts()),
        }
    }
}

#[cfg(test)]
mod tests;
