//! Cutting text into sentences and words.

use std::collections::BTreeSet;
use std::ops::Range;

use serde::{Deserialize, Serialize};
use unicode_segmentation::UnicodeSegmentation;

use super::abbreviations::{Counter, Learnt};
use super::repair::{has_form_of_abbreviation, is_initial, is_ordinal, word_before_dot};
use super::word_rule::WordRule;
use super::{TextSentence, Token};
use crate::corpus::Sentence;

/// Maximum length in bytes of initials, abbreviations and nouns after ordinal numbers. A text without spaces is not
/// searched to its ends at each of its dots.
const LONGEST: usize = 256;

/// The rule by which text is cut into sentences and words: UAX #29, corrected by what a text shows of its
/// abbreviations and a corpus of its words.
///
/// A sentence does not end after an initial, after an abbreviation, or between an ordinal number and its noun. The
/// default knows initials and abbreviations by their form alone.
///
/// ```
/// use gleaner_corpus::text::Segmenter;
///
/// let text = "J. R. R. Tolkien lived in St. Gallen. Dr. Anna Smith did not.";
/// assert_eq!(Segmenter::default().segment_line(text, 1, 0, false).len(), 2);
/// let text = "She met Prof. Smith. He smiled.";
/// let user = Segmenter::default().with_abbreviations(["Prof."]);
/// assert_eq!(user.segment_line(text, 1, 0, false).len(), 2);
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Segmenter {
    /// Without the final dot, in lower case.
    abbreviations: BTreeSet<String>,
    /// Capitalised words that follow ordinal numbers, such as months in German.
    after_ordinals: BTreeSet<String>,
    words: WordRule,
}

/// How many words of entities are cut otherwise than in a corpus.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Difference {
    /// Number of words in entities.
    pub words: usize,
    /// Number of those that the segmenter cuts otherwise.
    pub differing: usize,
}

impl Difference {
    /// The share of words that are cut otherwise, from 0 to 1.
    pub fn share(&self) -> f64 {
        if self.words == 0 { 0.0 } else { self.differing as f64 / self.words as f64 }
    }
}

