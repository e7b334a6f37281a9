//! Sending a model.

use crate::support::{World, noise};
use gleaner_hub::{
    Event, Hub, HubConfig, HubError, HubErrorKind, PushOptions, Pushed, Upload,
    testing::{Fault, Request},
};
use std::{fs, path::Path};

const ID: &str = "me/tagger";
const WEIGHTS: usize = 300_000;

/// A hub that `writer` may write to, and a tagger beside it.
struct Sender {
    world: World,
    model: tempfile::TempDir,
}

impl Sender {
    fn new() -> Self {
        let sender = Self { world: World::new(), model: tempfile::tempdir().unwrap() };
        sender.world.hub.allow_writing("writer");
        sender.write("config.json", b"{}");
        sender.write("gleaner.json", b"{\"format\": 1}");
        sender.write("tokenizer.json", b"{\"version\": \"1.0\"}");
        sender.write("trained-on.txt", b"");
        sender.write("README.md", "# Ein Modell für Namen\n".as_bytes());
        sender.write("model.safetensors", &noise(WEIGHTS));
        sender.write("notes.txt", b"not part of the model");
        sender
    }

    fn write(&self, name: &str, bytes: &[u8]) {
        fs::write(self.model.path().join(name), bytes).unwrap();
    }

    fn config(&self) -> HubConfig {
        let mut config = self.world.config();
        config.token = Some("writer".into());
        config
    }

    fn push(&self) -> Result<Pushed, HubError> {
        self.push_with(self.config(), ID, &PushOptions::default()).0
    }

    /// Sends the model, and returns the events except progress.
    fn push_with(
        &self,
        config: HubConfig,
        id: &str,
        options: &PushOptions,
    ) -> (Result<Pushed, HubError>, Vec<String>) {
        let mut events = Vec::new();
        let mut note = |event: Event<'_>| match event {
            Event::Sending { done, of, .. } => assert!(done <= of),
            Event::Sent { file, sent, of } => events.push(format!("{file}: {sent} of {of}")),
            Event::Waiting { file, reason, .. } => events.push(format!("{file}: {reason}")),
            other => events.push(format!("{other:?}")),
        };
        let upload = Upload::of(self.model.path());
        let pushed = upload
            .and_then(|upload| Hub::new(config)?.push(&upload, &id.parse()?, options, &mut note));
        (pushed, events)
    }

    fn error<T: std::fmt::Debug>(&self, result: Result<T, HubError>) -> String {
        let error = self.world.error(result);
        error.replace(self.model.path().to_str().unwrap(), "MODEL")
    }

    /// Checks that the hub has the model and nothing else of the folder.
    fn is_complete(&self) {
        for file in ["config.json", "gleaner.json", "tokenizer.json", "trained-on.txt", "README.md"]
            .into_iter()
            .chain(["model.safetensors"])
        {
            let sent = fs::read(self.model.path().join(file)).unwrap();
            assert!(self.world.read(&format!("models/{ID}/{file}")) == sent, "{file}");
        }
        assert!(!self.remote("notes.txt").exists());
    }

    fn remote(&self, file: &str) -> std::path::PathBuf {
        self.world.root.path().join("models").join(ID).join(file)
    }

    /// The requests since the last call that send something, as `METHOD PATH`, without hashes.
    fn take_sending(&self) -> Vec<String> {
        let shown = |request: &Request| {
            let hash = |step: &&str| step.len() < 40;
            let steps: Vec<&str> = request.path.split('/').filter(hash).collect();
            format!("{} {}", request.method, steps.join("/"))
        };
        let requests = self.world.hub.take_requests();
        requests.iter().filter(|r| r.method != "GET").map(shown).collect()
    }
}

/// The lines of the commits that were sent.
fn commits(requests: &[Request]) -> Vec<serde_json::Value> {
    let of_commit = |r: &&Request| r.path.contains("/commit/");
    let parse = |line: &str| serde_json::from_str(line).unwrap();
    let of_body = |r: &Request| -> Vec<serde_json::Value> {
        std::str::from_utf8(&r.body).unwrap().lines().map(parse).collect()
    };
    requests.iter().filter(of_commit).flat_map(of_body).collect()
}

