//! Symbolic links in the folders of others, and names that lead out of a folder. The cache of the hub is made of links,
//! so they are followed where a file is read. Nothing is written or removed through them.

use crate::{
    common::{Sandbox, kill_after, tagger, training},
    hostile_model::with_model,
};
use serde_json::json;
use std::{fs, os::unix::fs::symlink};

const PARTS: [&str; 3] = ["train.conll", "dev.conll", "test.conll"];

/// Puts a file elsewhere, as `outside/NAME`, and a link in its place.
fn replace_by_link(sandbox: &Sandbox, folder: &str, name: &str) {
    let path = sandbox.path(folder).join(name);
    fs::create_dir_all(sandbox.path("outside")).unwrap();
    fs::rename(&path, sandbox.path("outside").join(name)).unwrap();
    symlink(format!("../outside/{name}"), path).unwrap();
}

/// The options of an adaptation to `raw.txt` that writes a checkpoint after every step.
const ADAPT: &str = "--encoder sample:tiny --text raw.txt --length 64 --batch 8 --steps 20 --measurements 10 \
                     --checkpoint-seconds 0 --threads 2";

/// With labelled text in `data`, and 300 sentences in `raw.txt`.
fn with_texts() -> Sandbox {
    let sandbox = Sandbox::with_data();
    let lines = gleaner_sample::unlabelled().into_iter().take(300);
    sandbox.write("raw.txt", lines.map(|words| words.join(" ") + "\n").collect::<String>());
    sandbox
}

#[test]
fn a_model_whose_files_are_links_labels_as_before() {
    let sandbox = with_model();
    sandbox.write("text.txt", "Anna van Wyk woon in Brakfontein.\n");
    let predict = |model: &str| sandbox.run(&format!("predict {model} text.txt --format jsonl")).0;
    let expected = predict(tagger().to_str().unwrap());
    for name in ["model.safetensors", "tokenizer.json", "gleaner.json", "config.json"] {
        replace_by_link(&sandbox, "model", name);
        assert_eq!(predict("model"), expected, "{name}");
    }
    fs::remove_file(sandbox.path("outside/model.safetensors")).unwrap();
    let message = sandbox.fails("predict model text.txt --output quiet", 4);
    assert_eq!(
        message,
        "model: no model.safetensors in it; name a folder with config.json, tokenizer.json and model.safetensors"
    );
}

#[test]
fn push_names_the_links_whose_targets_it_would_send() {
    let sandbox = with_model();
    replace_by_link(&sandbox, "model", "model.safetensors");
    sandbox.write("secret", "hunter2\n");
    fs::remove_file(sandbox.path("model/README.md")).unwrap();
    for name in ["README.md", "notes.txt"] {
        symlink("../secret", sandbox.path("model").join(name)).unwrap();
    }
    let (out, err) = sandbox.run("push model me/tagger --dry-run");
    let notes: Vec<&str> = err.lines().filter(|line| line.contains(" is a link")).collect();
    assert_eq!(
        notes,
        [
            "note: README.md is a link; the file that it points to is sent",
            "note: model.safetensors is a link; the file that it points to is sent",
        ]
    );
    assert!(out.contains("\n  README.md          8 B\n"), "{out}");
    assert!(out.contains("\n  model.safetensors  1.02 MiB\n"), "{out}");
    let end = "\nnot part of the model: notes.txt\nnothing was sent (--dry-run)\n";
    assert!(out.ends_with(end), "{out}");
    fs::remove_file(sandbox.path("secret")).unwrap();
    let message = sandbox.fails("push model me/tagger --dry-run", 1);
    assert!(message.starts_with("model/README.md: "), "{message}");
    assert!(message.ends_with("; check its permissions and the disk"), "{message}");
}

