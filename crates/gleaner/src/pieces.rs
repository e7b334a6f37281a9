//! From words to sub-word pieces, with any `tokenizer.json`; each word is tokenized on its own.

mod splits;
mod vetting;

use crate::GleanerError;
use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    path::Path,
};
use tokenizers::{NormalizedString, Normalizer, Tokenizer, normalizers::BertNormalizer};
use vetting::Description;

/// A tokenizer with the special pieces that open and close a sentence.
pub struct PieceTokenizer {
    tokenizer: Tokenizer,
    open: u32,
    close: u32,
    unknown: Option<u32>,
    spaces: Spaces,
}

/// The pieces of a sentence's words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct WordPieces {
    /// Piece ids of all words, without special pieces.
    pub(crate) ids: Vec<u32>,
    /// The start of each word's pieces, and the end of the last: `[words + 1]`.
    pub(crate) starts: Vec<usize>,
}

/// Piece counts of a text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct PieceCounts {
    /// Words.
    pub words: usize,
    /// Pieces, special ones not counted.
    pub pieces: usize,
    /// Pieces that are the unknown piece.
    pub unknown: usize,
    /// Words without any piece, which become one unknown piece.
    pub empty_words: usize,
}

impl PieceTokenizer {
    /// Reads a `tokenizer.json`; `path` is for messages. `fold_case` lower-cases and strips accents
    /// before a WordPiece model, as the published study did.
    ///
    /// # Errors
    /// The text is not a tokenizer, or does not put one special piece before and one after a sentence.
    pub fn new(path: &Path, json: &[u8], fold_case: bool) -> Result<Self, GleanerError> {
        let bad = |what: String| {
            GleanerError::model(path, what, "use the tokenizer.json of a BERT-family encoder")
        };
        let not_a_tokenizer = |e: &dyn std::fmt::Display| bad(format!("not a tokenizer ({e})"));
        let description: Description =
            serde_json::from_slice(json).map_err(|e| not_a_tokenizer(&e))?;
        description.check().map_err(bad)?;
        // The crate trusts its file. What is known to end the program was refused; an error is better than the rest.
        let read = || Tokenizer::from_bytes(json).map_err(|e| e.to_string());
        let read = catch_unwind(AssertUnwindSafe(read));
        let mut tokenizer = read
            .unwrap_or_else(|_| Err("its values contradict each other".into()))
            .map_err(|e| not_a_tokenizer(&e))?;
        let model = &description.model;
        if fold_case && model.kind.as_deref() == Some("WordPiece") {
            tokenizer.with_normalizer(Some(BertNormalizer::new(true, true, Some(true), true)));
        }
        tokenizer.with_padding(None);
        tokenizer.with_truncation(None).map_err(|e| bad(e.to_string()))?;
        let frame = tokenizer.encode("", true).map_err(|e| bad(e.to_string()))?;
        let &[open, close] = frame.get_ids() else {
            return Err(bad(format!(
                "it puts {} special pieces around a sentence, expected 2",
                frame.len()
            )));
        };
        let unknown = match &model.unk_token {
            Some(token) => tokenizer.token_to_id(token),
            None => model.unk_id,
        };
        let spaces = Spaces::of(&tokenizer);
        Ok(Self { tokenizer, open, close, unknown, spaces })
    }

