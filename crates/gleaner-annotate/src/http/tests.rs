//! Requests to the routes, without a socket.

use super::*;
use crate::{
    service::Log,
    testing::{answer, project},
};
use axum::{body::Body, http::Request};
use serde_json::Value;
use std::sync::Mutex;
use tempfile::TempDir;
use tower::ServiceExt;

/// A served project of 40 sentences, and the lines of its log.
fn served() -> (TempDir, Arc<Service>, Arc<Mutex<Vec<String>>>) {
    let (folder, session) = project("seed = 4\n", 40);
    let lines: Arc<Mutex<Vec<String>>> = Arc::default();
    let sink = Arc::clone(&lines);
    let log: Log = Arc::new(move |line: &str| sink.lock().unwrap().push(line.to_owned()));
    (folder, Service::start(session, None, log).unwrap(), lines)
}

fn send(service: &Arc<Service>, request: Request<Body>) -> (u16, Value) {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        let response = router(Arc::clone(service)).oneshot(request).await.unwrap();
        let status = response.status().as_u16();
        let bytes = axum::body::to_bytes(response.into_body(), usize::MAX).await.unwrap();
        (status, serde_json::from_slice(&bytes).unwrap_or(Value::Null))
    })
}

fn ask(service: &Arc<Service>, path: &str) -> (u16, Value) {
    send(service, Request::get(path).body(Body::empty()).unwrap())
}

fn tell(service: &Arc<Service>, path: &str, body: &str) -> (u16, Value) {
    send(service, Request::post(path).body(Body::from(body.to_owned())).unwrap())
}

fn ids(reply: &Value) -> Vec<u64> {
    let sentences = reply["sentences"].as_array().unwrap();
    sentences.iter().map(|sentence| sentence["id"].as_u64().unwrap()).collect()
}

#[test]
fn the_page_is_told_of_the_project() {
    let (_folder, service, _) = served();
    let (status, about) = ask(&service, "/api/project");
    assert_eq!(status, 200);
    assert_eq!(about["types"], serde_json::json!(["PER", "LOC", "ORG"]));
    assert_eq!((&about["mode"], &about["direction"]), (&"annotate".into(), &"auto".into()));
    assert_eq!(ask(&service, "/").0, 200);
    assert_eq!(ask(&service, "/app.js").0, 200);
    assert_eq!(ask(&service, "/elsewhere").0, 404);
}

#[test]
fn sentences_are_answered_and_taken_back() {
    let (_folder, service, _) = served();
    let (_, first) = ask(&service, "/api/next?annotator=a&take=3");
    let shown = ids(&first);
    assert_eq!(shown.len(), 3);
    let sentence = &first["sentences"][0];
    assert_eq!(sentence["spans"], serde_json::json!([]));
    assert!(sentence["words"].as_array().unwrap().len() > 1);
    let after = format!("/api/next?annotator=a&take=2&after={},{}", shown[0], shown[1]);
    assert_eq!(ids(&ask(&service, &after).1)[0], shown[2]);

    let this = format!("/api/sentence?annotator=a&id={}", shown[0]);
    assert_eq!(&ask(&service, &this).1["sentence"], sentence);
    let body = serde_json::to_string(&answer("a", shown[0] as usize, &[(0, 1)])).unwrap();
    for _ in 0..2 {
        let (status, reply) = tell(&service, "/api/answers", &body);
        assert_eq!((status, &reply["n"]), (200, &1.into()), "{reply}");
        let progress = &reply["progress"];
        assert_eq!((&progress["answered"], &progress["entities"]), (&1.into(), &1.into()));
        assert_eq!((&progress["sentences"], &progress["training"]), (&40.into(), &Value::Null));
    }
    assert_eq!(ask(&service, &this), (200, serde_json::json!({"sentence": null})));
    assert_eq!(ids(&ask(&service, "/api/next?annotator=a&take=2").1), shown[1..]);
    let (_, reply) = tell(&service, "/api/undo", "{\"annotator\":\"a\"}");
    assert_eq!(reply["sentence"]["id"], shown[0]);
    let span = serde_json::json!({"start": 0, "end": 1, "type": "PER", "confidence": null});
    assert_eq!(reply["sentence"]["spans"], serde_json::json!([span]));
    assert_eq!(reply["progress"]["answered"], 0);
    let (status, reply) = tell(&service, "/api/undo", "{\"annotator\":\"a\"}");
    assert_eq!((status, &reply["sentence"]), (200, &Value::Null));
    assert_eq!(ask(&service, "/api/progress?annotator=b").1["answered"], 0);
}

#[test]
fn wrong_requests_are_refused_with_a_line_for_people() {
    let (folder, service, log) = served();
    let accept =
        |rest: &str| format!("{{\"annotator\":\"a\",\"id\":0,\"action\":\"accept\"{rest}}}");
    let span = |start: u32, end: u32, name: &str| {
        accept(&format!(",\"spans\":[{{\"start\":{start},\"end\":{end},\"type\":\"{name}\"}}]"))
    };
    for (body, status, expected) in [
        (span(0, 99, "PER"), 400, "words 0 to 99 are not words"),
        (span(0, 1, "MISC"), 400, "`MISC` is not a type of the project; use one of PER, LOC, ORG"),
        (span(0, 1, "PER").replace("accept", "undo"), 400, "an answer is accept, skip or reject"),
        (accept("").replace("\"id\":0", "\"id\":99"), 404, "there is no sentence 99"),
        (accept("").replace("\"a\"", "\"\""), 400, "a name of an annotator"),
        (accept(",\"spam\":1"), 400, "unknown field `spam`"),
        ("{".into(), 400, "the request is malformed"),
    ] {
        let (found, reply) = tell(&service, "/api/answers", &body);
        let error = reply["error"].as_str().unwrap_or_default();
        assert!(found == status && error.contains(expected), "{found} {reply}");
    }
    for path in [
        "/api/next",
        "/api/next?annotator=",
        "/api/next?annotator=a&after=x",
        "/api/sentence?annotator=a",
    ] {
        assert_eq!(ask(&service, path).0, 400, "{path}");
    }
    assert!(log.lock().unwrap().is_empty());
    assert_eq!(std::fs::read(folder.path().join("p/journal.jsonl")).unwrap(), b"");
}

#[test]
fn json_of_any_depth_is_refused_and_writes_nothing() {
    let (folder, service, log) = served();
    let deep = "[".repeat(100_000) + &"]".repeat(100_000);
    for (path, start, end, expected) in [
        ("/api/answers", "", "", "expected a string at line 1 column 1"),
        ("/api/answers", "{\"annotator\":", "}", "expected a string at line 1 column 13"),
        (
            "/api/answers",
            "{\"annotator\":\"a\",\"id\":0,\"action\":\"accept\",\"spans\":",
            "}",
            "expected usize at line 1 column 52",
        ),
        ("/api/undo", "", "", "expected a string at line 1 column 1"),
        ("/api/undo", "{\"annotator\":", "}", "expected a string at line 1 column 13"),
    ] {
        let (status, reply) = tell(&service, path, &format!("{start}{deep}{end}"));
        let said = format!("the request is malformed: invalid type: sequence, {expected}");
        assert_eq!((status, reply), (400, serde_json::json!({"error": said})), "{path} {start}");
    }
    assert_eq!(ids(&ask(&service, "/api/next?annotator=a&take=2").1).len(), 2);
    assert!(log.lock().unwrap().is_empty());
    assert_eq!(std::fs::read(folder.path().join("p/journal.jsonl")).unwrap(), b"");
}
