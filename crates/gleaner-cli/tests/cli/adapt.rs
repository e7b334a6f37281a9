//! `gleaner adapt`: an encoder learns from raw text, and a killed training continues with the same bytes.

use crate::common::{self, Sandbox, objects};
use gleaner_nn::weights::WeightFile;
use serde_json::Value;

const QUICK: &str = "--encoder sample:tiny --text raw.txt --length 64 --batch 8 --steps 12 --held-out 0.1 --threads 2";
const WORDS: &str = "bert.embeddings.word_embeddings.weight";

/// With the file `raw.txt`: 300 sentences of the sample.
fn sandbox() -> Sandbox {
    let sandbox = Sandbox::with_data();
    let lines = gleaner_sample::unlabelled().into_iter().take(300);
    sandbox.write("raw.txt", lines.map(|words| words.join(" ") + "\n").collect::<String>());
    sandbox
}

/// The arguments of an adaptation; `options` override those of [`QUICK`].
fn adapting(out: &str, options: &str) -> String {
    let mut args = format!("adapt --out {out} {options}");
    for pair in QUICK.split(" --").map(|pair| pair.trim_start_matches("--")) {
        let (name, _) = pair.split_once(' ').unwrap();
        if !options.split_whitespace().any(|o| o == format!("--{name}")) {
            args += &format!(" --{pair}");
        }
    }
    args
}

fn history(sandbox: &Sandbox, folder: &str) -> Vec<Value> {
    sandbox.json(&format!("{folder}/adapted.json"))["history"].as_array().unwrap().clone()
}

fn held_out(record: &Value) -> f64 {
    record["held-out-loss"].as_f64().unwrap()
}

fn weights(sandbox: &Sandbox, folder: &str) -> WeightFile {
    WeightFile::open(&sandbox.path(folder).join("model.safetensors")).unwrap()
}

/// The files that differ between two folders.
fn differences(sandbox: &Sandbox, a: &str, b: &str) -> Vec<String> {
    assert_eq!(sandbox.files(a), sandbox.files(b));
    let same = |f: &String| sandbox.read(&format!("{a}/{f}")) == sandbox.read(&format!("{b}/{f}"));
    sandbox.files(a).into_iter().filter(|f| !same(f)).collect()
}

#[test]
fn an_adapted_encoder_predicts_hidden_pieces_better_and_a_tagger_trains_on_it() {
    let sandbox = sandbox();
    let options = "--steps 60 --head-steps 30 --head-rate 0.01 --rate 1e-3 --measurements 2";
    let (out, err) = sandbox.run(&adapting("adapted", options));
    assert!(err.contains("60 steps, of which 30 train the head alone"), "{err}");
    assert!(out.contains("Loss on held-out sentences: "), "{out}");
    let files = ["README.md", "adapted.json", "config.json", "model.safetensors", "tokenizer.json"];
    assert_eq!(sandbox.files("adapted"), files);
    let history = history(&sandbox, "adapted");
    let losses: Vec<f64> = history.iter().map(held_out).collect();
    assert_eq!(losses.len(), 3);
    assert!(losses[1] < losses[0] - 0.5 && losses[2] < losses[1] - 0.1, "{losses:?}");
    assert_eq!(history[0]["loss"], Value::Null);
    assert_eq!(sandbox.json("adapted/config.json")["architectures"][0], "BertForMaskedLM");

    sandbox.train("tagger", "--data data --encoder adapted --epochs 1");
    sandbox.run("evaluate tagger data");
    let (saved, tiny) = (weights(&sandbox, "adapted"), gleaner_sample::encoder().weights);
    let tiny = WeightFile::from_bytes("tiny", tiny).unwrap();
    let shape = saved.shape(WORDS).unwrap();
    let (new, old) = (
        saved.read(WORDS, shape).unwrap(),
        tiny.read(WORDS.strip_prefix("bert.").unwrap(), shape).unwrap(),
    );
    let changed = new.chunks(shape[1]).zip(old.chunks(shape[1])).filter(|(a, b)| a != b).count();
    let active = sandbox.json("adapted/adapted.json")["active"].as_u64().unwrap() as usize;
    assert!(active < shape[0]);
    assert_eq!(changed, active, "the active rows are trained and no others");
}

