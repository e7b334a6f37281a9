//! Connections that drop, stall or change files.

use crate::support::{ENCODER, WEIGHTS, World};
use gleaner_hub::{HubErrorKind, testing::Fault};
use std::{fs, time::Duration};

const FILE: &str = "model.safetensors";

/// Checks that the file in the cache equals that of the hub, and that there are no other blobs.
fn is_good(world: &World) {
    let commit = world.hub.commit("models/our/encoder");
    let path = world.cached(&format!("snapshots/{commit}/{FILE}"));
    assert!(fs::read(path).unwrap() == world.read("models/our/encoder/model.safetensors"));
    assert_eq!(world.blobs().len(), 3, "{:?}", world.blobs());
}

/// Checks that there is neither the file nor a complete blob of it.
fn is_absent(world: &World) {
    let commit = world.hub.commit("models/our/encoder");
    assert!(!world.cached(&format!("snapshots/{commit}/{FILE}")).exists());
    assert!(!world.blobs().iter().any(|name| name.len() == 64), "{:?}", world.blobs());
    assert!(!world.cached("refs/main").exists());
}

#[test]
fn a_dropped_connection_is_resumed() {
    let world = World::new();
    world.hub.fault(FILE, 2, Fault::Drop(150_000));
    let (fetched, events) = world.encoder_with(world.config(), ENCODER);
    assert_eq!(
        world.take_downloads()[2..],
        [FILE.to_owned(), format!("{FILE} bytes=150000-"), format!("{FILE} bytes=300000-")]
    );
    is_good(&world);
    assert_eq!(fetched.unwrap().downloaded[2].bytes, WEIGHTS as u64);
    let waits: Vec<_> = events.iter().filter(|e| e.contains("the connection dropped")).collect();
    assert_eq!(waits.len(), 2, "{events:?}");
    assert!(events.contains(&"model.safetensors: 400000 of 400000".to_owned()), "{events:?}");
}

/// Each connection makes progress, so that failures do not add up.
#[test]
fn many_dropped_connections_are_resumed() {
    let world = World::new();
    world.hub.fault(FILE, 6, Fault::Drop(66_000));
    let (fetched, events) = world.encoder_with(world.config(), ENCODER);
    fetched.unwrap();
    assert!(
        events.iter().filter(|e| e.contains("dropped")).all(|e| e.ends_with("waits 1 ms")),
        "{events:?}"
    );
    is_good(&world);
}

#[test]
fn a_later_run_resumes_a_download() {
    let world = World::new();
    world.hub.fault(FILE, 1, Fault::Drop(100_000));
    let mut config = world.config();
    config.retries = 0;
    let error = world.error(world.encoder_with(config, ENCODER).0);
    insta::assert_snapshot!(error);
    is_absent(&world);
    world.hub.take_requests();
    let fetched = world.encoder().unwrap();
    assert_eq!(world.take_downloads(), ["model.safetensors bytes=100000-"]);
    assert_eq!(fetched.downloaded[0].bytes, WEIGHTS as u64 - 100_000);
    is_good(&world);
}

#[test]
fn a_connection_without_data_is_dropped() {
    let world = World::new();
    world.hub.fault(FILE, 1, Fault::Stall(100_000));
    let (fetched, events) = world.encoder_with(world.config(), ENCODER);
    fetched.unwrap();
    assert_eq!(world.take_downloads()[2..], [FILE, "model.safetensors bytes=100000-"]);
    // The client drops it; the server would keep it open.
    assert!(events.iter().any(|e| e.contains("no data for 1.5 s")), "{events:?}");
    is_good(&world);
}

#[test]
fn a_slow_connection_is_not_dropped() {
    let world = World::new();
    // Four times this exceeds the timeout.
    world.hub.fault(FILE, 1, Fault::Slow(Duration::from_millis(600)));
    world.encoder().unwrap();
    assert_eq!(world.take_downloads()[2..], [FILE]);
    is_good(&world);
}

