//! From a string to the entities in it.

use super::{Tagged, TaggedSpan, Tagger};
use crate::GleanerError;
use gleaner_corpus::{
    CorpusError,
    text::{self, Token},
};
use std::path::Path;

/// An entity in a text.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Entity {
    /// Its type, such as `PER`.
    pub label: String,
    /// The text itself: `text[start..end]`.
    pub text: String,
    /// The byte offset of its first character.
    pub start: usize,
    /// The byte offset after its last character.
    pub end: usize,
    /// The calibrated probability of exactly this entity, from 0 to 1.
    pub confidence: f64,
}

impl Tagger {
    /// Finds the entities of a text, in order. The text is cut into sentences and words by the rules of Unicode
    /// (UAX #29), corrected by what the training text shows ([`Tagger::segmenter`]); a line break ends a sentence.
    ///
    /// # Errors
    /// A line is in a script without spaces between words, the weights do not belong to the tokenizer, or the device
    /// failed.
    ///
    /// ```no_run
    /// # fn main() -> Result<(), gleaner::GleanerError> {
    /// # let tagger = gleaner::Tagger::load("my-model")?;
    /// let text = "Anna bor í Havn.";
    /// for entity in tagger.predict(text)? {
    ///     assert_eq!(entity.text, text[entity.start..entity.end]);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn predict(&self, text: &str) -> Result<Vec<Entity>, GleanerError> {
        let (bytes, name) = (text.as_bytes(), Path::new("text"));
        let reader = text::Reader::with_segmenter(bytes, name, false, self.segmenter.clone());
        let sentences: Vec<Vec<Token>> =
            reader.map(|sentence| Ok(sentence?.tokens)).collect::<Result<_, CorpusError>>()?;
        let words: Vec<Vec<&str>> = sentences
            .iter()
            .map(|tokens| tokens.iter().map(|token| token.text.as_str()).collect())
            .collect();
        let slices: Vec<&[&str]> = words.iter().map(Vec::as_slice).collect();
        let tagged = self.tag(&slices)?;
        // Tokens count characters; entities count bytes, so that they slice a `str`.
        let bytes: Vec<usize> = text.char_indices().map(|(at, _)| at).chain([text.len()]).collect();
        let of_sentence = |(tokens, tagged): (&Vec<Token>, Tagged)| {
            let entity = |span: TaggedSpan| {
                let start = bytes[tokens[span.start].start];
                let end = bytes[tokens[span.end - 1].end];
                let text = text[start..end].to_owned();
                Entity { label: span.label, text, start, end, confidence: span.confidence }
            };
            tagged.spans.into_iter().map(entity).collect::<Vec<_>>()
        };
        Ok(sentences.iter().zip(tagged).flat_map(of_sentence).collect())
    }
}
