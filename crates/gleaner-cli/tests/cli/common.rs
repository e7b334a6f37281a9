//! Test support: a folder to run the program in, small texts, a copy of the sample encoder, and one
//! tagger that finds names, trained once.

use assert_cmd::Command;
use serde_json::Value;
use std::{
    fs,
    hash::{DefaultHasher, Hash, Hasher},
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process,
    sync::OnceLock,
    thread,
    time::{Duration, Instant},
};
use tempfile::TempDir;

/// The formats that are written, with an extension of their files.
pub const FORMATS: [(&str, &str); 14] = [
    ("conll", "conll"),
    ("conll2003", "conll"),
    ("conllup", "conllup"),
    ("jsonl", "jsonl"),
    ("json", "json"),
    ("doccano", "jsonl"),
    ("label-studio", "json"),
    ("label-studio-min", "json"),
    ("prodigy", "jsonl"),
    ("parquet", "parquet"),
    ("csv", "csv"),
    ("spacy", "spacy"),
    ("webanno", "tsv"),
    ("brat", "ann"),
];

/// Settings of a training that takes a fraction of a second.
const QUICK: [(&str, &str); 6] = [
    ("--encoder", "sample:tiny"),
    ("--epochs", "2"),
    ("--lstm-units", "8"),
    ("--lstm-layers", "1"),
    ("--resamples", "20"),
    ("--threads", "2"),
];

/// The arguments of a quick training with output folder `out`; `options` override its settings.
pub fn training(out: &str, options: &str) -> String {
    let mut args = format!("train --out {out} {options}");
    for (option, value) in QUICK {
        // A model to start from determines the encoder and the shape.
        let brought =
            options.contains("--start") && (option == "--encoder" || option.starts_with("--lstm"));
        if !brought && !options.split_whitespace().any(|o| o == option) {
            args += &format!(" {option} {value}");
        }
    }
    args
}

/// A temporary folder for one test. The program runs in it, so messages contain relative paths.
pub struct Sandbox(TempDir);

impl Sandbox {
    pub fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    /// With the folder `data`: 48 training, 10 dev and 10 test sentences of the sample.
    pub fn with_data() -> Self {
        let sandbox = Self::new();
        let parts = gleaner_sample::target();
        let text = |s: &[_]| gleaner_sample::to_conll(s);
        sandbox.write("data/train.conll", text(&parts.train[..48]));
        sandbox.write("data/dev.conll", text(&parts.dev[..10]));
        sandbox.write("data/test.conll", text(&parts.test[..10]));
        sandbox
    }

