//! The faults themselves, and the door under them.

use super::*;
use crate::files::{self, Pending};

/// The files below a folder with their contents, by their names.
fn contents(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().unwrap();
        match entry.file_type().unwrap().is_dir() {
            true => {
                let below = contents(&entry.path()).into_iter();
                found.extend(below.map(|(file, bytes)| (format!("{name}/{file}"), bytes)));
            }
            false => found.push((name, fs::read(entry.path()).unwrap())),
        }
    }
    found.sort();
    found
}

/// The text of the file `a` in a folder; empty if it is missing.
fn text(folder: &Path) -> String {
    fs::read_to_string(folder.join("a")).unwrap_or_default()
}

/// The texts of `a` after work in which each operation failed once.
fn texts(fault: Fault, mut work: impl FnMut(&Path) -> io::Result<()>) -> Vec<String> {
    let place = tempfile::tempdir().unwrap();
    let mut seen = Vec::new();
    let prepare = |folder: &Path| fs::write(folder.join("a"), "old").unwrap();
    sweep(
        place.path(),
        &[fault],
        prepare,
        |folder| work(folder).is_ok(),
        |folder, _| {
            seen.push(text(folder));
        },
    );
    seen
}

#[test]
fn a_write_without_a_sync_or_a_rename_loses_text() {
    let in_place = |folder: &Path| {
        remove_file(&folder.join("a"))?;
        create_new(&folder.join("a"))?.write_all(b"new!")
    };
    assert_eq!(texts(Fault::Kill, in_place), ["old", "", "ne", "new!"]);
    assert_eq!(texts(Fault::ShortWrite, in_place), ["new!"; 2]);
    for fault in [Fault::NoSpace, Fault::Permission] {
        assert_eq!(texts(fault, in_place), ["old", "", "ne", "new!"]);
    }
    // The new name was never synced, so the old file is back.
    assert_eq!(texts(Fault::PowerCut, in_place), ["old"; 4]);
    let unsynced = |folder: &Path| {
        create_new(&folder.join("b"))?.write_all(b"new!")?;
        rename(&folder.join("b"), &folder.join("a"))?;
        sync_folder(folder)
    };
    assert_eq!(texts(Fault::PowerCut, unsynced), ["old", "old", "old", "old", ""]);
    let no_folder = |folder: &Path| {
        let mut file = create_new(&folder.join("b"))?;
        file.write_all(b"new!")?;
        file.sync_all()?;
        rename(&folder.join("b"), &folder.join("a"))
    };
    assert_eq!(texts(Fault::PowerCut, no_folder), ["old"; 5]);
}

#[test]
fn lost_permission_is_an_error_of_its_own_kind() {
    let place = tempfile::tempdir().unwrap();
    let write = |folder: &Path| match files::write(&folder.join("a"), b"new") {
        Ok(()) => true,
        Err(error) => {
            assert_eq!(error.kind(), io::ErrorKind::PermissionDenied);
            false
        }
    };
    let faults = sweep(
        place.path(),
        &[Fault::Permission],
        |_| (),
        write,
        |_, outcome| assert_eq!(outcome.is_success, outcome.operation > 5),
    );
    // Creating, writing, syncing, renaming and syncing the folder.
    assert_eq!(faults, 5);
}

#[test]
fn a_file_is_the_old_one_or_the_new_one_after_any_fault() {
    let place = tempfile::tempdir().unwrap();
    let prepare = |folder: &Path| files::write(&folder.join("a"), b"old").unwrap();
    let write = |folder: &Path| files::write(&folder.join("a"), b"new").is_ok();
    let faults = sweep(place.path(), &Fault::ALL, prepare, write, |folder, outcome| {
        let found = text(folder);
        assert!(found == "new" || (found == "old" && !outcome.is_success), "{outcome}: {found}");
        assert!(write(folder));
        assert_eq!(contents(folder), [("a".to_owned(), b"new".to_vec())], "{outcome}");
    });
    // Creating, writing, syncing, renaming and syncing the folder, for five faults; and one write.
    assert!(faults > 4 * 5, "{faults}");
}