#[test]
fn without_ranges_a_download_starts_again() {
    let world = World::new();
    world.hub.fault(FILE, 1, Fault::Drop(100_000));
    world.hub.fault(FILE, 1, Fault::IgnoreRange);
    let fetched = world.encoder().unwrap();
    assert_eq!(fetched.downloaded[2].bytes, 100_000 + WEIGHTS as u64);
    is_good(&world);
}

#[test]
fn after_a_refused_range_a_download_starts_again() {
    let world = World::new();
    world.hub.fault(FILE, 1, Fault::Drop(100_000));
    let mut config = world.config();
    config.retries = 0;
    world.encoder_with(config, ENCODER).0.unwrap_err();
    world.hub.fault("/store/models/our/encoder/model.safetensors", 1, Fault::Status(416, vec![]));
    world.hub.take_requests();
    world.encoder().unwrap();
    assert_eq!(world.take_downloads(), ["model.safetensors bytes=100000-", FILE]);
    is_good(&world);
}

#[test]
fn a_truncated_file_is_an_error() {
    for fault in [Fault::Truncate(100_000), Fault::Unstated(10_000)] {
        let world = World::new();
        world.hub.fault(FILE, 100, fault);
        let error = world.error(world.encoder());
        insta::assert_snapshot!(error);
        is_absent(&world);
    }
}

/// Of a small file, the hub states the size and the hash of git.
#[test]
fn a_truncated_small_file_is_an_error() {
    let world = World::new();
    world.hub.fault("/tokenizer.json", 100, Fault::Truncate(10));
    // The first request returns the true size.
    let error = world.encoder().unwrap_err();
    assert_eq!(error.kind(), HubErrorKind::Damaged, "{error}");
    let commit = world.hub.commit("models/our/encoder");
    assert!(world.cached(&format!("snapshots/{commit}/config.json")).exists());
    assert!(!world.cached(&format!("snapshots/{commit}/tokenizer.json")).exists());
}

#[test]
fn a_wrong_byte_is_an_error() {
    let world = World::new();
    world.hub.fault(FILE, 1, Fault::Corrupt);
    let (fetched, events) = world.encoder_with(world.config(), ENCODER);
    fetched.unwrap();
    assert!(events.iter().any(|e| e.contains("the SHA-256 differs")), "{events:?}");
    is_good(&world);

    let world = World::new();
    world.hub.fault(FILE, 100, Fault::Corrupt);
    insta::assert_snapshot!(world.error(world.encoder()));
    assert_eq!(world.take_downloads()[2..], [FILE, FILE]);
    is_absent(&world);
}

#[test]
fn a_wrong_byte_of_a_small_file_is_an_error() {
    let world = World::new();
    world.hub.fault("/tokenizer.json", 100, Fault::Corrupt);
    let error = world.error(world.encoder());
    assert!(
        error.contains("tokenizer.json: the hash of git differs from that of the hub"),
        "{error}"
    );
    let commit = world.hub.commit("models/our/encoder");
    assert!(!world.cached(&format!("snapshots/{commit}/tokenizer.json")).exists());
}

#[test]
fn a_damaged_partial_download_starts_again() {
    for (damaged, requests) in [
        (vec![7; 100_000], vec!["model.safetensors bytes=100000-", FILE]),
        (vec![7; WEIGHTS], vec![FILE]),
        (vec![7; WEIGHTS + 5], vec![FILE]),
    ] {
        let world = World::new();
        world.hub.fault(FILE, 1, Fault::Drop(1000));
        let mut config = world.config();
        config.retries = 0;
        world.encoder_with(config, ENCODER).0.unwrap_err();
        fs::write(world.incomplete(), &damaged).unwrap();
        world.hub.take_requests();
        world.encoder().unwrap();
        assert_eq!(world.take_downloads(), requests);
        is_good(&world);
    }
}

