use super::*;
use crate::testing::{Request, TestServer};

const RUN: Run<'_> = Run { name: "first", parameters: &[] };

fn environment(variables: &[(&str, &str)]) -> Environment {
    Environment::of(|name| {
        variables.iter().find(|v| v.0 == name).map(|(_, value)| (*value).to_owned())
    })
}

/// The methods that were called.
fn methods(requests: &[Request]) -> Vec<&str> {
    requests.iter().map(|r| r.path.strip_prefix("/api/2.0/mlflow/").unwrap_or(&r.path)).collect()
}

#[test]
fn a_run_is_created_logged_and_finished() {
    let server = TestServer::start();
    let folder = tempfile::tempdir().unwrap();
    let card = folder.path().join("a card.md");
    fs::write(&card, "# Card").unwrap();
    let parameters: Vec<(String, String)> =
        (0..150).map(|i| (format!("p{i}"), "é".repeat(7000 * usize::from(i == 3)))).collect();
    let run = Run { name: "first", parameters: &parameters };
    let token = environment(&[("MLFLOW_TRACKING_TOKEN", "t")]);
    let mut log = Server::start_with(&server.address(), &run, token).unwrap();
    log.scalars(3, &[("dev/f1", 0.5), ("dev/loss", f64::NAN)]).unwrap();
    log.finish(Outcome::Finished, &[card]).unwrap();
    let requests = server.take_requests();
    assert_eq!(
        methods(&requests),
        [
            "experiments/get-by-name?experiment_name=Default",
            "runs/create",
            "runs/log-batch",
            "runs/log-batch",
            "runs/log-batch",
            "/api/2.0/mlflow-artifacts/artifacts/0/r1/artifacts/a%20card.md",
            "runs/update",
        ]
    );
    assert!(requests.iter().all(|r| r.authorization.as_deref() == Some("Bearer t")));
    let created = requests[1].json();
    assert_eq!((&created["experiment_id"], &created["run_name"]), (&json!("0"), &json!("first")));
    let sent = [2, 3].map(|i| requests[i].json()["params"].as_array().unwrap().clone());
    assert_eq!(sent.each_ref().map(Vec::len), [100, 50]);
    assert_eq!(sent[0][3]["value"].as_str().unwrap().chars().count(), LONGEST);
    assert_eq!(sent[1][49]["key"], "p149");
    let metrics = requests[4].json();
    assert_eq!(metrics["run_id"], "r1");
    let mut metrics = metrics["metrics"].as_array().unwrap().clone();
    for metric in &mut metrics {
        assert!(metric.as_object_mut().unwrap().remove("timestamp").unwrap().is_u64());
    }
    let expected = [
        json!({"key": "dev/f1", "value": 0.5, "step": 3}),
        json!({"key": "dev/loss", "value": "NaN", "step": 3}),
    ];
    assert_eq!(metrics, expected);
    assert_eq!((requests[5].method.as_str(), &requests[5].body[..]), ("PUT", &b"# Card"[..]));
    assert_eq!(requests[6].json()["status"], "FINISHED");
}

#[test]
fn a_run_ends_also_if_its_files_are_refused() {
    let server = TestServer::start();
    let folder = tempfile::tempdir().unwrap();
    let card = folder.path().join("card.md");
    fs::write(&card, "# Card").unwrap();
    let mut log = Server::start_with(&server.address(), &RUN, environment(&[])).unwrap();
    server.answer_instead("card.md", 403, "");
    server.take_requests();
    let error = log.finish(Outcome::Finished, &[card]).unwrap_err().to_string();
    assert!(error.ends_with("mlflow-artifacts: the server answers 403"), "{error}");
    let requests = server.take_requests();
    assert_eq!(requests.len(), 2);
    assert_eq!(requests[1].json()["status"], "FINISHED");
}