#[test]
fn files_that_belong_together_are_all_old_while_one_cannot_be_written() {
    let place = tempfile::tempdir().unwrap();
    let names = ["a.ann", "a.txt"];
    let prepare = |folder: &Path| {
        names.iter().for_each(|name| files::write(&folder.join(name), b"old").unwrap());
    };
    let write = |folder: &Path| -> io::Result<()> {
        let of = |name: &str| Pending::new(&folder.join(name), |file| file.write_all(b"new"));
        let all = names.iter().map(|name| of(name)).collect::<io::Result<Vec<_>>>()?;
        all.into_iter().try_for_each(Pending::commit)
    };
    let mut mixed = 0;
    sweep(
        place.path(),
        &Fault::ALL,
        prepare,
        |folder| write(folder).is_ok(),
        |folder, outcome| {
            let found: Vec<Vec<u8>> =
                names.iter().map(|name| fs::read(folder.join(name)).unwrap()).collect();
            assert!(!outcome.is_success || found == [b"new", b"new"], "{outcome}");
            // Only between the two renames; then the first file is the new one.
            mixed += usize::from(found[0] != found[1]);
            assert!(found[1] == b"old" || found[0] == b"new", "{outcome}");
            write(folder).unwrap();
            assert_eq!(contents(folder), names.map(|name| (name.to_owned(), b"new".to_vec())));
        },
    );
    assert!(mixed <= 10, "{mixed}");
}

#[test]
fn a_removed_folder_is_whole_or_gone() {
    let place = tempfile::tempdir().unwrap();
    let prepare = |folder: &Path| {
        files::create_folder(&folder.join("model/checkpoint")).unwrap();
        for name in ["model/checkpoint/state", "model/weights", "model/manifest"] {
            files::write(&folder.join(name), b"x").unwrap();
        }
    };
    let remove = |folder: &Path| files::remove_folder(&folder.join("model")).is_ok();
    let faults = sweep(place.path(), &Fault::ALL, prepare, remove, |folder, outcome| {
        let left = match folder.join("model").exists() {
            true => contents(&folder.join("model")).len(),
            false => 0,
        };
        assert!(left == 0 || (left == 3 && !outcome.is_success), "{outcome}: {left} files");
        assert!(remove(folder));
        assert!(contents(folder).is_empty(), "{outcome}");
    });
    assert!(faults >= 4 * 7, "{faults}");
}

#[test]
fn folders_and_links_survive_a_power_cut_once_they_are_made() {
    let place = tempfile::tempdir().unwrap();
    let make = |folder: &Path| -> io::Result<()> {
        let (blobs, links) = (folder.join("blobs"), folder.join("snapshots/1"));
        files::create_folder(&blobs)?;
        files::create_folder(&links)?;
        files::write(&blobs.join("b"), b"x")?;
        files::link(Path::new("../../blobs/b"), &blobs.join("b"), &links.join("a"))
    };
    let work = |folder: &Path| make(folder).is_ok();
    sweep(
        place.path(),
        &Fault::ALL,
        |_| (),
        work,
        |folder, outcome| {
            let link = folder.join("snapshots/1/a");
            assert!(!outcome.is_success || fs::read(&link).unwrap() == b"x", "{outcome}");
            make(folder).unwrap();
            assert_eq!(fs::read(&link).unwrap(), b"x", "{outcome}");
            let names: Vec<String> = contents(folder).into_iter().map(|(name, _)| name).collect();
            assert_eq!(names, ["blobs/b", "snapshots/1/a"], "{outcome}");
        },
    );
}

#[test]
fn with_a_step_each_fault_starts_at_another_operation() {
    let place = tempfile::tempdir().unwrap();
    let mut struck = Vec::new();
    let total = sweep_every(
        4,
        place.path(),
        &[Fault::NoSpace, Fault::Permission],
        |_| (),
        |folder| (0..10).all(|i| create_new(&folder.join(i.to_string())).is_ok()),
        |_, outcome| {
            if !outcome.is_success {
                struck.push(outcome.operation);
            }
        },
    );
    assert_eq!(struck, [1, 5, 9, 3, 7]);
    assert_eq!(total, struck.len());
}