#[test]
fn a_model_is_sent_in_one_commit_to_a_new_repository() {
    let sender = Sender::new();
    let options = PushOptions { message: "First\n\nWith a reason.".into(), ..Default::default() };
    let (pushed, events) = sender.push_with(sender.config(), ID, &options);
    let pushed = pushed.unwrap();
    sender.is_complete();
    assert!(pushed.created && pushed.others.is_empty(), "{pushed:?}");
    assert_eq!(pushed.page, format!("{}/{ID}", sender.world.hub.endpoint()));
    assert_eq!(pushed.commit.as_str(), sender.world.hub.commit(&format!("models/{ID}")));
    let bytes = |name: &str| pushed.sent.iter().find(|sent| sent.file == name).unwrap().bytes;
    assert_eq!((pushed.sent.len(), bytes("model.safetensors")), (6, WEIGHTS as u64));
    assert_eq!((bytes("config.json"), bytes("trained-on.txt")), (2, 0));
    assert_eq!(events, ["model.safetensors: 300000 of 300000"]);
    let requests = sender.world.hub.take_requests();
    let header = &commits(&requests)[0]["value"];
    assert_eq!(
        (&header["summary"], &header["description"]),
        (&"First".into(), &"With a reason.".into())
    );
    // The token is for the hub only, and the store gets the bytes of the file and nothing else.
    for request in &requests {
        let expected = (request.method != "PUT").then_some("Bearer writer");
        assert_eq!(request.authorization.as_deref(), expected, "{}", request.path);
    }
    let sent: Vec<_> = requests.iter().filter(|r| r.method == "PUT").collect();
    assert!(sent.len() == 1 && sent[0].body == noise(WEIGHTS));
}

#[test]
fn a_repeated_push_sends_only_what_changed() {
    let sender = Sender::new();
    let first = sender.push().unwrap();
    sender.take_sending();
    let again = sender.push().unwrap();
    assert_eq!((again.commit, again.created, again.sent), (first.commit.clone(), false, vec![]));
    assert_eq!(
        sender.take_sending(),
        ["POST /api/repos/create", "POST /api/models/me/tagger/preupload/main"]
    );
    sender.write("README.md", b"# Changed\n");
    fs::write(sender.remote("notes-of-the-owner.md"), "kept").unwrap();
    let changed = sender.push().unwrap();
    assert_ne!(changed.commit, first.commit);
    let sent: Vec<_> = changed.sent.iter().map(|sent| sent.file.as_str()).collect();
    assert_eq!(
        (sent, changed.others),
        (vec!["README.md"], vec!["notes-of-the-owner.md".to_owned()])
    );
    assert!(!sender.take_sending().iter().any(|request| request.starts_with("PUT")));
    assert!(sender.remote("notes-of-the-owner.md").exists());
    sender.is_complete();
}

#[test]
fn large_files_are_sent_in_parts() {
    // The last part is shorter, or as long as the others.
    for (part, parts) in [(70_000, 5), (100_000, 3), (WEIGHTS as u64, 1)] {
        let sender = Sender::new();
        sender.world.hub.in_parts_of(part);
        // The second part is sent again alone.
        sender.world.hub.fault("/2", 1, Fault::DropSent(50_000));
        let (pushed, events) = sender.push_with(sender.config(), ID, &PushOptions::default());
        pushed.unwrap();
        sender.is_complete();
        let puts = sender.take_sending().into_iter().filter(|r| r.starts_with("PUT")).count();
        assert_eq!(puts, parts + usize::from(parts > 1), "{events:?}");
    }
}

/// The parts are joined, and cannot be joined again.
#[test]
fn parts_that_were_joined_without_an_answer_are_not_sent_again() {
    let sender = Sender::new();
    sender.world.hub.in_parts_of(100_000);
    sender.world.hub.fault("/api/complete/", 1, Fault::Mute);
    let (pushed, events) = sender.push_with(sender.config(), ID, &PushOptions::default());
    pushed.unwrap();
    sender.is_complete();
    let puts = sender.take_sending().into_iter().filter(|r| r.starts_with("PUT")).count();
    assert_eq!(puts, 3, "{events:?}");
}

#[test]
fn a_dropped_upload_is_repeated() {
    let sender = Sender::new();
    let oid = oid(sender.model.path());
    sender.world.hub.fault(&oid, 2, Fault::DropSent(100_000));
    let (pushed, events) = sender.push_with(sender.config(), ID, &PushOptions::default());
    pushed.unwrap();
    sender.is_complete();
    assert_eq!(events.len(), 3, "{events:?}");
    // Without retries, the next push continues with what is missing.
    let sender = Sender::new();
    sender.world.hub.fault(&oid, 1, Fault::DropSent(100_000));
    let mut config = sender.config();
    config.retries = 0;
    let error = sender.push_with(config, ID, &PushOptions::default()).0.unwrap_err();
    assert_eq!(error.kind(), HubErrorKind::Unreachable, "{error}");
    assert!(!sender.remote("config.json").exists(), "a commit is whole or absent");
    assert!(!sender.push().unwrap().created);
    sender.is_complete();
}