#[test]
fn the_environment_chooses_the_experiment_and_the_run() {
    let server = TestServer::start();
    let start = |variables: &[(&str, &str)]| {
        Server::start_with(&server.address(), &RUN, environment(variables)).unwrap();
        server.take_requests()
    };
    let new = start(&[("MLFLOW_EXPERIMENT_NAME", "a&b")]);
    assert_eq!(
        methods(&new),
        ["experiments/get-by-name?experiment_name=a%26b", "experiments/create", "runs/create"]
    );
    assert_eq!(
        (new[1].json()["name"].as_str(), &new[2].json()["experiment_id"]),
        (Some("a&b"), &json!("5"))
    );
    let by_id = start(&[("MLFLOW_EXPERIMENT_ID", "7")]);
    assert_eq!(
        (methods(&by_id), &by_id[0].json()["experiment_id"]),
        (vec!["runs/create"], &json!("7"))
    );
    let again = start(&[("MLFLOW_RUN_ID", "r1")]);
    assert_eq!(
        (methods(&again), &again[0].json()["status"]),
        (vec!["runs/update"], &json!("RUNNING"))
    );
}

#[test]
fn files_go_only_to_a_server_that_stores_them() {
    assert_eq!(path_of_files("mlflow-artifacts:/0/r/artifacts").as_deref(), Some("0/r/artifacts"));
    for other in ["mlflow-artifacts://host/0/r", "s3://bucket/r", "/srv/mlruns/0/r", ""] {
        assert_eq!(path_of_files(other), None, "{other}");
    }
}

#[test]
fn errors_are_one_line_with_the_address() {
    let server = TestServer::start();
    let failure = |status, body: &str| {
        server.answer_instead("runs/create", status, body);
        let result = Server::start_with(&server.address(), &RUN, environment(&[]));
        let error = result.err().unwrap().to_string();
        error.replace(&server.address(), "ADDRESS")
    };
    insta::assert_snapshot!(failure(500, "<html>"), @"mlflow:ADDRESS: runs/create: the server answers 500");
    insta::assert_snapshot!(failure(403, r#"{"message": "not\nyours"}"#), @"mlflow:ADDRESS: runs/create: the server answers 403: not yours");
    insta::assert_snapshot!(failure(200, "hello"), @"mlflow:ADDRESS: runs/create: the answer is not JSON");
    insta::assert_snapshot!(failure(200, r#"{"run": 1}"#), @"mlflow:ADDRESS: the answer has no run_id");
    assert!(failure(400, &json!({"message": "x".repeat(9999)}).to_string()).len() < 400);
    let address = server.address();
    drop(server);
    let error = Server::start_with(&address, &RUN, environment(&[])).err().unwrap().to_string();
    assert!(error.starts_with(&format!("mlflow:{address}: no answer (")), "{error}");
}

#[test]
fn after_the_first_error_a_log_is_silent() {
    use crate::{Target, Tracker};
    let server = TestServer::start();
    let mut tracker = Tracker::new(Target::MlFlow(server.address()));
    tracker.start(&RUN).unwrap();
    server.answer_instead("runs/log-batch", 500, "");
    server.take_requests();
    assert!(tracker.scalars(1, &[("a", 1.0)]).is_err());
    assert!(tracker.scalars(2, &[("a", 1.0)]).is_ok());
    assert!(tracker.finish(Outcome::Failed, &["no such file".into()]).is_ok());
    // The values of the first step, and the end of the run.
    let asked: Vec<String> = server.take_requests().iter().map(|r| r.path.clone()).collect();
    assert_eq!(asked.len(), 2, "{asked:?}");
    assert!(asked[1].ends_with("runs/update"), "{asked:?}");
}

#[test]
fn a_run_whose_parameters_are_refused_is_ended_unless_it_was_named() {
    let server = TestServer::start();
    let parameters = [("a".to_owned(), "b".to_owned())];
    let run = Run { name: "first", parameters: &parameters };
    for (variables, last) in
        [(&[][..], "runs/update"), (&[("MLFLOW_RUN_ID", "r7")][..], "runs/log-batch")]
    {
        server.answer_instead("runs/log-batch", 400, "");
        server.take_requests();
        assert!(Server::start_with(&server.address(), &run, environment(variables)).is_err());
        let requests = server.take_requests();
        assert_eq!(methods(&requests).last(), Some(&last));
    }
}
