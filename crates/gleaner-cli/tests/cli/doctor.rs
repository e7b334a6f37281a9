//! `gleaner doctor`: the machine, and the needs of a training.

use crate::common::{Sandbox, objects, tagger};
use gleaner_nn::weights::WeightFile;

#[test]
fn the_machine_is_described_without_a_training() {
    let sandbox = Sandbox::new();
    let (out, err) = sandbox.run("doctor");
    assert_eq!(err, "");
    let names: Vec<&str> =
        out.lines().map(|l| l.split("  ").find(|p| !p.is_empty()).unwrap()).collect();
    assert_eq!(
        names[1..],
        [
            "processor",
            "features",
            "instructions",
            "cores",
            "memory",
            "devices",
            "precisions",
            "training"
        ]
    );
    assert!(out.ends_with("give --data and --encoder for an estimate\n"), "{out}");
    let json = objects(&sandbox.run("doctor --output json").0).remove(0);
    assert!(json.get("training").is_none());
    let number = |name: &str| json[name].as_u64().unwrap();
    assert!(number("memory") >= number("memory-available"));
    assert!(number("logical-cores") >= 1);
    assert_eq!(sandbox.run("doctor --output quiet").0, "");
}

#[test]
fn a_training_is_estimated_and_nothing_written() {
    let sandbox = Sandbox::with_data();
    let before = sandbox.files("");
    let args = "doctor --data data --encoder sample:tiny --lstm-units 8 --epochs 7";
    let mut settings = insta::Settings::clone_current();
    for (from, to) in [
        (r"(processor|features|instructions|cores|memory|precisions) +.*", "$1 [machine]"),
        (r"[\d,]+ pieces per epoch, [\d,]+ distinct", "[n] pieces per epoch, [n] distinct"),
        (r"parameters +.*", "parameters [n]"),
        (r"\d+ MiB", "[n] MiB"),
        (r"\d+ pieces/s", "[speed] pieces/s"),
        (r"about \d.* per epoch, .* for", "about [time] per epoch, [time] for"),
        (r"gleaner \d\S+", "gleaner [version]"),
    ] {
        settings.add_filter(from, to);
    }
    let (out, _) = sandbox.run(args);
    settings.bind(|| insta::assert_snapshot!("doctor", out));
    let training = objects(&sandbox.run(&format!("{args} --output json")).0)[0]["training"].clone();
    assert_eq!(training["sentences"], 48);
    let (epoch, all) =
        (training["seconds-an-epoch"].as_f64().unwrap(), training["seconds"].as_f64().unwrap());
    assert!(epoch > 0.0 && (all / epoch - 7.0).abs() < 1e-9);
    assert_eq!(sandbox.files(""), before);
}

#[test]
fn the_estimated_parameters_are_those_that_training_changes() {
    let sandbox = Sandbox::with_data();
    for options in ["--lstm-layers 2", "--head crf --freeze embeddings", "--head linear --freeze 2"]
    {
        let args = format!("--data data --lstm-units 8 {options} --output json");
        let doctor =
            objects(&sandbox.run(&format!("doctor {args} --encoder sample:tiny")).0).remove(0);
        let out = format!("out-{}", sandbox.files("").len());
        let start = objects(&sandbox.train(&out, &format!("{args} --epochs 1")).0).remove(0);
        assert_eq!(doctor["training"]["active"], start["active-pieces"]);
        let trained = doctor["training"]["parameters"].as_u64().unwrap();
        assert_eq!(trained, tensors_that_changed(&sandbox, &out), "{options}");
    }
}

/// Number of parameters of a saved tagger in tensors that differ from the encoder's; of the word
/// vectors only the rows that differ.
fn tensors_that_changed(sandbox: &Sandbox, folder: &str) -> u64 {
    let saved = WeightFile::open(&sandbox.path(folder).join("model.safetensors")).unwrap();
    let encoder = WeightFile::from_bytes("encoder", gleaner_sample::encoder().weights).unwrap();
    let changed = |name: &str| -> usize {
        let shape = saved.shape(name).unwrap();
        let values = saved.read(name, shape).unwrap();
        let bare = name.strip_prefix("bert.").unwrap_or(name);
        if encoder.shape(bare).is_none() {
            return values.len();
        }
        let before = encoder.read(bare, shape).unwrap();
        let width = if name.contains("word_embeddings") { shape[1] } else { values.len() };
        let rows = values.chunks(width).zip(before.chunks(width));
        rows.filter(|(a, b)| a != b).count() * width
    };
    saved.names().map(changed).sum::<usize>() as u64
}

#[test]
fn settings_come_from_a_file_too() {
    let sandbox = Sandbox::with_data();
    sandbox.write(
        "run.toml",
        "data = \"data\"\nencoder = \"sample:tiny\"\nlstm-units = 8\nepochs = 3\n",
    );
    assert!(sandbox.run("doctor --config run.toml").0.contains(" for 3 epochs"));
    insta::assert_snapshot!(sandbox.fails("doctor --encoder sample:tiny", 2), @"no training data; add --data FOLDER or --train FILE (or --data sample:af to try)");
    insta::assert_snapshot!(sandbox.fails("doctor --encoder absent --data data", 4), @"absent: no such folder; name a folder with config.json, tokenizer.json and model.safetensors, or an encoder on the hub with its owner, such as intfloat/multilingual-e5-small");
}

#[test]
fn instructions_are_chosen_by_a_variable_that_is_checked() {
    let sandbox = Sandbox::new();
    let mut doctor = sandbox.command("doctor --output json");
    let output = doctor.env("GLEANER_SIMD", "portable").output().unwrap();
    let json: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(json["instructions"], "portable");
    for args in ["doctor", &format!("predict {}", tagger().display())] {
        let output = sandbox.command(args).env("GLEANER_SIMD", "sse9").output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(
            said.starts_with(
                "error: GLEANER_SIMD: this processor has no instructions `sse9`; use "
            )
        );
        assert_eq!(output.status.code(), Some(2), "{args}");
    }
}

/// `taskset` limits a process to some of the processors.
#[test]
#[cfg(target_os = "linux")]
fn a_process_that_may_use_one_processor_uses_one_thread() {
    let program = env!("CARGO_BIN_EXE_gleaner");
    let run = |args: &[&str]| std::process::Command::new("taskset").args(args).output();
    let Ok(output) = run(&["-c", "0", program, "doctor"]) else {
        return eprintln!("skipped: no taskset on this machine");
    };
    let out = String::from_utf8(output.stdout).unwrap();
    assert!(out.contains("1 physical, 1 logical; using 1 threads"), "{out}");
}
