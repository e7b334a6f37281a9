//! The notation of the grammars, and its parser.
//!
//! A line without indentation names a rule. The indented lines below it are its alternatives. A name such as
//! `town [900]` declares an *inventory*: 900 different expansions are drawn once, and earlier ones are used more
//! often, because in real text few names are frequent. `3* ...` gives an alternative the weight 3. A line that starts
//! with `#` is a comment. In an alternative:
//!
//! | notation | meaning |
//! |---|---|
//! | `word` | the word itself; white space separates words, and `{root}berg` is one word |
//! | `<a\|b>`, `<a>` | `a` or `b`; `a` or nothing |
//! | `{town}`, `{^town}` | an expansion of the rule `town`; with a capital |
//! | `{LOC:town}` | an expansion as a span of type LOC; `{PER}` is short for `{PER:person}` |
//! | `{2..40}` | a whole number from 2 to 40 |
//! | `{+2..40}` | the last number of the sentence plus 2 to 40, such as a later year |
//!
//! The grammars are part of the program, so an error in them is a bug: the parser panics, and the tests parse all.

use std::collections::BTreeMap;

/// The rules by name, and the inventories with their sizes in the order of their dependencies.
pub(crate) struct Rules {
    pub(crate) by_name: BTreeMap<&'static str, Vec<Alternative>>,
    pub(crate) inventories: Vec<(&'static str, usize)>,
}

/// An expansion of a rule.
pub(crate) struct Alternative {
    pub(crate) weight: usize,
    pub(crate) parts: Vec<Part>,
}

/// A part of an alternative.
#[derive(Debug, PartialEq)]
pub(crate) enum Part {
    /// Text that is joined with its neighbours.
    Text(&'static str),
    /// The end of a word.
    Gap,
    /// One of several sequences with equal probability.
    Choice(Vec<Vec<Part>>),
    /// Another rule, possibly as a span of an entity type, possibly with a capital.
    Rule { entity_type: Option<&'static str>, capital: bool, name: &'static str },
    /// A whole number from `low` to `high`; if `relative`, plus the last number.
    Number { relative: bool, low: usize, high: usize },
}

impl Rules {
    /// Parses several texts as one grammar.
    pub(crate) fn parse(texts: &[&'static str]) -> Self {
        let mut rules = Self { by_name: BTreeMap::new(), inventories: Vec::new() };
        let mut current = None;
        for line in texts.iter().flat_map(|text| text.lines()) {
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            if let Some(body) = line.strip_prefix(' ') {
                let name = current.unwrap_or_else(|| panic!("`{line}` belongs to no rule"));
                let alternatives = rules.by_name.entry(name).or_default();
                alternatives.extend(parse_line(body.trim()));
            } else {
                let name = match line.split_once(" [") {
                    Some((name, size)) => {
                        rules.inventories.push((name, number(size.trim_end_matches(']'))));
                        name
                    }
                    None => line,
                };
                assert!(
                    rules.by_name.insert(name, Vec::new()).is_none(),
                    "two rules are named `{name}`"
                );
                current = Some(name);
            }
        }
        for alternative in rules.by_name.values().flatten() {
            rules.check(&alternative.parts);
        }
        rules
    }

    fn check(&self, parts: &[Part]) {
        for part in parts {
            match part {
                Part::Rule { name, .. } => {
                    assert!(self.by_name.contains_key(name), "no rule is named `{name}`")
                }
                Part::Choice(sequences) => {
                    sequences.iter().for_each(|sequence| self.check(sequence))
                }
                Part::Text(_) | Part::Gap | Part::Number { .. } => {}
            }
        }
    }
}

fn parse_line(line: &'static str) -> Vec<Alternative> {
    let (weight, body) = match line.split_once("* ") {
        Some((weight, body)) => (number(weight), body),
        None => (1, line),
    };
    let mut parser = Parser { rest: body };
    let sequences = parser.sequences();
    assert!(parser.rest.is_empty(), "`>` without `<` in `{line}`");
    sequences
        .into_iter()
        .map(|parts| Alternative { weight, parts: without_outer_gaps(parts) })
        .collect()
}

/// Removes white space around `|`, which does not end a word.
fn without_outer_gaps(mut parts: Vec<Part>) -> Vec<Part> {
    let kept = parts.iter().rposition(|part| *part != Part::Gap).map_or(0, |last| last + 1);
    parts.truncate(kept);
    let leading = parts.iter().take_while(|part| **part == Part::Gap).count();
    parts.split_off(leading)
}

struct Parser {
    rest: &'static str,
}

impl Parser {
    /// Sequences separated by `|`, up to a closing `>` or the end of the line.
    fn sequences(&mut self) -> Vec<Vec<Part>> {
        let mut sequences = vec![Vec::new()];
        while let Some(first) = self.rest.chars().next() {
            let part = match first {
                '>' => break,
                '|' => {
                    self.take(1);
                    sequences.push(Vec::new());
                    continue;
                }
                '<' => self.choice(),
                '{' => self.slot(),
                ' ' => {
                    self.take(1);
                    Part::Gap
                }
                _ => {
                    let end = self.rest.find(['>', '|', '<', '{', ' ']).unwrap_or(self.rest.len());
                    Part::Text(self.take(end))
                }
            };
            sequences.last_mut().expect("there is always one").push(part);
        }
        sequences
    }