#[test]
fn adapting_again_starts_from_the_head_of_before() {
    let sandbox = sandbox();
    sandbox.run(&adapting("first", "--head-steps 6 --head-rate 0.01"));
    let (_, err) = sandbox.run(&adapting("second", "--encoder first --whole-words"));
    assert!(err.contains("12 steps, of which 0 train the head alone"), "{err}");
    // Whole words hide other pieces, so the losses compare only without them.
    sandbox.run(&adapting("third", "--encoder first --steps 1"));
    let last = held_out(history(&sandbox, "first").last().unwrap());
    assert_eq!(held_out(&history(&sandbox, "third")[0]), last);
    assert_ne!(held_out(&history(&sandbox, "second")[0]), last);
}

#[test]
fn killed_and_resumed_equals_uninterrupted() {
    let sandbox = sandbox();
    let options = "--head-steps 5 --checkpoint-seconds 0 --measurements 6";
    sandbox.run(&adapting("whole", options));
    // Lines: start, then 7 measurements, each before the checkpoint of its step.
    for lines in 1..=7 {
        common::kill_after(&sandbox, &adapting("out", options), lines);
        assert!(!sandbox.path("out/config.json").exists(), "it was over before the kill");
        sandbox.run(&adapting("out", &format!("{options} --resume")));
        let different = differences(&sandbox, "out", "whole");
        assert!(different.is_empty(), "killed after {lines} lines: {different:?}");
        std::fs::remove_dir_all(sandbox.path("out")).unwrap();
    }
}

#[test]
fn an_adaptation_is_not_resumed_with_another_encoder() {
    let sandbox = sandbox();
    sandbox.run(&adapting("first", "--steps 1"));
    let options = "--encoder first --checkpoint-seconds 0 --measurements 6";
    common::kill_after(&sandbox, &adapting("out", options), 4);
    let weights = sandbox.read("first/model.safetensors");
    let mut other = weights.clone();
    *other.last_mut().unwrap() ^= 1;
    sandbox.write("first/model.safetensors", &other);
    let refused = sandbox.fails(&adapting("out", &format!("{options} --resume")), 2);
    insta::assert_snapshot!(refused, @"out: holds an unfinished adaptation of an encoder that has changed since; restore it, or choose another folder");
    sandbox.write("first/model.safetensors", &weights);
    let (_, err) = sandbox.run(&adapting("out", &format!("{options} --resume")));
    assert!(err.contains("continuing after step "), "{err}");
}

#[test]
fn an_unfinished_adaptation_is_neither_overwritten_nor_mixed_with_another() {
    let sandbox = sandbox();
    let options = "--checkpoint-seconds 0 --measurements 6";
    common::kill_after(&sandbox, &adapting("out", options), 4);
    let refused = |options: &str| sandbox.fails(&adapting("out", options), 2);
    insta::assert_snapshot!(refused(options), @"out: the folder is not empty; it holds an unfinished training: add --resume, or choose another folder");
    insta::assert_snapshot!(refused(&format!("{options} --seed 1 --resume")), @"out: holds an unfinished adaptation with other settings; use the same settings and number of threads, or choose another folder");
    let text = sandbox.read("raw.txt");
    sandbox.write("raw.txt", [&text[..], b"Nog een sin.\n"].concat());
    insta::assert_snapshot!(refused(&format!("{options} --resume")), @"out: holds an unfinished adaptation on texts that have changed since; restore them, or choose another folder");
    sandbox.write("raw.txt", text);
    let (_, err) = sandbox.run(&adapting("out", &format!("{options} --resume")));
    assert!(err.contains("continuing after step "), "{err}");
    insta::assert_snapshot!(refused(&format!("{options} --resume")), @"out: the training in it is finished; use the model as it is, or choose another folder");
}

