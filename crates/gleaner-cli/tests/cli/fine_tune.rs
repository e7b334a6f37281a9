//! Trainings that start from an earlier model.

use crate::common::{Sandbox, training};
use gleaner_nn::weights::WeightFile;
use insta::assert_snapshot;
use serde_json::json;
use std::collections::BTreeSet;

/// Rates at which nothing changes.
const STILL: &str =
    "--epochs 1 --rate-encoder 0 --rate-lstm 0 --rate-linear 0 --rate-crf 0 --decay 0";

#[test]
fn fine_tuning_at_zero_rates_keeps_the_model() {
    let sandbox = Sandbox::with_data();
    sandbox.train("base", "--data data");
    let (_, err) = sandbox.train("tuned", &format!("--data data --start base {STILL}"));
    assert!(err.contains("starting from base; it has all labels"), "{err}");
    let [base, tuned] = ["base", "tuned"].map(|f| sandbox.read(&format!("{f}/model.safetensors")));
    assert!(base == tuned);
    let manifest = sandbox.json("tuned/gleaner.json");
    assert_eq!(manifest["taken-over"]["new-labels"], json!([]));
    assert_eq!(manifest["settings"]["start"], "base");
    assert_eq!(manifest["settings"]["encoder"], json!(null));
    let scores = |folder: &str| sandbox.json(&format!("{folder}/gleaner.json"))["test"].clone();
    assert_eq!(scores("base"), scores("tuned"));
    let card = sandbox.text("tuned/README.md");
    assert!(card.contains("under the protocol `sound` from the model `base`, from 48 sentences"));
    // The same settings give the same bytes, and positive rates change the weights.
    sandbox.run("train --config tuned/gleaner.json --out again");
    assert!(sandbox.read("again/gleaner.json") == sandbox.read("tuned/gleaner.json"));
    sandbox.train("learnt", "--data data --start base");
    assert!(sandbox.read("learnt/model.safetensors") != base);
}

#[test]
fn a_fine_tuned_model_records_the_training_text_of_its_start() {
    let sandbox = Sandbox::with_data();
    let parts = gleaner_sample::target();
    sandbox.write("other/train.conll", gleaner_sample::to_conll(&parts.train[60..70]));
    sandbox.write("other/dev.conll", gleaner_sample::to_conll(&parts.train[..10]));
    let leak = "the model to start from was trained on 10 sentences of dev or test, so scores are too high";
    sandbox.train("base", "--data data --epochs 1");
    let (_, err) = sandbox.train("tuned", "--data other --start base --epochs 1");
    assert!(err.contains(leak), "{err}");
    assert!(sandbox.json("tuned/gleaner.json")["notes"].to_string().contains(leak));
    let seen = |model: &str| -> BTreeSet<String> {
        let text = sandbox.text(&format!("{model}/trained-on.txt"));
        text.lines().map(str::to_owned).collect()
    };
    let (base, tuned) = (seen("base"), seen("tuned"));
    assert!(base.is_subset(&tuned) && tuned.len() == base.len() + 10, "{base:?} {tuned:?}");
    // A pool is trained on too.
    sandbox.write("pool.txt", "Die kat slaap in die son .\n");
    sandbox.train("pooled", "--data other --start base --epochs 1 --pool pool.txt");
    assert_eq!(seen("pooled").len(), tuned.len() + 1);
    // A model that excluded these sentences has no leak.
    sandbox.train("clean", "--data data --exclude other --epochs 1");
    let (_, err) = sandbox.train("after", "--data other --start clean --epochs 1");
    assert!(!err.contains("was trained on"), "{err}");
    // Without the file nothing is claimed about the training text.
    std::fs::remove_file(sandbox.path("base/trained-on.txt")).unwrap();
    let (_, err) = sandbox.train("unknown", "--data other --start base --epochs 1");
    assert!(err.contains("does not record its training sentences"), "{err}");
    assert!(!sandbox.path("unknown/trained-on.txt").exists());
}

