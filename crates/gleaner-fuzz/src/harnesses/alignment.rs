//! Spans with offsets in a text, and the words that readers of annotations make of them.

use super::text::is_left_out;
use crate::Choices;
use gleaner_corpus::{
    Offsets, ReadOptions, Sentence,
    jsonl::{Annotated, Reader},
};
use serde_json::{Value, json};
use std::{collections::BTreeSet, ops::Range, path::Path};

/// Words of several characters in some unit, or with marks that cannot be seen at an end.
const WORDS: [&str; 10] =
    ["Anna", "Łódź", "🦀", "e\u{301}", "l'été", "ser", "\u{200f}שלום", "Oslo\u{ad}", "1,5", "."];
const BETWEEN: [&str; 7] = [" ", "", "  ", "\n", "\u{a0}", "\u{200b}", " - "];
const TYPES: [&str; 3] = ["PER", "LOC", " WORK of art"];

/// A text with spans. Places are in Unicode scalar values.
struct Made {
    text: String,
    characters: Vec<char>,
    /// Where the words are that the text is made of.
    words: Vec<Range<usize>>,
    spans: Vec<(Range<usize>, &'static str)>,
}

impl Made {
    fn draw(choices: &mut Choices) -> Self {
        let (mut characters, mut words) = (Vec::new(), Vec::new());
        for _ in 0..choices.below(12) {
            let start = characters.len();
            characters.extend(choices.one(&WORDS).chars());
            words.push(start..characters.len());
            characters.extend(choices.one(&BETWEEN).chars());
        }
        let mut made =
            Self { text: characters.iter().collect(), characters, words, spans: Vec::new() };
        for _ in 0..choices.below(5) {
            let place = made.place(choices);
            made.spans.push((place, choices.one(&TYPES)));
        }
        made
    }

    /// A place that mostly starts and ends where words do. It may be empty, reversed, or after the text.
    fn place(&self, choices: &mut Choices) -> Range<usize> {
        let words: Vec<&Range<usize>> = self.words.iter().collect();
        let mut border = |is_end: bool| match choices.below(4) {
            0 => choices.below(self.characters.len() + 2),
            _ if words.is_empty() => 0,
            _ => {
                let word = choices.one(&words);
                if is_end { word.end } else { word.start }
            }
        };
        border(false)..border(true)
    }

    /// A place in a unit of offsets.
    fn in_unit(&self, place: &Range<usize>, unit: Offsets) -> [usize; 2] {
        [place.start, place.end].map(|at| {
            let before = &self.characters[..at.min(self.characters.len())];
            let units =
                before.iter().map(|c| if unit == Offsets::Utf16 { c.len_utf16() } else { 1 });
            units.sum::<usize>() + at - before.len()
        })
    }

    /// The text as an object of Prodigy, doccano or Label Studio, with these words.
    fn object(&self, shape: usize, words: Option<Value>, unit: Offsets) -> Value {
        let spans = self.spans.iter().map(|(place, name)| (self.in_unit(place, unit), *name));
        let mut object = match shape {
            0 => {
                let spans = spans
                    .map(|([start, end], name)| json!({"start": start, "end": end, "label": name}));
                json!({"text": self.text, "spans": spans.collect::<Value>()})
            }
            1 => {
                let spans = spans.map(|([start, end], name)| json!([start, end, name]));
                json!({"text": self.text, "label": spans.collect::<Value>()})
            }
            _ => {
                let results = spans.map(|([start, end], name)| {
                    let value = json!({"start": start, "end": end, "labels": [name]});
                    json!({"type": "labels", "value": value})
                });
                let annotation = json!({"result": results.collect::<Value>()});
                json!({"data": {"text": self.text}, "annotations": [annotation]})
            }
        };
        match words {
            Some(words) if shape < 2 => object["tokens"] = words,
            Some(words) => object["data"]["words"] = words,
            None => {}
        }
        object
    }

    /// Whether a character is seen.
    fn is_seen(&self, at: usize) -> bool {
        !is_left_out(&self.characters[at])
    }

    /// The places of the words that were read, which are in order and slices of the text, and their tags.
    fn read<'a>(&self, found: &'a Annotated, unit: Offsets) -> Vec<(Range<usize>, &'a str)> {
        let mut scalars = Vec::new();
        for (at, c) in self.characters.iter().enumerate() {
            let units = if unit == Offsets::Utf16 { c.len_utf16() } else { 1 };
            scalars.extend(std::iter::repeat_n(at, units));
        }
        scalars.push(self.characters.len());
        assert_eq!(found.sentences.len(), found.offsets.len());
        let (mut words, mut end) = (Vec::new(), 0);
        for (Sentence { words: own, tags, .. }, offsets) in
            found.sentences.iter().zip(&found.offsets)
        {
            assert_eq!([own.len(), tags.len()], [offsets.len(); 2], "{found:?}");
            for ((word, tag), (from, to)) in own.iter().zip(tags).zip(offsets) {
                let place = scalars[*from]..scalars[*to];
                assert!(end <= place.start && place.start < place.end, "{found:?}");
                assert_eq!(self.characters[place.clone()].iter().collect::<String>(), *word);
                end = place.end;
                words.push((place, tag.as_str()));
            }
        }
        words
    }