#[test]
fn sentences_of_excluded_texts_are_left_out_and_counted() {
    let sandbox = sandbox();
    let test = gleaner_sample::unlabelled_gold();
    sandbox.write("gold/test.conll", gleaner_sample::to_conll(&test[..20]));
    let options = "--steps 2 --exclude gold --join raw.txt=30 --output json";
    let events = objects(&sandbox.run(&adapting("out", options)).0);
    let texts = events[0]["texts"].as_array().unwrap();
    let counts = |text: &Value| {
        ["sentences", "held-out", "excluded"].map(|name| text[name].as_u64().unwrap())
    };
    let (own, joined) = (counts(&texts[0]), counts(&texts[1]));
    assert_eq!((own[2], joined[2]), (20, 20));
    // The segmenter takes an abbreviation for the end of a sentence in two of the 300 lines.
    assert_eq!((own.iter().sum::<u64>(), joined.iter().sum::<u64>()), (302, 30));
    let note = "40 sentences also occur in excluded texts and were left out";
    assert_eq!(events[0]["notes"][0], note);
    sandbox.says("out/README.md", &[note, "| raw.txt | ", "| step | pieces |"]);
    assert_eq!(events.last().unwrap()["event"], "done");
}

#[test]
fn the_same_settings_give_the_same_bytes_and_another_seed_does_not() {
    let sandbox = sandbox();
    for (out, options) in [("a", "--steps 3"), ("b", "--steps 3"), ("c", "--steps 3 --seed 7")] {
        sandbox.run(&adapting(out, options));
    }
    assert_eq!(differences(&sandbox, "a", "b"), [""; 0]);
    assert!(differences(&sandbox, "a", "c").contains(&"model.safetensors".to_owned()));
}

/// A word in Georgian letters, which the sample's tokenizer does not know.
fn respelt(word: &str) -> String {
    let letter = |c: char| match c {
        'a'..='z' => char::from_u32(u32::from(c) - u32::from('a') + 0x10d0),
        'A'..='Z' => char::from_u32(u32::from(c) - u32::from('A') + 0x10a0),
        _ => Some(c),
    };
    word.chars().filter_map(letter).collect()
}

/// The sandbox with its text in Georgian letters, and labelled text of the same kind in `labelled`.
fn respelt_sandbox() -> Sandbox {
    let sandbox = sandbox();
    sandbox.write("raw.txt", respelt(&sandbox.text("raw.txt")));
    let mut sentences = gleaner_sample::target().train[..60].to_vec();
    sentences.iter_mut().flat_map(|s| &mut s.words).for_each(|word| *word = respelt(word));
    for (part, range) in [("train", 0..40), ("dev", 40..50), ("test", 50..60)] {
        let text = gleaner_sample::to_conll(&sentences[range]);
        sandbox.write(&format!("labelled/{part}.conll"), text);
    }
    sandbox
}

#[test]
fn letters_and_pieces_that_the_tokenizer_lacks_are_added() {
    let sandbox = respelt_sandbox();
    let options = "--new-pieces 300 --steps 6 --checkpoint-seconds 0 --measurements 6";
    let (_, err) = sandbox.run(&adapting("out", options));
    assert!(err.contains(" of at most 300 new pieces, "), "{err}");
    let new = &sandbox.json("out/adapted.json")["new-pieces"];
    let number = |of: &Value, name: &str| of[name].as_f64().unwrap();
    assert!(number(&new["before"], "unknown") > 0.7 && number(&new["after"], "unknown") < 0.03);
    let rows = 1500 + new["learnt"].as_u64().unwrap() as usize;
    assert!((1560..=1800).contains(&rows) && new["added"] == true, "{new}");
    let tokenizer = sandbox.json("out/tokenizer.json");
    assert_eq!(tokenizer["model"]["vocab"].as_object().unwrap().len(), rows);
    assert_eq!(sandbox.json("out/config.json")["vocab_size"], rows);
    assert_eq!(weights(&sandbox, "out").shape(WORDS), Some(&[rows, 64][..]));
    sandbox.says("out/README.md", &[" of at most 300 new pieces, "]);

    common::kill_after(&sandbox, &adapting("killed", options), 4);
    sandbox.run(&adapting("killed", &format!("{options} --resume")));
    assert_eq!(differences(&sandbox, "out", "killed"), [""; 0]);

    sandbox.train("tagger", "--data labelled --encoder out --epochs 1");
    // Its letters are known now.
    let (_, err) = sandbox.run(&adapting("again", "--encoder out --steps 2 --new-pieces 5"));
    assert!(err.contains("note: no new pieces"), "{err}");
    assert_eq!(sandbox.read("again/tokenizer.json"), sandbox.read("out/tokenizer.json"));
}

