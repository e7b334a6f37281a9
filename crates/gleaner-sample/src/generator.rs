//! Draws labelled sentences from a grammar.

use std::collections::BTreeMap;

use crate::SampleSentence;
use crate::deny;
use crate::grammar::{Alternative, Part, Rules};
use crate::rng::Rng;

/// How many draws an inventory may take for each name it asks for before its rule counts as too narrow.
const DRAWS_PER_NAME: usize = 200;

/// A grammar whose inventories are filled: the same seed always gives the same names.
pub(crate) struct Generator {
    rules: BTreeMap<&'static str, Vec<Alternative>>,
    inventories: BTreeMap<&'static str, Vec<Vec<String>>>,
}

impl Generator {
    /// Parses the grammar of the given texts and draws its names.
    pub(crate) fn new(texts: &[&'static str], seed: u64) -> Self {
        let Rules { by_name, inventories } = Rules::parse(texts);
        let mut generator = Self { rules: by_name, inventories: BTreeMap::new() };
        let mut rng = Rng::new(seed);
        for (rule, size) in inventories {
            let names = generator.fill(rule, size, &mut rng);
            generator.inventories.insert(rule, names);
        }
        generator
    }

    fn fill(&self, rule: &str, size: usize, rng: &mut Rng) -> Vec<Vec<String>> {
        let mut names = Vec::with_capacity(size);
        for _ in 0..size * DRAWS_PER_NAME {
            let mut draft = Draft::default();
            self.expand_rule(rule, rng, &mut draft);
            let known = draft.words.iter().any(|word| deny::is_well_known(word));
            if !known && !names.contains(&draft.words) {
                names.push(draft.words);
            }
            if names.len() == size {
                return names;
            }
        }
        panic!("the rule `{rule}` yields only {} of {size} names", names.len());
    }

    /// One sentence, and the position of its template among the alternatives of `S`.
    pub(crate) fn sentence(&self, rng: &mut Rng) -> (usize, SampleSentence) {
        let mut draft = Draft::default();
        let template = self.expand_rule("S", rng, &mut draft);
        capitalise_sentence(&mut draft.words);
        (template, SampleSentence { words: draft.words, tags: draft.tags })
    }

    /// The number of sentence templates.
    #[cfg(test)]
    pub(crate) fn templates(&self) -> usize {
        self.rules["S"].len()
    }

    fn expand_rule(&self, rule: &str, rng: &mut Rng, draft: &mut Draft) -> usize {
        if let Some(names) = self.inventories.get(rule) {
            let rank = rng.skewed_below(names.len());
            for (position, word) in names[rank].iter().enumerate() {
                if position > 0 {
                    draft.end_word();
                }
                draft.write(word);
            }
            return rank;
        }
        let alternatives = &self.rules[rule];
        let mut ticket = rng.below(alternatives.iter().map(|alternative| alternative.weight).sum());
        let mut chosen = 0;
        while ticket >= alternatives[chosen].weight {
            ticket -= alternatives[chosen].weight;
            chosen += 1;
        }
        self.expand(&alternatives[chosen].parts, rng, draft);
        chosen
    }

    fn expand(&self, parts: &[Part], rng: &mut Rng, draft: &mut Draft) {
        for part in parts {
            match part {
                Part::Text(text) => draft.write(text),
                Part::Gap => draft.end_word(),
                Part::Choice(sequences) => {
                    self.expand(&sequences[rng.below(sequences.len())], rng, draft)
                }
                Part::Number { relative, low, high } => {
                    let base = if *relative { draft.number } else { 0 };
                    draft.number = base + low + rng.below(high - low + 1);
                    draft.write(&draft.number.to_string());
                }
                Part::Rule { label, capital, name } => {
                    if let Some(label) = label {
                        draft.open_span(label);
                    }
                    draft.capital |= capital;
                    self.expand_rule(name, rng, draft);
                    if label.is_some() {
                        draft.close_span();
                    }
                }
            }
        }
    }
}

/// A sentence in the making.
#[derive(Default)]
struct Draft {
    words: Vec<String>,
    tags: Vec<String>,
    /// Whether the last word may still grow.
    open: bool,
    /// The type of the span being written, and whether it has a word yet.
    span: Option<(&'static str, bool)>,
    /// Whether the next letter written becomes a capital.
    capital: bool,
    /// The last number written.
    number: usize,
}

impl Draft {
    fn write(&mut self, text: &str) {
        let text =
            if std::mem::take(&mut self.capital) { capitalised(text) } else { text.to_owned() };
        if self.open {
            self.words.last_mut().expect("an open word exists").push_str(&text);
            return;
        }
        self.words.push(text);
        self.open = true;
        self.tags.push(match &mut self.span {
            None => "O".to_owned(),
            Some((label, begun)) => {
                let prefix = if std::mem::replace(begun, true) { "I" } else { "B" };
                format!("{prefix}-{label}")
            }
        });
    }

