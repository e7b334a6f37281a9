//! Signals stop a command in good order.

use crate::{
    common::{Sandbox, objects, program, tagger, training},
    study::{self, tables},
};
use std::{
    io::{BufRead, BufReader, Read},
    os::unix::process::ExitStatusExt,
    process::{Child, Command, Output, Stdio},
    thread,
    time::Duration,
};

/// Settings of a training of some seconds. Nothing but a signal makes it write a checkpoint.
const SETTINGS: &str = "--data data --epochs 30 --batch 4 --accumulate 2";

/// Starts the program.
fn start(sandbox: &Sandbox, args: &str) -> Child {
    program()
        .current_dir(sandbox.path(""))
        .args(args.split_whitespace())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

/// Starts the program with JSON Lines as output, and waits for its first line.
fn start_with_json(sandbox: &Sandbox, args: &str) -> Child {
    let mut child = start(sandbox, &format!("{args} --output json"));
    let mut line = String::new();
    BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
    assert!(line.starts_with("{\"event\":\"start\""), "{line}");
    child
}

fn send(child: &Child, signal: &str) {
    let id = child.id().to_string();
    let sent = Command::new("sh").args(["-c", "kill -s \"$0\" \"$1\"", signal, &id]).status();
    assert!(sent.unwrap().success(), "{signal}");
}

/// Exit code and standard error.
fn end_of(output: &Output) -> (Option<i32>, String) {
    (output.status.code(), String::from_utf8(output.stderr.clone()).unwrap())
}

fn assert_same_model(sandbox: &Sandbox, found: &str, expected: &str) {
    assert_eq!(sandbox.files(found), sandbox.files(expected));
    for file in sandbox.files(expected) {
        let [found, expected] = [found, expected].map(|f| sandbox.read(&format!("{f}/{file}")));
        assert!(found == expected, "{file}");
    }
}

#[test]
fn a_training_that_a_signal_stops_ends_with_the_same_bytes_once_it_is_resumed() {
    let sandbox = Sandbox::with_data();
    sandbox.train("whole", SETTINGS);
    for signal in ["INT", "TERM", "XCPU", "USR1"] {
        let child = start_with_json(&sandbox, &training(signal, SETTINGS));
        send(&child, signal);
        let (code, err) = end_of(&child.wait_with_output().unwrap());
        let expected = format!(
            "stopping after this step; a second signal stops at once\n\
             error: {signal}: the training was stopped, its checkpoint has all steps; continue with --resume\n"
        );
        assert_eq!((code, err), (Some(75), expected), "{signal}");
        assert_eq!(sandbox.files(signal), ["checkpoint"]);
        sandbox.train(signal, &format!("{SETTINGS} --resume"));
        assert_same_model(&sandbox, signal, "whole");
    }
}

#[test]
fn an_adaptation_that_a_signal_stops_ends_with_the_same_bytes_once_it_is_resumed() {
    let sandbox = Sandbox::with_data();
    let lines = gleaner_sample::unlabelled().into_iter().take(300);
    sandbox.write("raw.txt", lines.map(|words| words.join(" ") + "\n").collect::<String>());
    let command = |out: &str| {
        format!(
            "adapt --encoder sample:tiny --text raw.txt --batch 8 --length 64 --steps 300 --out {out} --threads 2"
        )
    };
    sandbox.run(&command("whole"));
    let child = start_with_json(&sandbox, &command("out"));
    send(&child, "TERM");
    let (code, err) = end_of(&child.wait_with_output().unwrap());
    assert_eq!(code, Some(75), "{err}");
    assert!(err.ends_with("its checkpoint has all steps; continue with --resume\n"), "{err}");
    assert_eq!(sandbox.files("out"), ["checkpoint"]);
    sandbox.run(&format!("{} --resume", command("out")));
    assert_same_model(&sandbox, "out", "whole");
}

#[test]
fn a_study_that_a_signal_stops_continues_with_the_same_command() {
    let sandbox = study::sandbox();
    sandbox.run("study run study.toml --out whole");
    let child = start_with_json(&sandbox, "study run study.toml");
    send(&child, "TERM");
    let (code, err) = end_of(&child.wait_with_output().unwrap());
    assert_eq!(code, Some(75), "{err}");
    let last = err.lines().last().unwrap();
    assert!(last.starts_with("error: study-results: the study was stopped with "), "{err}");
    assert!(last.ends_with(" of 9 runs finished; continue with the same command"), "{err}");
    let (status, _) = sandbox.run("study status study.toml");
    assert!(status.contains("running: 0, failed: 0, open: "), "{status}");
    sandbox.run("study run study.toml");
    assert!(tables(&sandbox, "study-results") == tables(&sandbox, "whole"));
}

/// Starts to label three sentences that are longer than a pipe, and returns once the first one fills the pipe.
fn start_labelling(sandbox: &Sandbox) -> Child {
    let words: Vec<String> = (0..20_000).map(|i| format!("\"woord{i}\"")).collect();
    let line = format!("{{\"tokens\": [{}]}}\n", words.join(","));
    sandbox.write("in.jsonl", line.repeat(3));
    let args = format!("predict {} in.jsonl --threads 2", tagger().display());
    let mut child = start(sandbox, &args);
    child.stdout.as_mut().unwrap().read_exact(&mut [0]).unwrap();
    child
}

/// Reads standard error up to the line that says that the program stops.
fn wait_for_notice(child: &mut Child) {
    let said = BufReader::new(child.stderr.as_mut().unwrap()).lines().map(Result::unwrap);
    let notice = "stopping after this sentence; a second signal stops at once";
    assert!(said.take(9).any(|line| line == notice));
}

#[test]
fn labelling_stops_after_a_complete_sentence() {
    let sandbox = Sandbox::new();
    let mut child = start_labelling(&sandbox);
    send(&child, "TERM");
    wait_for_notice(&mut child);
    let output = child.wait_with_output().unwrap();
    assert_eq!(
        end_of(&output),
        (
            Some(75),
            "error: the labelling was stopped; every sentence that was written is complete; run the command again \
             to label all of them\n"
                .to_owned()
        )
    );
    let out = format!("{{{}", String::from_utf8(output.stdout).unwrap());
    assert!(out.ends_with('\n'));
    assert_eq!(objects(&out).len(), 1);
}

#[test]
fn a_second_signal_ends_the_program_at_once() {
    let sandbox = Sandbox::new();
    for (signal, number) in [("INT", 2), ("TERM", 15)] {
        let mut child = start_labelling(&sandbox);
        // Warnings of a cluster may be repeated.
        ["XCPU", "XCPU", "USR1"].iter().for_each(|warning| send(&child, warning));
        wait_for_notice(&mut child);
        assert!(child.try_wait().unwrap().is_none(), "a warning ended the program");
        // Nobody reads the sentence, so it is never complete. Signals within a moment are one request.
        let mut sent = 0;
        while child.try_wait().unwrap().is_none() {
            sent += 1;
            if sent > 100 {
                child.kill().unwrap();
                panic!("{signal} does not end the program");
            }
            send(&child, signal);
            thread::sleep(Duration::from_millis(300));
        }
        assert_eq!(child.wait().unwrap().signal(), Some(number), "{signal}");
    }
}
