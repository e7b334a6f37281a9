//! An output folder that is removed, moved away or made read-only ends a command with one line. Once the folder is
//! back, the command continues.

use crate::{
    annotate::Served,
    common::{Sandbox, objects, training},
    signals::{assert_same_model, end_of, start_until, wait_for, without_notice},
    study::{self, tables},
};
use serde_json::json;
use std::{
    fs::{self, Permissions},
    os::unix::fs::PermissionsExt,
    path::Path,
    process::{Child, Command, Stdio},
};

/// A training of a moment that writes a checkpoint after every epoch.
const TRAIN: &str = "--data data --epochs 12 --checkpoint-seconds 0";

/// The run of `long.toml` that starts from no other.
const STUDY: &str = "study run long.toml --only baseline --out out";

/// With a study whose run takes a moment, and 300 sentences in `raw.txt`.
fn sandbox() -> Sandbox {
    let sandbox = study::sandbox();
    sandbox.write("long.toml", study::STUDY.replacen("epochs = 2\n", "epochs = 12\n", 1));
    let lines = gleaner_sample::unlabelled().into_iter().take(300);
    sandbox.write("raw.txt", lines.map(|words| words.join(" ") + "\n").collect::<String>());
    sandbox
}

/// The command that adapts an encoder and writes a checkpoint after every step.
fn adapting(out: &str, steps: usize) -> String {
    format!(
        "adapt --encoder sample:tiny --text raw.txt --batch 8 --length 64 --steps {steps} --checkpoint-seconds 0 \
         --out {out} --threads 2"
    )
}

/// Waits for the end of a command, which must be an error of one line with exit code 1; gives this line.
fn error_of(child: Child) -> String {
    let (code, err) = end_of(&child.wait_with_output().unwrap());
    assert_eq!(code, Some(1), "{err}");
    assert_eq!(err.matches('\n').count(), 1, "{err}");
    err
}

/// Gives or takes the permission to change a folder and those below it.
fn set_writable(folder: &Path, is_writable: bool) {
    let mode = if is_writable { 0o755 } else { 0o555 };
    fs::set_permissions(folder, Permissions::from_mode(mode)).unwrap();
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        if entry.file_type().unwrap().is_dir() {
            set_writable(&entry.path(), is_writable);
        }
    }
}

/// The program in the sandbox, without the privilege of root to ignore permissions. `None` where root cannot give it
/// up; faults of the kind `Permission` in the tests of the library cover these errors there.
fn without_privilege(sandbox: &Sandbox) -> Option<Command> {
    fs::create_dir(sandbox.path("closed")).unwrap();
    set_writable(&sandbox.path("closed"), false);
    for prefix in [&["env"][..], &["setpriv", "--bounding-set=-dac_override"][..]] {
        let of = |args: &[&str]| {
            let mut command = Command::new(prefix[0]);
            command.current_dir(sandbox.path("")).args(&prefix[1..]).args(args);
            command
        };
        let script = format!("touch open && ! touch closed/{}", prefix[0]);
        let probe = of(&["sh", "-c", &script]).output();
        if probe.is_ok_and(|output| output.status.success()) {
            return Some(of(&[env!("CARGO_BIN_EXE_gleaner")]));
        }
    }
    eprintln!("skipped: root ignores permissions, and cannot give up this privilege with setpriv");
    None
}

/// Starts a command, makes its output folder read-only after the second event of a kind, and gives the error. Then the
/// folder can be written again. `None` where permissions are ignored.
fn error_without_permission(sandbox: &Sandbox, args: &str, event: &str) -> Option<String> {
    let mut command = without_privilege(sandbox)?;
    command.args(args.split_whitespace()).args(["--output", "json"]);
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let child = wait_for(child, event, 2);
    set_writable(&sandbox.path("out"), false);
    let err = error_of(child);
    set_writable(&sandbox.path("out"), true);
    Some(err)
}

/// The end of an error of a checkpoint that may not be written.
const DENIED: &str =
    ": Permission denied (os error 13); check the path, its permissions and the space left\n";

#[test]
fn a_training_that_may_no_longer_write_continues_once_it_may() {
    let sandbox = sandbox();
    let args = training("out", TRAIN);
    let Some(err) = error_without_permission(&sandbox, &args, "epoch") else { return };
    assert!(err.starts_with("error: out/checkpoint/state") && err.ends_with(DENIED), "{err}");
    sandbox.run(&format!("{args} --resume"));
    sandbox.train("whole", TRAIN);
    assert_same_model(&sandbox, "out", "whole");
}

