//! `gleaner predict` in a pipeline: formats, long and malformed input, closed outputs.

use crate::common::{Sandbox, objects, tagger};
use std::{
    io::{BufRead, BufReader, Read, Write},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
};

fn args(rest: &str) -> String {
    format!("predict {} {rest}", tagger().display())
}

fn sample() -> String {
    gleaner_sample::to_conll(&gleaner_sample::target().test)
}

/// The first column of CoNLL, blank lines included.
fn words(conll: &str) -> Vec<&str> {
    conll.lines().map(|l| l.split('\t').next().unwrap()).collect()
}

#[test]
fn conll_keeps_its_words_and_sentences() {
    let sandbox = Sandbox::new();
    sandbox.write("in.conll", sample());
    let (out, _) = sandbox.run(&args("in.conll"));
    assert_eq!(words(&out), words(&sample()));
    // The tags of the file come before the predicted ones.
    let without = |out: &str| -> String {
        let line = |line: &str| match line.rsplit_once('\t') {
            Some((before, _)) => format!("{before}\n"),
            None => "\n".to_owned(),
        };
        out.lines().map(line).collect()
    };
    assert_eq!(without(&out), sample());
    let tags = |out: &str| -> Vec<String> {
        out.lines().map(|l| l.rsplit('\t').next().unwrap().to_owned()).collect()
    };
    assert!(tags(&out).iter().any(|t| t.starts_with("B-")));
    // With any columns, or only words.
    let bare = words(&sample()).join("\n") + "\n";
    let (of_words, _) = sandbox.run_with(&args("- --input conll"), &bare);
    assert_eq!((without(&of_words), tags(&of_words)), (bare, tags(&out)));
    let wide =
        sample().replace("\tO\n", "\t_\tO\n").replace("\tB-", "\t_\tB-").replace("\tI-", "\t_\tI-");
    sandbox.write("in.tsv", &wide);
    let (of_wide, _) = sandbox.run(&args("in.tsv"));
    assert_eq!((without(&of_wide), tags(&of_wide)), (wide, tags(&out)));
    // The tags are those that `evaluate` scores.
    let (wrong, _) =
        sandbox.run(&format!("evaluate {} in.conll --errors --output json", tagger().display()));
    let sentences = objects(&sandbox.run(&args("in.conll --format jsonl")).0);
    for sentence in &objects(&wrong)[1..] {
        let same = sentences.iter().find(|s| s["line"] == sentence["line"]).unwrap();
        assert_eq!(same["tags"], sentence["predicted"]);
    }
}

#[test]
fn spans_of_conll_have_no_character_offsets() {
    let sandbox = Sandbox::new();
    sandbox.write("in.conll", sample());
    let sentences = objects(&sandbox.run(&args("in.conll --format jsonl")).0);
    assert_eq!(sentences.len(), 30);
    for sentence in &sentences {
        let keys: Vec<&String> = sentence.as_object().unwrap().keys().collect();
        assert_eq!(keys, ["line", "tokens", "tags", "spans", "gold"]);
        for span in sentence["spans"].as_array().unwrap() {
            let keys: Vec<&String> = span.as_object().unwrap().keys().collect();
            assert_eq!(keys, ["label", "first", "last", "confidence"]);
        }
    }
}

#[test]
fn standard_input_and_a_file_give_the_same_output() {
    let sandbox = Sandbox::new();
    let text = "Jan woon in Brakpan.\nSy ook.\n";
    sandbox.write("in.txt", text);
    let (out, _) = sandbox.run(&args("in.txt"));
    assert_eq!(sandbox.run_with(&args("-"), text).0, out);
    assert_eq!(sandbox.run_with(&args(""), text).0, out);
    assert_eq!(words(&out), ["Jan", "woon", "in", "Brakpan", ".", "", "Sy", "ook", ".", ""]);
}

#[test]
fn empty_input_gives_empty_output() {
    let sandbox = Sandbox::new();
    for input in ["", "\n", " \n\t\n\u{a0}"] {
        for options in ["", "--format jsonl", "--format text", "--input conll"] {
            if options != "--input conll" || input != " \n\t\n\u{a0}" {
                assert_eq!(
                    sandbox.run_with(&args(&format!("- {options}")), input).0,
                    "",
                    "{input:?} {options}"
                );
            }
        }
    }
}

#[test]
fn sentences_before_a_malformed_line_are_labelled() {
    let sandbox = Sandbox::new();
    for (name, input, code_words) in [
        ("in.txt", &b"Jan lag.\nPiet \xc3\x28 lag.\nKoos lag.\n"[..], 3),
        ("in.conll", &b"Jan\nlag\n.\n\nPiet\xff\n\nKoos\n"[..], 3),
    ] {
        sandbox.write(name, input);
        let output = sandbox.command(&args(name)).output().unwrap();
        assert_eq!(output.status.code(), Some(3));
        let out = String::from_utf8(output.stdout).unwrap();
        let err = String::from_utf8(output.stderr).unwrap();
        assert_eq!(words(&out), ["Jan", "lag", ".", ""], "{code_words}");
        let line = if name == "in.txt" { "2: byte 6" } else { "5: byte 5" };
        let error =
            format!("\nerror: {name}:{line} of the line is not UTF-8; save the file as UTF-8\n");
        assert!(err.starts_with("reading ") && err.ends_with(&error), "{err}");
    }
}

