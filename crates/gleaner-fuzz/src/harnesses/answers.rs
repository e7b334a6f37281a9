//! Requests to the server of an annotation project.

use super::{
    annotate::example,
    requests::{ask, runtime},
    support::{copy_missing, folder},
};
use axum::{Router, body::Body, http::Request};
use gleaner_annotate::{Log, Project, Service, Session, router};
use serde_json::Value;
use std::{
    fs,
    path::Path,
    sync::{Arc, LazyLock, Mutex, PoisonError},
};
use tokio::runtime::Runtime;

/// The addresses that the first byte of a request chooses from, and whether the other bytes are a body or a query.
const PATHS: [(&str, bool); 6] = [
    ("/api/answers", true),
    ("/api/undo", true),
    ("/api/next", false),
    ("/api/sentence", false),
    ("/api/progress", false),
    ("/api/project", false),
];

/// Maximum number of requests of an input.
const REQUESTS: usize = 4;

pub(super) fn seeds() -> Vec<Vec<u8>> {
    let accept =
        r#"0{"annotator":"a","id":2,"action":"accept","spans":[{"start":0,"end":1,"type":"PER"}]}"#;
    let other = accept.replace("accept", "skip").replace("\"a\"", "\"b\"");
    let undo = r#"1{"annotator":"a"}"#;
    let inputs: [&[&str]; 3] = [
        &[accept, undo, "4annotator=a"],
        &["2annotator=%C3%86tla+%26&after=1,2&take=5", "3annotator=c&id=1", "5"],
        &[&other, accept, accept],
    ];
    inputs.map(|requests| requests.join("\0").into_bytes()).to_vec()
}

/// Requests with zero bytes between them are answered with success, or refused as the client's fault in one line of
/// JSON. Whatever is asked, the journal can be read, and has the answers that were confirmed.
pub(super) fn answers(input: &[u8]) -> Result<(), String> {
    static RUNTIME: LazyLock<Runtime> = LazyLock::new(runtime);
    let folder = folder();
    copy_missing(example(), folder.path());
    let session = Session::open(folder.path()).expect("a project");
    let said: Arc<Mutex<String>> = Arc::default();
    let sink = Arc::clone(&said);
    let log: Log = Arc::new(move |line: &str| {
        sink.lock().unwrap_or_else(PoisonError::into_inner).push_str(line);
    });
    let service = Service::start(session, None, log).expect("a project without a model");
    let router = router(Arc::clone(&service));
    let mut refused = None;
    for request in input.split(|byte| *byte == 0).take(REQUESTS) {
        let (choice, rest) = request.split_first().unwrap_or((&0, &[]));
        let (path, is_post) = PATHS[usize::from(*choice) % PATHS.len()];
        let Some((status, reply)) = send(&RUNTIME, &router, path, is_post, rest) else {
            refused = Some("the address is malformed".to_owned());
            continue;
        };
        match status {
            200 if path == "/api/answers" => {
                let n = reply["n"].as_u64().expect("a number");
                assert!(
                    (1..=lines(folder.path())).contains(&n),
                    "answer {n} is not in the journal"
                );
            }
            200 => {}
            400 | 404 => refused = Some(reply["error"].as_str().expect("a reason").to_owned()),
            _ => panic!("status {status}: {reply}; {said:?}"),
        }
    }
    drop((router, service));
    let project = Project::read(folder.path());
    project.unwrap_or_else(|e| panic!("the journal cannot be read: {e}"));
    refused.map_or(Ok(()), Err)
}

/// The status and the body of the reply; `None` if the query cannot be part of an address.
fn send(
    runtime: &Runtime,
    router: &Router,
    path: &str,
    is_post: bool,
    rest: &[u8],
) -> Option<(u16, Value)> {
    let request = match is_post {
        true => Request::post(path).body(Body::from(rest.to_vec())),
        false => {
            let query = String::from_utf8_lossy(rest);
            Request::get(format!("{path}?{query}")).body(Body::empty())
        }
    };
    let (status, reply) = runtime.block_on(ask(router.clone(), request.ok()?));
    Some((status, serde_json::from_str(&reply).expect("JSON")))
}

/// Number of lines of a project's journal.
fn lines(place: &Path) -> u64 {
    let journal = fs::read(place.join("journal.jsonl")).expect("a file");
    journal.iter().filter(|byte| **byte == b'\n').count() as u64
}
