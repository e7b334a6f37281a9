//! Running the blocks of a page.

use super::page::{Command, Page};
use std::{
    path::Path,
    process::{Command as Process, Stdio},
};

/// Runs a page's blocks in a temporary folder; an error names the page and line.
pub fn run(page: &Page) -> Result<(), String> {
    let folder = tempfile::tempdir().map_err(|e| e.to_string())?;
    for block in &page.blocks {
        let last = block.commands.len().saturating_sub(1);
        for (number, command) in block.commands.iter().enumerate() {
            let place = format!("{}:{}: {}", page.name, block.line, command.script);
            let (code, output) = bash(&command.script, folder.path());
            let expected = if number == last { block.exit } else { 0 };
            if code != Some(expected) {
                return Err(format!("{place}\nexit code {code:?}, expected {expected}\n{output}"));
            }
            if block.compared
                && let Some(missing) = missing(command, &output)
            {
                return Err(format!(
                    "{place}\nthe page shows a line that the command does not print (here):\n{missing}\n\n{output}"
                ));
            }
        }
    }
    Ok(())
}

/// Runs a script; gives its exit code and what it prints, errors included.
fn bash(script: &str, folder: &Path) -> (Option<i32>, String) {
    let programs = Path::new(env!("CARGO_BIN_EXE_gleaner")).parent().unwrap();
    let path = std::env::var("PATH").unwrap_or_default();
    let output = Process::new("bash")
        .args(["-euo", "pipefail", "-c", &format!("exec 2>&1\n{script}")])
        .current_dir(folder)
        .env("PATH", format!("{}:{path}", programs.display()))
        // Nothing that runs here may need the network.
        .env("HF_HUB_OFFLINE", "1")
        .env("HF_HOME", folder.join("hub"))
        .stdin(Stdio::null())
        .output()
        .unwrap();
    (output.status.code(), String::from_utf8_lossy(&output.stdout).into_owned())
}

/// The first line that the page shows and the command does not print, or not in this order.
fn missing<'a>(command: &'a Command, output: &str) -> Option<&'a str> {
    let mut printed = output.lines().map(masked);
    let shown = command.output.iter().map(String::as_str);
    let mut shown = shown.filter(|line| !matches!(line.trim(), "" | "…"));
    shown.find(|line| {
        let wanted = masked(line);
        !printed.any(|line| line == wanted)
    })
}

/// A line with its numbers, durations and spaces made alike, so that another processor's scores and times match.
fn masked(line: &str) -> String {
    let mut out = String::new();
    for word in line.split_whitespace() {
        let mut digits = false;
        for c in word.chars() {
            let numeric = c.is_ascii_digit() || (digits && matches!(c, '.' | ','));
            match (numeric, digits) {
                (true, false) => out.push('#'),
                (true, true) => {}
                (false, _) => out.push(c),
            }
            digits = numeric;
        }
        out.push(' ');
    }
    out.trim_end().replace("# min # s", "# s").replace("# h # min", "# s")
}

#[test]
fn lines_match_whatever_their_numbers() {
    assert_eq!(masked("F1  0.87 (1,234 words, 3 min 2 s)."), masked("F1 0.9 (9 words, 4.1 s)."));
    let command = |lines: &[&str]| Command {
        script: String::new(),
        output: lines.iter().map(|l| (*l).to_owned()).collect(),
    };
    let output = "a 1\nb 2\nc\n";
    assert_eq!(missing(&command(&["a 7", "…", "c"]), output), None);
    assert_eq!(missing(&command(&["c", "a 1"]), output), Some("a 1"));
    assert_eq!(missing(&command(&["a 1", "d"]), output), Some("d"));
}