impl Segmenter {
    /// Learns abbreviations and the cutting of words from the sentences of a corpus.
    pub fn learn<'a>(sentences: impl IntoIterator<Item = &'a Sentence>) -> Self {
        let sentences: Vec<&Sentence> = sentences.into_iter().collect();
        let mut counter = Counter::default();
        for sentence in &sentences {
            counter.add(sentence.words.iter().map(String::as_str));
        }
        let words = WordRule::learn(sentences.iter().map(|sentence| sentence.words.as_slice()));
        let Learnt { abbreviations, after_ordinals } = counter.learnt();
        Self { abbreviations, after_ordinals, words }
    }

    /// Learns abbreviations from plain text, in addition to those that are known.
    #[must_use]
    pub fn with_text<'a>(mut self, lines: impl IntoIterator<Item = &'a str>) -> Self {
        let mut counter = Counter::default();
        for line in lines {
            // Other marks than dots are cut off, so that `(etc.)` and `kr.,` are counted as well.
            let words = line.split_whitespace().flat_map(apart);
            counter.add(words);
        }
        let Learnt { abbreviations, after_ordinals } = counter.learnt();
        self.abbreviations.extend(abbreviations);
        self.after_ordinals.extend(after_ordinals);
        self
    }

    /// Adds abbreviations of a user, with or without the final dot. Case does not matter.
    #[must_use]
    pub fn with_abbreviations<'a>(mut self, list: impl IntoIterator<Item = &'a str>) -> Self {
        let of = |entry: &str| {
            let entry = entry.trim();
            entry.strip_suffix('.').unwrap_or(entry).trim_end().to_lowercase()
        };
        self.abbreviations.extend(list.into_iter().map(of).filter(|entry| !entry.is_empty()));
        self
    }

    /// The known abbreviations, in lower case and without the final dot, sorted.
    pub fn abbreviations(&self) -> impl Iterator<Item = &str> {
        self.abbreviations.iter().map(String::as_str)
    }

    /// The byte ranges of the sentences of a line, in order. They cover it.
    pub fn sentences(&self, line: &str) -> Vec<Range<usize>> {
        let mut ranges: Vec<Range<usize>> = Vec::new();
        // Whether the last one has a letter or a digit. Marks alone can be a long sentence, which is not searched again
        // for each of them.
        let mut has_word = false;
        for (start, piece) in line.split_sentence_bound_indices() {
            let end = start + piece.len();
            let is_word = piece.contains(char::is_alphanumeric);
            // A mark that ends a sentence stays with it, such as a closing quotation mark after a space.
            let is_new = ranges.last().is_none_or(|last| {
                is_word && self.breaks(&line[last.start..start], has_word, &line[start..])
            });
            match ranges.last_mut() {
                Some(last) if !is_new => {
                    last.end = end;
                    has_word |= is_word;
                }
                _ => {
                    ranges.push(start..end);
                    has_word = is_word;
                }
            }
        }
        ranges
    }

    /// Whether a sentence ends after `before`, which is a sentence so far, where UAX #29 says so. `has_word`: `before`
    /// has a letter or a digit.
    fn breaks(&self, before: &str, has_word: bool, after: &str) -> bool {
        // UAX #29 ends a sentence after U+0085, U+2028 and U+2029, which are line ends.
        if before.ends_with(['\u{85}', '\u{2028}', '\u{2029}', '\n', '\r']) {
            return true;
        }
        // A lone mark at the start, such as a question mark in place of a lost dash, does not make a sentence.
        if !has_word {
            return false;
        }
        let before = before.trim_end();
        let before = &before[before.ceil_char_boundary(before.len().saturating_sub(LONGEST))..];
        let Some(word) = word_before_dot(before) else { return true };
        if is_initial(word) || has_form_of_abbreviation(word) || self.is_abbreviation(word) {
            return false;
        }
        let after = &after[..after.floor_char_boundary(LONGEST)];
        let next = after.split_whitespace().next().unwrap_or_default();
        !(self.is_before_noun(word, next) || is_thousands(word, next))
    }

    fn is_abbreviation(&self, word: &str) -> bool {
        let word = word.to_lowercase();
        let known = |word: &str| self.abbreviations.contains(word);
        // Of `mag.art` or `skóla-kl`, the last part may be known alone.
        known(&word) || word.rsplit(['-', '/', '(']).next().is_some_and(known)
    }

    fn is_before_noun(&self, word: &str, next: &str) -> bool {
        let next = next.trim_matches(|c: char| !c.is_alphanumeric());
        is_ordinal(word) && self.after_ordinals.contains(next)
    }

    /// The words of a text. Its first character has the offset `base`, in Unicode scalar values.
    pub fn words(&self, text: &str, base: usize) -> Vec<Token> {
        let (mut at, mut offset) = (0, base);
        let ranges = self.words.words(text).into_iter();
        ranges
            .map(|range| {
                let start = offset + text[at..range.start].chars().count();
                let word = &text[range.clone()];
                let end = start + word.chars().count();
                (at, offset) = (range.end, end);
                Token { text: word.to_owned(), start, end }
            })
            .collect()
    }

    /// Splits line number `line` (from 1) into sentences, or returns it as one sentence if `one_sentence`. The first
    /// character has the offset `base`. White space alone is not a sentence.
    pub fn segment_line(
        &self,
        text: &str,
        line: usize,
        base: usize,
        one_sentence: bool,
    ) -> Vec<TextSentence> {
        let whole = std::iter::once(0..text.len()).collect();
        let ranges: Vec<Range<usize>> = if one_sentence { whole } else { self.sentences(text) };
        let mut sentences = Vec::new();
        let mut start = base;
        for range in ranges {
            let piece = &text[range];
            let tokens = self.words(piece, start);
            if let (Some(first), Some(last)) = (tokens.first(), tokens.last()) {
                let (before, length) = (first.start - start, last.end - first.start);
                let text = piece.chars().skip(before).take(length).collect();
                sentences.push(TextSentence { tokens, text, line });
            }
            start += piece.chars().count();
        }
        sentences
    }

    /// How many words of entities this rule cuts otherwise than the corpus that has these sentences. Words are joined
    /// by spaces, but not where the rule shows that the corpus cut a word in two.
    pub fn difference<'a>(&self, sentences: impl IntoIterator<Item = &'a Sentence>) -> Difference {
        let mut difference = Difference::default();
        for sentence in sentences {
            let entities = sentence.entities();
            if entities.is_empty() {
                continue;
            }
            let (text, places) = self.text_of(&sentence.words);
            let found: BTreeSet<(usize, usize)> =
                self.words.words(&text).into_iter().map(|range| (range.start, range.end)).collect();
            for at in entities.iter().flat_map(|entity| entity.words()) {
                difference.words += 1;
                difference.differing += usize::from(!found.contains(&places[at]));
            }
        }
        difference
    }

    /// The text that words were likely cut from, and the byte range of each word.
    fn text_of(&self, words: &[String]) -> (String, Vec<(usize, usize)>) {
        let (mut text, mut places) = (String::new(), Vec::with_capacity(words.len()));
        for (at, word) in words.iter().enumerate() {
            if at > 0 && !self.words.touch(&words[at - 1], word) {
                text.push(' ');
            }
            places.push((text.len(), text.len() + word.len()));
            text.push_str(word);
        }
        (text, places)
    }
}

/// Digits grouped by a dot with spaces around it, as tokenised text has them: `600 . 000`.
fn is_thousands(word: &str, next: &str) -> bool {
    let digits = |text: &str| text.chars().all(|c| c.is_ascii_digit());
    word.len() <= 3 && digits(word) && next.len() == 3 && digits(next)
}

