//! Logs of a training: TensorBoard and MLflow.

use crate::common::{Sandbox, kill_after, objects, training};
use gleaner_track::testing::{Request, TestServer};
use serde_json::Value;
use std::collections::BTreeMap;

/// The data of the records of an event file: each has its length in 8 bytes, 4 bytes, the data, and 4 bytes.
fn records(file: &[u8]) -> Vec<&[u8]> {
    let (mut rest, mut records) = (file, Vec::new());
    while !rest.is_empty() {
        let length = u64::from_le_bytes(rest[..8].try_into().unwrap()) as usize;
        records.push(&rest[12..12 + length]);
        rest = &rest[16 + length..];
    }
    records
}

/// Whether a record has this value: its name, the key of a float (field 2), and the float.
fn has(record: &[u8], name: &str, value: &Value) -> bool {
    let value = value.as_f64().unwrap() as f32;
    let bytes = [name.as_bytes(), &[0x15], &value.to_le_bytes()].concat();
    record.windows(bytes.len()).any(|window| window == bytes)
}

fn event_files(sandbox: &Sandbox, folder: &str) -> Vec<Vec<u8>> {
    sandbox.files(folder).iter().map(|name| sandbox.read(&format!("{folder}/{name}"))).collect()
}

#[test]
fn a_log_for_tensorboard_has_parameters_curves_and_scores_and_changes_nothing() {
    let sandbox = Sandbox::with_data();
    sandbox.train("plain", "--data data");
    let said = sandbox.train("out", "--data data --log tensorboard:runs/first --output quiet");
    assert_eq!(said, (String::new(), String::new()));
    for name in sandbox.files("plain") {
        let files = ["plain", "out"].map(|folder| sandbox.read(&format!("{folder}/{name}")));
        assert!(files[0] == files[1], "{name}");
    }
    let files = event_files(&sandbox, "runs/first");
    let records = records(&files[0]);
    // Version, parameters, two epochs, scores.
    assert_eq!((files.len(), records.len()), (1, 5));
    let parameters = String::from_utf8_lossy(records[1]);
    assert!(parameters.contains("| epochs | 2 |") && parameters.contains("| data | data |"));
    assert!(parameters.contains("| train-sentences | 48 |"), "{parameters}");
    let manifest = sandbox.json("out/gleaner.json");
    for (record, epoch) in records[2..4].iter().zip(manifest["history"].as_array().unwrap()) {
        assert!(has(record, "train/loss", &epoch["train-loss"]));
        assert!(has(record, "dev/f1", &epoch["dev-f1"]));
    }
    let test = &manifest["test"];
    assert!(has(records[4], "test/f1", &test["entities"]["micro"]["f1"]));
    assert!(has(records[4], "test/f1-low", &test["intervals"]["micro-f1"]["low"]));
}

#[test]
fn a_resumed_training_continues_its_log_in_a_second_file() {
    let sandbox = Sandbox::with_data();
    let options = "--data data --epochs 3 --checkpoint-seconds 0 --log tensorboard:runs";
    // `start` and one epoch.
    kill_after(&sandbox, &training("out", options), 2);
    sandbox.train("out", &format!("{options} --resume"));
    let files = event_files(&sandbox, "runs");
    assert_eq!(files.len(), 2);
    let manifest = sandbox.json("out/gleaner.json");
    let last = &manifest["history"][2];
    assert!(files.iter().any(|file| has(file, "dev/f1", &last["dev-f1"])));
}

/// The bodies of the requests to a method of MLflow.
fn sent(requests: &[Request], method: &str) -> Vec<Value> {
    requests.iter().filter(|r| r.path.ends_with(method)).map(Request::json).collect()
}