    /// Words are tagged if a span has some of their characters, and every span is an entity. What is not seen does not
    /// count.
    fn check(&self, words: &[(Range<usize>, &str)]) {
        for (place, tag) in words {
            if !place.clone().any(|at| self.is_seen(at)) {
                continue;
            }
            let has_some = |span: &Range<usize>| {
                place.clone().any(|at| span.contains(&at) && self.is_seen(at))
            };
            let own = self.spans.iter().find(|(span, _)| has_some(span));
            assert_eq!(tag.get(2..), own.map(|(_, name)| name.trim()), "{place:?} in {words:?}");
        }
        let seen = |(span, name): &(Range<usize>, &'static str)| {
            let seen: Vec<usize> = span.clone().filter(|at| self.is_seen(*at)).collect();
            let first = seen.first().copied().unwrap_or(span.start);
            (first, seen.last().copied().unwrap_or(span.end), *name)
        };
        let distinct: BTreeSet<_> = self.spans.iter().map(seen).collect();
        let entities = words.iter().filter(|(_, tag)| tag.starts_with("B-")).count();
        assert_eq!(entities, distinct.len(), "{words:?}");
    }
}

pub(super) fn seeds() -> Vec<Vec<u8>> {
    let odd = |factor: u8| -> Vec<u8> { (0..60).map(|at: u8| at.wrapping_mul(factor)).collect() };
    // Two words as strings, the second of which is a span.
    let strings = vec![0, 0, 3, 2, 0, 0, 5, 0, 1, 1, 1, 1, 1, 0];
    vec![vec![0; 8], odd(29), odd(67), odd(151), vec![1; 50], strings]
}

/// Reads a text with random spans and, perhaps, random words: see [`Made::read`] and [`Made::check`]. Words of the file
/// are kept unless a span starts or ends inside one. Without labels, the words are the same.
pub(super) fn alignment(input: &[u8]) -> Result<(), String> {
    let mut choices = Choices::of(input);
    let unit = choices.one(&[Offsets::Scalar, Offsets::Utf16]);
    let (shape, kind) = (choices.below(3), choices.below(4));
    let made = Made::draw(&mut choices);
    let given: Vec<Range<usize>> = match kind {
        0 => Vec::new(),
        1 => (0..choices.below(6)).map(|_| made.place(&mut choices)).collect(),
        _ => made.words.clone(),
    };
    let as_strings = kind == 3 && shape < 2;
    let slice = |word: &Range<usize>| made.characters[word.clone()].iter().collect::<String>();
    let words = match as_strings {
        true => given.iter().map(slice).collect::<Value>(),
        false => given.iter().map(|word| json!(made.in_unit(word, unit))).collect::<Value>(),
    };
    let line = made.object(shape, (!given.is_empty()).then_some(words), unit).to_string();
    let read = |unlabelled: bool| {
        let options = ReadOptions { offsets: unit, unlabelled, ..ReadOptions::default() };
        let mut reader = Reader::new(line.as_bytes(), Path::new("x"), &options);
        reader.next_object().expect("an object").map_err(|e| e.to_string())
    };
    let labelled = read(false)?;
    let words = made.read(&labelled, unit);
    made.check(&words);
    let places: Vec<Range<usize>> = words.into_iter().map(|(place, _)| place).collect();
    let is_inside = |at: usize| given.iter().any(|word| word.start < at && at < word.end);
    let is_split = made.spans.iter().any(|(span, _)| is_inside(span.start) || is_inside(span.end));
    let has_space = given.iter().any(|word| slice(word).contains(char::is_whitespace));
    let is_kept = !is_split && !has_space;
    if is_kept && !given.is_empty() {
        assert_eq!(places, given, "the words of the file");
    }
    // Words that are strings are not split where labels are not read.
    if is_kept || !as_strings {
        let all = |found: Annotated| -> Vec<String> {
            found.sentences.into_iter().flat_map(|sentence| sentence.words).collect()
        };
        let unlabelled = read(true).expect("a text whose spans are valid");
        assert_eq!(all(unlabelled), all(labelled));
    }
    Ok(())
}
