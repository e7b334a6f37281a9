//! How a tokenizer cuts a word, step by step: what its model reads, and the pieces that the model makes of it.

use super::{PieceTokenizer, Spaces};
use tokenizers::{
    Model, NormalizedString, Normalizer, OffsetReferential, OffsetType, PreTokenizedString,
    PreTokenizer, Token,
};

impl PieceTokenizer {
    /// The parts of a word that the tokenizer's model cuts on their own, normalised. None for a word that cannot be
    /// cut.
    pub(crate) fn splits(&self, word: &str) -> Vec<String> {
        let text = match self.spaces {
            Spaces::Added => format!(" {word}"),
            Spaces::Alike | Spaces::Differ => word.to_owned(),
        };
        self.cut(text).unwrap_or_default()
    }

    fn cut(&self, text: String) -> tokenizers::Result<Vec<String>> {
        let mut normalised = NormalizedString::from(text);
        if let Some(normalizer) = self.tokenizer.get_normalizer() {
            normalizer.normalize(&mut normalised)?;
        }
        let mut cut = PreTokenizedString::from(normalised);
        if let Some(pre_tokenizer) = self.tokenizer.get_pre_tokenizer() {
            pre_tokenizer.pre_tokenize(&mut cut)?;
        }
        let splits = cut.get_splits(OffsetReferential::Normalized, OffsetType::Byte);
        Ok(splits.into_iter().map(|(text, ..)| text.to_owned()).collect())
    }

    /// The pieces of a split, each with its id and its text. The text of an unknown piece is that of the tokenizer's
    /// model: what the split has in its place, or the name of the unknown piece.
    pub(crate) fn of_split(&self, split: &str) -> Vec<(u32, String)> {
        let tokens = self.tokenizer.get_model().tokenize(split).unwrap_or_default();
        tokens.into_iter().map(|Token { id, value, .. }| (id, value)).collect()
    }

    /// The id of a piece of the tokenizer's model.
    pub(crate) fn id(&self, text: &str) -> Option<u32> {
        self.tokenizer.get_model().token_to_id(text)
    }
}
