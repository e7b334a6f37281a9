//! A disk that fails while files are added to the cache.

use crate::support::{ENCODER, World};
use gleaner_base::files::faults::{Fault, sweep};
use gleaner_hub::Hub;
use std::{fs, path::Path};

const FILES: [&str; 3] = ["config.json", "model.safetensors", "tokenizer.json"];

/// Names below a folder that only a download that is not finished has.
fn unfinished(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let name = entry.file_name().into_string().unwrap();
        if entry.file_type().unwrap().is_dir() {
            found.extend(unfinished(&entry.path()));
        } else if name.ends_with(".partial") || name.ends_with(".incomplete") {
            found.push(name);
        }
    }
    found
}

#[test]
fn files_in_the_cache_are_whole_after_any_fault() {
    let world = World::new();
    let place = tempfile::tempdir().unwrap();
    let fetch = |cache: &Path| {
        let hub = Hub::new(world.hub.config(cache)).unwrap();
        hub.encoder(&ENCODER.parse().unwrap(), &mut |_| {})
    };
    let original = |name: &str| world.read(&format!("models/{ENCODER}/{name}"));
    let work = |cache: &Path| fetch(cache).is_ok();
    let faults = sweep(
        place.path(),
        &Fault::ALL,
        |_| (),
        work,
        |cache, outcome| {
            let snapshots = cache.join("models--our--encoder/snapshots");
            let names = crate::support::names(&snapshots);
            for file in names.iter().flat_map(|commit| FILES.map(|name| (commit, name))) {
                let path = snapshots.join(file.0).join(file.1);
                if fs::symlink_metadata(&path).is_ok() {
                    assert!(fs::read(path).unwrap() == original(file.1), "{outcome}: {}", file.1);
                } else {
                    assert!(!outcome.is_success, "{outcome}: {} is missing", file.1);
                }
            }
            let fetched = fetch(cache).unwrap_or_else(|e| panic!("{outcome}: {e}"));
            for name in FILES {
                assert!(
                    fs::read(fetched.folder.join(name)).unwrap() == original(name),
                    "{outcome}"
                );
            }
            assert_eq!(unfinished(cache), [""; 0], "{outcome}");
        },
    );
    // Three files with a lock, a download, a link and their folders, and two files of the cache's own.
    assert!(faults > 4 * 30, "{faults}");
}
