//! Single sentences with their entities in brackets.

use crate::{WIDTH, printable};
use console::{Alignment, Style, measure_text_width, pad_str};
use gleaner_metrics::{Entity, SeqevalMode, entities};

/// A sentence with its gold and its predicted entities in brackets, word under word, and carets below the words whose
/// tags differ. Wrapped at [`WIDTH`]; every line ends with a line break.
///
/// Entities are read in [`SeqevalMode::Default`]. One that a stray `I-PER` opens is shown as `[I-PER …]`, because
/// strict mode does not count it.
///
/// ```
/// let words = ["Ana", "Silva", "sings"];
/// let text = gleaner_report::sentence_diff(&words, &["B-PER", "I-PER", "O"], &["B-PER", "O", "O"]);
/// assert_eq!(text, "\
/// gold  [PER Ana  Silva] sings
/// pred  [PER Ana] Silva  sings
///                 ^^^^^^
/// ");
/// ```
///
/// # Panics
/// The number of tags differs from that of the words. [`Evaluation::add`](gleaner_metrics::Evaluation::add) reports
/// that as an error.
pub fn sentence_diff<W, G, P>(words: &[W], gold: &[G], predicted: &[P]) -> String
where
    W: AsRef<str>,
    G: AsRef<str>,
    P: AsRef<str>,
{
    assert_eq!(words.len(), gold.len(), "one gold tag for each word");
    assert_eq!(words.len(), predicted.len(), "one predicted tag for each word");
    let mut blocks = vec![Block::default()];
    for ((gold_cell, predicted_cell), (gold, predicted)) in bracketed(words, gold)
        .iter()
        .zip(bracketed(words, predicted))
        .zip(gold.iter().zip(predicted))
    {
        let width = measure_text_width(gold_cell).max(measure_text_width(&predicted_cell));
        if blocks
            .last()
            .is_some_and(|block| block.width > 0 && block.width + 1 + width > WIDTH - Block::LABEL)
        {
            blocks.push(Block::default());
        }
        let caret = if gold.as_ref() == predicted.as_ref() { "" } else { "^" };
        let block = blocks.last_mut().expect("never empty");
        block.push(width, [gold_cell, &predicted_cell, &caret.repeat(width)]);
    }
    blocks.iter().map(Block::render).collect::<Vec<_>>().join("\n")
}

/// The words with the brackets of the entities that begin or end there.
fn bracketed<W: AsRef<str>, T: AsRef<str>>(words: &[W], tags: &[T]) -> Vec<String> {
    let mut cells: Vec<String> = words.iter().map(|word| printable(word.as_ref())).collect();
    for Entity { entity_type, start, end } in entities(tags, SeqevalMode::Default) {
        let tag = tags[start].as_ref();
        let label = if tag.starts_with('I') { tag } else { &entity_type };
        cells[start].insert_str(0, &format!("[{} ", printable(label)));
        cells[end - 1].push(']');
    }
    cells
}

/// The part of a sentence that fits the width.
#[derive(Default)]
struct Block {
    width: usize,
    gold: String,
    predicted: String,
    carets: String,
}

impl Block {
    /// The width of `gold` and `pred` with the space behind them.
    const LABEL: usize = 6;

    fn push(&mut self, width: usize, cells: [&str; 3]) {
        let gap = usize::from(self.width > 0);
        for (line, cell) in
            [&mut self.gold, &mut self.predicted, &mut self.carets].into_iter().zip(cells)
        {
            *line += &" ".repeat(gap);
            *line += &pad_str(cell, width, Alignment::Left, None);
        }
        self.width += gap + width;
    }

    fn render(&self) -> String {
        let mut text = String::new();
        for (label, line) in [("gold", &self.gold), ("pred", &self.predicted), ("", &self.carets)] {
            let line = format!("{label:width$}{line}", width = Self::LABEL);
            if !line.trim_end().is_empty() {
                text += line.trim_end();
                text.push('\n');
            }
        }
        text
    }
}

