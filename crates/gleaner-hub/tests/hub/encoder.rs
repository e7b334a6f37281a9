//! Downloading the files of an encoder.

use crate::support::{ENCODER, World, names};
use gleaner_hub::{Event, Hub};
use std::fs;

const FILES: [&str; 3] = ["config.json", "model.safetensors", "tokenizer.json"];

#[test]
fn an_encoder_is_a_folder_with_its_three_files() {
    let world = World::new();
    let fetched = world.encoder().unwrap();
    assert_eq!(names(&fetched.folder), FILES);
    for file in FILES {
        let path = format!("models/our/encoder/{file}");
        assert!(fs::read(fetched.folder.join(file)).unwrap() == world.read(&path), "{file}");
    }
    let downloads: Vec<_> = fetched.downloaded.iter().map(|d| (d.file.as_str(), d.bytes)).collect();
    assert_eq!(
        downloads,
        [("config.json", 2), ("tokenizer.json", 18), ("model.safetensors", 400_000)]
    );
}

/// The layout of the Python package `huggingface_hub`.
#[test]
fn the_cache_is_laid_out_as_other_tools_do() {
    let world = World::new();
    let fetched = world.encoder().unwrap();
    let commit = world.hub.commit("models/our/encoder");
    assert_eq!(fetched.commit.as_str(), commit);
    assert_eq!(fs::read_to_string(world.cached("refs/main")).unwrap(), commit);
    assert_eq!(fetched.folder, world.cached(&format!("snapshots/{commit}")));
    let mut lengths: Vec<usize> = world.blobs().iter().map(String::len).collect();
    lengths.sort_unstable();
    assert_eq!(lengths, [40, 40, 64]);
    #[cfg(unix)]
    for file in FILES {
        let target = fs::read_link(fetched.folder.join(file)).unwrap();
        assert!(target.starts_with("../../blobs"), "{}", target.display());
    }
    assert_eq!(names(&world.cache.path().join(".locks/models--our--encoder")).len(), 3);
}

#[test]
fn progress_is_reported_from_nothing_to_all() {
    let world = World::new();
    let mut seen = Vec::new();
    let mut watch = |event: Event<'_>| {
        if let Event::Progress { file: "model.safetensors", done, of } = event {
            seen.push((done, of));
        }
    };
    Hub::new(world.config()).unwrap().encoder(&ENCODER.parse().unwrap(), &mut watch).unwrap();
    assert_eq!(seen.first(), Some(&(0, 400_000)));
    assert_eq!(seen.last(), Some(&(400_000, 400_000)));
    assert!(seen.len() > 2 && seen.is_sorted(), "{seen:?}");
}

#[test]
fn cached_files_are_not_downloaded_again() {
    let world = World::new();
    let first = world.encoder().unwrap();
    world.hub.take_requests();
    let second = world.encoder().unwrap();
    assert_eq!((second.folder, second.downloaded), (first.folder.clone(), Vec::new()));
    let asked: Vec<String> = world.hub.take_requests().into_iter().map(|r| r.path).collect();
    assert_eq!(asked, ["/api/models/our/encoder/revision/main"]);
    // A commit does not change, so the hub is not asked.
    let pinned = ENCODER.parse::<gleaner_hub::HubId>().unwrap().pinned(&first.commit);
    let third = world.encoder_with(world.config(), &pinned.to_string()).0.unwrap();
    assert_eq!(third.folder, first.folder);
    assert_eq!(world.hub.take_requests(), []);
}

#[test]
fn a_changed_branch_downloads_only_changed_files() {
    let world = World::new();
    let first = world.encoder().unwrap();
    world.write("models/our/encoder/config.json", b"{\"new\": 1}");
    world.hub.take_requests();
    let second = world.encoder().unwrap();
    assert_ne!(second.commit, first.commit);
    assert_eq!(world.take_downloads(), ["config.json"]);
    assert_eq!(second.downloaded.len(), 1);
    assert_eq!(fs::read(second.folder.join("config.json")).unwrap(), b"{\"new\": 1}");
    assert_eq!(fs::read(first.folder.join("config.json")).unwrap(), b"{}");
    assert!(
        fs::read(second.folder.join("model.safetensors")).unwrap()
            == world.read("models/our/encoder/model.safetensors")
    );
    assert_eq!(fs::read_to_string(world.cached("refs/main")).unwrap(), second.commit.as_str());
}

/// A mirror may answer with what it has.
#[test]
fn another_commit_than_the_one_that_was_asked_for_is_an_error() {
    let world = World::new();
    let asked = "0a".repeat(20);
    world.hub.name_revision(&asked);
    let error = world.error(world.encoder_with(world.config(), &format!("our/encoder@{asked}")).0);
    assert!(error.contains(&format!("instead of {asked}")), "{error}");
    assert!(!world.cached(&format!("refs/{asked}")).exists());
}

#[test]
fn a_revision_may_have_folders_in_its_name() {
    let world = World::new();
    world.hub.name_revision("refs/pr/1");
    let fetched = world.encoder_with(world.config(), "our/encoder@refs/pr/1").0.unwrap();
    assert_eq!(
        fs::read_to_string(world.cached("refs/refs/pr/1")).unwrap(),
        fetched.commit.as_str()
    );
    let mut offline = world.config();
    offline.offline = true;
    assert!(world.encoder_with(offline.clone(), "our/encoder@refs/pr/1").0.is_ok());
    assert!(world.encoder_with(offline, "our/encoder").0.is_err());
}

#[test]
fn repositories_without_the_files_are_errors() {
    let world = World::new();
    let lacking = |file: &str, others: &[&str]| {
        let folder = world.root.path().join("models/our/encoder");
        let kept = fs::read(folder.join(file)).unwrap();
        fs::remove_file(folder.join(file)).unwrap();
        others.iter().for_each(|other| fs::write(folder.join(other), "x").unwrap());
        let error = world.error(world.encoder());
        fs::write(folder.join(file), kept).unwrap();
        others.iter().for_each(|other| fs::remove_file(folder.join(other)).unwrap());
        error
    };
    insta::assert_snapshot!(lacking("model.safetensors", &["tf_model.h5"]));
    insta::assert_snapshot!(lacking(
        "model.safetensors",
        &["model.safetensors.index.json", "model-00001-of-00002.safetensors"]
    ));
    insta::assert_snapshot!(lacking("tokenizer.json", &["merges.txt"]));
    insta::assert_snapshot!(lacking("config.json", &[]));
    assert!(world.encoder().is_ok());
}

/// Weights in several files, and a tokenizer that has no `tokenizer.json`.
#[test]
fn other_layouts_are_downloaded_too() {
    let world = World::new();
    let folder = world.root.path().join("models/our/encoder");
    let files = [
        "config.json",
        "model-00001-of-00002.safetensors",
        "model-00002-of-00002.safetensors",
        "model.safetensors.index.json",
        "tokenizer_config.json",
        "vocab.txt",
    ];
    fs::remove_file(folder.join("model.safetensors")).unwrap();
    fs::remove_file(folder.join("tokenizer.json")).unwrap();
    files[1..].iter().for_each(|file| fs::write(folder.join(file), file).unwrap());
    let fetched = world.encoder().unwrap();
    assert_eq!(names(&fetched.folder), files);
}
