//! Output in the chosen format.

use crate::cli::{Cli, Colour, OutputMode};
use anyhow::{Error, Result};
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
    let controls = |c: char| {
        let directs = matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
        directs || (c.is_control() && c != '\n' && c != '\t')
    };
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

/// Prints a line to standard error, with control characters escaped. A failure is ignored: a closed or full log must not
/// end a training.
pub fn say(text: &str) {
    let _ = writeln!(stderr(), "{}", escaped(text));
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
    }
}
