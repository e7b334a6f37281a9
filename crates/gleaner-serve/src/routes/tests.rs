//! Requests to routes without a socket.

use super::*;
use crate::{
    listen::Listen,
    model::{Common, Model},
    testing::{Capitals, Gate, until},
};
use axum::{
    body::{Body, to_bytes},
    http::Request,
    response::Response,
};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use tower::ServiceExt;

/// A server with the models `default` and `other`.
fn app(queue: usize, gate: Option<&Arc<Gate>>) -> Shared {
    let common = Common { queue, failed: Arc::new(|_, _| ()) };
    let labeller = || match gate {
        Some(gate) => Capitals::behind(gate),
        None => Capitals::default(),
    };
    let model =
        |name, digest| Model::new(name, digest, Arc::new(labeller()), Arc::default(), &common);
    let models = Models::new(vec![model("default", "1234"), model("other", "5678")]);
    Arc::new(App { models, metrics: Metrics::default() })
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap()
}

/// The status and the body of a reply.
fn read(response: Response) -> (u16, String) {
    let status = response.status().as_u16();
    let body = runtime().block_on(to_bytes(response.into_body(), usize::MAX)).unwrap();
    (status, String::from_utf8(body.into()).unwrap())
}

fn send(app: &Shared, method: &str, path: &str, kind: &str, body: impl Into<Body>) -> Response {
    let request = Request::builder().method(method).uri(path).header("host", "localhost");
    let request = request.header("content-type", kind).body(body.into()).unwrap();
    let listen = Listen::new("127.0.0.1:0".parse().unwrap());
    runtime().block_on(listen.guarded(router(Arc::clone(app))).oneshot(request)).unwrap()
}

fn post(path: &str, body: &Value) -> (u16, Value) {
    let (status, body) =
        read(send(&app(1000, None), "POST", path, "application/json", body.to_string()));
    (status, serde_json::from_str(&body).unwrap())
}

fn get(path: &str) -> (u16, String) {
    read(send(&app(1000, None), "GET", path, "", Body::empty()))
}

#[test]
fn texts_and_words_are_labelled() {
    let text = "😀 Jan sy.\nEk sien 🦀 Ann.";
    let replies = [
        post("/predict", &json!({"text": text})),
        post("/predict", &json!({"text": text, "offsets": "utf16"})),
        post("/predict?model=other", &json!({"texts": ["an Jan", "", "Bo"]})),
        post("/predict", &json!({"words": ["an", "Jan"], "model": "other"})),
        post("/predict", &json!({"words": [["Jan", "en"], [], ["Bo"]]})),
    ];
    let shown: Vec<String> =
        replies.iter().map(|(status, reply)| format!("{status} {reply:#}")).collect();
    insta::assert_snapshot!(shown.join("\n"));
}

#[test]
fn plain_text_and_json_lines_are_labelled() {
    let send = |kind: &str, body: &str| {
        read(send(&app(1000, None), "POST", "/predict?offsets=utf16", kind, body.to_owned()))
    };
    let (status, reply) = send("text/plain; charset=utf-8", "😀 Jan");
    let reply: Value = serde_json::from_str(&reply).unwrap();
    assert_eq!((status, &reply["spans"][0]["start"]), (200, &json!(3)));
    let lines = "{\"text\": \"😀 Jan\", \"id\": [1]}\n\n{\"words\": [\"Bo\"]}\r\n";
    let (status, reply) = send("application/jsonl", lines);
    assert_eq!(status, 200);
    insta::assert_snapshot!(reply);
    let (status, reply) = send("application/x-ndjson", "{\"text\": \"a\"}\n{\"texts\": []}");
    assert_eq!(status, 400);
    assert!(reply.starts_with("{\"error\":\"line 2: unknown field"), "{reply}");
}

#[test]
fn the_form_of_the_hub_is_answered() {
    let path = "/v1/token-classification";
    let parameters =
        json!({"aggregation_strategy": "simple", "stride": 16, "ignore_labels": ["O"]});
    let (status, one) = post(path, &json!({"inputs": "🦀 Jan", "parameters": parameters}));
    assert_eq!(status, 200);
    let jan = json!({"entity_group": "PER", "score": 0.9123, "word": "Jan", "start": 2, "end": 5});
    assert_eq!(one, json!([jan]));
    let (_, many) = post(path, &json!({"inputs": ["🦀 Jan", "a"]}));
    assert_eq!(many, json!([[jan], []]));
    let (_, ignored) =
        post(path, &json!({"inputs": "Jan", "parameters": {"ignore_labels": ["PER"]}}));
    assert_eq!(ignored, json!([]));
    for parameters in [json!({"aggregation_strategy": "none"}), json!({"top_k": 3})] {
        assert_eq!(post(path, &json!({"inputs": "a", "parameters": parameters})).0, 400);
    }
}

#[test]
fn doccano_gets_a_list() {
    let (status, spans) = post("/doccano", &json!({"text": "🦀 Jan en Ann"}));
    let expected = json!([
        {"label": "PER", "start_offset": 2, "end_offset": 5},
        {"label": "PER", "start_offset": 9, "end_offset": 12},
    ]);
    assert_eq!((status, spans), (200, expected));
}

