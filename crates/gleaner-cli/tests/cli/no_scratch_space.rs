//! Commands that train several taggers keep texts and taggers in memory: they run where no temporary file
//! can be created, and leave no file behind.

use crate::common::{Sandbox, objects};

/// Runs a command without a usable temporary or home folder; gives its JSON events.
fn run(sandbox: &Sandbox, args: &str) -> Vec<serde_json::Value> {
    let before = sandbox.files("");
    let mut command = sandbox.command(&format!("{args} --output json"));
    for folder in ["TMPDIR", "HOME", "XDG_CACHE_HOME"] {
        // A path below a file can be neither opened nor created, not even by root.
        command.env(folder, sandbox.path("data/train.conll/none"));
    }
    let output = command.output().unwrap();
    let err = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(0), "{args}\n{err}");
    assert_eq!(sandbox.files(""), before);
    objects(&String::from_utf8(output.stdout).unwrap())
}

#[test]
fn an_audit_cross_validates_in_memory() {
    let sandbox = Sandbox::with_data();
    let events = run(
        &sandbox,
        "data audit data --encoder sample:tiny --cross-validate 2 --epochs 1 --threads 2 --deny none",
    );
    assert_eq!(events.iter().filter(|e| e["event"] == "trained").count(), 2);
}

#[test]
fn sources_are_ranked_in_memory() {
    let sandbox = Sandbox::with_data();
    let events = run(
        &sandbox,
        "sources data --candidate sample:nl --encoder sample:tiny --train 40 --epochs 1 --threads 2",
    );
    let ranked = events.iter().find(|e| e["event"] == "source").unwrap();
    assert!(ranked["zero-shot"]["f1"].is_number(), "{ranked}");
}
