//! A disk that is full or gone ends a command with one line.

use crate::{
    common::{Sandbox, tagger, training},
    study,
};
use std::{
    fs,
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
};

/// The program with some standard output.
fn spawn(sandbox: &Sandbox, args: &str, out: impl Into<Stdio>) -> Child {
    Command::new(env!("CARGO_BIN_EXE_gleaner"))
        .current_dir(sandbox.path(""))
        .args(args.split_whitespace())
        .stdout(out)
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

/// Exit code and the last line of standard error.
fn end_of(child: Child) -> (Option<i32>, String) {
    let output = child.wait_with_output().unwrap();
    let err = String::from_utf8(output.stderr).unwrap();
    (output.status.code(), err.lines().last().unwrap_or_default().to_owned())
}

/// Runs the program with a limit of 32 or 64 KiB on the size of files; gives exit code and standard error.
fn run_limited(sandbox: &Sandbox, args: &str) -> (Option<i32>, String) {
    let output = Command::new("sh")
        .current_dir(sandbox.path(""))
        .args(["-c", "ulimit -f 64; exec \"$0\" \"$@\"", env!("CARGO_BIN_EXE_gleaner")])
        .args(args.split_whitespace())
        .output()
        .unwrap();
    (output.status.code(), String::from_utf8(output.stderr).unwrap())
}

/// The end of the error of a file that exceeds the limit.
const TOO_LARGE: &str =
    "File too large (os error 27); check the path, its permissions and the space left";

/// Waits for the first line of JSON.
fn wait_for_start(child: &mut Child) {
    let mut line = String::new();
    BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
    assert!(line.starts_with("{\"event\":\"start\""), "{line}");
}

#[test]
fn a_limit_on_the_size_of_files_is_an_error_and_the_training_can_be_resumed() {
    let sandbox = Sandbox::with_data();
    let args = training("out", "--data data");
    let (code, err) = run_limited(&sandbox, &args);
    assert_eq!(code, Some(1), "{err}");
    let last = err.lines().last().unwrap();
    assert!(last.starts_with("error: out/") && last.ends_with(TOO_LARGE), "{err}");
    let left = sandbox.files("out");
    assert!(
        left.iter().all(|name| !name.ends_with(".partial") && name != "gleaner.json"),
        "{left:?}"
    );
    sandbox.run(&format!("{args} --resume"));
    sandbox.train("whole", "--data data");
    for file in sandbox.files("whole") {
        let [found, expected] = ["out", "whole"].map(|f| sandbox.read(&format!("{f}/{file}")));
        assert!(found == expected, "{file}");
    }
}

#[test]
fn a_study_records_runs_whose_files_are_too_large_and_repeats_them() {
    let sandbox = study::sandbox();
    let args = "study run study.toml --only baseline";
    let (code, err) = run_limited(&sandbox, args);
    assert_eq!(code, Some(5), "{err}");
    assert!(err.contains(TOO_LARGE), "{err}");
    let (out, _) = sandbox.run(args);
    assert!(out.contains("runs finished: 1\n"), "{out}");
}

#[test]
#[cfg(target_os = "linux")]
fn a_full_standard_output_is_an_error_and_the_model_is_kept() {
    let sandbox = Sandbox::with_data();
    let full = || fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
    let refused = "error: standard output cannot be written: No space left on device (os error 28)"
        .to_owned();
    let child = spawn(&sandbox, &training("out", "--data data"), full());
    assert_eq!(end_of(child), (Some(1), refused.clone()));
    sandbox.run("evaluate out data/test.conll");
    let predict = format!("predict {} data/test.conll", tagger().display());
    assert_eq!(end_of(spawn(&sandbox, &predict, full())), (Some(1), refused));
}

#[test]
fn a_closed_standard_output_does_not_end_a_training() {
    let sandbox = Sandbox::with_data();
    let args = training("out", "--data data --epochs 9 --output json");
    let mut child = spawn(&sandbox, &args, Stdio::piped());
    wait_for_start(&mut child);
    drop(child.stdout.take());
    assert_eq!(end_of(child), (Some(0), String::new()));
    assert!(sandbox.path("out/gleaner.json").exists());
}

#[test]
fn a_folder_that_is_removed_ends_its_training_with_one_line() {
    let sandbox = Sandbox::with_data();
    let args = training("out", "--data data --epochs 60 --checkpoint-seconds 0 --output json");
    let mut child = spawn(&sandbox, &args, Stdio::piped());
    wait_for_start(&mut child);
    // Files are added while it is removed.
    while fs::remove_dir_all(sandbox.path("out")).is_err() {}
    let (code, line) = end_of(child);
    assert_eq!(code, Some(1), "{line}");
    let expected = ": no such file or folder; check the path";
    assert!(line.starts_with("error: out/checkpoint") && line.ends_with(expected), "{line}");
    assert!(!sandbox.path("out").exists());
}