fn label_studio() -> Value {
    json!({
        "tasks": [
            {"id": 7, "project": 1, "data": {"text": "😀 Jan en Ann", "other": 1}},
            {"id": 8, "project": 1, "data": {"text": "niks"}},
        ],
        "project": "1.1764419934",
        "label_config": "<View><Labels name=\"ner\" toName=\"body\"><Label value=\"Person\" predicted_values=\"PER\"/></Labels><Text name=\"body\" value=\"$text\"/></View>",
        "params": {"login": null, "password": null, "context": null},
    })
}

#[test]
fn label_studio_gets_predictions_in_utf16() {
    let (status, reply) = post("/label-studio/predict", &label_studio());
    assert_eq!(status, 200);
    insta::assert_snapshot!(format!("{reply:#}"));
    assert_eq!(post("/predict", &label_studio()).1, reply, "recognised by its tasks");
    let (_, other) = post("/label-studio/other/predict", &label_studio());
    assert_eq!(other["model_version"], "other-5678");
    let mut wrong = label_studio();
    wrong["tasks"][1]["data"] = json!({"txt": "niks"});
    let said = "task 8: `text` of its data is not a text, as the labelling configuration says";
    assert_eq!(post("/label-studio/predict", &wrong), (400, json!({"error": said})));
}

#[test]
fn label_studio_sets_up_and_reports() {
    let config = label_studio()["label_config"].clone();
    let setup = json!({"project": "1.2", "schema": config, "hostname": "http://localhost", "access_token": "secret", "extra_params": null});
    for (path, version) in [
        ("/setup", "default-1234"),
        ("/label-studio/setup", "default-1234"),
        ("/label-studio/other/setup", "other-5678"),
    ] {
        assert_eq!(post(path, &setup), (200, json!({"model_version": version})), "{path}");
    }
    assert_eq!(post("/setup", &json!({"schema": "<View/>"})).0, 400);
    assert_eq!(post("/label-studio/none/setup", &setup).0, 404);
    assert_eq!(get("/label-studio/health"), (200, "{\"status\":\"UP\"}".to_owned()));
    assert_eq!(get("/label-studio/other/health").0, 200);
    assert_eq!(get("/label-studio/none/health").0, 404);
    assert_eq!(get("/versions"), (200, "{\"versions\":[\"default-1234\"]}".to_owned()));
    assert_eq!(post("/webhook", &json!({"action": "ANNOTATION_CREATED", "annotation": {}})).0, 201);
    assert_eq!(post("/webhook", &json!({"action": "START_TRAINING"})).0, 501);
    assert_eq!(post("/train", &json!({})).0, 501);
}

#[test]
fn malformed_requests_are_refused_with_a_reason() {
    let mut said = Vec::new();
    for (path, body) in [
        ("/predict", ""),
        ("/predict", "[]"),
        ("/predict", "{\"text\": 1}"),
        ("/predict", "{\"text\": \"a\", \"words\": [\"a\"]}"),
        ("/predict", "{\"txt\": \"a\"}"),
        ("/predict", "{\"words\": [\"a\", \" \"]}"),
        ("/predict", "{\"words\": [1]}"),
        ("/predict", "{\"text\": \"\\ud83d\"}"),
        ("/predict", "{\"text\": \"กรุงเทพมหานคร\"}"),
        ("/predict", "{\"text\": \"a\", \"offsets\": \"bytes\"}"),
        ("/predict?offsets=utf16", "{\"text\": \"a\", \"offsets\": \"scalar\"}"),
        ("/predict", "{\"text\": \"a\", \"model\": \"none\"}"),
        ("/predict?x=1", "{\"text\": \"a\"}"),
        ("/predict", "{\"tasks\": 1}"),
        ("/predict", "{\"text\": \"fail\"}"),
        ("/v1/token-classification", "{\"inputs\": 1}"),
        ("/doccano", "{\"text\": null}"),
        ("/label-studio/predict", "{\"tasks\": []}"),
        ("/nothing", "{}"),
    ] {
        let (status, reply) = read(send(&app(1000, None), "POST", path, "application/json", body));
        let reply: Value = serde_json::from_str(&reply).unwrap();
        said.push(format!("{path} {body}\n{status} {}", reply["error"].as_str().unwrap()));
    }
    insta::assert_snapshot!(said.join("\n\n"));
    let (status, reply) = get("/predict");
    assert_eq!(status, 405, "{reply}");
}