#[test]
fn doctor_estimates_an_adaptation_and_writes_nothing() {
    let sandbox = sandbox();
    let before = sandbox.files("");
    let args = QUICK.replace("--steps 12", "--epochs 2");
    let (out, _) = sandbox.run(&format!("doctor adapt {args}"));
    for row in ["text ", "parameters ", "steps ", "speed ", "time ", "memory needed "] {
        assert!(out.lines().any(|line| line.starts_with(row)), "{row}\n{out}");
    }
    let json = objects(&sandbox.run(&format!("doctor adapt {args} --output json")).0).remove(0);
    assert!(json["seconds"].as_f64().unwrap() > 0.0);
    assert_eq!(sandbox.files(""), before);
    let events = objects(&sandbox.run(&format!("adapt --out out {args} --output json")).0);
    for (of_doctor, of_start) in
        [("steps", "steps"), ("head-steps", "head-steps"), ("active", "active-pieces")]
    {
        assert_eq!(json[of_doctor], events[0][of_start]);
    }
}

#[test]
fn wrong_input_is_refused_in_one_line_before_anything_is_written() {
    let sandbox = sandbox().with_encoder();
    let refused = |options: &str, code: i32| {
        let message = sandbox.fails(&adapting("out", options), code);
        assert!(!sandbox.path("out").exists(), "{options} wrote something");
        message
    };
    insta::assert_snapshot!(refused("--text absent.txt", 1), @"absent.txt: no such file or folder; check the path");
    insta::assert_snapshot!(refused("--pieces 100", 2), @"epochs, steps, pieces: each sets the number of steps; give one of them");
    insta::assert_snapshot!(refused("--head-steps 12", 2), @"head-steps: 12 of 12 steps leave none for the encoder; use fewer");
    insta::assert_snapshot!(refused("--length 512", 2), @"length: the encoder reads 128 pieces at a time; use 128 or fewer");
    insta::assert_snapshot!(refused("--exclude raw.txt", 2), @"no sentence is left to learn from; add text, or exclude less");
    insta::assert_snapshot!(refused("--force-new-pieces", 2), @"force-new-pieces: no effect without new-pieces; give their number");
    let mut tokenizer = sandbox.json("encoder/tokenizer.json");
    tokenizer["model"] = serde_json::json!({"type": "WordLevel", "unk_token": "[UNK]",
        "vocab": tokenizer["model"]["vocab"]});
    sandbox.write("level/tokenizer.json", tokenizer.to_string());
    for file in ["config.json", "model.safetensors"] {
        sandbox.write(&format!("level/{file}"), sandbox.read(&format!("encoder/{file}")));
    }
    insta::assert_snapshot!(refused("--encoder level --new-pieces 9", 4), @"level/tokenizer.json: no pieces can be added to a WordLevel tokenizer; leave out --new-pieces, or choose another encoder");
    let tokenizer = sandbox.text("encoder/tokenizer.json").replace("[MASK]", "[HIDE]");
    sandbox.write("encoder/tokenizer.json", tokenizer);
    insta::assert_snapshot!(refused("--encoder encoder", 4), @"encoder: its tokenizer has no mask piece ([MASK] or <mask>); choose an encoder whose tokenizer has one");
}

#[test]
fn divergence_ends_with_code_7_and_leaves_no_encoder() {
    let sandbox = sandbox();
    let options = "--rate 1e30 --head-steps 0 --warmup 0";
    let output = sandbox.command(&adapting("out", options)).output().unwrap();
    assert_eq!(output.status.code(), Some(7));
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("the loss is NaN or infinite: adapting diverged"), "{said}");
    assert!(!sandbox.path("out/config.json").exists());
}
