//! From a text to its sentences, and from their tags to spans of the text.

use crate::Refusal;
use gleaner::{Segmenter, Tagged, TaggedSpan};
use gleaner_corpus::{CorpusError, Problem, text::Reader};
use std::path::Path;

/// What offsets count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Unit {
    /// Unicode scalar values, as Python does.
    #[default]
    Scalar,
    /// Units of UTF-16, as JavaScript does.
    Utf16,
}

impl Unit {
    /// The unit of this name.
    pub(crate) fn named(name: &str) -> Result<Self, Refusal> {
        match name {
            "scalar" => Ok(Self::Scalar),
            "utf16" => Ok(Self::Utf16),
            _ => Err(Refusal::malformed(format!(
                "unknown unit of offsets `{name}`; use `scalar` or `utf16`"
            ))),
        }
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Scalar => "scalar",
            Self::Utf16 => "utf16",
        }
    }
}

/// A text that is cut into sentences.
pub(crate) struct Cut {
    /// The words of each sentence.
    pub(crate) sentences: Vec<Vec<String>>,
    /// Their offsets in Unicode scalar values of the text.
    places: Vec<Vec<(usize, usize)>>,
}

/// An entity in a text.
#[derive(Debug, PartialEq)]
pub(crate) struct Span<'a> {
    pub(crate) label: String,
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) text: &'a str,
    pub(crate) confidence: f64,
}

impl Cut {
    /// Cuts a text as `gleaner predict` does.
    pub(crate) fn new(text: &str, segmenter: &Segmenter) -> Result<Self, Refusal> {
        let reader = Reader::with_segmenter(text.as_bytes(), Path::new("text"), false, segmenter.clone());
        let (mut sentences, mut places) = (Vec::new(), Vec::new());
        for sentence in reader {
            let tokens = sentence.map_err(refused)?.tokens;
            places.push(tokens.iter().map(|token| (token.start, token.end)).collect());
            sentences.push(tokens.into_iter().map(|token| token.text).collect());
        }
        Ok(Self { sentences, places })
    }

    /// The entities of the text, in order. `tagged` has the tags of each sentence.
    pub(crate) fn spans<'a>(&self, text: &'a str, tagged: &[Tagged], unit: Unit) -> Vec<Span<'a>> {
        let mut at = Position::new(text, unit);
        let found = self.places.iter().zip(tagged);
        let found = found.flat_map(|(places, tagged)| tagged.spans.iter().map(move |s| (places, s)));
        let span = |(places, span): (&Vec<(usize, usize)>, &TaggedSpan)| {
            let (first, start) = at.go(places[span.start].0);
            let (last, end) = at.go(places[span.end - 1].1);
            let confidence = rounded(span.confidence);
            Span { label: span.label.clone(), start, end, text: &text[first..last], confidence }
        };
        found.map(span).collect()
    }
}

/// A confidence as it is shown: with four digits, as by `gleaner predict`.
pub(crate) fn rounded(confidence: f64) -> f64 {
    (confidence * 1e4).round() / 1e4
}

/// A place in a text, which only goes forward, so that all spans together cost one pass.
struct Position<'a> {
    rest: &'a str,
    scalars: usize,
    bytes: usize,
    units: usize,
    unit: Unit,
}

impl<'a> Position<'a> {
    fn new(text: &'a str, unit: Unit) -> Self {
        Self { rest: text, scalars: 0, bytes: 0, units: 0, unit }
    }

    /// The offsets in bytes and in the unit of a place in Unicode scalar values, not before the last one.
    fn go(&mut self, scalars: usize) -> (usize, usize) {
        let mut letters = self.rest.chars();
        for letter in letters.by_ref().take(scalars.saturating_sub(self.scalars)) {
            self.bytes += letter.len_utf8();
            self.units += if self.unit == Unit::Utf16 { letter.len_utf16() } else { 1 };
        }
        self.rest = letters.as_str();
        self.scalars = scalars;
        (self.bytes, self.units)
    }
}

/// A text that cannot be cut, without the lines of a file that it is not.
fn refused(error: CorpusError) -> Refusal {
    let what = match error.problem() {
        Problem::NoSpaces { script } => format!(
            "the text is in {script}, which has no spaces between words; cut it into words, and send them as `words`"
        ),
        problem => problem.to_string(),
    };
    Refusal::malformed(what)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Labeller, testing::Capitals};
    use proptest::prelude::*;

    fn spans(text: &str, unit: Unit) -> Vec<(usize, usize, String)> {
        let labeller = Capitals::default();
        let cut = Cut::new(text, labeller.segmenter()).unwrap();
        let words: Vec<&[String]> = cut.sentences.iter().map(Vec::as_slice).collect();
        let tagged = labeller.tag(&words).unwrap();
        let found = cut.spans(text, &tagged, unit).into_iter();
        found.map(|span| (span.start, span.end, span.text.to_owned())).collect()
    }

    #[test]
    fn offsets_count_scalars_or_utf16() {
        let text = "😀 Jan sy.\r\nen 🦀 Ann\u{e9}";
        let found = |unit| spans(text, unit);
        assert_eq!(found(Unit::Scalar), [(2, 5, "Jan".into()), (16, 20, "Ann\u{e9}".into())]);
        assert_eq!(found(Unit::Utf16), [(3, 6, "Jan".into()), (18, 22, "Ann\u{e9}".into())]);
        assert_eq!(spans("", Unit::Scalar), []);
        assert_eq!(spans(" \n ", Unit::Utf16), []);
    }

    #[test]
    fn a_script_without_spaces_is_refused_without_a_file() {
        let refusal = Cut::new("กรุงเทพมหานคร", &Segmenter::default()).err().unwrap();
        assert!(refusal.what().starts_with("the text is in Thai, which"), "{}", refusal.what());
    }

    proptest! {
        #[test]
        fn spans_cover_their_own_text(text in "([A-Z][a-z]{0,3}|[a-z😀é🇫🇴\u{301}\u{200d} .\n\r]){0,40}") {
            let utf16: Vec<u16> = text.encode_utf16().collect();
            for (start, end, covered) in spans(&text, Unit::Utf16) {
                prop_assert_eq!(String::from_utf16(&utf16[start..end]).unwrap(), covered);
            }
            let scalars: Vec<char> = text.chars().collect();
            for (start, end, covered) in spans(&text, Unit::Scalar) {
                prop_assert_eq!(scalars[start..end].iter().collect::<String>(), covered);
            }
        }
    }
}
