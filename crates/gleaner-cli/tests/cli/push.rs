//! `gleaner push`.

use crate::common::{Sandbox, objects, tagger};
use gleaner_hub::testing::{Fault, TestHub};
use std::fs;

/// A sandbox with a tagger, `model`, and a hub that the token `writer` may write to.
fn with_model() -> (Sandbox, TestHub) {
    let sandbox = Sandbox::with_data();
    for entry in fs::read_dir(tagger()).unwrap().map(Result::unwrap) {
        let name = entry.file_name().into_string().unwrap();
        sandbox.write(&format!("model/{name}"), fs::read(entry.path()).unwrap());
    }
    sandbox.write("model/notes.txt", "not part of the model");
    fs::create_dir_all(sandbox.path("hub/models")).unwrap();
    let hub = TestHub::serve(sandbox.path("hub"));
    hub.allow_writing("writer");
    (sandbox, hub)
}

/// Runs the program with its own cache and this token; gives exit code, standard output and standard error.
fn run(sandbox: &Sandbox, hub: &TestHub, token: &str, args: &str) -> (i32, String, String) {
    let mut command = sandbox.command(args);
    command.env("HF_HOME", sandbox.path("cache")).env("HF_ENDPOINT", hub.endpoint());
    command.env("HF_TOKEN", token).env_remove("HF_TOKEN_PATH").env("HF_HUB_OFFLINE", "0");
    let output = command.output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap().replace(&hub.endpoint(), "ENDPOINT");
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

#[test]
fn a_pushed_model_is_downloaded_and_labels_as_before() {
    let (sandbox, hub) = with_model();
    let (code, out, err) = run(&sandbox, &hub, "writer", "push model me/tagger");
    assert_eq!(code, 0, "{err}");
    let commit = hub.commit("models/me/tagger");
    let said = out.replace(&commit, "COMMIT");
    assert!(said.starts_with("ENDPOINT/me/tagger, commit COMMIT: 6 of 6 files are new, "), "{out}");
    for said in ["README.md states no licence", "not sent: notes.txt", "model.safetensors: sent "] {
        assert!(err.contains(said), "{err}");
    }
    assert!(!err.contains("writer"), "the token is not shown: {err}");
    sandbox.write("text.txt", "Anna van Wyk woon in Brakfontein .\n");
    let predict = |model: &str| format!("predict {model} text.txt --format jsonl");
    let (code, labelled, err) = run(&sandbox, &hub, "writer", &predict("me/tagger"));
    assert_eq!(code, 0, "{err}");
    assert_eq!(labelled, sandbox.run(&predict("model")).0);
    // Again, nothing is sent.
    hub.take_requests();
    let (code, out, err) =
        run(&sandbox, &hub, "writer", "push model me/tagger --private --output json");
    assert_eq!((code, out.as_str()), (2, ""), "the repository is public: {err}");
    let (code, out, _) = run(&sandbox, &hub, "writer", "push model me/tagger --output json");
    let event = objects(&out).remove(0);
    assert_eq!((code, &event["event"], &event["commit"]), (0, &"pushed".into(), &commit.into()));
    assert_eq!(event["sent"].as_array().unwrap().len(), 0);
    assert!(hub.take_requests().iter().all(|request| request.method != "PUT"));
}

#[test]
fn a_dry_run_lists_the_files_and_uses_no_network() {
    let (sandbox, hub) = with_model();
    sandbox.write("model/README.md", "---\nlicense: mit\n---\n# A model\n");
    let args = "push model me/tagger --revision v2 --dry-run";
    let (code, out, err) = run(&sandbox, &hub, "", args);
    assert_eq!((code, err.as_str()), (0, ""));
    let lines: Vec<&str> = out.lines().collect();
    assert_eq!(lines[0], "model (tagger) to me/tagger (branch v2):");
    let names: Vec<&str> =
        lines[1..7].iter().filter_map(|line| line.split_whitespace().next()).collect();
    assert_eq!(
        names,
        [
            "README.md",
            "config.json",
            "gleaner.json",
            "model.safetensors",
            "tokenizer.json",
            "trained-on.txt"
        ]
    );
    assert!(lines[1].starts_with("  README.md          31 B"), "{out}");
    assert!(lines[7].starts_with("6 files, "), "{out}");
    assert_eq!(lines[8..], ["not part of the model: notes.txt", "nothing was sent (--dry-run)"]);
    let (_, out, _) = run(&sandbox, &hub, "", &format!("{args} --output json"));
    let event = objects(&out).remove(0);
    assert_eq!((&event["event"], &event["revision"]), (&"planned".into(), &"v2".into()));
    assert_eq!(
        (event["files"].as_array().unwrap().len(), &event["left-out"][0]),
        (6, &"notes.txt".into())
    );
    assert_eq!(hub.take_requests(), []);
}

#[test]
fn an_ensemble_and_an_exported_folder_are_pushed() {
    let (sandbox, hub) = with_model();
    sandbox.run("export model --to onnx --out graph");
    let (code, _, err) = run(&sandbox, &hub, "writer", "push graph me/graph");
    assert_eq!(code, 0, "{err}");
    let pushed = sandbox.files("hub/models/me/graph");
    assert_eq!(pushed, [".gitattributes", "README.md", "model.onnx", "tokenizer.json"]);
    sandbox.train("a", "--data data --seed 1");
    sandbox.train("b", "--data data --seed 2");
    sandbox.run("ensemble a b --dev data/dev.conll --out together");
    let (code, _, err) = run(&sandbox, &hub, "writer", "push together me/together");
    assert_eq!(code, 0, "{err}");
    let weights = |folder: &str| sandbox.read(&format!("{folder}/2/model.safetensors"));
    assert!(weights("hub/models/me/together") == weights("together"));
    let mut other = weights("together");
    *other.last_mut().unwrap() ^= 1;
    sandbox.write("together/2/model.safetensors", other);
    let (code, _, err) = run(&sandbox, &hub, "writer", "push together me/together");
    assert!(code == 4 && err.contains("its SHA-256 is another one"), "{code} {err}");
}

#[test]
fn what_cannot_be_pushed_is_a_one_line_error() {
    let (sandbox, hub) = with_model();
    sandbox.write("empty/checkpoint/state.json", "{}");
    hub.fault("/preupload/main", 100, Fault::Status(403, vec![]));
    for (token, args, expected, says) in [
        ("", "push model me/tagger", 1, "me/tagger: sending requires a token; "),
        (
            "reader",
            "push model me/tagger",
            1,
            "me/tagger: the token may not change this repository (403",
        ),
        (
            "writer",
            "push model me/tagger",
            1,
            "me/tagger: the token may not change this repository (403); ",
        ),
        ("writer", "push empty me/tagger", 4, "empty: the training is not finished; "),
        ("writer", "push none me/tagger", 4, "none: no such folder; "),
        (
            "writer",
            "push model me/tagger@main --revision v2",
            2,
            "--revision: me/tagger@main names a",
        ),
    ] {
        let (code, out, err) = run(&sandbox, &hub, token, args);
        assert_eq!((code, out.as_str()), (expected, ""), "{err}");
        let errors: Vec<&str> =
            err.lines().filter_map(|line| line.strip_prefix("error: ")).collect();
        assert!(errors.len() == 1 && errors[0].starts_with(says), "{err}");
    }
    let (code, _, err) = run(&sandbox, &hub, "writer", "push model just-a-name");
    assert!(code == 2 && err.contains("the owner is missing"), "{err}");
}