#[test]
fn a_corpus_of_links_is_read_as_the_files_that_they_point_to() {
    let sandbox = Sandbox::with_data();
    fs::create_dir(sandbox.path("links")).unwrap();
    for part in PARTS {
        symlink(format!("../data/{part}"), sandbox.path("links").join(part)).unwrap();
    }
    symlink("links", sandbox.path("all")).unwrap();
    sandbox.run("data convert all copies");
    for part in PARTS {
        let [found, expected] = ["copies", "data"].map(|f| sandbox.text(&format!("{f}/{part}")));
        assert_eq!(found, expected, "{part}");
    }
    symlink("missing", sandbox.path("dangling.conll")).unwrap();
    let missing = "dangling.conll: no such file or folder; check the path";
    assert_eq!(sandbox.fails("data inspect dangling.conll", 1), missing);
    assert_eq!(sandbox.refuses("--train dangling.conll", 1), missing);
    symlink("loop.conll", sandbox.path("loop.conll")).unwrap();
    let message = sandbox.fails("data inspect loop.conll", 1);
    assert!(message.starts_with("loop.conll: cannot be read: "), "{message}");
    assert!(message.ends_with("; check the path and its permissions"), "{message}");
    fs::remove_file(sandbox.path("data/train.conll")).unwrap();
    let message = sandbox.refuses("--data links", 3);
    assert!(message.starts_with("links: no training data; expected train.conll, "), "{message}");
}

#[test]
fn a_link_is_replaced_and_what_it_points_to_stays() {
    let sandbox = Sandbox::with_data();
    sandbox.write("mine", "a letter");
    symlink("mine", sandbox.path("a.jsonl")).unwrap();
    symlink("missing", sandbox.path("b.jsonl")).unwrap();
    assert_eq!(
        sandbox.fails("data convert data/dev.conll a.jsonl", 2),
        "a.jsonl: the file exists; choose another name, or overwrite it with --force"
    );
    sandbox.run("data convert data/dev.conll a.jsonl --force");
    sandbox.run("data convert data/dev.conll b.jsonl");
    for name in ["a.jsonl", "b.jsonl"] {
        assert!(!sandbox.path(name).is_symlink(), "{name}");
        assert_eq!(sandbox.text(name).lines().count(), 10, "{name}");
    }
    assert_eq!(sandbox.text("mine"), "a letter");
    assert!(!sandbox.path("missing").exists());
}

#[test]
fn a_checkpoint_that_is_a_link_is_refused_and_nothing_behind_it_is_removed() {
    let sandbox = with_texts();
    sandbox.write("mine/letter.txt", "keep");
    fs::create_dir(sandbox.path("out")).unwrap();
    symlink("../mine", sandbox.path("out/checkpoint")).unwrap();
    for args in [training("out", "--data data"), format!("adapt --out out {ADAPT}")] {
        for resume in ["", " --resume"] {
            assert_eq!(
                sandbox.fails(&format!("{args}{resume}"), 2),
                "out/checkpoint: is a link to elsewhere; remove the link, or choose another folder"
            );
        }
    }
    assert_eq!(sandbox.files("out"), ["checkpoint"]);
    assert_eq!(sandbox.files("mine"), ["letter.txt"]);
}

#[test]
fn a_checkpoint_names_no_file_outside_of_its_folder() {
    let sandbox = with_texts();
    for (args, out) in [
        (training("trained", "--data data --epochs 6 --checkpoint-seconds 0"), "trained"),
        (format!("adapt --out adapted {ADAPT}"), "adapted"),
    ] {
        kill_after(&sandbox, &args, 4);
        let resumed = format!("{args} --resume");
        let path = format!("{out}/checkpoint/state.json");
        let state = sandbox.text(&path);
        let tensors = sandbox.json(&path)["tensors"].as_str().unwrap().to_owned();
        let absolute = sandbox.path(out).join("checkpoint").join(&tensors).display().to_string();
        // All but the last two are the file itself.
        for name in [
            format!("../checkpoint/{tensors}"),
            format!("./{tensors}"),
            absolute,
            "../x".into(),
            "..".into(),
        ] {
            let quoted = |name: &str| json!(name).to_string();
            let changed = state.replace(&quoted(&tensors), &quoted(&name));
            assert_ne!(changed, state);
            sandbox.write(&path, changed);
            assert_eq!(
                sandbox.fails(&resumed, 4),
                format!(
                    "{path}: {name:?} is not the name of a file; choose another folder and start the training again"
                )
            );
        }
        sandbox.write(&path, state);
        sandbox.run(&resumed);
    }
}