#[test]
fn the_wait_is_the_one_that_the_hub_asks_for() {
    let world = World::new();
    let asked = |seconds: &str| Fault::Status(429, vec![("retry-after", seconds.to_owned())]);
    world.hub.fault("/revision/main", 1, asked("1"));
    world.hub.fault(FILE, 1, asked("0"));
    let (fetched, events) = world.encoder_with(world.config(), ENCODER);
    fetched.unwrap();
    let waits: Vec<_> = events.iter().filter(|e| e.contains("429")).collect();
    insta::assert_debug_snapshot!(waits);
    is_good(&world);
}

#[test]
fn a_wait_above_the_limit_is_an_error() {
    let world = World::new();
    world.hub.fault("/revision/main", 1, Fault::Status(429, vec![("retry-after", "3600".into())]));
    insta::assert_snapshot!(world.error(world.encoder()));
    world.hub.fault("/revision/main", 5, Fault::Status(429, vec![]));
    let error = world.encoder().unwrap_err();
    assert_eq!(error.kind(), HubErrorKind::RateLimited);
    insta::assert_snapshot!(world.neutral(&error.to_string()));
    assert!(world.encoder().is_ok(), "five attempts and no more");
}

#[test]
fn server_errors_are_retried() {
    let world = World::new();
    world.hub.fault("/revision/main", 2, Fault::Status(503, vec![]));
    world.hub.fault(FILE, 1, Fault::Status(500, vec![]));
    // An expired link to the store.
    world.hub.fault("/store/models/our/encoder/model.safetensors", 1, Fault::Status(403, vec![]));
    let (fetched, events) = world.encoder_with(world.config(), ENCODER);
    fetched.unwrap();
    insta::assert_debug_snapshot!(events);
    is_good(&world);
    let world = World::new();
    world.hub.fault("/revision/main", 100, Fault::Status(502, vec![]));
    insta::assert_snapshot!(world.error(world.encoder()));
}

#[test]
fn unexpected_answers_are_errors() {
    let world = World::new();
    world.hub.fault("/revision/main", 1, Fault::Status(200, vec![]));
    insta::assert_snapshot!(world.error(world.encoder()));
    world.hub.fault("/revision/main", 1, Fault::Status(418, vec![]));
    insta::assert_snapshot!(world.error(world.encoder()));
    let round = ("location", "/api/models/our/encoder/revision/main".to_owned());
    world.hub.fault("/revision/main", 100, Fault::Status(307, vec![round]));
    insta::assert_snapshot!(world.error(world.encoder()));
}

#[test]
fn contradictory_headers_are_errors() {
    let world = World::new();
    let head = |name, value: &str| {
        let headers =
            vec![(name, value.to_owned()), ("location", "http://store.invalid/x".to_owned())];
        Fault::Status(302, headers)
    };
    world.hub.fault("/tokenizer.json", 1, head("x-linked-size", "5"));
    insta::assert_snapshot!(world.error(world.encoder()));
    world.hub.fault(FILE, 1, head("x-linked-etag", &"0".repeat(64)));
    let error = world.encoder().unwrap_err();
    assert_eq!(error.kind(), HubErrorKind::Reply);
    assert!(error.to_string().contains("model.safetensors: contradictory SHA-256: 000"), "{error}");
    // An etag that leads out of the cache is not used as a name.
    world.hub.fault(FILE, 1, head("x-linked-etag", "\"../../../escape\""));
    world.encoder().unwrap();
    is_good(&world);
}

#[test]
fn a_cache_that_cannot_be_written_is_an_error() {
    let world = World::new();
    let mut config = world.config();
    config.cache = world.cache.path().join("file");
    fs::write(&config.cache, "not a folder").unwrap();
    let error = world.encoder_with(config.clone(), ENCODER).0.unwrap_err();
    assert_eq!(error.kind(), HubErrorKind::Io);
    assert!(error.to_string().starts_with("our/encoder: "), "{error}");
    assert_eq!(fs::read(config.cache).unwrap(), b"not a folder");
}
