//! `gleaner annotate`, over real sockets: projects, answers that survive kills, and the page of the guide with a
//! scripted annotator.

use crate::common::{Sandbox, objects};
use serde_json::{Value, json};
use std::{
    collections::HashMap,
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    path::Path,
    process::{Child, Command, Stdio},
    thread,
    time::Duration,
};

/// A project that is being annotated. It is killed when it is dropped.
pub struct Served {
    child: Child,
    address: String,
}

impl Served {
    pub fn start(sandbox: &Sandbox, project: &str) -> Self {
        Self::start_with(sandbox, project, Stdio::inherit())
    }

    /// As [`start`](Self::start), with some standard error.
    pub fn start_with(sandbox: &Sandbox, project: &str, stderr: Stdio) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_gleaner"))
            .current_dir(sandbox.path(""))
            .args(["annotate", project, "--port", "0", "--threads", "2", "--output", "json"])
            .stdout(Stdio::piped())
            .stderr(stderr)
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        let listening: Value = serde_json::from_str(&line).unwrap_or_else(|_| panic!("{line}"));
        assert_eq!(listening["event"], "listening");
        Self { child, address: listening["address"].as_str().unwrap().to_owned() }
    }

    pub fn ask(&self, method: &str, path: &str, body: &str) -> (u16, Value) {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        let length = body.len();
        let head = format!(
            "{method} {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: {length}\r\n\r\n"
        );
        stream.write_all((head + body).as_bytes()).unwrap();
        let mut reply = String::new();
        stream.read_to_string(&mut reply).unwrap();
        let (head, body) = reply.split_once("\r\n\r\n").unwrap_or_else(|| panic!("{reply}"));
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        (status, serde_json::from_str(body).unwrap_or(Value::Null))
    }

    pub fn get(&self, path: &str) -> Value {
        let (status, reply) = self.ask("GET", path, "");
        assert_eq!(status, 200, "{path} {reply}");
        reply
    }

    /// Answers up to `most` sentences as `gold` has them, and skips those that it does not have. Gives the answers,
    /// which are confirmed.
    fn annotate(&self, gold: &Gold, most: usize) -> Vec<Value> {
        let mut confirmed = Vec::new();
        while confirmed.len() < most {
            let next = self.get("/api/next?annotator=me&take=1");
            let Some(sentence) = next["sentences"].as_array().unwrap().first() else { break };
            if sentence["held_out"] == true {
                assert_eq!(sentence["spans"], json!([]));
            }
            let answer = gold.answer(sentence);
            let (status, reply) = self.ask("POST", "/api/answers", &answer.to_string());
            assert_eq!(status, 200, "{reply}");
            confirmed.push(answer);
        }
        confirmed
    }

    /// Waits for a score of a model; gives the progress.
    fn scored(&self) -> Value {
        // No longer than ten minutes: a test that waits for ever does not say why.
        for _ in 0..6_000 {
            let progress = self.get("/api/progress?annotator=me");
            if !progress["scores"].as_array().unwrap().is_empty() {
                return progress;
            }
            let training = progress["training"].as_str();
            assert!(training.is_none_or(|text| text.starts_with("training on")), "{progress}");
            thread::sleep(Duration::from_millis(100));
        }
        panic!("no model was trained");
    }

    /// Ends it as Ctrl-C does; gives the exit code.
    pub fn stop(mut self) -> Option<i32> {
        self.terminate();
        self.child.wait().unwrap().code()
    }

    /// As [`stop`](Self::stop); gives standard error too, which must be a pipe.
    pub fn end(mut self) -> (Option<i32>, String) {
        self.terminate();
        let mut err = String::new();
        self.child.stderr.take().unwrap().read_to_string(&mut err).unwrap();
        (self.child.wait().unwrap().code(), err)
    }

    fn terminate(&self) {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args(["-s", "TERM", &id]).status().unwrap().success());
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The labels of sentences, by their words.
struct Gold(HashMap<Vec<String>, Vec<String>>);

