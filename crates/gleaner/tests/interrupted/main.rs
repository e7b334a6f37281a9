//! Trainings that are stopped or whose disk fails, and that are resumed.

mod faults;
mod recipe;
mod stops;

use gleaner::{GleanerError, Settings, train};
use std::{fs, path::Path};
use tempfile::TempDir;
use train::{Event, Observer, Trained};

/// A temporary folder, in memory where the system has such a place: a sweep makes and removes thousands of files.
fn temporary() -> TempDir {
    let memory = Path::new("/dev/shm");
    let made = if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() };
    made.unwrap()
}

/// Writes ten training, four dev and four test sentences, and a pool of six.
fn write_texts(folder: &Path) {
    let parts = gleaner_sample::target();
    for (name, part) in [
        ("train", &parts.train[..10]),
        ("dev", &parts.dev[..4]),
        ("test", &parts.test[..4]),
        ("pool", &parts.train[10..16]),
    ] {
        fs::write(folder.join(format!("{name}.conll")), gleaner_sample::to_conll(part)).unwrap();
    }
}

/// Settings of a training on the texts in a folder, with two steps per epoch; `more` are lines of a settings file.
fn settings(folder: &Path, more: &str) -> Settings {
    let text = |name: &str| folder.join(format!("{name}.conll"));
    let file = format!(
        "encoder = \"sample:tiny\"\ntrain = [{:?}]\ndev = [{:?}]\ntest = [{:?}]\nbatch = 3\naccumulate = 2\n\
         lstm-units = 4\nlstm-layers = 1\nresamples = 0\n{more}",
        text("train"),
        text("dev"),
        text("test"),
    );
    Settings::resolve(&[&toml::from_str(&file).unwrap()]).unwrap()
}

/// The number of batches in an epoch of [`settings`].
const BATCHES: usize = 4;

fn run(
    settings: &Settings,
    out: &Path,
    resume: bool,
    observer: &mut dyn Observer,
) -> Result<Trained, GleanerError> {
    train::train(settings, out, resume, observer)
}

/// Observes nothing.
fn ignore(_: &Event) {}

/// The names and contents of the files in a folder, which has no folders in it.
fn files(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let entries = fs::read_dir(folder).unwrap().map(Result::unwrap);
    let mut files: Vec<(String, Vec<u8>)> = entries
        .map(|entry| {
            let name = entry.file_name().into_string().unwrap();
            let bytes = fs::read(entry.path());
            (name.clone(), bytes.unwrap_or_else(|e| panic!("{name}: {e}")))
        })
        .collect();
    files.sort();
    files
}

/// Asserts that a folder has these files.
fn assert_same(found: &Path, expected: &[(String, Vec<u8>)], what: &str) {
    assert_equal(&files(found), expected, what);
}

/// Asserts that files have the same names and contents.
fn assert_equal(found: &[(String, Vec<u8>)], expected: &[(String, Vec<u8>)], what: &str) {
    let names = |files: &[(String, Vec<u8>)]| -> Vec<String> {
        files.iter().map(|(name, _)| name.clone()).collect()
    };
    assert_eq!(names(found), names(expected), "{what}");
    for ((name, found), (_, expected)) in found.iter().zip(expected) {
        assert!(found == expected, "{what}: {name}");
    }
}
