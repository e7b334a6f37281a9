//! What ids depend on.

use super::*;

/// The names of the runs whose ids change when `old` becomes `new` in the study.
pub(super) fn changed(folder: &Path, old: &str, new: &str) -> BTreeSet<String> {
    assert!(STUDY.contains(old), "{old}");
    let before = ids(&plan_in(folder, STUDY));
    let after = ids(&plan_in(folder, &STUDY.replacen(old, new, 1)));
    let gone = before.iter().filter(|(name, id)| after.get(*name) != Some(id));
    gone.map(|(name, _)| name.clone()).collect()
}

fn kinds(names: &BTreeSet<String>) -> BTreeSet<&str> {
    names.iter().map(|n| n.split('/').next().unwrap()).collect()
}

#[test]
fn ids_change_with_what_decides_a_run_and_with_nothing_else() {
    let folder = folder();
    let path = folder.path();
    let all: BTreeSet<String> = ids(&plan_in(path, STUDY)).into_keys().collect();
    assert_eq!(changed(path, "epochs = 3", "epochs = 4"), all);
    // Keys that decide nothing.
    for (old, new) in [
        (
            "protocol = \"published\"",
            "protocol = \"published\"\nthreads = 7\njobs = 2\ntitle = \"x\"",
        ),
        ("epochs = 3", "epochs = 3\ncheckpoint-seconds = 1"),
        (
            "protocol = \"published\"",
            "protocol = \"published\"\nkeep-models = false\nkeep-words = false",
        ),
    ] {
        assert_eq!(changed(path, old, new), BTreeSet::new(), "{new}");
    }
    // Keys that decide some runs.
    let of_pool = changed(path, "epochs = 3", "epochs = 3\nentropy = 0.3");
    assert_eq!(kinds(&of_pool), BTreeSet::from(["pseudo"]));
    let tuned =
        changed(path, "factors = [1, 2]\n", "factors = [1, 2]\nsettings = { patience = 9 }\n");
    assert_eq!(kinds(&tuned), BTreeSet::from(["transfer"]));
    let sources = changed(
        path,
        "factors = [1, 2]\n",
        "factors = [1, 2]\nsource-settings = { patience = 9 }\n",
    );
    assert_eq!(kinds(&sources), BTreeSet::from(["source", "transfer", "zero-shot"]));
    let pseudo = changed(path, "repeats = 2", "repeats = 2\npool-limit = 100");
    assert_eq!(kinds(&pseudo), BTreeSet::from(["pseudo"]));
    let mapped = changed(path, "PERSON = \"PER\"", "PERSON = \"ORG\"");
    assert!(mapped.iter().all(|n| n.contains("xx")) && mapped.len() == 18, "{mapped:?}");
    // A new seed, factor or quantile only adds runs.
    for (old, new) in [
        ("[1, 2]", "[1, 2, 3]"),
        ("factors = [2]", "factors = [2, 3]"),
        ("[0.8, 0.9]", "[0.8, 0.85, 0.9]"),
    ] {
        assert_eq!(changed(path, old, new), BTreeSet::new(), "{new}");
    }
}

#[test]
fn ids_depend_on_contents_of_files_and_not_on_their_paths() {
    let (one, two) = (folder(), folder());
    let before = ids(&plan_in(one.path(), STUDY));
    assert_eq!(ids(&plan_in(two.path(), STUDY)), before);
    let file = two.path().join("xx/train.conll");
    let text = fs::read_to_string(&file).unwrap();
    fs::write(&file, text.replace("Ann7", "Eve7")).unwrap();
    let after = ids(&plan_in(two.path(), STUDY));
    for (name, id) in &before {
        assert_eq!(after[name] != *id, name.contains("xx"), "{name}");
    }
}

#[test]
fn a_column_of_words_decides_results_where_it_is_named() {
    let folder = folder();
    let one = changed(folder.path(), "epochs = 3", "epochs = 3\nword-column = 1");
    assert_eq!(one.len(), ids(&plan_in(folder.path(), STUDY)).len());
    let plan = plan_in(folder.path(), STUDY);
    let identity = serde_json::to_string(&plan.runs[0].identity).unwrap();
    assert!(!identity.contains("word-column"), "ids are those of before: {identity}");
}

#[test]
fn statistics_do_not_decide_ids() {
    let folder = folder();
    let more = changed(folder.path(), "epochs = 3", "epochs = 3\nresamples = 10000");
    assert_eq!(more, BTreeSet::new());
}

#[test]
fn a_default_that_is_written_out_does_not_change_ids() {
    let folder = folder();
    // `published` sets a batch of 32 in all stages, and 25 epochs for pseudo-labelling.
    let defaults = "epochs = 3\nbatch = 32\nselect = \"published\"\nresamples = 1000";
    assert_eq!(changed(folder.path(), "epochs = 3", defaults), BTreeSet::new());
    let epochs = changed(folder.path(), "repeats = 2", "repeats = 2\nsettings = { epochs = 25 }");
    assert_eq!(kinds(&epochs), BTreeSet::from(["pseudo"]));
    let twice = STUDY.replace("epochs = 3", "batch = 32");
    let written = twice.replace("repeats = 2", "repeats = 2\nsettings = { epochs = 25 }");
    assert_eq!(ids(&plan_in(folder.path(), &written)), ids(&plan_in(folder.path(), &twice)));
}

/// The ids of a small study. They change only with the format of identities.
#[test]
fn ids_are_those_of_the_fixture() {
    let folder = folder();
    let known = include_str!("../../../tests/fixtures/ids.json");
    let known: BTreeMap<String, String> = serde_json::from_str(known).unwrap();
    let found = ids(&plan_in(folder.path(), STUDY));
    let fixture = serde_json::to_string_pretty(&found).unwrap();
    assert_eq!(found, known, "if the format of identities changed, the fixture is\n{fixture}");
}