    /// A warning about this tokenizer, if it splits a word on its own differently from a word in a sentence.
    pub fn warning(&self) -> Option<&'static str> {
        match self.spaces {
            Spaces::Alike => None,
            Spaces::Added => Some(
                "the tokenizer splits a word after a space differently; Gleaner puts a space before every word",
            ),
            Spaces::Differ => Some(
                "the tokenizer splits a word in a sentence differently from a word alone; the encoder gets pieces that \
                 it has seldom seen, so expect lower scores",
            ),
        }
    }

    /// The special pieces before and after a sentence.
    pub(crate) fn frame(&self) -> [u32; 2] {
        [self.open, self.close]
    }

    /// The piece of a word that has no other: the unknown piece, or without one the piece that opens a sentence.
    pub(crate) fn fallback(&self) -> u32 {
        self.unknown.unwrap_or(self.open)
    }

    /// Whether a space is put before every word.
    pub(crate) fn adds_space(&self) -> bool {
        self.spaces == Spaces::Added
    }

    /// The text of a piece.
    pub(crate) fn text(&self, id: u32) -> Option<String> {
        self.tokenizer.id_to_token(id)
    }

    /// A word as the tokenizer sees it before cutting it.
    pub(crate) fn normalized(&self, word: &str) -> String {
        let mut text = NormalizedString::from(word);
        match self.tokenizer.get_normalizer().map(|normalizer| normalizer.normalize(&mut text)) {
            Some(Err(_)) => word.to_owned(),
            _ => text.get().to_owned(),
        }
    }

    /// The unknown piece, if the tokenizer has one.
    pub(crate) fn unknown(&self) -> Option<u32> {
        self.unknown
    }

    /// The piece that hides others in masked-language modelling, if the tokenizer has one.
    pub(crate) fn mask(&self) -> Option<u32> {
        ["[MASK]", "<mask>"].into_iter().find_map(|token| self.tokenizer.token_to_id(token))
    }

    /// Appends the pieces of one word, or [`fallback`](Self::fallback) where there is none. Returns the number of
    /// pieces found.
    fn word(&self, word: &str, into: &mut Vec<u32>) -> usize {
        let ids = match self.spaces {
            Spaces::Added => ids(&self.tokenizer, &format!(" {word}")),
            Spaces::Alike | Spaces::Differ => ids(&self.tokenizer, word),
        };
        into.extend_from_slice(&ids);
        if ids.is_empty() {
            into.push(self.fallback());
        }
        ids.len()
    }

    /// The pieces of a sentence.
    pub(crate) fn sentence<S: AsRef<str>>(&self, words: &[S]) -> WordPieces {
        let (mut ids, mut starts) = (Vec::new(), vec![0]);
        for word in words {
            self.word(word.as_ref(), &mut ids);
            starts.push(ids.len());
        }
        WordPieces { ids, starts }
    }

    /// The positions of the words without any piece or with the unknown piece.
    pub(crate) fn unknown_words<S: AsRef<str>>(&self, words: &[S]) -> Vec<usize> {
        let is_unknown = |word: &S| {
            let mut ids = Vec::new();
            self.word(word.as_ref(), &mut ids) == 0
                || ids.iter().any(|id| Some(*id) == self.unknown)
        };
        (0..words.len()).filter(|&at| is_unknown(&words[at])).collect()
    }

    /// Counts the pieces of a sentence.
    pub fn count<S: AsRef<str>>(&self, words: &[S], counts: &mut PieceCounts) {
        let mut ids = Vec::new();
        for word in words {
            counts.words += 1;
            counts.empty_words += usize::from(self.word(word.as_ref(), &mut ids) == 0);
        }
        counts.pieces += ids.len();
        counts.unknown += ids.iter().filter(|id| Some(**id) == self.unknown).count();
    }
}

/// How a tokenizer cuts words on their own, compared with words in a sentence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Spaces {
    Alike,
    /// Alike after a space: pieces mark the space before a word, as in RoBERTa's and ModernBERT's byte-level BPE.
    Added,
    Differ,
}

impl Spaces {
    fn of(tokenizer: &Tokenizer) -> Self {
        // Letters that even small vocabularies have, each in one or two pieces.
        let [first, alone, after_space] = ["b", "a", " a"].map(|text| ids(tokenizer, text));
        let sentence = ids(tokenizer, "b a");
        let second = sentence.strip_prefix(&first[..]);
        match second {
            Some(second) if second == alone => Self::Alike,
            _ if sentence.ends_with(&after_space) => Self::Added,
            _ => Self::Differ,
        }
    }
}

/// The pieces of a text.
fn ids(tokenizer: &Tokenizer, text: &str) -> Vec<u32> {
    match tokenizer.encode_fast(text, false) {
        Ok(encoding) => encoding.get_ids().to_vec(),
        Err(_) => Vec::new(), // a model without an unknown piece met an unknown character
    }
}

impl WordPieces {
    /// Number of words.
    pub(crate) fn words(&self) -> usize {
        self.starts.len() - 1
    }

