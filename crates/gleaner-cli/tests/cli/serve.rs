//! `gleaner serve`, over real sockets.

use crate::{
    common::{Sandbox, objects, program, tagger, text, until},
    signals::without_notice,
};
use serde_json::{Value, json};
use std::{
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    process::{Child, Command, Stdio},
    thread,
    time::Duration,
};

/// A server on a free port. It is killed when it is dropped.
struct Served {
    child: Child,
    address: String,
}

impl Served {
    fn start(sandbox: &Sandbox, args: &str) -> Self {
        let mut child = program()
            .current_dir(sandbox.path(""))
            .args(format!("serve {args} --port 0 --threads 2 --output json").split_whitespace())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        let listening: Value = serde_json::from_str(&line).unwrap_or_else(|_| panic!("{line}"));
        assert_eq!(listening["event"], "listening");
        Self { child, address: listening["address"].as_str().unwrap().to_owned() }
    }

    /// With the tagger of all tests.
    fn tagger(sandbox: &Sandbox, args: &str) -> Self {
        Self::start(sandbox, &format!("{} {args}", tagger().display()))
    }

    fn connect(&self) -> TcpStream {
        TcpStream::connect(&self.address).unwrap()
    }

    /// Sends bytes, and gives what comes back until the server closes the connection.
    fn raw(&self, bytes: &[u8]) -> String {
        let mut stream = self.connect();
        stream.set_read_timeout(Some(Duration::from_secs(120))).unwrap();
        // The server may refuse before it has read everything. The stream stays open for writing: otherwise the server
        // would take the client for gone.
        let _ = stream.write_all(bytes);
        let mut reply = Vec::new();
        let _ = stream.read_to_end(&mut reply);
        String::from_utf8_lossy(&reply).into_owned()
    }

    /// The status and the body of a reply.
    fn ask(&self, method: &str, path: &str, headers: &str, body: &str) -> (u16, String) {
        let length = body.len();
        let reply = self.raw(
            format!("{method} {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: {length}\r\n{headers}\r\n{body}")
                .as_bytes(),
        );
        let (head, body) = reply.split_once("\r\n\r\n").unwrap_or_else(|| panic!("{reply}"));
        (head.split(' ').nth(1).unwrap().parse().unwrap(), body.to_owned())
    }

    fn get(&self, path: &str) -> String {
        let (status, body) = self.ask("GET", path, "", "");
        assert_eq!(status, 200, "{path} {body}");
        body
    }

    fn predict(&self, body: &Value) -> Value {
        let (status, reply) = self.ask("POST", "/predict", "", &body.to_string());
        assert_eq!(status, 200, "{reply}");
        serde_json::from_str(&reply).unwrap()
    }

