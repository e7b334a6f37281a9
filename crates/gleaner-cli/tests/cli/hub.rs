//! Encoders, models and texts named on a hub.

use crate::common::{Sandbox, tagger, training};
use gleaner_hub::testing::TestHub;
use std::fs;

/// WikiANN in the shared data folder.
const WIKIANN: &str =
    concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data/hub/datasets/unimelb-nlp/wikiann");

/// A hub with the sample encoder as `our/tiny`.
fn hub(sandbox: &Sandbox) -> TestHub {
    let files = gleaner_sample::encoder();
    sandbox.write("hub/models/our/tiny/config.json", files.config);
    sandbox.write("hub/models/our/tiny/tokenizer.json", files.tokenizer);
    sandbox.write("hub/models/our/tiny/model.safetensors", files.weights);
    TestHub::serve(sandbox.path("hub"))
}

/// Runs the program with a separate cache; gives exit code, standard output and standard error.
fn run(sandbox: &Sandbox, endpoint: &str, offline: bool, args: &str) -> (i32, String, String) {
    let mut command = sandbox.command(args);
    command.env("HF_HOME", sandbox.path("cache")).env("HF_ENDPOINT", endpoint);
    command.env("HF_HUB_OFFLINE", if offline { "1" } else { "0" });
    let output = command.output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

#[test]
fn an_encoder_is_downloaded_once_used_offline_and_its_commit_saved() {
    let sandbox = Sandbox::with_data();
    let hub = hub(&sandbox);
    let endpoint = hub.endpoint();
    let train = |out: &str| training(out, "--data data --encoder our/tiny");
    let (code, _, err) = run(&sandbox, &endpoint, false, &train("first"));
    assert_eq!(code, 0, "{err}");
    assert!(err.contains("model.safetensors: "), "{err}");
    let saved = sandbox.json("first/gleaner.json");
    let encoder = saved["settings"]["encoder"].as_str().unwrap();
    assert!(encoder.contains(&hub.commit("models/our/tiny")), "{encoder}");
    let card = sandbox.text("first/README.md");
    assert!(
        card.contains("on the encoder `our/tiny`") && card.contains("base_model: \"our/tiny\"\n"),
        "{card}"
    );
    drop(hub);
    let (code, _, err) = run(&sandbox, &endpoint, true, &train("second"));
    assert_eq!(code, 0, "{err}");
    let weights = |model: &str| sandbox.read(&format!("{model}/model.safetensors"));
    assert!(weights("first") == weights("second"));
}

#[test]
fn an_encoder_of_the_hub_counts_pieces() {
    let sandbox = Sandbox::with_data();
    let hub = hub(&sandbox);
    let args = |encoder: &str| format!("data inspect data/train.conll --encoder {encoder}");
    let (code, out, err) = run(&sandbox, &hub.endpoint(), false, &args("our/tiny"));
    assert_eq!(code, 0, "{err}");
    assert_eq!(out, sandbox.run(&args("hub/models/our/tiny")).0);
    assert!(out.contains("pieces per word"), "{out}");
}

#[test]
fn a_name_missing_on_the_hub_is_a_one_line_error_and_writes_nothing() {
    let sandbox = Sandbox::with_data();
    let hub = hub(&sandbox);
    for (encoder, offline, code, says) in [
        ("our/other", false, 1, "no such folder, so searched on the hub: our/other: "),
        ("our/tiny@no-such-branch", false, 1, "our/tiny@no-such-branch: "),
        ("our/tiny", true, 1, "our/tiny: "),
    ] {
        let args = training("out", &format!("--data data --encoder {encoder}"));
        let (found, _, err) = run(&sandbox, &hub.endpoint(), offline, &args);
        assert_eq!(found, code, "{err}");
        assert!(err.starts_with("error: ") && err.contains(says), "{err}");
        assert_eq!(err.trim_end().lines().count(), 1, "{err}");
        assert!(!sandbox.path("out").exists());
    }
}

#[test]
fn a_model_of_the_hub_labels_and_is_scored_as_its_folder_is() {
    let sandbox = Sandbox::with_data();
    for file in
        ["gleaner.json", "config.json", "tokenizer.json", "model.safetensors", "trained-on.txt"]
    {
        sandbox.write(
            &format!("hub/models/our/tagger/{file}"),
            fs::read(tagger().join(file)).unwrap(),
        );
    }
    let hub = hub(&sandbox);
    let endpoint = hub.endpoint();
    let predict = |model: &str| format!("predict {model} data/test.conll --output json");
    let evaluate = |model: &str| format!("evaluate {model} data/test.conll --resamples 20");
    let folder = "hub/models/our/tagger";
    let (code, out, err) = run(&sandbox, &endpoint, false, &predict("our/tagger"));
    assert_eq!(code, 0, "{err}");
    assert_eq!(out, sandbox.run(&predict(folder)).0, "labelled sentences and nothing else");
    let pinned = format!("our/tagger@{}", hub.commit("models/our/tagger"));
    let (code, out, err) = run(&sandbox, &endpoint, true, &evaluate(&pinned));
    assert_eq!(code, 0, "{err}");
    assert_eq!(out, sandbox.run(&evaluate(folder)).0);
    // An encoder is not a model, and a local folder comes first.
    for (model, code, says) in [
        ("our/tiny", 4, "error: no such folder, so searched on the hub: our/tiny: no gleaner.json"),
        ("our/other", 1, "error: no such folder, so searched on the hub: our/other: "),
        ("data/local", 4, "error: data/local: no gleaner.json in it; "),
    ] {
        sandbox.write("data/local/config.json", "{}");
        let (found, out, err) = run(&sandbox, &endpoint, false, &predict(model));
        assert!(found == code && out.is_empty() && err.starts_with(says), "{found} {err}");
    }
}

#[test]
#[cfg_attr(not(shared), ignore = "needs the shared data folder beside the checkout")]
fn data_converted_by_the_hub_is_read() {
    let sandbox = Sandbox::new();
    for part in ["train", "validation", "test"] {
        let file = fs::read(format!("{WIKIANN}/fo/{part}-00000-of-00001.parquet")).unwrap();
        sandbox.write(&format!("hub/datasets/our/fo/default/{part}/0000.parquet"), file);
    }
    let hub = hub(&sandbox);
    let args = "data audit hub:our/fo:default --deny none";
    let (code, out, err) = run(&sandbox, &hub.endpoint(), false, args);
    assert_eq!(code, 0, "{err}");
    assert!(out.contains(": 100 train, 100 dev, 100 test sentences"), "{out}");
    let args = format!("evaluate {} hub:our/fo:default", tagger().display());
    let (code, out, err) = run(&sandbox, &hub.endpoint(), false, &args);
    assert_eq!(code, 0, "{err}");
    assert!(out.contains("100 sentences"), "{out}");
    // Likewise for `join`, `pool` and `exclude`.
    let texts = "--join hub:our/fo:default=5 --pool hub:our/fo:default --pool-limit 7";
    let args = training("out", &format!("--data hub:our/fo:default {texts} --epochs 1"));
    let (code, _, err) = run(&sandbox, &hub.endpoint(), false, &args);
    assert_eq!(code, 0, "{err}");
    assert!(
        err.contains("5 training sentences of") && err.contains("a pool of 7 sentences"),
        "{err}"
    );
    let args = training("none", "--data hub:our/fo:default --exclude hub:our/fo:default");
    let (code, _, err) = run(&sandbox, &hub.endpoint(), false, &args);
    assert!(code == 2 && err.contains("no training sentence is left"), "{err}");
}

#[test]
#[cfg_attr(not(shared), ignore = "needs the shared data folder beside the checkout")]
fn a_study_starts_from_names_alone_and_runs_again_without_the_hub() {
    let sandbox = Sandbox::new();
    for language in ["mg", "id", "hsb", "pl"] {
        let to = format!("hub/datasets/unimelb-nlp/wikiann/{language}");
        for file in fs::read_dir(format!("{WIKIANN}/{language}")).unwrap() {
            let file = file.unwrap();
            let name = file.file_name().into_string().unwrap();
            sandbox.write(&format!("{to}/{name}"), fs::read(file.path()).unwrap());
        }
    }
    let languages: String = ["mg", "id", "hsb", "pl"]
        .map(|l| format!("[languages.{l}]\ndata = \"hub:unimelb-nlp/wikiann:{l}\"\n"))
        .concat();
    sandbox.write(
        "study.toml",
        format!(
            "title = \"Names alone\"\nprotocol = \"published\"\nencoder = \"our/tiny\"\nseeds = [1]\nthreads = 2\n\
             pairs = [\"mg <- id\", \"hsb <- pl\"]\n[settings]\nepochs = 1\nlstm-units = 8\nlstm-layers = 1\n\
             resamples = 20\n{languages}[experiments.transfer]\nfactors = [1]\nrows = 20\n"
        ),
    );
    let hub = hub(&sandbox);
    let endpoint = hub.endpoint();
    let (code, _, err) = run(&sandbox, &endpoint, false, "study run study.toml --out first");
    assert_eq!(code, 0, "{err}");
    drop(hub);
    let (code, _, err) = run(&sandbox, &endpoint, true, "study run study.toml --out second");
    assert_eq!(code, 0, "{err}");
    for table in ["baseline.csv", "transfer_learning.csv", "summary.md"] {
        let of = |results: &str| sandbox.read(&format!("{results}/{table}"));
        assert!(of("first") == of("second"), "{table}");
        assert!(String::from_utf8(of("first")).unwrap().contains("hsb"), "{table}");
    }
}