#[test]
fn objects_that_the_hub_has_are_not_sent_again() {
    let sender = Sender::new();
    // The objects arrive, the commit does not: five attempts.
    sender.world.hub.fault("/commit/main", 5, Fault::Status(503, vec![]));
    insta::assert_snapshot!(sender.error(sender.push()), @"me/tagger: commit: the server answers 503; check the network, the proxy (HTTPS_PROXY) and HF_ENDPOINT (ENDPOINT)");
    assert!(!sender.remote("model.safetensors").exists());
    sender.take_sending();
    let (pushed, events) = sender.push_with(sender.config(), ID, &PushOptions::default());
    let sent = pushed.unwrap().sent;
    assert_eq!(sent.iter().find(|sent| sent.file == "model.safetensors").unwrap().bytes, 0);
    assert_eq!(events, ["model.safetensors: 0 of 300000"]);
    assert!(!sender.take_sending().iter().any(|request| request.starts_with("PUT")));
    sender.is_complete();
}

#[test]
fn a_commit_without_an_answer_is_not_repeated() {
    let sender = Sender::new();
    sender.world.hub.fault("/commit/main", 1, Fault::Mute);
    let pushed = sender.push().unwrap();
    assert_eq!(pushed.commit.as_str(), sender.world.hub.commit(&format!("models/{ID}")));
    assert_eq!(pushed.sent.len(), 6);
    let commits = sender.take_sending().into_iter().filter(|r| r.contains("/commit/")).count();
    assert_eq!(commits, 1);
    sender.is_complete();
}

#[test]
fn a_branch_is_created_and_a_commit_is_not_one() {
    let sender = Sender::new();
    let push = |id: &str| sender.push_with(sender.config(), id, &PushOptions::default()).0;
    push("me/tagger@v2").unwrap();
    let requests = sender.take_sending();
    assert!(requests.contains(&"POST /api/models/me/tagger/branch/v2".to_owned()), "{requests:?}");
    assert!(requests.contains(&"POST /api/models/me/tagger/commit/v2".to_owned()), "{requests:?}");
    assert_eq!(push("me/tagger@v2").unwrap().sent, []);
    let error = push(&format!("me/tagger@{}", "0a".repeat(20))).unwrap_err();
    assert_eq!(error.kind(), HubErrorKind::Settings);
    insta::assert_snapshot!(error, @"me/tagger@0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a0a: a commit cannot be changed; name a branch, or no revision");
}

#[test]
fn a_private_repository_is_private() {
    let sender = Sender::new();
    let private = PushOptions { private: true, ..Default::default() };
    let push = |id: &str| sender.push_with(sender.config(), id, &private).0;
    push(ID).unwrap();
    assert_eq!(push(ID).unwrap().sent, []);
    let stranger = Hub::new(sender.world.config()).unwrap();
    let seen = stranger.tagger(&ID.parse().unwrap(), &mut |_| {});
    assert_eq!(seen.unwrap_err().kind(), HubErrorKind::NotFound);
    // Nothing is sent to a repository that everyone sees.
    sender.take_sending();
    insta::assert_snapshot!(sender.error(push("our/encoder")), @"our/encoder: the repository is public, and --private was given; nothing was sent; make it private at ENDPOINT/our/encoder/settings, or leave out --private");
    assert_eq!(sender.take_sending(), ["POST /api/repos/create"]);
    assert!(push("our/encoder@new").is_err());
    assert_eq!(sender.take_sending(), ["POST /api/repos/create"], "no branch");
}

#[test]
fn without_a_token_or_the_right_to_write_nothing_is_sent() {
    let sender = Sender::new();
    let push = |config| sender.push_with(config, ID, &PushOptions::default()).0;
    let missing = push(sender.world.config());
    assert_eq!(missing.as_ref().unwrap_err().kind(), HubErrorKind::Access);
    insta::assert_snapshot!(sender.error(missing), @"me/tagger: sending requires a token; set HF_TOKEN to a token with write access, or run `hf auth login`");
    let mut config = sender.config();
    config.offline = true;
    insta::assert_snapshot!(sender.error(push(config)), @"me/tagger: HF_HUB_OFFLINE is set, and sending needs the network; unset it");
    assert_eq!(sender.world.hub.take_requests(), [], "neither needs the network");
    let mut config = sender.config();
    config.token = Some("reader-secret".into());
    let refused = push(config);
    assert_eq!(refused.as_ref().unwrap_err().kind(), HubErrorKind::Access);
    let error = sender.error(refused);
    assert!(!error.contains("secret"), "{error}");
    insta::assert_snapshot!(error, @"me/tagger: the token may not change this repository (403: You do not have write access.); set HF_TOKEN to a token with write access (ENDPOINT/settings/tokens)");
    assert!(!sender.remote("").exists());
}