impl Gold {
    fn of(sentences: Vec<gleaner_sample::SampleSentence>) -> Self {
        Self(sentences.into_iter().map(|sentence| (sentence.words, sentence.tags)).collect())
    }

    fn answer(&self, sentence: &Value) -> Value {
        let words: Vec<String> = serde_json::from_value(sentence["words"].clone()).unwrap();
        let (action, spans) = match self.0.get(&words) {
            Some(tags) => ("accept", spans(tags)),
            None => ("skip", Vec::new()),
        };
        json!({"annotator": "me", "id": sentence["id"], "action": action, "spans": spans})
    }
}

fn spans(tags: &[String]) -> Vec<Value> {
    let entities =
        gleaner_base::tags::entities(tags, gleaner_base::tags::SeqevalMode::Default).into_iter();
    entities.map(|e| json!({"start": e.start, "end": e.end, "type": e.entity_type})).collect()
}

/// A project `p` with the words of the sample's training sentences.
fn project(sandbox: &Sandbox) -> Gold {
    let train = gleaner_sample::target().train[..60].to_vec();
    let words: Vec<String> = train.iter().map(|s| s.words.join("\n") + "\n").collect();
    sandbox.write("words.conll", words.join("\n"));
    sandbox.run("annotate p --new --types PER,ORG,LOC --import words.conll");
    Gold::of(train)
}

#[test]
fn a_project_is_made_annotated_and_written() {
    let sandbox = Sandbox::new();
    let gold = project(&sandbox);
    let again = sandbox.run("annotate p --import words.conll").0;
    assert!(again.contains("added 0 sentences; 60 in the project already"), "{again}");
    let served = Served::start(&sandbox, "p");
    let locked = sandbox.fails("annotate p --import words.conll", 2);
    assert_eq!(locked, "p: another process has the project open; end it first");
    assert_eq!(served.annotate(&gold, 100).len(), 60);
    // While it is being annotated.
    sandbox.run("annotate p --export early --to jsonl");
    assert_eq!(served.stop(), Some(0));
    sandbox.run("annotate p --export corpus");
    assert_eq!(sandbox.files("corpus"), ["test.conll", "train.conll"]);
    assert_eq!(sandbox.files("early"), ["test.jsonl", "train.jsonl"]);
    let both = sandbox.text("corpus/train.conll") + "\n" + &sandbox.text("corpus/test.conll");
    let sentence = |block: &str| {
        let pairs = block.lines().map(|line| line.split_once('\t').unwrap());
        pairs.map(|(word, tag)| (word.to_owned(), tag.to_owned())).unzip()
    };
    let blocks = both.split("\n\n").map(str::trim).filter(|block| !block.is_empty());
    let written: HashMap<Vec<String>, Vec<String>> = blocks.map(sentence).collect();
    assert_eq!(written, gold.0);
    let refused = sandbox.fails("annotate p --export corpus", 2);
    assert!(refused.starts_with("corpus/train.conll: the file exists; "), "{refused}");
    sandbox.run("annotate p --export corpus --force");
    sandbox.run("data inspect corpus");
}

#[test]
fn no_confirmed_answer_is_lost_when_the_program_is_killed() {
    let sandbox = Sandbox::new();
    let gold = project(&sandbox);
    let mut confirmed = Vec::new();
    for kill in 0..4 {
        let served = Served::start(&sandbox, "p");
        let before = served.get("/api/progress?annotator=me");
        assert_eq!(before["answered"], confirmed.len());
        confirmed.extend(served.annotate(&gold, 5));
        // Dropping it kills it (SIGKILL). What it was writing then is torn.
        drop(served);
        let torn = format!("{{\"n\":{},\"id\":", 5 * (kill + 1) + 1);
        let mut journal = fs::OpenOptions::new().append(true).open(sandbox.path("p/journal.jsonl"));
        journal.as_mut().unwrap().write_all(torn.as_bytes()).unwrap();
    }
    let (_, err) = sandbox.run("annotate p --import words.conll");
    assert!(err.contains("warning: p/journal.jsonl: dropped "), "{err}");
    let journal = objects(&sandbox.text("p/journal.jsonl"));
    assert_eq!(journal.len(), confirmed.len());
    for (entry, answer) in journal.iter().zip(&confirmed) {
        for key in ["annotator", "id", "action"] {
            assert_eq!(entry[key], answer[key]);
        }
        let spans = entry.get("spans").cloned().unwrap_or_else(|| json!([]));
        assert_eq!(spans, answer["spans"]);
    }
}

