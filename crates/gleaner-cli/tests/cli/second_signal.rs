//! Labelling ends at a signal, and everything at a second one.

use crate::{
    common::{Sandbox, objects, tagger, training},
    signals::{assert_same_model, end_of, send, start, start_until},
};
use std::{
    fs,
    io::{BufRead, BufReader, Read},
    os::unix::process::ExitStatusExt,
    process::{Child, Output},
    thread,
    time::Duration,
};

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

/// Reads standard error up to the line that says that the program stops after this unit. False if it ended before.
fn wait_for_notice(child: &mut Child, unit: &str) -> bool {
    let said = BufReader::new(child.stderr.as_mut().unwrap()).lines().map(Result::unwrap);
    let notice = format!("stopping after this {unit}; a second signal stops at once");
    said.take(9).any(|line| line == notice)
}

#[test]
fn labelling_stops_after_a_complete_sentence() {
    let sandbox = Sandbox::new();
    let mut child = start_labelling(&sandbox);
    send(&child, "TERM");
    assert!(wait_for_notice(&mut child, "sentence"));
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
        assert!(wait_for_notice(&mut child, "sentence"));
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

/// An epoch of this training is one step, which takes a while.
const ONE_STEP: &str =
    "--data sample:af --epochs 4 --batch 8 --accumulate 30 --checkpoint-seconds 0 --threads 1";

/// A training that is stopped by two signals, the second in the middle of a step. If the step is over before, which
/// depends on the machine, it is started again.
fn ended_at_once(sandbox: &Sandbox, signal: &str) -> Output {
    for _ in 0..20 {
        // The checkpoint of the first epoch is complete.
        let mut child = start_until(sandbox, &training(signal, ONE_STEP), "epoch", 2);
        send(&child, signal);
        if wait_for_notice(&mut child, "step") {
            // Signals within a moment are one request, and the step must not be over by then.
            send(&child, "STOP");
            thread::sleep(Duration::from_millis(300));
            if child.try_wait().unwrap().is_none() {
                send(&child, signal);
                send(&child, "CONT");
            }
        }
        let output = child.wait_with_output().unwrap();
        if output.status.code() != Some(75) {
            return output;
        }
        fs::remove_dir_all(sandbox.path(signal)).unwrap();
    }
    panic!("{signal}: no second signal came before the end of a step")
}

#[test]
fn a_training_that_two_signals_end_at_once_is_resumed_from_its_last_checkpoint() {
    let sandbox = Sandbox::new();
    sandbox.train("whole", ONE_STEP);
    for (signal, number) in [("INT", 2), ("TERM", 15)] {
        let output = ended_at_once(&sandbox, signal);
        assert_eq!(output.status.signal(), Some(number), "{signal}: {:?}", end_of(&output));
        assert_eq!(end_of(&output).1, "");
        assert_eq!(sandbox.files(signal), ["checkpoint"]);
        let (_, err) = sandbox.train(signal, &format!("{ONE_STEP} --resume"));
        assert!(err.contains("\ncontinuing after epoch "), "{err}");
        assert_same_model(&sandbox, signal, "whole");
    }
}