#[test]
fn a_log_for_mlflow_has_parameters_curves_scores_and_files() {
    let sandbox = Sandbox::with_data();
    let server = TestServer::start();
    sandbox.train("out", &format!("--data data --log mlflow:{}", server.address()));
    let requests = server.take_requests();
    assert_eq!(sent(&requests, "runs/create")[0]["run_name"], "out");
    let batches = sent(&requests, "log-batch");
    let list = |kind: &str| {
        batches.iter().filter_map(|b| b[kind].as_array()).flatten().cloned().collect::<Vec<_>>()
    };
    let parameters: BTreeMap<String, Value> = list("params")
        .into_iter()
        .map(|p| (p["key"].as_str().unwrap().to_owned(), p["value"].clone()))
        .collect();
    for (name, value) in [("epochs", "2"), ("protocol", "sound"), ("test-sentences", "10")] {
        assert_eq!(parameters[name], value);
    }
    let metrics = list("metrics");
    let manifest = sandbox.json("out/gleaner.json");
    let mut curve = metrics.iter().filter(|m| m["key"] == "dev/loss");
    for epoch in manifest["history"].as_array().unwrap() {
        let point = curve.next().unwrap();
        assert_eq!((&point["step"], &point["value"]), (&epoch["epoch"], &epoch["dev-loss"]));
    }
    let f1 = metrics.iter().find(|m| m["key"] == "test/f1").unwrap();
    assert_eq!(f1["value"], manifest["test"]["entities"]["micro"]["f1"]);
    for name in ["README.md", "gleaner.json"] {
        let file = requests.iter().find(|r| r.method == "PUT" && r.path.ends_with(name)).unwrap();
        assert!(file.body == sandbox.read(&format!("out/{name}")), "{name}");
    }
    assert_eq!(sent(&requests, "runs/update")[0]["status"], "FINISHED");
}

#[test]
fn a_training_that_fails_ends_its_log_as_failed() {
    let sandbox = Sandbox::with_data();
    let server = TestServer::start();
    let options =
        format!("--data data --rate-linear 1e38 --rate-crf 1e38 --log mlflow:{}", server.address());
    let output = sandbox.command(&training("out", &options)).output().unwrap();
    assert_eq!(output.status.code(), Some(7));
    assert_eq!(sent(&server.take_requests(), "runs/update")[0]["status"], "FAILED");
}

#[test]
fn a_broken_log_gives_one_warning_and_the_same_model() {
    let sandbox = Sandbox::with_data();
    sandbox.train("plain", "--data data");
    let server = TestServer::start();
    server.answer_instead("runs/log-batch", 503, "");
    let address = server.address();
    // A file is in the way of the folder.
    let logs = format!("--log mlflow:{address} --log tensorboard:data/train.conll/runs");
    let (_, err) = sandbox.train("out", &format!("--data data {logs}"));
    let warnings: Vec<&str> =
        err.lines().filter(|line| line.contains("continues without this log")).collect();
    assert_eq!(warnings.len(), 2, "{err}");
    assert_eq!(
        warnings[0],
        format!(
            "warning: mlflow:{address}: runs/log-batch: the server answers 503; the training continues without this log"
        )
    );
    assert!(warnings[1].starts_with("warning: data/train.conll/runs: "), "{err}");
    // The parameters were refused, and nothing was sent after that.
    assert_eq!(sent(&server.take_requests(), "log-batch").len(), 1);
    assert!(sandbox.read("plain/model.safetensors") == sandbox.read("out/model.safetensors"));
    let (out, _) = sandbox.train("json", &format!("--data data --output json {logs}"));
    let logged = objects(&out).into_iter().filter(|o| o["event"] == "log").count();
    assert_eq!(logged, 2);
}

#[test]
fn a_target_that_does_not_exist_is_refused_before_anything_is_read() {
    let sandbox = Sandbox::new();
    for target in ["runs", "wandb:project", "mlflow:sqlite:///a.db", "mlflow:http://me:secret@host"]
    {
        let args = training("out", &format!("--data data --log {target}"));
        let output = sandbox.command(&args).output().unwrap();
        assert_eq!(output.status.code(), Some(2), "{target}");
        assert!(!sandbox.path("out").exists());
    }
}
