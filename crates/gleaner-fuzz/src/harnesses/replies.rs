//! Replies of a hub: lists of files, and what it says to an upload.

use super::{
    server::{Reply, SERVER, STATUSES},
    support::{folder, without},
};
use gleaner_base::hash::{Fingerprint, git_blob};
use gleaner_hub::{Hub, HubConfig, HubError, PushOptions, Upload};
use serde_json::{Value, json};
use std::{fs, path::Path, sync::OnceLock};
use tempfile::TempDir;

/// The ends of the addresses whose reply the lower bits of an input's first byte choose: the lists of files of an
/// encoder, a tagger and a data set, what an upload asks for in turn, and a list that an earlier start kept in the
/// cache.
const ENDS: [&str; 10] = [
    "/o/encoder/revision/main?blobs=true",
    "/o/tagger/revision/main?blobs=true",
    "/o/data/revision/main?blobs=true",
    "/api/repos/create",
    "/o/model/revision/main?blobs=true",
    "/preupload/main",
    "/objects/batch",
    "/commit/main",
    "/revision/cccccccccccccccccccccccccccccccccccccccc?blobs=true",
    "/gleaner/cccccccccccccccccccccccccccccccccccccccc.json",
];
const COMMIT: &str = "cccccccccccccccccccccccccccccccccccccccc";

/// The files of a model that is sent. The last one is large.
const MODEL: [(&str, &[u8]); 4] = [
    ("config.json", b"{}"),
    ("gleaner.json", b"{ }"),
    ("tokenizer.json", b"{  }"),
    ("model.safetensors", b"weights"),
];
/// The files of an encoder.
const ENCODER: [&str; 3] = ["config.json", "tokenizer.json", "model.safetensors"];
const DATA: [&str; 3] = [
    "fo/train-00000-of-00002.parquet",
    "fo/train-00001-of-00002.parquet",
    "fo/test-00000-of-00001.parquet",
];

/// A list of files at a commit.
fn listing(files: Vec<Value>) -> Value {
    json!({"sha": COMMIT, "siblings": files})
}

fn named(names: &[&str]) -> Value {
    listing(names.iter().map(|name| json!({"rfilename": name, "size": 2})).collect())
}

/// How a large file is sent.
fn batch(upload: Value) -> Value {
    let (oid, size) = large();
    let actions = json!({"upload": upload, "verify": {"href": "@/verify"}});
    json!({"objects": [{"oid": oid, "size": size, "actions": actions}]})
}

/// The SHA-256 and the size of the large file.
fn large() -> (String, u64) {
    let mut bytes = MODEL[3].1;
    let Fingerprint { size, sha256 } = Fingerprint::of(&mut bytes).expect("bytes in memory");
    (sha256, size)
}

/// The replies of a hub, in the order of [`ENDS`].
fn usual() -> [Value; 10] {
    let mode = |at: usize| if at == 3 { "lfs" } else { "regular" };
    let files = MODEL.into_iter().enumerate();
    let modes = files.clone().map(|(at, (path, _))| json!({"path": path, "uploadMode": mode(at)}));
    let sent = files.map(|(at, (name, bytes))| match at {
        3 => json!({"rfilename": name, "lfs": {"sha256": large().0, "size": bytes.len()}}),
        _ => json!({"rfilename": name, "size": bytes.len(), "blobId": git_blob(bytes)}),
    });
    let kept = ENCODER.map(|path| json!({"path": path, "size": 2, "sha256": null, "blob": null}));
    [
        named(&ENCODER),
        named(&MODEL.map(|(name, _)| name)),
        named(&DATA),
        json!({"url": "o/model"}),
        named(&[]),
        json!({"files": modes.collect::<Value>()}),
        batch(json!({"href": "@/put"})),
        json!({"commitOid": COMMIT}),
        listing(sent.collect()),
        json!({"files": kept}),
    ]
}