#[test]
fn json_of_any_depth_is_refused() {
    let deep = "[".repeat(100_000) + &"]".repeat(100_000);
    let text = "invalid type: sequence, expected a string at line 1 column";
    let limit = "recursion limit exceeded at line 1 column";
    for (path, start, end, problem, column) in [
        ("/predict", "", "", limit, 128),
        ("/predict", "{\"text\": ", "}", text, 9),
        ("/predict", "{\"texts\": ", "}", text, 11),
        ("/predict", "{\"words\": ", "}", limit, 137),
        ("/predict", "{\"tasks\": ", "}", limit, 137),
        ("/v1/token-classification", "{\"inputs\": ", "}", limit, 138),
        ("/doccano", "", "", text, 1),
        ("/doccano", "{\"text\": ", "}", text, 9),
        ("/label-studio/predict", "", "", limit, 128),
        ("/setup", "{\"schema\": ", "}", text, 11),
        ("/webhook", "{\"action\": ", "}", text, 11),
    ] {
        let body = format!("{start}{deep}{end}");
        let reply = read(send(&app(1000, None), "POST", path, "application/json", body));
        let said = format!("the request is malformed: {problem} {column}");
        assert_eq!(reply, (400, json!({"error": said}).to_string()), "{path} {start}");
    }
    let lines = format!("{{\"text\": \"Jan\"}}\n{{\"text\": \"Jan\", \"id\": {deep}}}\n");
    let reply = read(send(&app(1000, None), "POST", "/predict", "application/jsonl", lines));
    let said = format!("line 2: {limit} 149");
    assert_eq!(reply, (400, json!({"error": said}).to_string()));
}

#[test]
fn requests_that_would_occupy_the_server_are_refused() {
    for (body, said) in [
        (json!({"texts": vec![""; 10_001]}), "the request has more than 10000 texts"),
        (json!({"words": vec!["a"; 10_001]}), "a sentence has more than 10000 words"),
        (json!({"text": "a ".repeat(10_001)}), "a sentence has more than 10000 words"),
    ] {
        let error = json!({"error": format!("{said}; send less text at a time")});
        assert_eq!(post("/predict", &body), (413, error));
    }
    assert_eq!(post("/predict", &json!({"texts": vec![""; 10_000]})).0, 200);
    let names = format!("<View><Labels name='l' toName='{}'/></View>", "x,".repeat(100_000));
    assert_eq!(post("/setup", &json!({"schema": names})).0, 400);
}

#[test]
fn a_full_queue_says_when_to_try_again() {
    let gate = Gate::closed();
    let app = app(3, Some(&gate));
    let body = || json!({"text": "een twee drie"}).to_string();
    let first = std::thread::scope(|scope| {
        let ask = || send(&app, "POST", "/predict", "application/json", body());
        let _opened = gate.opened_at_last();
        // One batch, and the queue.
        let held = scope.spawn(ask);
        gate.wait_for(1);
        let waits = scope.spawn(ask);
        until("a request waits", || app.models.with_rows(|rows| rows[0].waiting) > 0);
        let refused = ask();
        assert_eq!(refused.headers()["retry-after"], "3");
        assert_eq!(refused.status().as_u16(), 429);
        gate.open();
        [held, waits].map(|asked| asked.join().unwrap().status().as_u16())
    });
    assert_eq!(first, [200, 200]);
}

#[test]
fn the_description_has_all_paths() {
    let described: Value = serde_json::from_str(about::OPENAPI).unwrap();
    let described = described["paths"].as_object().unwrap();
    let paths: BTreeSet<&str> = described.keys().map(String::as_str).collect();
    assert_eq!(paths, table().into_iter().map(|(path, _)| path).collect());
    for (path, methods) in described {
        let path = path.replace("{model}", "other");
        for method in methods.as_object().unwrap().keys() {
            let app = app(1000, None);
            let status = send(&app, &method.to_uppercase(), &path, "", Body::empty()).status();
            assert!(!matches!(status.as_u16(), 404 | 405), "{method} {path}: {status}");
        }
    }
}

#[test]
fn the_page_loads_nothing_from_elsewhere() {
    let response = send(&app(1000, None), "GET", "/", "", Body::empty());
    let policy = response.headers()["content-security-policy"].to_str().unwrap().to_owned();
    assert!(policy.starts_with("default-src 'none'; script-src 'self'"), "{policy}");
    assert!(!policy.contains("unsafe") && !policy.contains("http"), "{policy}");
    for path in ["/", "/page.js", "/page.css"] {
        let (status, content) = get(path);
        assert_eq!(status, 200, "{path}");
        assert!(!content.contains("http:") && !content.contains("https:"), "{path}");
        assert!(!content.contains("style=") && !content.contains("innerHTML"), "{path}");
    }
}

#[test]
fn models_and_counters_are_shown() {
    let app = app(1000, None);
    let get = |path: &str| read(send(&app, "GET", path, "", Body::empty())).1;
    assert_eq!(
        get("/models"),
        "{\"models\":[{\"name\":\"default\",\"version\":\"default-1234\",\"types\":[\"LOC\",\"PER\"]},{\"name\":\"other\",\"version\":\"other-5678\",\"types\":[\"LOC\",\"PER\"]}]}"
    );
    send(
        &app,
        "POST",
        "/predict",
        "application/json",
        json!({"text": "Jan sy. Ann sy."}).to_string(),
    );
    let metrics = get("/metrics");
    for line in [
        "gleaner_words_total{model=\"default\"} 6\n",
        "gleaner_sentences_total{model=\"default\"} 2\n",
        "gleaner_words_total{model=\"other\"} 0\n",
        "gleaner_model_info{model=\"other\",version=\"other-5678\"} 1\n",
    ] {
        assert!(metrics.contains(line), "{metrics}");
    }
}
