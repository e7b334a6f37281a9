//! Loading a tagger by its name on the Hugging Face hub.

#![cfg(feature = "hub")]

use gleaner::{Compute, Dataset, GleanerError, Sentence, Settings, Splits, Tagger, train};
use gleaner_hub::testing::TestHub;
use std::{
    env, fs,
    path::Path,
    process::{Command, Stdio},
};

/// Set in child processes of the test program, because the hub is configured by environment variables.
const CHILD: &str = "GLEANER_TEST_CHILD";

const TEXT: &str = "Anna woon in Brakfontein.";

/// Trains a tagger that finds the names of [`TEXT`].
fn train_tagger(folder: &Path) {
    let pairs =
        [("Anna", "B-PER"), ("woon", "O"), ("in", "O"), ("Brakfontein", "B-LOC"), (".", "O")];
    let (words, tags) =
        pairs.map(|(word, tag)| (word.to_owned(), tag.to_owned())).into_iter().unzip();
    let sentence = Sentence { words, tags, ..Sentence::default() };
    let settings =
        Settings::builder().encoder("sample:tiny").epochs(20).drop_leaks(false).build().unwrap();
    let parts = Splits { train: vec![sentence; 40], dev: None, test: None };
    let data = Dataset::from_sentences(parts, &settings).unwrap();
    let trained = train::fit(&settings, data, None, &mut |_: &train::Event| {}).unwrap();
    trained.save(folder).unwrap();
}

/// The entities that a tagger finds, or the error of loading it.
fn labelled(tagger: Result<Tagger, GleanerError>) -> String {
    match tagger {
        Ok(tagger) => {
            let found = tagger.predict(TEXT).unwrap();
            let entities = found.iter().map(|e| format!("{}={} {}", e.label, e.text, e.confidence));
            entities.collect::<Vec<_>>().join(", ")
        }
        Err(error) => {
            let is_hub = matches!(error, GleanerError::Hub(_));
            format!("{}: {error}", if is_hub { "hub" } else { "local" })
        }
    }
}

/// Loads `name` in a child process, in the folder `place` and with a cache in it.
fn load(endpoint: &str, place: &Path, name: &str) -> String {
    let child = Command::new(env::current_exe().unwrap())
        .args(["--exact", "a_tagger_is_loaded_by_its_name", "--nocapture"])
        .current_dir(place)
        .env(CHILD, name)
        .env("HF_HOME", place.join("cache"))
        .env("HF_ENDPOINT", endpoint)
        .env("HF_HUB_OFFLINE", "0")
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let output = child.wait_with_output().unwrap();
    let out = String::from_utf8(output.stdout).unwrap();
    let line = out.lines().find_map(|line| line.strip_prefix("RESULT "));
    line.unwrap_or_else(|| panic!("{out}")).to_owned()
}

#[test]
fn a_tagger_is_loaded_by_its_name() {
    if let Ok(name) = env::var(CHILD) {
        let on_cpu = Tagger::load_on(&name, Compute::cpu());
        let (loaded, on_cpu) = (labelled(Tagger::load(&name)), labelled(on_cpu));
        assert_eq!(loaded, on_cpu);
        println!("\nRESULT {loaded}");
        return;
    }
    let (root, place) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let saved = root.path().join("models/our/tagger");
    train_tagger(&saved);
    let hub = TestHub::serve(root.path());
    let (endpoint, place) = (hub.endpoint(), place.path());
    let expected = labelled(Tagger::load(&saved));
    assert!(expected.contains("PER=Anna") && expected.contains("LOC=Brakfontein"), "{expected}");
    for name in ["our/tagger", "our/tagger@main", "hub:our/tagger"] {
        assert_eq!(load(&endpoint, place, name), expected, "{name}");
    }
    // Not on the hub, and not a name on the hub.
    let error = load(&endpoint, place, "our/other");
    assert!(
        error.starts_with("hub: no such folder, so searched on the hub: our/other: "),
        "{error}"
    );
    for path in ["./our/tagger", "tagger"] {
        let error = load(&endpoint, place, path);
        assert!(error.starts_with(&format!("local: {path}: no such folder; ")), "{error}");
    }
    // A local folder wins, even if it is not a model.
    fs::create_dir_all(place.join("our/tagger")).unwrap();
    hub.take_requests();
    let error = load(&endpoint, place, "our/tagger");
    assert!(error.starts_with("local: our/tagger: no gleaner.json in it; "), "{error}");
    assert_eq!(hub.take_requests(), []);
}
