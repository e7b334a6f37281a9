//! Without a network.

use crate::support::{ENCODER, World};
use gleaner_hub::{Fetched, HubError, HubErrorKind, testing::Fault};
use std::fs;

fn offline(world: &World, id: &str) -> Result<Fetched, HubError> {
    let mut config = world.config();
    config.offline = true;
    world.encoder_with(config, id).0
}

#[test]
fn a_warm_cache_is_enough() {
    let world = World::new();
    let fetched = world.encoder().unwrap();
    world.hub.take_requests();
    for id in [ENCODER.to_owned(), format!("{ENCODER}@{}", fetched.commit)] {
        let again = offline(&world, &id).unwrap();
        assert_eq!(
            (again.folder, again.commit, again.downloaded),
            (fetched.folder.clone(), fetched.commit.clone(), vec![])
        );
    }
    // The cache of another tool has no listing.
    fs::remove_dir_all(world.cached("gleaner")).unwrap();
    assert_eq!(offline(&world, ENCODER).unwrap().folder, fetched.folder);
    assert_eq!(world.hub.take_requests(), []);
}

#[test]
fn an_empty_cache_is_an_error() {
    let world = World::new();
    insta::assert_snapshot!(world.error(offline(&world, ENCODER)));
    assert_eq!(world.hub.take_requests(), []);
    let fetched = world.encoder().unwrap();
    assert_eq!(offline(&world, "our/encoder@v1").unwrap_err().kind(), HubErrorKind::Offline);
    fs::remove_file(fetched.folder.join("tokenizer.json")).unwrap();
    assert_eq!(offline(&world, ENCODER).unwrap_err().kind(), HubErrorKind::Offline);
}

#[test]
fn a_damaged_cache_is_repaired() {
    let world = World::new();
    let fetched = world.encoder().unwrap();
    let weights = fetched.folder.join("model.safetensors");
    let blob = fs::canonicalize(&weights).unwrap();
    fs::write(&blob, b"cut short").unwrap();
    assert_eq!(offline(&world, ENCODER).unwrap_err().kind(), HubErrorKind::Offline);
    world.encoder().unwrap();
    assert!(fs::read(&weights).unwrap() == world.read("models/our/encoder/model.safetensors"));
    // A broken link.
    fs::remove_file(&blob).unwrap();
    world.encoder().unwrap();
    assert!(fs::read(&weights).unwrap() == world.read("models/our/encoder/model.safetensors"));
}

#[test]
fn a_branch_keeps_its_commit_until_the_new_one_is_complete() {
    let world = World::new();
    let first = world.encoder().unwrap();
    world.write("models/our/encoder/model.safetensors", b"other weights");
    world.hub.fault("model.safetensors", 100, Fault::Drop(0));
    world.encoder().unwrap_err();
    let again = offline(&world, ENCODER).unwrap();
    assert_eq!((again.folder, again.commit), (first.folder, first.commit));
}

#[test]
fn a_hub_that_does_not_answer_is_an_error_without_a_cache() {
    let world = World::new();
    let mut config = world.config();
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    config.endpoint = format!("http://{free}");
    let neutral = |text: String| text.replace(&config.endpoint, "ENDPOINT");
    let error = world.encoder_with(config.clone(), ENCODER).0.unwrap_err();
    assert_eq!(error.kind(), HubErrorKind::Unreachable);
    insta::assert_snapshot!(neutral(error.to_string()));
    let fetched = world.encoder().unwrap();
    let (again, events) = world.encoder_with(config.clone(), ENCODER);
    assert_eq!(again.unwrap().folder, fetched.folder);
    insta::assert_snapshot!(neutral(events.join("\n")));
    // With a cache, a limit of requests is ignored, but a refusal is an error.
    world.hub.fault("/revision/main", 1, Fault::Status(429, vec![]));
    assert!(world.encoder().is_ok());
    world.hub.fault("/revision/main", 1, Fault::Status(404, vec![]));
    assert_eq!(world.encoder().unwrap_err().kind(), HubErrorKind::NotFound);
}
