//! Trimming an encoder: a vocabulary with only the pieces that some texts need, and the rows of these pieces. The
//! encoder computes the same for these texts, to the bit.
//!
//! In a small multilingual encoder, most parameters are embeddings of pieces that no text of one language has.

mod bpe;
mod card;
mod ids;
mod save;
mod text;
mod vocabulary;
mod weights;

pub use text::TrimText;

use crate::{EncoderFiles, GleanerError, PieceTokenizer};
use gleaner_base::model_files::TOKENIZER;
use ids::NewIds;
use serde::{Deserialize, Serialize};
use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};
use text::Words;
use vocabulary::{Model, Vocabulary};

const FIX: &str = "use the tokenizer.json of a BERT-family encoder";

/// What to trim, and for which texts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TrimSettings {
    /// Folder of the encoder, or `sample:tiny`.
    pub encoder: PathBuf,
    /// Files of plain or labelled text whose pieces are kept, or `sample:af` and `sample:nl` (all their sentences).
    pub text: Vec<PathBuf>,
    /// Number of further pieces to keep: the most frequent ones, as the tokenizer orders them.
    pub keep: usize,
}

/// A trimmed encoder, as `trimmed.json` records it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub struct Trimmed {
    /// Name and version of the program.
    pub program: String,
    /// The encoder.
    pub encoder: String,
    /// The texts.
    pub texts: Vec<TrimText>,
    /// Number of pieces before.
    pub pieces_before: usize,
    /// Number of pieces that are left.
    pub pieces: usize,
    /// Number of those that occur in the texts.
    pub used: usize,
    /// Number of those that are kept because they are frequent.
    pub frequent: usize,
    /// Number of the encoder's values before.
    pub values_before: usize,
    /// Number of values that are left.
    pub values: usize,
}

/// Writes a trimmed encoder to the folder `out`, which must be new or empty.
///
/// Kept are the pieces of the texts, special pieces, single characters and bytes, and `keep` of the rest. Words are cut
/// as Gleaner cuts them and at spaces, and in a WordPiece vocabulary with their case and without. All tensors are
/// written in f32. `config.json` is written last.
///
/// # Errors
/// `out` is not empty or cannot be written; a file of the encoder is missing or malformed; its tokenizer is none of
/// Unigram, WordPiece and BPE; a text is malformed or has no words; or the words of the texts would be cut otherwise.
pub fn trim(settings: &TrimSettings, out: &Path) -> Result<Trimmed, GleanerError> {
    let folder = crate::export::Folder::claim(out)?;
    let encoder = EncoderFiles::open(&settings.encoder)?;
    let path = settings.encoder.join(TOKENIZER);
    let vocabulary = Vocabulary::read(&encoder.tokenizer_json)
        .map_err(|what| GleanerError::model(&path, what, FIX))?;
    let tokenizers = Tokenizers::new(&path, &encoder.tokenizer_json, &vocabulary)?;
    let words = Words::read(&settings.text)?;
    let used = used(&tokenizers, &vocabulary, &words);
    let mut kept = BTreeSet::new();
    let special = tokenizers.special().chain(save::special_ids(&encoder, &vocabulary));
    for id in vocabulary.essential().into_iter().chain(special).chain(used.iter().copied()) {
        vocabulary.keep(id, &mut kept);
    }
    let needed = kept.len();
    for id in vocabulary.ranked() {
        if kept.len() >= needed.saturating_add(settings.keep) {
            break;
        }
        vocabulary.keep(id, &mut kept);
    }
    let ids = vocabulary.new_ids(&kept);
    let json = vocabulary.trimmed(&ids);
    check(&path, &tokenizers, &json, &vocabulary, &ids, &words)?;
    let frequent = kept.len() - needed;
    let mut trimmed = Trimmed {
        program: concat!("gleaner ", env!("CARGO_PKG_VERSION")).into(),
        encoder: crate::data::short_name(&settings.encoder),
        texts: words.texts,
        pieces_before: vocabulary.len(),
        pieces: ids.len(),
        used: used.len(),
        frequent,
        values_before: 0,
        values: 0,
    };
    save::save(folder, settings, &encoder, &json, &ids, &mut trimmed)?;
    Ok(trimmed)
}

/// A tokenizer as taggers use it: of a WordPiece vocabulary also the one that folds case.
struct Tokenizers(Vec<PieceTokenizer>);

impl Tokenizers {
    fn new(path: &Path, json: &[u8], vocabulary: &Vocabulary) -> Result<Self, GleanerError> {
        let folds: &[bool] = match vocabulary.model() {
            Model::WordPiece => &[false, true],
            Model::Unigram | Model::Bpe => &[false],
        };
        let pieces = folds.iter().map(|fold| PieceTokenizer::new(path, json, *fold));
        Ok(Self(pieces.collect::<Result<_, _>>()?))
    }

    /// The pieces around a sentence, and those of unknown and hidden words.
    fn special(&self) -> impl Iterator<Item = u32> {
        self.0.iter().flat_map(|pieces| {
            let [open, close] = pieces.frame();
            [Some(open), Some(close), pieces.unknown(), pieces.mask()].into_iter().flatten()
        })
    }
}

/// The pieces that the words have.
fn used(tokenizers: &Tokenizers, vocabulary: &Vocabulary, words: &Words) -> BTreeSet<u32> {
    let mut used = BTreeSet::new();
    for pieces in &tokenizers.0 {
        for word in &words.all {
            let ids = pieces.sentence(&[word]).ids;
            if vocabulary.model() == Model::WordPiece
                && ids.iter().any(|id| pieces.unknown() == Some(*id))
            {
                // Without the longest piece that fits, a shorter one would be tried, and the word could become known.
                used.extend(vocabulary.parts(&pieces.normalized(word)));
            }
            used.extend(ids);
        }
    }
    used
}

/// Checks that all words have the same pieces as before.
fn check(
    path: &Path,
    before: &Tokenizers,
    json: &[u8],
    vocabulary: &Vocabulary,
    ids: &NewIds,
    words: &Words,
) -> Result<(), GleanerError> {
    let after = Tokenizers::new(path, json, vocabulary)?;
    for (before, after) in before.0.iter().zip(&after.0) {
        let differs = |word: &&String| {
            let (old, new) = (before.sentence(&[word]).ids, after.sentence(&[word]).ids);
            !new.iter().map(|id| ids.old(*id)).eq(old.iter().map(|id| Some(*id)))
        };
        let wrong = words.all.iter().find(differs).map(|word| format!("the word `{word}`"));
        let frame = after.frame().map(|id| ids.old(id)) != before.frame().map(Some);
        if let Some(what) = wrong.or_else(|| frame.then(|| "the start of a sentence".to_owned())) {
            return Err(GleanerError::model(
                path,
                format!("with fewer pieces, {what} would be cut otherwise, so nothing is written"),
                "use the encoder as it is, and report this",
            ));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