#[test]
fn answers_that_no_hub_gives_are_errors() {
    let oid = oid(Sender::new().model.path());
    let object = |rest: &str| {
        format!("{{\"objects\": [{{\"oid\": \"{oid}\", \"size\": {WEIGHTS}{rest}}}]}}")
    };
    let upload = |header: &str| {
        object(&format!(
            ", \"actions\": {{\"upload\": {{\"href\": \"http://127.0.0.1:9/\", \"header\": {header}}}}}"
        ))
    };
    for (path, answer, says) in [
        ("/repos/create", "[]".to_owned(), "no such repository, or it is private (401); "),
        (
            "/preupload/main",
            "{\"files\": []}".to_owned(),
            "list of files to send: README.md is missing in the answer; ",
        ),
        (
            "/preupload/main",
            "{\"files\": [{\"path\": \"README.md\", \"uploadMode\": \"odd\"}]}".to_owned(),
            "list of files to send: unexpected contents (unknown variant `odd`, ",
        ),
        ("/batch", "{\"objects\": []}".to_owned(), ": the answer is about another file; "),
        (
            "/batch",
            object("").replace(&oid, &"0".repeat(64)),
            ": the answer is about another file; ",
        ),
        (
            "/batch",
            object(", \"error\": {\"code\": 413, \"message\": \"your quota is used up\"}"),
            "model.safetensors: the hub refuses it (your quota is used up); ",
        ),
        ("/batch", upload("{\"chunk_size\": \"0\"}"), ": an invalid size of parts; "),
        (
            "/batch",
            upload("{\"chunk_size\": \"100000\", \"1\": \"x\", \"2\": \"x\"}"),
            ": the number of parts does not fit the size of the file; ",
        ),
        (
            "/batch",
            upload("{\"chunk_size\": 1000000, \"2\": \"x\"}"),
            ": the number of parts does not fit the size of the file; ",
        ),
        (
            "/commit/main",
            "{\"commitOid\": \"latest\"}".to_owned(),
            "commit: `latest` is not a commit; ",
        ),
    ] {
        let sender = Sender::new();
        sender.world.hub.fault(path, 1, Fault::Answer(answer));
        let error = sender.error(sender.push());
        assert!(error.starts_with("me/tagger: ") && error.lines().count() == 1, "{error}");
        assert!(error.contains(says), "{error}");
    }
}

#[test]
fn refusals_have_the_words_of_the_hub() {
    let sender = Sender::new();
    let said =
        |status, words: &str| Fault::Status(status, vec![("x-error-message", words.to_owned())]);
    sender.world.hub.fault("/commit/main", 1, said(400, "\"license\" must be one of apache-2.0"));
    insta::assert_snapshot!(sender.error(sender.push()), @r#"me/tagger: commit: the hub refuses it (400: "license" must be one of apache-2.0); change what it names, or see ENDPOINT/me/tagger"#);
    sender.world.hub.fault("/verify", 1, said(404, "object missing"));
    sender.write("model.safetensors", &noise(WEIGHTS + 1));
    insta::assert_snapshot!(sender.error(sender.push()), @"me/tagger: model.safetensors: the hub cannot verify it (404: object missing); push again; if it happens again, check the proxy (HTTPS_PROXY)");
    sender.world.hub.fault("/repos/create", 1, said(403, "no rights in this namespace"));
    let error = sender.push_with(sender.config(), "other/new", &PushOptions::default()).0;
    insta::assert_snapshot!(sender.error(error), @"other/new: the token may not change this repository (403: no rights in this namespace); set HF_TOKEN to a token with write access (ENDPOINT/settings/tokens)");
}

/// The hub stores other bytes than were sent, and takes the commit.
#[test]
fn other_contents_on_the_hub_are_an_error() {
    let sender = Sender::new();
    sender.world.hub.fault(&oid(sender.model.path()), 1, Fault::Corrupt);
    let result = sender.push();
    assert_eq!(result.as_ref().unwrap_err().kind(), HubErrorKind::Damaged);
    insta::assert_snapshot!(sender.error(result), @"me/tagger: model.safetensors: the hub has other contents than were sent; push again; if it happens again, check the proxy (HTTPS_PROXY)");
}

#[test]
fn a_commit_that_the_hub_does_not_list_is_reported() {
    // The same files have the same commit on every local hub.
    let commit = Sender::new().push().unwrap().commit;
    let sender = Sender::new();
    sender.world.hub.fault(commit.as_str(), 1, Fault::Status(404, vec![]));
    let (pushed, events) = sender.push_with(sender.config(), ID, &PushOptions::default());
    assert_eq!(pushed.unwrap().commit, commit);
    assert!(events.last().unwrap().starts_with("Unchecked"), "{events:?}");
    sender.is_complete();
}

/// The SHA-256 of the weights.
fn oid(model: &Path) -> String {
    gleaner_base::hash::Fingerprint::of_file(&model.join("model.safetensors")).unwrap().sha256
}