#[test]
fn every_word_of_a_long_sentence_gets_a_tag() {
    let sandbox = Sandbox::new();
    let all: Vec<_> = gleaner_sample::unlabelled().concat();
    let long = all[..2000].join("\n") + "\n";
    let input = args("- --input conll");
    let (out, _) = sandbox.run_with(&input, &long);
    assert_eq!(words(&out)[..2000], all[..2000]);
    let entities = |conll: &str| conll.lines().filter(|l| l.contains("\tB-")).count();
    // Neighbouring sentences influence a small tagger, but entities are found inside windows too.
    let sentences: Vec<String> =
        gleaner_sample::unlabelled().iter().map(|s| s.join("\n")).collect();
    let (apart, _) = sandbox.run_with(&input, &sentences.join("\n\n"));
    let apart: String =
        apart.lines().filter(|l| !l.is_empty()).take(2000).map(|l| format!("{l}\n")).collect();
    let (long, apart) = (entities(&out), entities(&apart));
    assert!(apart > 100 && long * 2 > apart, "{long} entities, {apart} in single sentences");
    let one_word = "x".repeat(5000);
    assert_eq!(words(&sandbox.run_with(&input, &one_word).0), [&one_word, ""]);
}

#[test]
fn a_sentence_gets_the_same_labels_alone_and_among_others() {
    let sandbox = Sandbox::new();
    let sentences: Vec<String> =
        gleaner_sample::unlabelled()[..12].iter().map(|s| s.join("\n") + "\n\n").collect();
    let input = args("- --input conll");
    let (together, _) = sandbox.run_with(&input, &sentences.concat());
    let alone: String = sentences.iter().map(|s| sandbox.run_with(&input, s).0).collect();
    assert_eq!(together, alone);
    assert_eq!(sandbox.run_with(&format!("{input} --threads 1"), &sentences.concat()).0, together);
}

#[test]
fn more_sentences_than_are_labelled_at_once() {
    let sandbox = Sandbox::new();
    let text = "Jan lag. Sy ook.\n".repeat(700);
    let sentences = objects(&sandbox.run_with(&args("- --format jsonl"), &text).0);
    assert_eq!(sentences.len(), 1400);
    assert!(sentences.iter().step_by(2).all(|s| s["tags"] == sentences[0]["tags"]));
    assert_eq!(sentences[1399]["line"], 700);
    assert_eq!(sentences[1398]["offsets"][0][0], 699 * 17);
}

/// Starts the program, which labels its standard input.
fn start() -> (Child, ChildStdin, BufReader<ChildStdout>) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_gleaner"))
        .args(args("-").split(' '))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let (input, output) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
    (child, input, BufReader::new(output))
}

/// Reads one line, then closes the output.
fn read_and_leave(mut output: BufReader<ChildStdout>) {
    let mut line = String::new();
    output.read_line(&mut line).unwrap();
    assert!(line.starts_with("Jan\t"), "{line}");
}

#[test]
fn a_closed_output_is_not_an_error() {
    let (mut child, mut input, output) = start();
    // More than a pipe's buffer, so that the program writes to the closed pipe.
    let writer = std::thread::spawn(move || {
        let _ = input.write_all("Jan lag en Sy lag ook.\n".repeat(40_000).as_bytes());
    });
    read_and_leave(output);
    writer.join().unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(0));
    let mut said = String::new();
    child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
    assert_eq!(said, "reading <standard input> as plain text (by its content)\n");
}

#[test]
fn a_closed_output_ends_the_program_while_its_input_is_open() {
    let (mut child, mut input, output) = start();
    // A chunk is 512 sentences.
    input.write_all("Jan lag.\n".repeat(600).as_bytes()).unwrap();
    read_and_leave(output);
    input.write_all("Jan lag.\n".repeat(1100).as_bytes()).unwrap();
    let ended = (0..600).any(|_| {
        std::thread::sleep(std::time::Duration::from_millis(50));
        child.try_wait().unwrap().is_some()
    });
    if !ended {
        child.kill().unwrap();
    }
    assert!(ended, "it waits for input that nobody wants labelled");
    drop(input);
}

#[test]
fn json_output_implies_jsonl() {
    let sandbox = Sandbox::new();
    let text = "Die burgemeester praat.\n";
    let as_json = sandbox.run_with(&args("--output json"), text).0;
    assert_eq!(as_json, sandbox.run_with(&args("--format jsonl"), text).0);
    assert_eq!(objects(&as_json).len(), 1);
}

#[test]
#[cfg(target_os = "linux")]
fn a_closed_standard_error_is_not_an_error() {
    let sandbox = Sandbox::new();
    sandbox.write("in.conll", sample());
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_gleaner"))
        .current_dir(sandbox.path(""))
        .args(args("in.conll").split_whitespace())
        .stderr(full)
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(String::from_utf8(output.stdout).unwrap(), sandbox.run(&args("in.conll")).0);
}

#[test]
fn the_speed_is_printed_in_human_output_only() {
    let sandbox = Sandbox::new();
    let (_, err) = sandbox.run_with(&args("-"), "Jan lag.");
    assert!(err.contains("\n3 words in ") && err.trim_end().ends_with(" words/s"), "{err}");
    assert_eq!(sandbox.run_with(&args("- --output quiet"), "Jan lag.").1, "");
}

#[test]
fn sentences_before_one_that_cannot_be_written_are_written() {
    let sandbox = Sandbox::new();
    sandbox.write("in.txt", "Jan lag.\nSien DOCSTART nou.\n");
    sandbox
        .write("in.jsonl", "{\"tokens\": [\"Jan\", \"lag\", \".\"]}\n{\"tokens\": [\"a\\tb\"]}\n");
    for (name, last) in [("in.txt", "DOCSTART"), ("in.jsonl", r"a\tb")] {
        let output = sandbox.command(&args(&format!("{name} --format conll"))).output().unwrap();
        let err = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(3), "{err}");
        assert!(err.contains(last), "{err}");
        assert_eq!(words(&String::from_utf8(output.stdout).unwrap()), ["Jan", "lag", ".", ""]);
    }
}
