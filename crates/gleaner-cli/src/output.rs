//! How the program speaks.

use crate::cli::{Cli, Colour, Mode};
use anyhow::Result;
use serde::Serialize;
use std::io::{IsTerminal, Write, stderr, stdout};

/// The chosen way of speaking.
pub struct Output {
    /// For people, for machines, or not at all.
    pub mode: Mode,
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

    /// Prints text for people.
    pub fn human(&self, text: &str) -> Result<()> {
        if self.mode == Mode::Human {
            print(text)?;
        }
        Ok(())
    }

    /// Prints an object for machines.
    pub fn json(&self, value: &impl Serialize) -> Result<()> {
        if self.mode == Mode::Json {
            print(&serde_json::to_string(value)?)?;
        }
        Ok(())
    }

    /// Prints an object for machines that says what it tells of.
    pub fn event(&self, name: &str, what: &impl Serialize) -> Result<()> {
        self.json(&Named { event: name, what })
    }

    /// Says something beside the results, on standard error.
    pub fn note(&self, text: &str) {
        if self.mode == Mode::Human {
            say(text);
        }
    }
}

/// An object with its name before all else.
#[derive(Serialize)]
struct Named<'a, T> {
    event: &'a str,
    #[serde(flatten)]
    what: &'a T,
}

/// Prints a line to standard error. That nobody reads it, or its disk is full, is no reason to end.
pub fn say(text: &str) {
    let _ = writeln!(stderr(), "{text}");
}

/// Prints a line to standard output.
pub fn print(text: &str) -> Result<()> {
    let mut out = stdout().lock();
    out.write_all(text.trim_end_matches('\n').as_bytes())?;
    out.write_all(b"\n")?;
    Ok(())
}
