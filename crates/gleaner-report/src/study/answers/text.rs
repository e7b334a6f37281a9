//! The answers as text for the terminal.

use super::{TEST, answers};
use crate::study::StudyData;
use crate::{WIDTH, printable};
use console::measure_text_width;

/// The answers as text for the terminal: a heading, a sentence each, and how gains are tested. Empty without answers.
/// Lines are no wider than [`WIDTH`] where words allow; every line ends with a line break.
pub fn answers_text(data: &StudyData) -> String {
    let answers = answers(data);
    if answers.is_empty() {
        return String::new();
    }
    let mut text = "Answers\n".to_owned();
    for answer in &answers {
        text += &wrapped(&printable(&answer.to_string()), "  ", "    ");
    }
    if answers.iter().any(|answer| answer.finding.is_some()) {
        text += &wrapped(TEST, "", "");
    }
    text
}

/// The words in lines no wider than [`WIDTH`], the first after `first`, the others after `rest`.
fn wrapped(text: &str, first: &str, rest: &str) -> String {
    let mut lines = vec![first.to_owned()];
    let mut is_new = true;
    for word in text.split(' ') {
        let line = lines.last_mut().expect("never empty");
        if !is_new && measure_text_width(line) + 1 + measure_text_width(word) > WIDTH {
            lines.push(format!("{rest}{word}"));
            continue;
        }
        if !is_new {
            line.push(' ');
        }
        *line += word;
        is_new = false;
    }
    lines.join("\n") + "\n"
}