#[test]
fn labels_are_matched_by_name_and_new_ones_are_reported() {
    let sandbox = Sandbox::with_data();
    sandbox.train("base", "--data data --map LOC=O --map *=PER");
    sandbox.train("base2", "--data data --map LOC=O --map PER=PER --map ORG=ORG");
    let (_, err) = sandbox.train("tuned", &format!("--data data --start base2 {STILL}"));
    assert!(
        err.contains("starting from base2; new labels, initialised at random: B-LOC, I-LOC"),
        "{err}"
    );
    let config = sandbox.json("tuned/config.json");
    let names: Vec<_> = (0..7).map(|i| config["id2label"][i.to_string()].clone()).collect();
    assert_eq!(names, ["O", "B-ORG", "I-ORG", "B-PER", "I-PER", "B-LOC", "I-LOC"]);
    let read = |folder: &str, name: &str, shape: &[usize]| {
        let file = WeightFile::open(&sandbox.path(&format!("{folder}/model.safetensors"))).unwrap();
        file.read(name, shape).unwrap()
    };
    assert_eq!(read("tuned", "fc.weight", &[7, 16])[..80], read("base2", "fc.weight", &[5, 16]));
    let (old, new) =
        (read("base2", "crf.transitions", &[5, 5]), read("tuned", "crf.transitions", &[7, 7]));
    for (row, values) in old.chunks(5).enumerate() {
        assert_eq!(values, &new[row * 7..row * 7 + 5]);
        assert!(new[row * 7 + 5..row * 7 + 7].iter().all(|x| x.abs() <= 0.1 && *x != 0.0));
    }
    // Labels that do not occur in the data are kept.
    let (_, err) = sandbox
        .train("less", &format!("--data data --start tuned --map LOC=O --map *=PER {STILL}"));
    assert!(err.contains("it has all labels"), "{err}");
    assert_eq!(sandbox.json("less/config.json")["id2label"], config["id2label"]);
}

#[test]
fn a_model_of_another_shape_is_refused() {
    let sandbox = Sandbox::with_data();
    sandbox.train("base", "--data data --epochs 1");
    let refused =
        |options: &str| sandbox.refuses(&format!("--data data --start base {options}"), 2);
    assert_snapshot!(refused("--lstm-units 16"), @"lstm-units: the model to start from was trained with 8; set lstm-units to 8");
    assert_snapshot!(refused("--head crf"), @r#"head: the model to start from was trained with "bilstm-crf"; set head to "bilstm-crf""#);
    assert_snapshot!(refused("--piece-labels all"), @r#"piece-labels: the model to start from was trained with "first"; set piece-labels to "first""#);
    assert_snapshot!(refused("--encoder sample:tiny"), @"start, encoder: a model brings its own encoder; give one of the two");
    assert_snapshot!(sandbox.fails("train --data data --start nothing --out out", 4), @"nothing: no such folder; name a folder with a finished training of `gleaner train`");
    assert_snapshot!(sandbox.fails("train --data data --start data --out out", 4), @"data: no gleaner.json in it; name a folder with a finished training of `gleaner train`");
}

#[test]
fn an_unfinished_training_is_not_continued_from_another_model() {
    let sandbox = Sandbox::with_data();
    sandbox.train("base", "--data data --epochs 1");
    let args = training("out", "--data data --start base --checkpoint-seconds 0 --epochs 4");
    crate::common::kill_after(&sandbox, &args, 4);
    std::fs::remove_dir_all(sandbox.path("base")).unwrap();
    sandbox.train("base", "--data data --epochs 1 --seed 5");
    assert_snapshot!(sandbox.fails(&format!("{args} --resume"), 2), @"out: holds an unfinished training from another model; restore the model, or choose another folder");
}

#[test]
fn a_second_corpus_is_joined_before_the_first() {
    let sandbox = Sandbox::with_data();
    sandbox.write("more/train.conll", "Oslo\tB-GPE\n\nBergen\tB-GPE\n\nVoss\tB-GPE\n");
    sandbox.write("more/dev.conll", "Bodø\tB-GPE\n");
    let file =
        "data = \"data\"\n[[join]]\npath = \"more\"\nlimit = 2\nlabel-map = { GPE = \"LOC\" }\n";
    sandbox.write("joint.toml", file);
    let (_, err) = sandbox.train("out", "--config joint.toml --epochs 1");
    assert!(err.contains("50 training, 10 dev and 10 test sentences"), "{err}");
    assert!(
        err.contains("2 training sentences of more come before the 48 of train.conll"),
        "{err}"
    );
    let file = "data = \"data\"\njoin = [{ path = \"more\", label-map = { PLACE = \"LOC\" } }]\n";
    sandbox.write("joint.toml", file);
    assert_snapshot!(sandbox.fails(&training("other", "--config joint.toml"), 3), @"more/train.conll:1: the label map does not name GPE (3 entities, first at line 1); map each type to itself to keep it or to O to drop it (LOC=LOC, MISC=O), or drop all others with *=O");
    // Several corpora, given as an option.
    sandbox.write("third/train.conll", "Tromsø\tB-LOC\n\nMoss\tB-LOC\n");
    let (_, err) = sandbox.train("two", "--data data --join third=1 third --epochs 1");
    assert!(err.contains("51 training, 10 dev and 10 test sentences"), "{err}");
    assert!(err.contains("1 training sentences of third come before the 48"), "{err}");
}
