//! Completions of shells and manual pages, and that they cover every command.

use crate::common::Sandbox;
use std::{collections::BTreeSet, process::Command};

const SHELLS: [&str; 5] = ["bash", "elvish", "fish", "powershell", "zsh"];

/// The full names of all commands below `command`, such as `data audit`, from the help of the program.
fn commands(sandbox: &Sandbox, command: &str) -> BTreeSet<String> {
    let (help, _) = sandbox.run(&format!("{command} --help"));
    let listed = help.lines().skip_while(|line| *line != "Commands:").skip(1);
    let mut found = BTreeSet::new();
    for line in listed.take_while(|line| !line.is_empty()) {
        // The lines that continue a description are indented further.
        let Some(name) = line.strip_prefix("  ").filter(|rest| !rest.starts_with(' ')) else {
            continue;
        };
        let name = name.split(' ').next().unwrap();
        if name != "help" {
            let full = format!("{command} {name}").trim().to_owned();
            found.extend(commands(sandbox, &full));
            found.insert(full);
        }
    }
    found
}

#[test]
fn the_completions_of_every_shell_name_every_command_and_option() {
    let sandbox = Sandbox::new();
    let commands = commands(&sandbox, "");
    assert!(commands.contains("data audit") && commands.contains("completions"), "{commands:?}");
    for shell in SHELLS {
        let (script, err) = sandbox.run(&format!("completions {shell} --output quiet"));
        assert_eq!(err, "");
        let words: BTreeSet<&str> =
            script.split(|c: char| !(c.is_alphanumeric() || c == '-' || c == '_')).collect();
        for name in commands.iter().flat_map(|full| full.split(' ')) {
            assert!(words.contains(name), "{shell}: {name}");
        }
        // Fish names options without dashes.
        let option = if shell == "fish" { "rate-encoder" } else { "--rate-encoder" };
        assert!(words.contains(option), "{shell}: {option}");
    }
    let output = sandbox.command("completions csh").output().unwrap();
    assert_eq!(output.status.code(), Some(2));
}

/// What bash offers after these words, of which the last is incomplete.
fn offered(sandbox: &Sandbox, words: &[&str]) -> BTreeSet<String> {
    let (last, before) = (words.len() - 1, words[words.len() - 2]);
    let line = words.iter().map(|word| format!("'{word}'")).collect::<Vec<_>>().join(" ");
    let script = format!(
        "source gleaner.bash; COMP_WORDS=({line}); COMP_CWORD={last}
         _gleaner gleaner '{}' '{before}'; printf '%s\\n' \"${{COMPREPLY[@]}}\"",
        words[last]
    );
    let mut bash = Command::new("bash");
    let output =
        bash.args(["--norc", "-c", &script]).current_dir(sandbox.path("")).output().unwrap();
    let err = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success() && err.is_empty(), "{err}");
    String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect()
}

#[test]
#[cfg_attr(not(bash), ignore = "needs the program `bash`")]
fn bash_completes_commands_options_and_their_values() {
    let sandbox = Sandbox::new();
    sandbox.write("gleaner.bash", sandbox.run("completions bash").0);
    let set = |words: &[&str]| words.iter().map(|w| (*w).to_owned()).collect::<BTreeSet<String>>();
    for (typed, expected) in [
        (&["gleaner", "ev"][..], &["evaluate"][..]),
        (&["gleaner", "data", "au"], &["audit"]),
        (&["gleaner", "train", "--rate-e"], &["--rate-encoder"]),
        (&["gleaner", "--output", ""], &["human", "json", "quiet"]),
        (&["gleaner", "completions", ""], &SHELLS),
    ] {
        let offered = offered(&sandbox, typed);
        let expected = set(expected);
        assert!(offered.is_superset(&expected), "{typed:?}: {offered:?}");
        // Nothing else begins with the typed letters.
        assert!(typed.last() == Some(&"") || offered == expected, "{typed:?}: {offered:?}");
    }
}

#[test]
fn every_command_has_a_manual_page_that_names_its_options() {
    let sandbox = Sandbox::new();
    let (out, _) = sandbox.run("man --out pages");
    let full = |command: &String| format!("gleaner-{}.1", command.replace(' ', "-"));
    let mut expected: Vec<String> = commands(&sandbox, "").iter().map(full).collect();
    expected.push("gleaner.1".to_owned());
    expected.sort();
    assert_eq!(sandbox.files("pages"), expected);
    assert!(out.contains(&format!("Wrote {} pages to pages", expected.len())), "{out}");
    sandbox.says("pages/gleaner.1", &[".TH gleaner 1", "gleaner\\-train(1)"]);
    let page = sandbox.text("pages/gleaner-train.1");
    assert!(page.contains("\\-\\-rate\\-encoder") && page.contains("Learning rate"), "{page}");
    let version = env!("CARGO_PKG_VERSION");
    assert!(page.contains(&format!("\"gleaner {version}\"")), "{page}");
    // The help of a setting ends with its default.
    assert!(page.contains("[default: 16; published: 32]"), "{page}");
}

#[test]
fn manual_pages_overwrite_nothing() {
    let sandbox = Sandbox::new();
    sandbox.write("pages/gleaner.1", "mine");
    insta::assert_snapshot!(sandbox.fails("man --out pages", 2), @"pages: the folder is not empty; choose another folder, or empty this one");
    assert_eq!(sandbox.text("pages/gleaner.1"), "mine");
}
