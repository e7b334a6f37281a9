//! A disk that fails while a study runs, and while its tables are written.

use crate::{BASELINE, MEMBERS, TRANSFER, assert_same, files, folder, study, temporary, whole};
use gleaner_base::files::faults::{Fault, sweep, sweep_every};
use gleaner_study::{NoHub, Plan, Results, Study, gather, write_tables};
use std::{collections::BTreeMap, fs, path::Path, sync::Arc};

/// The files of results, with `RESULTS` for their path: models record those that they start or learn from.
fn without_path(results: &Path) -> BTreeMap<String, Vec<u8>> {
    let path = results.to_str().unwrap();
    let replaced = |bytes: Vec<u8>| match String::from_utf8(bytes) {
        Ok(text) => text.replace(path, "RESULTS").into_bytes(),
        Err(binary) => binary.into_bytes(),
    };
    files(results).into_iter().map(|(name, bytes)| (name, replaced(bytes))).collect()
}

/// Does the `runs` runs of a study on a disk that fails, and then again on one that does not. Returns the number of
/// faults.
fn swept(text: &str, runs: usize, faults: &[Fault], step: usize) -> usize {
    let folder = folder();
    let texts = folder.path();
    let results = texts.join("whole");
    assert_eq!(whole(text, texts, &results).done, runs);
    let expected = without_path(&results);
    let work = |place: &Path| {
        let outcome = study(text, texts, &place.join("results"), &Arc::default(), &|_| ());
        outcome.is_ok_and(|outcome| outcome.done == runs)
    };
    sweep_every(
        step,
        texts,
        faults,
        |_| (),
        work,
        |place, outcome| {
            let (results, what) = (place.join("results"), outcome.to_string());
            let found = if results.exists() { without_path(&results) } else { BTreeMap::new() };
            if outcome.is_success {
                assert_same(&found, &expected, &what);
            }
            // Whatever has its final name is what an undisturbed study writes.
            for (name, bytes) in &found {
                let is_final = name.ends_with("/run.json") || name.ends_with("/test.jsonl");
                assert!(!is_final || *bytes == expected[name], "{what}: {name}");
            }
            let again = whole(text, texts, &results);
            assert_eq!((again.done, again.failed.len()), (runs, 0), "{what}");
            assert_same(&without_path(&results), &expected, &what);
        },
    )
}

#[test]
fn a_study_ends_with_the_same_results_after_any_fault() {
    let struck = swept(BASELINE, 1, &Fault::ALL, 1);
    // The model has six files, the run three.
    assert!(struck > 4 * 9 * 5, "{struck}");
}

/// One operation in 13 fails: all of them would take half a minute. The five operations of a file have no factor in
/// common with 13, so that each of them fails in some file.
#[test]
fn models_that_start_from_others_are_the_same_after_a_kill_or_a_power_cut() {
    let struck = swept(TRANSFER, 4, &[Fault::Kill, Fault::PowerCut], 13);
    // Three models of six files, and four runs of three.
    assert!(struck > 2 * (3 * 6 + 4 * 3) * 5 / 13, "{struck}");
}

/// One operation in 19 fails: all of them would take a minute. The five operations of a file have no factor in common
/// with 19, so that each of them fails in some file.
#[test]
fn ensembles_and_what_learns_from_them_are_the_same_after_a_kill_or_a_power_cut() {
    let struck = swept(MEMBERS, 5, &[Fault::Kill, Fault::PowerCut], 19);
    // Four models of six files, an ensemble with copies of two of them, and five runs of three.
    assert!(struck > 2 * (4 * 6 + 2 * 6 + 5 * 3) * 5 / 19, "{struck}");
}

#[test]
fn tables_are_all_old_until_all_new_ones_are_complete() {
    const EARLIER: &str = "plots/of-an-earlier-study.svg";
    let folder = folder();
    let texts = folder.path();
    whole(BASELINE, texts, &texts.join("results"));
    let results = Results::new(&texts.join("results"));
    let study = Study::parse(&texts.join("study.toml"), BASELINE).unwrap();
    let plan = Plan::new(&study, &results, &NoHub).unwrap();
    let data = gather(&study, &plan, &results).unwrap();
    let expected = texts.join("expected");
    let written = write_tables(&data, &Results::new(&expected)).unwrap();
    let expected = files(&expected);
    // In the order in which they get their names: the plots, then the tables.
    let plots = expected.keys().filter(|name| name.starts_with("plots/")).cloned();
    let tables = written.iter().map(|path| path.file_name().unwrap().to_str().unwrap().to_owned());
    let names: Vec<String> = plots.chain(tables).collect();
    assert!(names.len() == expected.len() && names.len() >= written.len() + 2, "{names:?}");
    let place = temporary();
    let old = |place: &Path| {
        fs::create_dir(place.join("plots")).unwrap();
        for name in names.iter().map(String::as_str).chain([EARLIER]) {
            fs::write(place.join(name), "old").unwrap();
        }
    };
    let write = |place: &Path| write_tables(&data, &Results::new(place)).is_ok();
    // The number of new files after a kill in the first operation, in the second one, and so on.
    let mut killed = Vec::new();
    let struck = sweep(place.path(), &Fault::ALL, old, write, |place, outcome| {
        let found = files(place);
        let new = names.iter().take_while(|name| found[*name] == expected[*name]).count();
        assert!(names[new..].iter().all(|name| found[name] == b"old"), "{outcome}: mixed");
        // The plot that is no longer drawn is removed last. A power cut may undo that, which does no harm.
        let is_all = new == names.len();
        let is_left = found.contains_key(EARLIER);
        assert!(is_left || is_all, "{outcome}");
        let may_be_left = !outcome.is_success || outcome.fault == Fault::PowerCut;
        assert!(!is_left || may_be_left, "{outcome}");
        assert!(is_all || !outcome.is_success, "{outcome}");
        if outcome.fault == Fault::Kill {
            killed.push(new);
        }
        assert!(write(place));
        assert_same(&files(place), &expected, &outcome.to_string());
    });
    // After all files are complete, each is renamed and its folder synced. The last operation removes the plot.
    let complete = killed.len() - 1 - 2 * names.len() - 1;
    assert!(complete >= 3 * names.len(), "{complete} operations complete {} files", names.len());
    for (operation, new) in (1_usize..).zip(killed) {
        let renamed = (operation.max(complete) - complete) / 2;
        assert_eq!(new, renamed.min(names.len()), "killed in operation {operation}");
    }
    assert!(struck > 4 * 5 * names.len(), "{struck}");
}