/// A word without the marks around it, and the mark after it. A dot stays with its word.
fn apart(word: &str) -> impl Iterator<Item = &str> {
    let inner = super::repair::opened(word);
    let end = inner.trim_end_matches(|c: char| !c.is_alphanumeric() && c != '.').len();
    let (inner, after) = inner.split_at(end);
    // A word of marks alone stays, because a lone dot ends the word before it.
    let parts = if inner.is_empty() { [word, ""] } else { [inner, after] };
    parts.into_iter().filter(|part| !part.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut<'a>(segmenter: &Segmenter, text: &'a str) -> Vec<&'a str> {
        segmenter.sentences(text).into_iter().map(|range| text[range].trim()).collect()
    }

    #[test]
    fn initials_and_titles_end_no_sentence() {
        let plain = Segmenter::default();
        let text = "J. R. R. Tolkien lived in St. Gallen. Dr. Anna Smith did not.";
        assert_eq!(
            cut(&plain, text),
            ["J. R. R. Tolkien lived in St. Gallen.", "Dr. Anna Smith did not."]
        );
        assert_eq!(
            cut(&plain, "Ejvin L . Petersen kom . Hann fór ."),
            ["Ejvin L . Petersen kom .", "Hann fór ."]
        );
        assert_eq!(
            cut(&plain, "Over 600 . 000 came. All left."),
            ["Over 600 . 000 came.", "All left."]
        );
    }

    #[test]
    fn marks_alone_are_no_sentences() {
        let plain = Segmenter::default();
        assert_eq!(cut(&plain, "? Er det. Ja . »"), ["? Er det.", "Ja . »"]);
    }

    /// With a search of the whole text at each dot, these would take hours.
    #[test]
    fn texts_without_spaces_or_letters_are_searched_once() {
        let count = |text: &str| Segmenter::default().sentences(&text.repeat(500_000)).len();
        assert_eq!(count("? * "), 1);
        assert_eq!(count("\u{5d0}."), 1, "initials");
        assert_eq!(count("bo.*Ca"), 500_001);
    }

    #[test]
    fn abbreviations_are_learnt_or_given() {
        let text = "Det koster 5 mill. kr. og mere.\nNu 7 mill. og 9 mill. til.\nEn fin dag.\n";
        let learnt = Segmenter::default().with_text(text.lines());
        assert_eq!(
            cut(&learnt, "Prisen er 3 mill. Kroner falder. Ja."),
            ["Prisen er 3 mill. Kroner falder.", "Ja."]
        );
        assert_eq!(cut(&Segmenter::default(), "Se afsn. Ni. Ja.").len(), 3);
        let given = Segmenter::default().with_abbreviations(["Afsn.", " "]);
        assert_eq!(cut(&given, "Se afsn. Ni. Ja.").len(), 2);
        assert_eq!(given.abbreviations().collect::<Vec<_>>(), ["afsn"]);
    }

    #[test]
    fn ordinals_stay_with_their_noun() {
        let text = "Er kam am 24. Dezember.\nAm 3. Dezember ging er.\n";
        let learnt = Segmenter::default().with_text(text.lines());
        assert_eq!(cut(&learnt, "Am 7. Dezember kam Bo."), ["Am 7. Dezember kam Bo."]);
        assert_eq!(cut(&learnt, "Es waren 7. Dann kam Bo.").len(), 2);
    }

    #[test]
    fn the_share_of_words_that_differ_falls_with_the_learnt_rule() {
        let sentence = |words: &str, tags: &str| Sentence {
            words: words.split(' ').map(str::to_owned).collect(),
            tags: tags.split(' ').map(str::to_owned).collect(),
            ..Sentence::default()
        };
        let corpus = [
            sentence("Saint-Denis l' Aiacciu", "B-LOC O B-LOC"),
            sentence("in Aix-les-Bains ,", "O B-LOC O"),
        ];
        let before = Segmenter::default().difference(&corpus);
        assert_eq!((before.words, before.differing), (3, 2));
        assert_eq!(Segmenter::learn(&corpus).difference(&corpus).differing, 0);
    }

    #[test]
    fn json_gives_back_the_segmenter_and_may_be_empty() {
        let sentence = Sentence {
            words: ["A.", "Saint-Denis", "..."].map(str::to_owned).to_vec(),
            ..Sentence::default()
        };
        let segmenter = Segmenter::learn([&sentence]).with_abbreviations(["kl."]);
        let json = serde_json::to_string(&segmenter).unwrap();
        assert_eq!(serde_json::from_str::<Segmenter>(&json).unwrap(), segmenter);
        assert_eq!(serde_json::from_str::<Segmenter>("{}").unwrap(), Segmenter::default());
        assert!(serde_json::from_str::<Segmenter>("{\"abbreviation\": []}").is_err());
    }
}
