//! Requests to the server of taggers.

use axum::{
    Router,
    body::{Body, to_bytes},
    http::Request,
};
use gleaner::{GleanerError, Segmenter, Tagged, TaggedSpan};
use gleaner_serve::{Labeller, ServeError, Server, Source};
use serde_json::Value;
use std::{
    path::Path,
    sync::{Arc, LazyLock},
};
use tokio::runtime::{Builder, Runtime};
use tower::ServiceExt;

/// Paths and types of bodies, of which the first byte of an input chooses one.
const PATHS: [(&str, &str); 9] = [
    ("/predict", "application/json"),
    ("/predict?offsets=utf16", "application/json"),
    ("/predict", "application/jsonl"),
    ("/predict?offsets=utf16", "text/plain"),
    ("/v1/token-classification", "application/json"),
    ("/doccano", "application/json"),
    ("/setup", "application/json"),
    ("/label-studio/predict", "application/json"),
    ("/webhook", "application/json"),
];

pub(super) fn seeds() -> Vec<Vec<u8>> {
    let config = r#"<View><Labels name=\"n\" toName=\"t\"><Label value=\"PER\"/></Labels><Text name=\"t\" value=\"$text\"/></View>"#;
    let bodies = [
        (0, r#"{"text": "🦀 Anna Berg ser Oslo.\nJa"}"#.to_owned()),
        (1, r#"{"texts": ["é", ""], "offsets": "utf16", "model": "fuzz"}"#.to_owned()),
        (0, r#"{"words": [["Anna", "ser"], []]}"#.to_owned()),
        (2, "{\"text\": \"Anna\", \"id\": 1}\n{\"words\": [\"a\"]}\n".to_owned()),
        (3, "🦀 Anna Berg".to_owned()),
        (
            4,
            r#"{"inputs": ["Anna"], "parameters": {"stride": 1, "ignore_labels": ["O"]}}"#
                .to_owned(),
        ),
        (5, r#"{"text": "Anna"}"#.to_owned()),
        (6, format!("{{\"schema\": \"{config}\"}}")),
        (
            7,
            format!(
                "{{\"label_config\": \"{config}\", \"tasks\": [{{\"id\": 1, \"data\": {{\"text\": \"🦀 Anna\"}}}}]}}"
            ),
        ),
        (8, r#"{"action": "ANNOTATION_CREATED"}"#.to_owned()),
    ];
    bodies.map(|(path, body)| [&[path][..], body.as_bytes()].concat()).to_vec()
}

/// Any body is answered with success, or refused as the client's fault in one line of JSON.
pub(super) fn requests(input: &[u8]) -> Result<(), String> {
    static SERVER: LazyLock<(Runtime, Server)> = LazyLock::new(server);
    let (runtime, server) = &*SERVER;
    let (choice, body) = input.split_first().unwrap_or((&0, &[]));
    let (path, kind) = PATHS[usize::from(*choice) % PATHS.len()];
    let request = Request::post(path).header("content-type", kind).body(Body::from(body.to_vec()));
    let (status, reply) = runtime.block_on(ask(server.router(), request.expect("a request")));
    if kind == "application/jsonl" && status == 200 {
        assert!(reply.lines().all(|line| serde_json::from_str::<Value>(line).is_ok()), "{reply}");
        return Ok(());
    }
    let reply: Value = serde_json::from_str(&reply).expect("JSON");
    match status {
        200 | 201 => Ok(()),
        400 | 404 | 501 => Err(reply["error"].as_str().expect("a reason").to_owned()),
        _ => panic!("status {status}: {reply}"),
    }
}

/// The status and the body of the reply to a request.
pub(super) async fn ask(router: Router, request: Request<Body>) -> (u16, String) {
    let response = router.oneshot(request).await.expect("infallible");
    let status = response.status().as_u16();
    let body = to_bytes(response.into_body(), usize::MAX).await.expect("a body in memory");
    (status, String::from_utf8(body.into()).expect("UTF-8"))
}

/// Threads that answer requests.
pub(super) fn runtime() -> Runtime {
    let runtime = Builder::new_multi_thread().worker_threads(1).max_blocking_threads(1).build();
    runtime.expect("threads")
}

fn server() -> (Runtime, Server) {
    let sources = vec![Source { name: "fuzz".to_owned(), folder: "no-such-folder".into() }];
    let open = |_: &Path| Ok::<_, ServeError>(Arc::new(Initials(Segmenter::default())));
    let server = Server::load(sources, usize::MAX, Arc::new(|_| ()), open);
    (runtime(), server.expect("a server"))
}

/// Takes the first word of every sentence for a person, together with the second one.
struct Initials(Segmenter);

impl Labeller for Initials {
    fn tag(&self, sentences: &[&[String]]) -> Result<Vec<Tagged>, GleanerError> {
        let tagged = |words: &&[String]| {
            let tag = |at| ["B-PER", "I-PER"].get(at).unwrap_or(&"O").to_string();
            let end = words.len().min(2);
            let span = TaggedSpan {
                label: "PER".to_owned(),
                start: 0,
                end,
                confidence: 0.5,
                uncalibrated: 0.5,
            };
            let spans = (end > 0).then_some(span).into_iter().collect();
            Tagged { tags: (0..words.len()).map(tag).collect(), spans, unrepaired: None }
        };
        Ok(sentences.iter().map(tagged).collect())
    }

    fn segmenter(&self) -> &Segmenter {
        &self.0
    }

    fn types(&self) -> Vec<String> {
        vec!["PER".to_owned()]
    }
}