/// A labelled sentence on one line, for the terminal. Each entity is in brackets with its type, as in
/// `[PER Ana Silva] sings`. With `colour`, it also has its type's background colour, whatever the terminal supports.
/// The colours can be distinguished with any kind of colour vision, and brackets say the same without colour.
///
/// # Panics
/// The spans are not in order, overlap or end beyond the words. The spans of [`entities`] never do.
pub fn marked_text<W: AsRef<str>>(words: &[W], spans: &[Entity], colour: bool) -> String {
    let text = |words: &[W]| {
        words.iter().map(|word| printable(word.as_ref())).collect::<Vec<_>>().join(" ")
    };
    let mut parts = Vec::new();
    let mut next = 0;
    for Entity { entity_type, start, end } in spans {
        parts.push(text(&words[next..*start]));
        let marked = format!("[{} {}]", printable(entity_type), text(&words[*start..*end]));
        parts.push(if colour { style(entity_type).apply_to(marked).to_string() } else { marked });
        next = *end;
    }
    parts.push(text(&words[next..]));
    parts.retain(|part| !part.is_empty());
    parts.join(" ")
}

/// Black on one of the light colours of Okabe and Ito (2008), as the nearest of a terminal's 256 colours. Person,
/// location and organisation have one each; the other types share one.
fn style(entity_type: &str) -> Style {
    const ORANGE: u8 = 214;
    const SKY_BLUE: u8 = 74;
    const YELLOW: u8 = 227;
    const REDDISH_PURPLE: u8 = 175;
    let colour = match entity_type {
        "PER" | "PERSON" => ORANGE,
        "LOC" | "LOCATION" | "GPE" => SKY_BLUE,
        "ORG" | "ORGANIZATION" => YELLOW,
        _ => REDDISH_PURPLE,
    };
    Style::new().force_styling(true).black().on_color256(colour)
}

#[cfg(test)]
mod tests {
    use super::*;
    use console::strip_ansi_codes;
    use proptest::prelude::*;

    const WORDS: [&str; 6] = ["Ana", "Silva", "sings", "in", "Ponta", "Delgada"];

    #[test]
    fn nothing_in_words_and_types_controls_the_terminal() {
        let words = ["a\u{1b}[2Jb", "\u{202e}c", "d\u{2066}", "\u{200d}e"];
        let tags = ["B-\u{202e}X\u{7}", "O", "O", "O"];
        let marked = marked_text(&words, &entities(&tags, SeqevalMode::Default), false);
        assert_eq!(marked, "[\u{fffd}X\u{fffd} a\u{fffd}[2Jb] \u{fffd}c d\u{fffd} \u{200d}e");
        let diff = sentence_diff(&words, &tags, &["O"; 4]);
        assert!(!diff.contains(['\u{1b}', '\u{202e}', '\u{2066}', '\u{7}']), "{diff:?}");
    }

