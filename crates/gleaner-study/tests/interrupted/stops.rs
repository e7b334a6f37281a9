//! A study that is stopped after every step.

use crate::{ACTIVE, MEMBERS, TRANSFER, assert_same, files, folder, study, whole};
use gleaner::train::Event;
use gleaner_study::Progress;
use std::{
    fs,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
};

#[test]
fn a_study_that_is_stopped_again_and_again_ends_with_the_same_results() {
    stopped_again_and_again(TRANSFER, 4);
}

#[test]
fn simulated_annotation_that_is_stopped_again_and_again_ends_with_the_same_results() {
    stopped_again_and_again(ACTIVE, 4);
}

#[test]
fn ensembles_of_a_study_that_is_stopped_again_and_again_end_with_the_same_results() {
    stopped_again_and_again(MEMBERS, 5);
}

fn stopped_again_and_again(text: &str, runs: usize) {
    let folder = folder();
    // The same folder both times: models record the paths of those that they start or learn from.
    let (texts, results) = (folder.path(), folder.path().join("results"));
    whole(text, texts, &results);
    let expected = files(&results);
    fs::remove_dir_all(&results).unwrap();
    let resumed = AtomicUsize::new(0);
    let mut stops = 0;
    loop {
        let stop = Arc::<AtomicBool>::default();
        // Every start takes one step.
        let outcome = study(text, texts, &results, &stop, &|progress| {
            let Progress::Training { event, .. } = progress else { return };
            match event {
                Event::Batch { .. } => stop.store(true, Ordering::Relaxed),
                Event::Resumed { .. } => {
                    resumed.fetch_add(1, Ordering::Relaxed);
                }
                _ => {}
            }
        })
        .unwrap();
        assert!(outcome.failed.is_empty(), "a run that is stopped has not failed");
        if !outcome.stopped {
            assert_eq!(outcome.done, runs);
            break;
        }
        stops += 1;
        assert!(stops < 50, "no progress");
    }
    assert!(stops >= 2 && resumed.into_inner() >= 2, "{stops} stops");
    // The time of the last start is not that of the run.
    let runs = fs::read_dir(results.join("runs")).unwrap().map(|run| run.unwrap().path());
    assert!(runs.filter(|run| !run.join("time.json").exists()).count() >= 1);
    assert_same(&files(&results), &expected, "stopped");
}

#[test]
fn a_model_that_another_process_deletes_is_made_again() {
    let folder = folder();
    let results = folder.path().join("results");
    let trained = AtomicUsize::new(0);
    let outcome = study(TRANSFER, folder.path(), &results, &Arc::default(), &|progress| {
        let Progress::Finished { run, .. } = progress else { return };
        if run.name.starts_with("source/") && trained.fetch_add(1, Ordering::Relaxed) == 0 {
            fs::remove_dir_all(results.join("runs").join(&run.id).join("model")).unwrap();
        }
    })
    .unwrap();
    assert!(outcome.failed.is_empty(), "{:?}", outcome.failed);
    assert_eq!(trained.into_inner(), 2);
}
