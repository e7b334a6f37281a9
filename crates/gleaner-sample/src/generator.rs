//! Drawing labelled sentences from a grammar.

use std::collections::BTreeMap;

use gleaner_base::random::SplitMix64;

use crate::draft::Draft;
use crate::grammar::{Alternative, Part, Rules};
use crate::known_places;
use crate::sentence::SampleSentence;
use crate::skew::rank_below;

/// Maximum number of draws per name of an inventory. If they are not enough, its rule is too narrow.
const DRAWS_PER_NAME: usize = 200;

/// A grammar with filled inventories. The same seed gives the same names.
pub(crate) struct Generator {
    rules: BTreeMap<&'static str, Vec<Alternative>>,
    inventories: BTreeMap<&'static str, Vec<Vec<String>>>,
}

impl Generator {
    /// Parses a grammar of several texts and draws its names.
    pub(crate) fn new(texts: &[&'static str], seed: u64) -> Self {
        let Rules { by_name, inventories } = Rules::parse(texts);
        let mut generator = Self { rules: by_name, inventories: BTreeMap::new() };
        let mut random = SplitMix64::new(seed);
        for (rule, size) in inventories {
            let names = generator.fill(rule, size, &mut random);
            generator.inventories.insert(rule, names);
        }
        generator
    }

    fn fill(&self, rule: &str, size: usize, random: &mut SplitMix64) -> Vec<Vec<String>> {
        let mut names = Vec::with_capacity(size);
        for _ in 0..size * DRAWS_PER_NAME {
            let mut draft = Draft::default();
            self.expand_rule(rule, random, &mut draft);
            let known = draft.words.iter().any(|word| known_places::contains(word));
            if !known && !names.contains(&draft.words) {
                names.push(draft.words);
            }
            if names.len() == size {
                return names;
            }
        }
        panic!("the rule `{rule}` yields only {} of {size} names", names.len());
    }

    /// Draws a sentence. Also returns the position of its template among the alternatives of `S`.
    pub(crate) fn sentence(&self, random: &mut SplitMix64) -> (usize, SampleSentence) {
        let mut draft = Draft::default();
        let template = self.expand_rule("S", random, &mut draft);
        draft.capitalise();
        (template, SampleSentence { words: draft.words, tags: draft.tags })
    }

    /// The number of sentence templates.
    #[cfg(test)]
    pub(crate) fn templates(&self) -> usize {
        self.rules["S"].len()
    }

    fn expand_rule(&self, rule: &str, random: &mut SplitMix64, draft: &mut Draft) -> usize {
        if let Some(names) = self.inventories.get(rule) {
            let rank = rank_below(random, names.len());
            for (position, word) in names[rank].iter().enumerate() {
                if position > 0 {
                    draft.end_word();
                }
                draft.write(word);
            }
            return rank;
        }
        let alternatives = &self.rules[rule];
        let mut ticket =
            random.below(alternatives.iter().map(|alternative| alternative.weight).sum());
        let mut chosen = 0;
        while ticket >= alternatives[chosen].weight {
            ticket -= alternatives[chosen].weight;
            chosen += 1;
        }
        self.expand(&alternatives[chosen].parts, random, draft);
        chosen
    }

    fn expand(&self, parts: &[Part], random: &mut SplitMix64, draft: &mut Draft) {
        for part in parts {
            match part {
                Part::Text(text) => draft.write(text),
                Part::Gap => draft.end_word(),
                Part::Choice(sequences) => {
                    self.expand(&sequences[random.below(sequences.len())], random, draft)
                }
                Part::Number { relative, low, high } => {
                    let base = if *relative { draft.number } else { 0 };
                    draft.number = base + low + random.below(high - low + 1);
                    draft.write(&draft.number.to_string());
                }
                Part::Rule { entity_type, capital, name } => {
                    if let Some(entity_type) = entity_type {
                        draft.open_span(entity_type);
                    }
                    draft.capital |= capital;
                    self.expand_rule(name, random, draft);
                    if entity_type.is_some() {
                        draft.close_span();
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draw(text: &'static str) -> SampleSentence {
        Generator::new(&[text], 1).sentence(&mut SplitMix64::new(1)).1
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
    fn a_rule_too_narrow_for_its_inventory_is_a_bug() {
        Generator::new(&["S\n  {town}\ntown [2]\n  Elsburg\n"], 1);
    }

    #[test]
    fn known_places_are_not_in_inventories() {
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