    #[test]
    fn carets_mark_words_whose_tags_differ() {
        let gold = ["B-PER", "I-PER", "O", "O", "B-LOC", "I-LOC"];
        let predicted = ["B-PER", "O", "O", "O", "B-ORG", "I-ORG"];
        insta::assert_snapshot!(sentence_diff(&WORDS, &gold, &predicted), @"
        gold  [PER Ana  Silva] sings in [LOC Ponta Delgada]
        pred  [PER Ana] Silva  sings in [ORG Ponta Delgada]
                        ^^^^^^          ^^^^^^^^^^ ^^^^^^^^
        ");
    }

    #[test]
    fn a_stray_inside_shows_its_tag() {
        let gold = ["B-PER", "I-PER", "O", "O", "O", "O"];
        let predicted = ["I-PER", "I-PER", "O", "O", "O", "O"];
        insta::assert_snapshot!(sentence_diff(&WORDS, &gold, &predicted), @"
        gold  [PER Ana   Silva] sings in Ponta Delgada
        pred  [I-PER Ana Silva] sings in Ponta Delgada
              ^^^^^^^^^^
        ");
    }

    #[test]
    fn both_lines_wrap_at_the_same_word() {
        let words = WORDS.repeat(5);
        let gold = ["B-PER", "I-PER", "O", "O", "B-LOC", "I-LOC"].repeat(5);
        let mut predicted = gold.clone();
        predicted[16..20].fill("O");
        insta::assert_snapshot!(sentence_diff(&words, &gold, &predicted), @"
        gold  [PER Ana Silva] sings in [LOC Ponta Delgada] [PER Ana Silva] sings in [LOC Ponta Delgada]
        pred  [PER Ana Silva] sings in [LOC Ponta Delgada] [PER Ana Silva] sings in [LOC Ponta Delgada]

        gold  [PER Ana Silva] sings in [LOC Ponta Delgada] [PER Ana Silva] sings in [LOC Ponta Delgada]
        pred  [PER Ana Silva] sings in Ponta      Delgada  Ana      Silva  sings in [LOC Ponta Delgada]
                                       ^^^^^^^^^^ ^^^^^^^^ ^^^^^^^^ ^^^^^^

        gold  [PER Ana Silva] sings in [LOC Ponta Delgada]
        pred  [PER Ana Silva] sings in [LOC Ponta Delgada]
        ");
    }

    #[test]
    fn marks_are_brackets_and_colours() {
        let spans = entities(&["B-PER", "I-PER", "O", "O", "B-X", "I-X"], SeqevalMode::Default);
        insta::assert_snapshot!(marked_text(&WORDS, &spans, false), @"[PER Ana Silva] sings in [X Ponta Delgada]");
        insta::assert_debug_snapshot!(marked_text(&WORDS, &spans, true), @r#""\u{1b}[30m\u{1b}[48;5;214m[PER Ana Silva]\u{1b}[0m sings in \u{1b}[30m\u{1b}[48;5;175m[X Ponta Delgada]\u{1b}[0m""#);
        assert_eq!(marked_text(&["a\u{1b}[31m", "b"], &[], true), "a\u{fffd}[31m b");
        assert_eq!(marked_text::<&str>(&[], &[], true), "");
    }

    #[test]
    fn usual_types_differ_in_colour() {
        let colours: std::collections::BTreeSet<String> =
            ["PER", "LOC", "ORG", "MISC"].map(|name| style(name).apply_to("x").to_string()).into();
        assert_eq!(colours.len(), 4);
    }

    fn tagged_words() -> impl Strategy<Value = Vec<(String, &'static str, &'static str)>> {
        let tag = || prop::sample::select(vec!["O", "O", "B-PER", "I-PER", "B-LOC", "I-LOC"]);
        prop::collection::vec(("[a-zé人]{1,12}", tag(), tag()), 0..60)
    }

    proptest! {
        #[test]
        fn no_word_is_lost_and_no_line_too_long(sentence in tagged_words()) {
            let words: Vec<&str> = sentence.iter().map(|word| word.0.as_str()).collect();
            let gold: Vec<&str> = sentence.iter().map(|word| word.1).collect();
            let predicted: Vec<&str> = sentence.iter().map(|word| word.2).collect();
            let text = sentence_diff(&words, &gold, &predicted);
            prop_assert!(text.lines().all(|line| measure_text_width(line) <= WIDTH), "{}", text);
            for label in ["gold", "pred"] {
                let lines = text.lines().filter_map(|line| line.strip_prefix(label));
                let shown = lines.flat_map(str::split_whitespace).filter(|part| !part.starts_with('['));
                let shown: Vec<&str> = shown.map(|part| part.trim_end_matches(']')).collect();
                prop_assert_eq!(&shown, &words);
            }
        }

        #[test]
        fn colour_adds_nothing_but_colour(sentence in tagged_words()) {
            let words: Vec<&str> = sentence.iter().map(|word| word.0.as_str()).collect();
            let tags: Vec<&str> = sentence.iter().map(|word| word.1).collect();
            let spans = entities(&tags, SeqevalMode::Default);
            let coloured = marked_text(&words, &spans, true);
            prop_assert_eq!(strip_ansi_codes(&coloured), marked_text(&words, &spans, false));
        }
    }
}