    /// The number of pieces of a word.
    pub(crate) fn of_word(&self, word: usize) -> usize {
        self.starts[word + 1] - self.starts[word]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::PIECES;
    use proptest::prelude::*;
    use serde_json::Value;

    fn open(json: &[u8], fold_case: bool) -> Result<PieceTokenizer, GleanerError> {
        PieceTokenizer::new(Path::new("tokenizer.json"), json, fold_case)
    }

    #[test]
    fn a_word_without_a_piece_becomes_one_unknown_piece_and_is_counted() {
        let words = ["Jan", "\u{a0}", "lag"];
        let pieces = PIECES.sentence(&words);
        assert_eq!(pieces.of_word(1), 1);
        assert_eq!(Some(pieces.ids[pieces.starts[1]]), PIECES.unknown);
        let mut counts = PieceCounts::default();
        PIECES.count(&words, &mut counts);
        assert_eq!((counts.words, counts.pieces), (3, pieces.ids.len()));
        assert_eq!((counts.empty_words, counts.unknown), (1, 1));
    }

    #[test]
    fn case_and_accents_are_folded_on_request() {
        let json = gleaner_sample::encoder().tokenizer.as_bytes();
        let folding = open(json, true).unwrap();
        assert_eq!(folding.sentence(&["Môre"]), folding.sentence(&["more"]));
        assert_ne!(PIECES.sentence(&["Môre"]), PIECES.sentence(&["more"]));
    }

    #[test]
    fn files_that_are_no_tokenizer_or_frame_differently_are_refused() {
        let json = gleaner_sample::encoder().tokenizer;
        for (bad, says) in [
            (json[..200].to_owned(), "not a tokenizer ("),
            ("{}".to_owned(), "not a tokenizer ("),
            (without_frame(json), "it puts 0 special pieces around a sentence, expected 2"),
        ] {
            let error = open(bad.as_bytes(), false).err().expect("an error").to_string();
            assert!(error.starts_with("tokenizer.json: ") && error.contains(says), "{error}");
            assert!(!error.contains('\n'), "{error}");
        }
    }

    /// A BPE tokenizer with this pre-tokenizer and normalizer, where `space` stands for the space before a word.
    fn bpe(pre_tokenizer: &str, normalizer: &str, space: &str, merges: &str) -> PieceTokenizer {
        let json = format!(
            r#"{{"version": "1.0", "truncation": null, "padding": null, "added_tokens": [],
            "normalizer": {normalizer}, "pre_tokenizer": {pre_tokenizer},
            "post_processor": {{"type": "RobertaProcessing", "sep": ["</s>", 1], "cls": ["<s>", 0],
                "trim_offsets": true, "add_prefix_space": false}},
            "decoder": null,
            "model": {{"type": "BPE", "dropout": null, "unk_token": null, "continuing_subword_prefix": null,
                "end_of_word_suffix": null, "fuse_unk": false, "byte_fallback": false,
                "vocab": {{"<s>": 0, "</s>": 1, "a": 2, "b": 3, "{space}": 4, "{space}a": 5, "b{space}": 6}},
                "merges": [{merges}]}}}}"#
        );
        open(json.as_bytes(), false).unwrap()
    }

    #[test]
    fn pieces_that_mark_spaces_are_those_of_words_after_a_space() {
        // As RoBERTa and ModernBERT, and in a sequence; as mmBERT.
        let byte_level = r#"{"type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true, "use_regex": true}"#;
        let sequence = format!(r#"{{"type": "Sequence", "pretokenizers": [{byte_level}]}}"#);
        let replace = r#"{"type": "Replace", "pattern": {"String": " "}, "content": "\u2581"}"#;
        for (pre_tokenizer, normalizer, space) in [
            (byte_level, "null", "\u{120}"),
            (&sequence, "null", "\u{120}"),
            ("null", replace, "\u{2581}"),
        ] {
            let merges = format!(r#"["{space}", "a"]"#);
            let pieces = bpe(pre_tokenizer, normalizer, space, &merges);
            assert_eq!(pieces.sentence(&["ab", "a"]).ids, [5, 3, 5]);
            assert!(pieces.warning().unwrap().ends_with("puts a space before every word"));
        }
        let with_prefix = byte_level.replace("false", "true");
        let pieces = bpe(&with_prefix, "null", "\u{120}", "[\"\u{120}\", \"a\"]");
        assert_eq!((pieces.sentence(&["ab"]).ids, pieces.warning()), (vec![5, 3], None));
        assert_eq!(PIECES.warning(), None);
    }

    #[test]
    fn pieces_across_words_give_a_warning() {
        let pieces = bpe("null", "null", " ", r#"["b", " "]"#);
        assert_eq!(pieces.sentence(&["b", "a"]).ids, [3, 2]);
        assert!(pieces.warning().unwrap().contains("expect lower scores"));
    }

    fn without_frame(json: &str) -> String {
        let mut description: Value = serde_json::from_str(json).unwrap();
        description["post_processor"] = Value::Null;
        description.to_string()
    }

    proptest! {
        #[test]
        fn every_word_has_a_piece_whatever_it_is(words in prop::collection::vec("(?s).{0,9}", 1..12)) {
            let pieces = PIECES.sentence(&words);
            prop_assert_eq!(pieces.words(), words.len());
            prop_assert_eq!(pieces.starts[words.len()], pieces.ids.len());
            for (i, word) in words.iter().enumerate() {
                prop_assert!(pieces.of_word(i) >= 1);
                // A word's pieces do not depend on its neighbours.
                let own = &pieces.ids[pieces.starts[i]..pieces.starts[i + 1]];
                prop_assert_eq!(own, &PIECES.sentence(&[word]).ids[..]);
            }
        }
    }

    #[test]
    fn pieces_equal_those_of_whole_sentences() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../oracles/pieces.json");
        let oracle: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
        let pieces =
            PieceTokenizer::new(&path, oracle["tokenizer"].to_string().as_bytes(), false).unwrap();
        let sentences = oracle["sentences"].as_array().unwrap();
        assert_eq!(sentences.len(), 6);
        for sentence in sentences {
            let words: Vec<String> = serde_json::from_value(sentence["words"].clone()).unwrap();
            let expected: Vec<Vec<u32>> =
                serde_json::from_value(sentence["pieces"].clone()).unwrap();
            let found = pieces.sentence(&words);
            for (word, ids) in expected.iter().enumerate() {
                assert_eq!(&found.ids[found.starts[word]..found.starts[word + 1]], ids);
            }
            let [open, close] = pieces.frame();
            let framed = [&[open], found.ids.as_slice(), &[close]].concat();
            let expected: Vec<u32> = serde_json::from_value(sentence["framed"].clone()).unwrap();
            assert_eq!(framed, expected);
        }
    }
}