    /// With the sample encoder's files in the folder `encoder`.
    pub fn with_encoder(self) -> Self {
        let files = gleaner_sample::encoder();
        self.write("encoder/config.json", files.config);
        self.write("encoder/tokenizer.json", files.tokenizer);
        self.write("encoder/model.safetensors", files.weights);
        self
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    pub fn read(&self, name: &str) -> Vec<u8> {
        fs::read(self.path(name)).unwrap_or_else(|e| panic!("{name}: {e}"))
    }

    pub fn text(&self, name: &str) -> String {
        String::from_utf8(self.read(name)).unwrap()
    }

    /// Asserts that a file contains all these texts.
    pub fn says(&self, name: &str, all: &[&str]) {
        let text = self.text(name);
        all.iter().for_each(|said| assert!(text.contains(said), "{said}\n{text}"));
    }

    pub fn json(&self, name: &str) -> Value {
        serde_json::from_slice(&self.read(name)).unwrap()
    }

    /// Names of the files in a folder, sorted.
    pub fn files(&self, folder: &str) -> Vec<String> {
        let entries = fs::read_dir(self.path(folder)).unwrap();
        let mut names: Vec<String> =
            entries.map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    /// The program with `args`, separated by white space.
    pub fn command(&self, args: &str) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_gleaner"));
        command.current_dir(self.0.path()).args(args.split_whitespace());
        command
    }

    /// Runs the program, which must succeed; gives standard output and error.
    pub fn run(&self, args: &str) -> (String, String) {
        self.run_with(args, "")
    }

    /// As [`run`](Self::run), with `input` on standard input.
    pub fn run_with(&self, args: &str, input: &str) -> (String, String) {
        let output = self.command(args).write_stdin(input).output().unwrap();
        let (out, err) = (text(output.stdout), text(output.stderr));
        assert_eq!(output.status.code(), Some(0), "{args}\n{err}");
        (out, err)
    }

    /// Runs a quick [`training`].
    pub fn train(&self, out: &str, options: &str) -> (String, String) {
        self.run(&training(out, options))
    }

    /// Runs the program, which must fail with exit code `code`, nothing on standard output and one
    /// line on standard error; gives that line without `error: `.
    pub fn fails(&self, args: &str, code: i32) -> String {
        let output = self.command(args).output().unwrap();
        let (out, err) = (text(output.stdout), text(output.stderr));
        assert_eq!(output.status.code(), Some(code), "{args}\n{err}");
        assert_eq!(out, "", "{args}");
        assert_eq!(err.matches('\n').count(), 1, "{args}\n{err}");
        let message = err.strip_prefix("error: ").unwrap_or_else(|| panic!("{err}"));
        message.trim_end().to_owned()
    }

    /// As [`fails`](Self::fails), for a training, which must not have written anything.
    pub fn refuses(&self, options: &str, code: i32) -> String {
        let message = self.fails(&training("out", options), code);
        assert!(!self.path("out").exists(), "{options} wrote something");
        message
    }
}

/// The program, with no signal ignored: it would keep ignoring SIGINT where these tests run in the background.
pub fn program() -> process::Command {
    let path = env!("CARGO_BIN_EXE_gleaner");
    if cfg!(not(target_os = "linux")) {
        return process::Command::new(path);
    }
    let mut command = process::Command::new("env");
    command.args(["--default-signal=INT", path]);
    command
}

/// Starts the program and kills it (SIGKILL) after `lines` lines on standard output.
pub fn kill_after(sandbox: &Sandbox, args: &str, lines: usize) {
    let mut child = process::Command::new(env!("CARGO_BIN_EXE_gleaner"))
        .current_dir(sandbox.path(""))
        .args(args.split_whitespace())
        .args(["--output", "json"])
        .stdout(process::Stdio::piped())
        .spawn()
        .unwrap();
    let said = BufReader::new(child.stdout.take().unwrap()).lines();
    let said = said.take(lines).map(Result::unwrap).count();
    assert_eq!(said, lines);
    child.kill().unwrap();
    assert!(!child.wait().unwrap().success());
}

pub fn text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap()
}

/// The JSON objects of some lines; asserts that their names have no underscores.
pub fn objects(lines: &str) -> Vec<Value> {
    let read = |line: &str| serde_json::from_str(line).unwrap_or_else(|e| panic!("{e}: {line}"));
    let found: Vec<Value> = lines.lines().map(read).collect();
    found.iter().for_each(assert_hyphens);
    found
}

fn assert_hyphens(value: &Value) {
    match value {
        Value::Object(fields) => fields.iter().for_each(|(name, inner)| {
            assert!(!name.contains('_'), "{name}");
            assert_hyphens(inner);
        }),
        Value::Array(values) => values.iter().for_each(assert_hyphens),
        _ => {}
    }
}

/// A tagger of `sample:af` that finds most names. It is trained once per build of the program
/// and kept in the target folder.
pub fn tagger() -> &'static Path {
    static TAGGER: OnceLock<PathBuf> = OnceLock::new();
    TAGGER.get_or_init(|| {
        let mut hash = DefaultHasher::new();
        fs::read(env!("CARGO_BIN_EXE_gleaner")).unwrap().hash(&mut hash);
        let kept = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("tagger-{:x}", hash.finish()));
        if !kept.is_dir() {
            let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
            let made = folder.path().join("tagger");
            let settings = "--epochs 8 --lstm-units 16 --lstm-layers 1 --threads 2 --rate-encoder 1e-3 --rate-lstm 0.02";
            let mut command = Command::new(env!("CARGO_BIN_EXE_gleaner"));
            command.args(["train", "--data", "sample:af", "--encoder", "sample:tiny", "--out"]);
            command.arg(&made).args(settings.split(' ')).assert().success();
            // Another process may have been faster; its tagger is the same.
            let _ = fs::rename(&made, &kept);
        }
        kept
    })
}

/// Waits until something is so, for at most a minute, which is long enough on any machine.
pub fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let start = Instant::now();
    while !is_so() {
        assert!(start.elapsed() < Duration::from_secs(60), "not within a minute: {what}");
        thread::sleep(Duration::from_millis(10));
    }
}
