//! Signals stop a command in good order.

use crate::{
    common::{Sandbox, program, training},
    recipe,
    study::{self, tables},
};
use std::{
    io::{BufRead, BufReader},
    process::{Child, Command, Output, Stdio},
};

/// The signals that ask to stop.
const SIGNALS: [&str; 4] = ["INT", "TERM", "XCPU", "USR1"];

/// Settings of a training of some seconds. Nothing but a signal makes it write a checkpoint.
const SETTINGS: &str = "--data data --epochs 30 --batch 4 --accumulate 2";

/// Standard error without the line that a thread of its own writes at the first signal: the end of the program can
/// overtake it.
pub fn without_notice(err: &str, unit: &str) -> String {
    err.replacen(&format!("stopping after this {unit}; a second signal stops at once\n"), "", 1)
}

/// Starts the program.
pub fn start(sandbox: &Sandbox, args: &str) -> Child {
    program()
        .current_dir(sandbox.path(""))
        .args(args.split_whitespace())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

/// Starts the program with JSON Lines as output, and waits for some events of a kind.
pub fn start_until(sandbox: &Sandbox, args: &str, event: &str, number: usize) -> Child {
    wait_for(start(sandbox, &format!("{args} --output json")), event, number)
}

/// Waits for some events of a kind on standard output.
pub fn wait_for(mut child: Child, event: &str, number: usize) -> Child {
    let lines = BufReader::new(child.stdout.as_mut().unwrap()).lines().map(Result::unwrap);
    let wanted = format!("{{\"event\":\"{event}\",");
    let found = lines.filter(|line| line.starts_with(&wanted)).take(number).count();
    assert_eq!(found, number, "{event}");
    child
}

pub fn send(child: &Child, signal: &str) {
    let id = child.id().to_string();
    let sent = Command::new("sh").args(["-c", "kill -s \"$0\" \"$1\"", signal, &id]).status();
    assert!(sent.unwrap().success(), "{signal}");
}

/// Exit code and standard error.
pub fn end_of(output: &Output) -> (Option<i32>, String) {
    (output.status.code(), String::from_utf8(output.stderr.clone()).unwrap())
}

/// Sends a signal and waits for the end; gives exit code and standard error.
fn stopped_by(child: Child, signal: &str) -> (Option<i32>, String) {
    send(&child, signal);
    let (code, err) = end_of(&child.wait_with_output().unwrap());
    (code, without_notice(&err, "step"))
}

pub fn assert_same_model(sandbox: &Sandbox, found: &str, expected: &str) {
    assert_same_files(sandbox, found, sandbox, expected);
}

/// Asserts that two folders have the same files.
fn assert_same_files(one: &Sandbox, found: &str, other: &Sandbox, expected: &str) {
    assert_eq!(one.files(found), other.files(expected));
    for file in other.files(expected) {
        let found = one.read(&format!("{found}/{file}"));
        assert!(found == other.read(&format!("{expected}/{file}")), "{file}");
    }
}

#[test]
fn a_training_that_a_signal_stops_ends_with_the_same_bytes_once_it_is_resumed() {
    let sandbox = Sandbox::with_data();
    sandbox.train("whole", SETTINGS);
    for signal in SIGNALS {
        let child = start_until(&sandbox, &training(signal, SETTINGS), "start", 1);
        let error = format!(
            "error: {signal}: the training was stopped, its checkpoint has all steps; continue with --resume\n"
        );
        assert_eq!(stopped_by(child, signal), (Some(75), error), "{signal}");
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
            "adapt --encoder sample:tiny --text raw.txt --batch 8 --length 64 --steps 40 --out {out} --threads 2"
        )
    };
    sandbox.run(&command("whole"));
    for signal in SIGNALS {
        let child = start_until(&sandbox, &command(signal), "start", 1);
        let error = format!(
            "error: {signal}: the training was stopped, its checkpoint has all steps; continue with --resume\n"
        );
        assert_eq!(stopped_by(child, signal), (Some(75), error), "{signal}");
        assert_eq!(sandbox.files(signal), ["checkpoint"]);
        sandbox.run(&format!("{} --resume", command(signal)));
        assert_same_model(&sandbox, signal, "whole");
    }
}

#[test]
fn a_study_that_a_signal_stops_continues_with_the_same_command() {
    let sandbox = study::sandbox();
    // A training, and one that starts from its model.
    let args = |out: &str| format!("study run study.toml --only transfer/*/x1/* --out {out}");
    sandbox.run(&args("whole"));
    for signal in SIGNALS {
        let child = start_until(&sandbox, &args(signal), "start", 1);
        let error = |done: usize| {
            format!(
                "error: {signal}: the study was stopped with {done} of 2 runs finished; continue with the \
                 same command\n"
            )
        };
        let (code, err) = stopped_by(child, signal);
        assert_eq!(code, Some(75), "{err}");
        assert!([0, 1].map(error).contains(&err), "{err}");
        let (status, _) = sandbox.run(&format!("study status study.toml --out {signal}"));
        assert!(status.contains("running: 0, failed: 0, open: "), "{status}");
        sandbox.run(&args(signal));
        assert!(tables(&sandbox, signal) == tables(&sandbox, "whole"), "{signal}");
    }
}

#[test]
fn a_recipe_that_signals_stop_in_its_stages_ends_with_the_same_bytes_once_it_is_resumed() {
    // Models record the paths of those that they start or learn from, so both have the same.
    let [whole, sandbox] = [Sandbox::with_data(), Sandbox::with_data()];
    let args = recipe::best("out", "--epochs 4");
    whole.run(&args);
    // Which training is stopped, counted from where the command continues.
    for (signal, number, resume, stage) in [
        ("TERM", 1, "", "out.stages/sources"),
        ("INT", 3, " --resume", "out.stages/member-2"),
        ("USR1", 2, " --resume", "out"),
    ] {
        let child = start_until(&sandbox, &format!("{args}{resume}"), "start", number);
        let error = format!(
            "error: {stage}: the training was stopped, its checkpoint has all steps; continue with --resume\n"
        );
        assert_eq!(stopped_by(child, signal), (Some(75), error), "{signal}");
        assert_eq!(sandbox.files(stage), ["checkpoint"]);
    }
    sandbox.run(&format!("{args} --resume"));
    assert_same_files(&sandbox, "out", &whole, "out");
    assert!(!sandbox.path("out.stages").exists());
}