#[test]
fn faults_of_a_project_are_one_line_each() {
    let sandbox = Sandbox::new();
    assert!(sandbox.fails("annotate p", 2).starts_with("p: no project.toml in it; create one"));
    sandbox.fails("annotate p --new --types PER --import typo.txt", 1);
    assert!(!sandbox.path("p").exists());
    sandbox.run("annotate p --new --types PER");
    let none = sandbox.fails("annotate p", 2);
    assert_eq!(none, "p: no sentences; add some with `gleaner annotate p --import FILE`");
    assert!(sandbox.fails("annotate p --export out", 2).starts_with("p: no sentence is accepted"));
    assert!(sandbox.fails("annotate p --new --types PER", 2).starts_with("p: the folder is not"));
    sandbox.write("a.conll", "Havn\tB-LOC\n");
    let unknown = sandbox.fails("annotate p --import a.conll", 3);
    assert!(unknown.starts_with("a.conll:1: `LOC` is not a type of the project; "), "{unknown}");
    sandbox.run("annotate p --import a.conll --map LOC=PER");
    sandbox.write("p/journal.jsonl", "{\"n\":1}\n");
    assert!(sandbox.fails("annotate p --export out", 3).starts_with("p/journal.jsonl:1: missing"));
    sandbox.write("p/project.toml", "types = [\"PER\"]\n\nseeds = 1\n");
    let typo = sandbox.fails("annotate p", 2);
    assert!(typo.starts_with("p/project.toml:3: unknown field `seeds`"), "{typo}");
    let open = sandbox.fails("annotate p --bind 0.0.0.0", 2);
    assert!(open.contains("give a token (--token-file)"), "{open}");
    assert!(!sandbox.path("out").exists());
}

/// The commands of a page, in order.
fn commands(page: &str) -> Vec<String> {
    let mut found = Vec::new();
    for block in page.split("\n```").skip(1).step_by(2) {
        let (language, body) = block.split_once('\n').unwrap_or((block, ""));
        match language {
            "sh" => found.push(body.to_owned()),
            "console" => {
                found.extend(body.lines().filter_map(|l| l.strip_prefix("$ ")).map(str::to_owned))
            }
            _ => {}
        }
    }
    found
}

#[test]
fn the_guide_leads_from_no_labels_to_a_tagger() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/tutorial/first-thousand.md");
    let sandbox = Sandbox::new();
    let gold = Gold::of(gleaner_sample::unlabelled_gold());
    let programs = Path::new(env!("CARGO_BIN_EXE_gleaner")).parent().unwrap();
    let path = format!("{}:{}", programs.display(), std::env::var("PATH").unwrap_or_default());
    let mut annotated = 0;
    for command in commands(&fs::read_to_string(page).unwrap()) {
        if command == "gleaner annotate my-project" {
            let served = Served::start(&sandbox, "my-project");
            annotated += served.annotate(&gold, 150).len();
            let progress = served.scored();
            let score = &progress["scores"][0];
            assert!(
                score["low"].as_f64().unwrap() <= score["high"].as_f64().unwrap(),
                "{progress}"
            );
            assert_eq!(served.stop(), Some(0));
            continue;
        }
        let output = Command::new("bash")
            .args(["-euo", "pipefail", "-c", &command])
            .current_dir(sandbox.path(""))
            .env("PATH", &path)
            .output()
            .unwrap();
        let err = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{command}\n{err}");
    }
    assert_eq!(annotated, 150);
    assert!(sandbox.path("my-project/models/1/gleaner.json").is_file());
    assert!(sandbox.path("my-model/gleaner.json").is_file());
}
