//! Output in the chosen format.

use crate::cli::{Cli, Colour, OutputMode};
use anyhow::{Error, Result};
use gleaner_base::hidden::is_hidden;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde::Serialize;
use std::{
    borrow::Cow,
    io::{self, IsTerminal, Write, stderr, stdout},
};

/// The chosen output format.
pub struct Output {
    /// Human-readable, JSON Lines, or errors only.
    pub mode: OutputMode,
    /// Whether results on standard output are coloured.
    pub colour: bool,
}

impl Output {
    pub fn new(cli: &Cli) -> Self {
        let colour = match cli.color {
            Colour::Always => true,
            Colour::Never => false,
            Colour::Auto => {
                stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|v| v.is_empty())
            }
        };
        Self { mode: cli.output, colour }
    }

    /// Prints text, in human-readable output only. Control characters are escaped.
    pub fn human(&self, text: &str) -> Result<()> {
        if self.mode == OutputMode::Human {
            print(&escaped(text))?;
        }
        Ok(())
    }

    /// Prints an object, in JSON Lines output only.
    pub fn json(&self, value: &impl Serialize) -> Result<()> {
        if self.mode == OutputMode::Json {
            print(&serde_json::to_string(value)?)?;
        }
        Ok(())
    }

    /// Prints an object with its event's name first, in JSON Lines output only.
    pub fn event(&self, name: &str, what: &impl Serialize) -> Result<()> {
        self.json(&Named { event: name, what })
    }

    /// A progress bar on standard error, which is shown to people at a terminal only. Its length may become known
    /// later.
    pub fn bar(&self, length: Option<u64>, template: &str) -> ProgressBar {
        let target = match self.mode == OutputMode::Human && stderr().is_terminal() {
            true => ProgressDrawTarget::stderr(),
            false => ProgressDrawTarget::hidden(),
        };
        let style = ProgressStyle::with_template(template).expect("a fixed template");
        ProgressBar::with_draw_target(length, target).with_style(style)
    }

    /// Prints a line to standard error, in human-readable output only.
    pub fn note(&self, text: &str) {
        if self.mode == OutputMode::Human {
            say(text);
        }
    }
}

/// An object with its event's name first.
#[derive(Serialize)]
struct Named<'a, T> {
    event: &'a str,
    #[serde(flatten)]
    what: &'a T,
}

/// A text in which characters that control a terminal or the direction of text are escaped: files can have any.
pub fn escaped(text: &str) -> Cow<'_, str> {
    let controls = |c: char| is_hidden(c) && c != '\n' && c != '\t';
    if !text.contains(controls) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        match controls(c) {
            true => shown.extend(c.escape_unicode()),
            false => shown.push(c),
        }
    }
    Cow::Owned(shown)
}

/// Prints a line to standard error, with control characters escaped. A failure is ignored: a closed or full log must
/// not end a training.
pub fn say(text: &str) {
    let _ = writeln!(stderr(), "{}", shortened(&escaped(text)));
}

/// A text without its middle if it is very long, as an error is that quotes a word of megabytes. The start names the
/// place, the end the fix.
fn shortened(text: &str) -> Cow<'_, str> {
    const MOST: usize = 5000;
    const START: usize = 4000;
    const END: usize = 800;
    if text.len() <= MOST {
        return Cow::Borrowed(text);
    }
    let start = &text[..text.floor_char_boundary(START)];
    let end = &text[text.ceil_char_boundary(text.len() - END)..];
    let left_out = text.len() - start.len() - end.len();
    Cow::Owned(format!("{start} … ({left_out} bytes left out) … {end}"))
}

/// Prints a line to standard output.
pub fn print(text: &str) -> Result<()> {
    let mut out = stdout().lock();
    let written = out.write_all(text.trim_end_matches('\n').as_bytes());
    written.and_then(|()| out.write_all(b"\n")).map_err(|e| of_stdout(e.into()))
}

/// An error, with the place where it happened if it is one of standard output.
pub fn of_stdout(error: Error) -> Error {
    match error.is::<io::Error>() {
        true => error.context("standard output cannot be written"),
        false => error,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_that_control_a_terminal_are_escaped() {
        assert_eq!(escaped("a\tb\nç"), "a\tb\nç");
        assert_eq!(
            escaped("\u{1b}[31mred\r\u{9b}\u{202e}"),
            "\\u{1b}[31mred\\u{d}\\u{9b}\\u{202e}"
        );
        // Isolates, separators of lines, and letters of tags.
        assert_eq!(
            escaped("\u{2067}a\u{2069}\u{2028}\u{e0041}\u{feff}"),
            "\\u{2067}a\\u{2069}\\u{2028}\\u{e0041}\\u{feff}"
        );
        // Persian, Khmer and Hebrew are written with these.
        assert_eq!(escaped("می\u{200c}خواهم \u{200b}\u{200f}"), "می\u{200c}خواهم \u{200b}\u{200f}");
    }

    #[test]
    fn very_long_lines_lose_their_middle() {
        let line = format!("a.conll:1: unknown tag \"{}\"; expected O", "é".repeat(5_000_000));
        let short = shortened(&line);
        assert!(short.starts_with("a.conll:1: unknown tag \"é"), "{short}");
        assert!(short.ends_with("é\"; expected O"), "{short}");
        assert!(short.len() < 5000 && short.contains("bytes left out"), "{short}");
        assert_eq!(shortened(&line[..100]), line[..100]);
    }
}