    fn end_word(&mut self) {
        self.open = false;
    }

    fn open_span(&mut self, label: &'static str) {
        assert!(self.span.is_none(), "a span of type {label} inside another span");
        assert!(
            !self.open,
            "a span of type {label} begins inside the word `{:?}`",
            self.words.last()
        );
        self.span = Some((label, false));
    }

    fn close_span(&mut self) {
        self.span = None;
    }
}

/// Gives the first word a capital. An opening quote or a clitic such as `'n` or `'s` passes the capital on to the
/// word after it, as both languages do.
fn capitalise_sentence(words: &mut [String]) {
    for word in words {
        if !word.starts_with(['“', '\'']) {
            *word = capitalised(word);
            return;
        }
    }
}

/// The word with its first letter as a capital; the Dutch digraph `ij` counts as one letter.
fn capitalised(word: &str) -> String {
    if let Some(rest) = word.strip_prefix("ij") {
        return format!("IJ{rest}");
    }
    let mut letters = word.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draw(text: &'static str) -> SampleSentence {
        Generator::new(&[text], 1).sentence(&mut Rng::new(1)).1
    }

    #[test]
    fn a_span_covers_all_words_of_its_rule_and_nothing_else() {
        let sentence = draw(
            "S\n  'n brief van {PER} uit {LOC:town} .\nperson\n  Jan van {town}\ntown [1]\n  Elsburg\n",
        );
        assert_eq!(
            sentence.words,
            ["'n", "Brief", "van", "Jan", "van", "Elsburg", "uit", "Elsburg", "."]
        );
        assert_eq!(sentence.tags, ["O", "O", "O", "B-PER", "I-PER", "I-PER", "O", "B-LOC", "O"]);
    }

    #[test]
    fn capitals_fall_on_the_first_letter() {
        assert_eq!(
            draw("S\n  ijs van {^name} .\nname\n  van der Ley\n").words[..3],
            ["IJs", "van", "Van"]
        );
        assert_eq!(draw("S\n  “ é {a}\na\n  b\n").words, ["“", "É", "b"]);
    }

    #[test]
    fn relative_numbers_add_to_the_one_before() {
        assert_eq!(
            draw("S\n  van {1900..1900} tot {+5..5}\n").words,
            ["Van", "1900", "tot", "1905"]
        );
    }

    #[test]
    #[should_panic(expected = "yields only 1 of 2 names")]
    fn an_inventory_too_narrow_for_its_rule_is_a_bug() {
        Generator::new(&["S\n  {town}\ntown [2]\n  Elsburg\n"], 1);
    }

    #[test]
    fn well_known_names_enter_no_inventory() {
        for seed in 0..20 {
            let generator = Generator::new(&["S\n  {town}\ntown [1]\n  Brak<pan|kuil>\n"], seed);
            assert_eq!(generator.inventories["town"], [["Brakkuil"]]);
        }
    }

    #[test]
    #[should_panic(expected = "inside another span")]
    fn nested_spans_are_a_bug() {
        draw("S\n  {ORG:club}\nclub\n  {LOC:town}\ntown\n  Elsburg\n");
    }
}
