//! A disk that fails while files are added to the cache.

use crate::support::{ENCODER, WEIGHTS, World, noise};
use gleaner_base::files::faults::{Fault, sweep};
use gleaner_hub::{Fetched, Hub};
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

/// Copies a folder with its links.
fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        let (path, target) = (entry.path(), to.join(entry.file_name()));
        let kind = entry.file_type().unwrap();
        #[cfg(unix)]
        if kind.is_symlink() {
            std::os::unix::fs::symlink(fs::read_link(&path).unwrap(), &target).unwrap();
            continue;
        }
        if kind.is_dir() {
            copy(&path, &target);
        } else {
            fs::copy(&path, &target).unwrap();
        }
    }
}

/// Taggers and data sets are fetched in the same way. They differ in the choice of the files only.
#[test]
fn the_cache_has_the_old_commit_or_the_new_one_after_any_fault() {
    let world = World::new();
    let old = world.encoder().unwrap().commit;
    let originals = || FILES.map(|name| world.read(&format!("models/{ENCODER}/{name}")));
    let before = originals();
    // The tokenizer stays the same, so that both commits share its contents.
    world.write("models/our/encoder/config.json", b"{\"new\": 1}");
    world.write("models/our/encoder/model.safetensors", &noise(WEIGHTS + 1));
    let after = originals();
    let place = tempfile::tempdir().unwrap();
    let fetch = |cache: &Path, id: &str, offline: bool| {
        let mut config = world.hub.config(cache);
        config.offline = offline;
        Hub::new(config).unwrap().encoder(&id.parse().unwrap(), &mut |_| {})
    };
    let read = |fetched: Fetched| FILES.map(|name| fs::read(fetched.folder.join(name)).unwrap());
    let pinned = format!("{ENCODER}@{old}");
    let faults = sweep(
        place.path(),
        &Fault::ALL,
        |cache| copy(world.cache.path(), cache),
        |cache| fetch(cache, ENCODER, false).is_ok(),
        |cache, outcome| {
            let found = |id: &str, offline: bool| {
                read(fetch(cache, id, offline).unwrap_or_else(|e| panic!("{outcome}: {id}: {e}")))
            };
            // Without the hub, the cache decides which commit is used.
            let used = found(ENCODER, true);
            assert!(used == after || used == before && !outcome.is_success, "{outcome}");
            assert!(found(&pinned, true) == before, "{outcome}: the old commit was changed");
            assert!(found(ENCODER, false) == after, "{outcome}");
            assert!(found(ENCODER, true) == after, "{outcome}");
            assert_eq!(unfinished(cache), [""; 0], "{outcome}");
        },
    );
    // Two new files with a lock, a download and a link; a link to the old file; and two files of the cache's own.
    assert!(faults > 4 * 30, "{faults}");
}
