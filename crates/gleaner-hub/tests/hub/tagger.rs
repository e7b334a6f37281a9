//! Downloading a model that Gleaner saved.

use crate::support::{World, names};
use gleaner_hub::{Fetched, Hub, HubError, HubErrorKind};
use std::fs;

const TAGGER: &str = "our/tagger";
const FILES: [&str; 5] =
    ["config.json", "gleaner.json", "model.safetensors", "tokenizer.json", "trained-on.txt"];

/// A hub with a tagger, and with files that labelling does not need.
fn world() -> World {
    let world = World::new();
    for file in FILES.into_iter().chain(["README.md", "checkpoint/state.json"]) {
        world.write(&format!("models/our/tagger/{file}"), file.as_bytes());
    }
    world
}

fn tagger(world: &World, id: &str, offline: bool) -> Result<Fetched, HubError> {
    let mut config = world.config();
    config.offline = offline;
    Hub::new(config)?.tagger(&id.parse()?, &mut |_| {})
}

#[test]
fn a_tagger_is_a_folder_with_the_files_that_labelling_reads() {
    let world = world();
    let fetched = tagger(&world, TAGGER, false).unwrap();
    assert_eq!(names(&fetched.folder), FILES);
    for file in FILES {
        assert_eq!(fs::read_to_string(fetched.folder.join(file)).unwrap(), file);
    }
    assert_eq!(fetched.downloaded.len(), FILES.len());
    assert_eq!(fetched.commit.as_str(), world.hub.commit("models/our/tagger"));
}

#[test]
fn digests_of_training_sentences_can_be_absent() {
    let world = world();
    fs::remove_file(world.root.path().join("models/our/tagger/trained-on.txt")).unwrap();
    let fetched = tagger(&world, TAGGER, false).unwrap();
    assert_eq!(names(&fetched.folder), FILES[..4]);
    assert_eq!(tagger(&world, TAGGER, true).unwrap().folder, fetched.folder);
}

#[test]
fn a_tagger_in_the_cache_needs_no_hub() {
    let world = world();
    assert_eq!(tagger(&world, TAGGER, true).unwrap_err().kind(), HubErrorKind::Offline);
    // The cache has only some of the files.
    world.encoder_with(world.config(), TAGGER).0.unwrap();
    assert_eq!(tagger(&world, TAGGER, true).unwrap_err().kind(), HubErrorKind::Offline);
    let fetched = tagger(&world, TAGGER, false).unwrap();
    assert_eq!(fetched.downloaded.len(), 2);
    world.hub.take_requests();
    for id in [TAGGER.to_owned(), format!("{TAGGER}@{}", fetched.commit)] {
        let again = tagger(&world, &id, true).unwrap();
        assert_eq!((again.folder, again.downloaded), (fetched.folder.clone(), vec![]));
    }
    // The cache of another tool has no listing. All files of a tagger are enough, but a file that a tagger can lack
    // may be one that the cache lacks.
    let cached = world.cache.path().join("models--our--tagger");
    fs::remove_dir_all(cached.join("gleaner")).unwrap();
    assert_eq!(tagger(&world, TAGGER, true).unwrap().folder, fetched.folder);
    assert_eq!(world.hub.take_requests(), []);
    fs::remove_file(fetched.folder.join("trained-on.txt")).unwrap();
    assert_eq!(tagger(&world, TAGGER, true).unwrap_err().kind(), HubErrorKind::Offline);
    let pinned = format!("{TAGGER}@{}", fetched.commit);
    assert_eq!(names(&tagger(&world, &pinned, false).unwrap().folder), FILES);
}

#[test]
fn other_repositories_are_errors() {
    let world = world();
    let error = tagger(&world, "our/encoder", false);
    assert_eq!(error.as_ref().unwrap_err().kind(), HubErrorKind::Missing);
    insta::assert_snapshot!(world.error(error));
    fs::remove_file(world.root.path().join("models/our/tagger/tokenizer.json")).unwrap();
    insta::assert_snapshot!(world.error(tagger(&world, TAGGER, false)));
    assert!(!world.cache.path().join("models--our--tagger/snapshots").exists());
}