    fn choice(&mut self) -> Part {
        self.take(1);
        let mut sequences = self.sequences();
        assert!(!self.take(1.min(self.rest.len())).is_empty(), "`<` without `>`");
        if sequences.len() == 1 {
            sequences.push(Vec::new());
        }
        Part::Choice(sequences)
    }

    fn slot(&mut self) -> Part {
        let end = self.rest.find('}').unwrap_or_else(|| panic!("no `}}` in `{}`", self.rest));
        let slot = &self.take(end + 1)[1..end];
        if let Some((low, high)) = slot.split_once("..") {
            let relative = low.starts_with('+');
            return Part::Number {
                relative,
                low: number(low.trim_start_matches('+')),
                high: number(high),
            };
        }
        let (entity_type, name) = match slot.split_once(':') {
            Some((entity_type, name)) => (Some(entity_type), name),
            None if slot == "PER" => (Some("PER"), "person"),
            None => (None, slot),
        };
        let capital = name.starts_with('^');
        Part::Rule { entity_type, capital, name: name.trim_start_matches('^') }
    }

    fn take(&mut self, bytes: usize) -> &'static str {
        let (taken, rest) = self.rest.split_at(bytes);
        self.rest = rest;
        taken
    }
}

fn number(digits: &str) -> usize {
    digits.parse().unwrap_or_else(|_| panic!("`{digits}` is not a whole number"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parses_every_notation() {
        let rules = Rules::parse(&[
            "# a comment\nS\n  2* {PER} <in {LOC:^town}|> {+1..9}\ntown [3]\n  a{b} | c\nb\n  b\nperson\n  d\n",
        ]);
        assert_eq!(rules.inventories, [("town", 3)]);
        let sentence = &rules.by_name["S"][0];
        assert_eq!(sentence.weight, 2);
        let place = Part::Rule { entity_type: Some("LOC"), capital: true, name: "town" };
        let expected = [
            Part::Rule { entity_type: Some("PER"), capital: false, name: "person" },
            Part::Gap,
            Part::Choice(vec![vec![Part::Text("in"), Part::Gap, place], vec![]]),
            Part::Gap,
            Part::Number { relative: true, low: 1, high: 9 },
        ];
        assert_eq!(sentence.parts, expected);
        let joined = [Part::Text("a"), Part::Rule { entity_type: None, capital: false, name: "b" }];
        assert_eq!(rules.by_name["town"][0].parts, joined);
        assert_eq!(rules.by_name["town"].len(), 2);
    }

    #[test]
    fn one_sequence_in_angle_brackets_is_optional() {
        let rules = Rules::parse(&["S\n  <a>\n"]);
        assert_eq!(
            rules.by_name["S"][0].parts,
            [Part::Choice(vec![vec![Part::Text("a")], vec![]])]
        );
    }

    #[test]
    #[should_panic(expected = "no rule is named `river`")]
    fn a_slot_without_a_rule_is_a_bug() {
        Rules::parse(&["S\n  a <{river}>\n"]);
    }

    #[test]
    #[should_panic(expected = "`<` without `>`")]
    fn an_open_choice_is_a_bug() {
        Rules::parse(&["S\n  <a|b\n"]);
    }

    #[test]
    #[should_panic(expected = "`>` without `<`")]
    fn a_stray_closing_bracket_is_a_bug() {
        Rules::parse(&["S\n  a> b\n"]);
    }
}