    fn signal(&self, signal: &str) {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args(["-s", signal, &id]).status().unwrap().success());
    }

    /// Waits for the end; gives the exit code and standard error.
    fn end(mut self) -> (Option<i32>, String) {
        let mut err = Vec::new();
        self.child.stderr.take().unwrap().read_to_end(&mut err).unwrap();
        (self.child.wait().unwrap().code(), text(err))
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Sentences of the sample as texts.
fn texts() -> Vec<String> {
    gleaner_sample::target().test.iter().map(|sentence| sentence.words.join(" ")).collect()
}

/// The spans that `gleaner predict` finds in a text, as the server shows them.
fn predicted(sandbox: &Sandbox, content: &str) -> Vec<Value> {
    let args = format!("predict {} --input text --format jsonl --threads 2", tagger().display());
    let (out, _) = sandbox.run_with(&args, content);
    let characters: Vec<char> = content.chars().collect();
    let mut spans = Vec::new();
    for sentence in objects(&out) {
        for span in sentence["spans"].as_array().unwrap() {
            let [start, end] = ["start", "end"].map(|key| span[key].as_u64().unwrap() as usize);
            let covered: String = characters[start..end].iter().collect();
            spans.push(json!({"label": span["label"], "start": start, "end": end, "text": covered, "confidence": span["confidence"]}));
        }
    }
    spans
}

#[test]
fn each_of_many_clients_gets_the_spans_that_predict_finds_in_its_own_text() {
    const CLIENTS: usize = 32;
    const REQUESTS: usize = 8;
    let sandbox = Sandbox::new();
    let served = Served::tagger(&sandbox, "");
    let texts = texts();
    let content = |client: usize, request: usize| {
        // No two are the same, and emoji shift their offsets.
        let (first, second) = (&texts[client % texts.len()], &texts[request % texts.len()]);
        format!("{}🦀 {first}\n{second} {client} {request}", "😀".repeat(client))
    };
    let found: Vec<Vec<Value>> = thread::scope(|scope| {
        let client = |client: usize| {
            let (served, content) = (&served, &content);
            scope.spawn(move || {
                let ask = |request| served.predict(&json!({"text": content(client, request)}));
                (0..REQUESTS).map(ask).collect::<Vec<_>>()
            })
        };
        let clients: Vec<_> = (0..CLIENTS).map(client).collect();
        clients.into_iter().map(|client| client.join().unwrap()).collect()
    });
    let mut entities = 0;
    for (client, replies) in found.iter().enumerate() {
        for (request, reply) in replies.iter().enumerate() {
            assert_eq!(reply["text"], content(client, request));
            entities += reply["spans"].as_array().unwrap().len();
        }
        // One of them against the program, which takes a while to start.
        let request = client % REQUESTS;
        let expected = predicted(&sandbox, &content(client, request));
        assert_eq!(replies[request]["spans"].as_array().unwrap(), &expected);
    }
    assert!(entities > CLIENTS * REQUESTS, "{entities}");
    assert!(served.get("/metrics").contains("status=\"200\",le=\"+Inf\"} 256\n"));
}

#[test]
fn malformed_requests_leave_it_serving() {
    let sandbox = Sandbox::new();
    let served = Served::tagger(&sandbox, "--max-request 1 --host gleaner.example");
    let status = |reply: &str| reply.split(' ').nth(1).unwrap_or_default().to_owned();
    let head = "POST /predict HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n";
    for (bytes, expected) in [
        ("\0\u{1}garbage\r\n\r\n".to_owned(), "400"),
        ("POST /predict HTTP/1.1\r\n\r\n".to_owned(), "400"),
        (format!("{head}Content-Length: x\r\n\r\n"), "400"),
        (format!("{head}Content-Length: 1048577\r\n\r\n{{"), "413"),
        (format!("{head}X: {}\r\n\r\n", "a".repeat(200_000)), "431"),
        (format!("{head}{}\r\n", "X: a\r\n".repeat(2000)), "431"),
        (format!("{head}Content-Length: 1\r\n\r\n{{"), "400"),
        (format!("{head}Transfer-Encoding: chunked\r\n\r\nzz\r\n"), "400"),
        (head.replace("localhost", "evil.example") + "\r\n", "403"),
        (format!("{head}Origin: http://evil.example\r\n\r\n"), "403"),
        (
            head.replace("localhost", "gleaner.example")
                + "Content-Length: 13\r\n\r\n{\"text\": \"a\"}",
            "200",
        ),
    ] {
        let reply = served.raw(bytes.as_bytes());
        // A client that is still sending may not see the reply.
        let is_lost = expected == "431" && reply.is_empty();
        assert!(is_lost || status(&reply) == expected, "{bytes:.300}\n{reply}");
    }
    // Uploads that break off, and connections that say nothing.
    for _ in 0..20 {
        let mut stream = served.connect();
        stream.write_all(format!("{head}Content-Length: 1000\r\n\r\n{{").as_bytes()).unwrap();
    }
    let silent: Vec<TcpStream> = (0..50).map(|_| served.connect()).collect();
    let reply = served.predict(&json!({"text": "Jan woon in Brakpan."}));
    assert_eq!(reply["text"], "Jan woon in Brakpan.");
    drop(silent);
    // No reply names a file of this machine.
    let replies = [
        served.ask("POST", "/predict", "", "{\"text\": \"a\", \"model\": \"../x\"}").1,
        served.ask("GET", "/../../etc/passwd", "", "").1,
        served.get("/models"),
        served.get("/metrics"),
    ];
    let folder = tagger().parent().unwrap().display().to_string();
    assert!(replies.iter().all(|reply| !reply.contains(&folder)), "{replies:?}");
    served.signal("TERM");
    let (code, err) = served.end();
    assert_eq!((code, without_notice(&err, "request")), (Some(0), String::new()));
}

#[test]
fn a_server_that_is_asked_to_stop_answers_what_it_has() {
    let sandbox = Sandbox::new();
    for signal in ["TERM", "INT"] {
        let served = Served::start(&sandbox, &format!("{} --log", tagger().display()));
        // Text of some seconds.
        let long: Vec<String> = texts().into_iter().cycle().take(3000).collect();
        let body = json!({"texts": long}).to_string();
        let (status, reply) = thread::scope(|scope| {
            let asked = scope.spawn(|| served.ask("POST", "/predict", "", &body));
            let none = "gleaner_batches_total{model=\"default\"} 0\n";
            until("a batch is labelled", || !served.get("/metrics").contains(none));
            served.signal(signal);
            asked.join().unwrap()
        });
        assert_eq!(status, 200);
        let reply: Value = serde_json::from_str(&reply).unwrap();
        let results = reply["results"].as_array().unwrap();
        assert_eq!(results.len(), long.len());
        assert!(results.iter().zip(&long).all(|(result, text)| result["text"] == *text));
        let (code, err) = served.end();
        assert_eq!(code, Some(0), "{err}");
        let lines = objects(&err);
        assert_eq!(lines[0]["event"], "listening");
        let last = lines.last().unwrap();
        let said = ["event", "method", "route", "status"].map(|key| last[key].clone());
        assert_eq!(said, [json!("request"), json!("POST"), json!("/predict"), json!(200)]);
    }
}

#[test]
fn a_token_is_needed_where_there_is_one() {
    let sandbox = Sandbox::new();
    let model = tagger().display();
    let err = sandbox.fails(&format!("serve {model} --bind 0.0.0.0"), 2);
    assert!(
        err.starts_with("0.0.0.0: other machines can reach this address; give a token"),
        "{err}"
    );
    sandbox.write("short", "1234\n");
    let err = sandbox.fails(&format!("serve {model} --token-file short"), 2);
    assert!(err.starts_with("short: the token must have 16 or more"), "{err}");
    sandbox.fails(&format!("serve {model} --token-file missing"), 1);
    sandbox.write("token", "0123456789abcdef\n");
    let served = Served::tagger(&sandbox, "--bind 0.0.0.0 --token-file token");
    let ask = |headers: &str| served.ask("POST", "/predict", headers, "{\"text\": \"Jan\"}").0;
    assert_eq!(ask(""), 401);
    assert_eq!(ask("Authorization: Bearer 0123456789abcdeg\r\n"), 401);
    assert_eq!(ask("Authorization: Bearer 0123456789abcdef\r\n"), 200);
    // `x:0123456789abcdef`
    assert_eq!(ask("Authorization: Basic eDowMTIzNDU2Nzg5YWJjZGVm\r\n"), 200);
    assert_eq!(served.get("/health"), "{\"status\":\"UP\"}");
}

#[test]
fn models_have_names_and_are_loaded_again_when_their_folder_is_replaced() {
    let sandbox = Sandbox::with_data();
    sandbox.train("first", "--data data --seed 1");
    sandbox.train("second", "--data data --seed 2");
    sandbox.run("ensemble first second --out together");
    let mut served = Served::start(&sandbox, "first --model both=together");
    let stderr = served.child.stderr.take().unwrap();
    let versions = || -> Vec<String> {
        let models: Value = serde_json::from_str(&served.get("/models")).unwrap();
        let models = models["models"].as_array().unwrap().iter();
        models.map(|model| model["version"].as_str().unwrap().to_owned()).collect()
    };
    let before = versions();
    assert!(before[0].starts_with("default-") && before[1].starts_with("both-"), "{before:?}");
    let reply = served.predict(&json!({"words": ["Jan", "woon"], "model": "both"}));
    assert_eq!(reply["model_version"], before[1].as_str());
    // Not a model.
    fs::rename(sandbox.path("first"), sandbox.path("old")).unwrap();
    sandbox.write("broken/gleaner.json", "{");
    fs::rename(sandbox.path("broken"), sandbox.path("first")).unwrap();
    let mut err = BufReader::new(stderr);
    let mut line = String::new();
    err.read_line(&mut line).unwrap();
    assert!(line.starts_with("warning: default: the new model cannot be loaded"), "{line}");
    assert_eq!(versions(), before, "the one before is served");
    fs::rename(sandbox.path("first"), sandbox.path("bad")).unwrap();
    fs::rename(sandbox.path("second"), sandbox.path("first")).unwrap();
    until("the new model is served", || versions()[0] != before[0]);
    let after = versions();
    assert!(after[0].starts_with("default-") && after[1] == before[1], "{after:?}");
    let reply = served.predict(&json!({"text": "Jan"}));
    assert_eq!(reply["model_version"], after[0].as_str());
}

#[test]
fn what_cannot_be_served_is_an_error_before_it_listens() {
    let sandbox = Sandbox::new();
    let model = tagger().display();
    let err = sandbox.fails(&format!("serve {model} --model a/b={model} --port 0"), 2);
    assert!(err.starts_with("`a/b` is not a name of a model"), "{err}");
    let err = sandbox.fails(&format!("serve {model} --model default={model} --port 0"), 2);
    assert_eq!(err, "two models have the name `default`; change one");
    sandbox.fails(&format!("serve {model} --model nl=./missing --port 0"), 4);
    let served = Served::tagger(&sandbox, "");
    let port = served.address.rsplit_once(':').unwrap().1;
    let err = sandbox.fails(&format!("serve {model} --port {port}"), 2);
    assert!(err.ends_with("; choose another --port or --bind"), "{err}");
}