pub(super) fn seeds() -> Vec<Vec<u8>> {
    let seed =
        |(choice, reply): (u8, Value)| [&[choice][..], reply.to_string().as_bytes()].concat();
    let parts = json!({"chunk_size": "4", "00001": "@/part", "00002": "@/part"});
    let others = [
        (6, batch(json!({"href": "@/join", "header": parts}))),
        // The repository exists; the token may not write to it.
        (4 << 5 | 3, json!({"error": "You already created this model repo"})),
        (3 << 5 | 7, json!({"error": "no write access"})),
    ];
    (0..).zip(usual()).chain(others).map(seed).collect()
}

/// Asks a hub for files, or sends a model to it, while it gives an odd reply. Files have names in the cache that do not
/// leave it.
pub(super) fn hub(input: &[u8]) -> Result<(), String> {
    let (choice, bytes) = input.split_first().unwrap_or((&0, &[]));
    let chosen = usize::from(choice & 15) % ENDS.len();
    let status = STATUSES[usize::from(choice >> 5)];
    let odd = Reply { end: ENDS[chosen], status, body: SERVER.body(bytes)? };
    let usual = ENDS.into_iter().zip(usual()).map(|(end, reply)| {
        let body = SERVER.body(reply.to_string().as_bytes()).expect("no other address");
        Reply { end, status: 200, body }
    });
    SERVER.reply([odd].into_iter().chain(usual).collect());
    let cache = folder();
    let mut config = HubConfig::new(SERVER.address.as_str(), cache.path());
    (config.token, config.retries, config.offline) = (Some("t".to_owned()), 0, chosen == 9);
    let hub = Hub::new(config).expect("an address");
    let done = match chosen {
        0 => hub.encoder(&"o/encoder".parse().expect("an id"), &mut |_| {}).map(drop),
        1 => hub.tagger(&"o/tagger".parse().expect("an id"), &mut |_| {}).map(drop),
        2 => hub.dataset(&"hub:o/data:fo".parse().expect("an id"), &mut |_| {}).map(drop),
        9 => kept(&hub, cache.path(), bytes),
        _ => push(&hub),
    };
    let asked = SERVER.asked();
    let files = asked.iter().filter_map(|address| Some(address.split_once("/resolve/")?.1));
    let files: Vec<&str> = files.collect();
    for file in &files {
        assert!(!file.split('/').any(|step| ["", ".", ".."].contains(&step)), "{file}");
    }
    match done {
        // The list was read. The server has none of the files.
        Err(_) if !files.is_empty() => Ok(()),
        done => done.map_err(|e| without(&cache, e)),
    }
}

/// Finds an encoder in a cache whose list of files has these bytes.
fn kept(hub: &Hub, cache: &Path, bytes: &[u8]) -> Result<(), HubError> {
    let repository = cache.join("models--o--encoder");
    let snapshot = repository.join("snapshots").join(COMMIT);
    for folder in [&snapshot, &repository.join("refs"), &repository.join("gleaner")] {
        fs::create_dir_all(folder).expect("a folder");
    }
    let write = |path: &Path, bytes: &[u8]| fs::write(path, bytes).expect("a file");
    ENCODER.iter().for_each(|name| write(&snapshot.join(name), b"{}"));
    write(&repository.join("refs/main"), COMMIT.as_bytes());
    write(&repository.join("gleaner").join(format!("{COMMIT}.json")), bytes);
    let found = hub.encoder(&"o/encoder".parse()?, &mut |_| {})?;
    assert!(found.downloaded.is_empty() && found.folder == snapshot, "{found:?}");
    Ok(())
}

/// Sends a model.
fn push(hub: &Hub) -> Result<(), HubError> {
    static UPLOAD: OnceLock<(TempDir, Upload)> = OnceLock::new();
    let (_, upload) = UPLOAD.get_or_init(|| {
        let folder = TempDir::new().expect("a folder");
        for (name, bytes) in MODEL {
            fs::write(folder.path().join(name), bytes).expect("a file");
        }
        let upload = Upload::of(folder.path()).expect("a model");
        (folder, upload)
    });
    let pushed = hub.push(upload, &"o/model".parse()?, &PushOptions::default(), &mut |_| {})?;
    let is_own = |path: &String| upload.files.iter().any(|file| file.path == *path);
    assert!(!pushed.others.iter().any(is_own), "{pushed:?}");
    Ok(())
}