#[test]
fn an_adaptation_that_may_no_longer_write_continues_once_it_may() {
    let sandbox = sandbox();
    let args = adapting("out", 40);
    let Some(err) = error_without_permission(&sandbox, &args, "measured") else { return };
    assert!(err.starts_with("error: out/checkpoint/state") && err.ends_with(DENIED), "{err}");
    sandbox.run(&format!("{args} --resume"));
    sandbox.run(&adapting("whole", 40));
    assert_same_model(&sandbox, "out", "whole");
}

#[test]
fn a_study_that_may_no_longer_write_continues_once_it_may() {
    let sandbox = sandbox();
    let Some(err) = error_without_permission(&sandbox, STUDY, "epoch") else { return };
    let denied = "/failed.json: Permission denied (os error 13); check the path, its permissions and the free disk space\n";
    assert!(err.starts_with("error: out/runs/") && err.ends_with(denied), "{err}");
    sandbox.run(STUDY);
    sandbox.run(&STUDY.replace("--out out", "--out whole"));
    assert!(tables(&sandbox, "out") == tables(&sandbox, "whole"));
}

#[test]
fn a_folder_that_is_removed_ends_its_adaptation_with_one_line() {
    let sandbox = sandbox();
    let child = start_until(&sandbox, &adapting("out", 400), "measured", 1);
    // Files are added while it is removed.
    while fs::remove_dir_all(sandbox.path("out")).is_err() {}
    let err = error_of(child);
    let expected = ": no such file or folder; check the path\n";
    assert!(err.starts_with("error: out/checkpoint") && err.ends_with(expected), "{err}");
    assert!(!sandbox.path("out").exists());
}

#[test]
fn a_study_whose_folder_is_moved_away_continues_once_it_is_back() {
    let sandbox = sandbox();
    let child = start_until(&sandbox, STUDY, "epoch", 2);
    fs::rename(sandbox.path("out"), sandbox.path("away")).unwrap();
    let err = error_of(child);
    let lost = "/failed.json: No such file or directory (os error 2); check the path, its permissions and the free disk space\n";
    assert!(err.starts_with("error: out/runs/") && err.ends_with(lost), "{err}");
    assert!(!sandbox.path("out").exists());
    fs::rename(sandbox.path("away"), sandbox.path("out")).unwrap();
    sandbox.run(STUDY);
    sandbox.run(&STUDY.replace("--out out", "--out whole"));
    assert!(tables(&sandbox, "out") == tables(&sandbox, "whole"));
}

/// The journal stays open, so it can be written to although nobody finds it.
#[test]
fn an_answer_is_not_confirmed_while_the_project_is_moved_away() {
    let sandbox = Sandbox::new();
    sandbox.write("words.conll", "Anna\nsings\n\nBo\nhums\n\nOslo\nis\nbig\n");
    sandbox.run("annotate p --new --types PER --import words.conll");
    let served = Served::start_with(&sandbox, "p", Stdio::piped());
    let answer = |id: usize| {
        let body = json!({"annotator": "me", "id": id, "action": "accept", "spans": []});
        served.ask("POST", "/api/answers", &body.to_string())
    };
    assert_eq!(answer(0).0, 200);
    fs::rename(sandbox.path("p"), sandbox.path("away")).unwrap();
    let refused = "the request could not be carried out; the output of the program says why";
    assert_eq!(answer(1), (500, json!({"error": refused})));
    assert_eq!(served.get("/api/progress?annotator=me")["answered"], 1);
    fs::rename(sandbox.path("away"), sandbox.path("p")).unwrap();
    assert_eq!(answer(2).0, 200);
    let (code, err) = served.end();
    assert_eq!(code, Some(0), "{err}");
    let warning = "warning: p/journal.jsonl: the file was removed or replaced while the project was open; restore it, \
                   and open the project again\n";
    assert_eq!(without_notice(&err, "request"), warning);
    let journal = objects(&sandbox.text("p/journal.jsonl"));
    let ids: Vec<u64> = journal.iter().map(|entry| entry["id"].as_u64().unwrap()).collect();
    assert_eq!(ids, [0, 2]);
}
