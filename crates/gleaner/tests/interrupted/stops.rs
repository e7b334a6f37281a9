//! An observer stops a training after any step; it ends as if nothing had happened.

use crate::{BATCHES, assert_same, files, ignore, run, settings, temporary, write_texts};
use gleaner::{GleanerError, train};
use std::path::Path;
use train::{Event, Observer};

/// Stops a training after a number of events of a kind.
struct StopAfter(usize, fn(&Event) -> bool);

impl Observer for StopAfter {
    fn on(&mut self, event: &Event) {
        if self.1(event) {
            self.0 = self.0.saturating_sub(1);
        }
    }

    fn should_stop(&self) -> bool {
        self.0 == 0
    }
}

/// Stops once this number of batches is done.
fn after_batches(batches: usize) -> StopAfter {
    StopAfter(batches, |event| matches!(event, Event::Batch { .. }))
}

/// Stops once this number of epochs is scored.
fn after_epochs(epochs: usize) -> StopAfter {
    StopAfter(epochs, |event| matches!(event, Event::Epoch { .. }))
}

/// Asserts that a training was stopped and can be resumed.
fn assert_stopped<T>(stopped: Result<T, GleanerError>, out: &Path) {
    match stopped {
        Err(GleanerError::Stopped { path: Some(path) }) => assert_eq!(path, out),
        Err(error) => panic!("{error}"),
        Ok(_) => panic!("not stopped"),
    }
    assert!(out.join("checkpoint/state.json").is_file());
    assert!(!out.join("gleaner.json").exists());
}

#[test]
fn a_training_that_is_stopped_after_any_step_ends_with_the_same_bytes() {
    let place = temporary();
    write_texts(place.path());
    let settings = settings(
        place.path(),
        "epochs = 3\nselect = \"entity-f1\"\naverage = 2\ntrain-score = true\nschedule = \"plateau\"",
    );
    let whole = place.path().join("whole");
    run(&settings, &whole, false, &mut ignore).unwrap();
    let whole = files(&whole);
    for batches in 0..=3 * BATCHES {
        let out = place.path().join(format!("out-{batches}"));
        assert_stopped(run(&settings, &out, false, &mut after_batches(batches)), &out);
        let mut resumed = None;
        run(&settings, &out, true, &mut |event: &Event| {
            if let Event::Resumed { epochs, steps } = event {
                resumed = Some((*epochs as usize, *steps));
            }
        })
        .unwrap();
        // A step has two batches, an epoch two steps; the second step ends before dev is scored.
        let steps = batches.div_ceil(2);
        let expected = (steps > 0).then(|| ((steps - 1) / 2, (steps - 1) % 2 + 1));
        assert_eq!(resumed, expected, "{batches} batches");
        assert_same(&out, &whole, &format!("{batches} batches"));
    }
}

#[test]
fn a_training_never_stops_after_its_last_epoch_is_scored() {
    let place = temporary();
    write_texts(place.path());
    let settings = settings(place.path(), "epochs = 2");
    let out = |epochs: usize| place.path().join(format!("out-{epochs}"));
    assert_stopped(run(&settings, &out(1), false, &mut after_epochs(1)), &out(1));
    run(&settings, &out(2), false, &mut after_epochs(2)).unwrap();
}

#[test]
fn a_training_that_is_stopped_after_every_step_ends_with_the_same_bytes() {
    let place = temporary();
    write_texts(place.path());
    let pool = format!("pool = [{:?}]", place.path().join("pool.conll"));
    for (name, more) in [
        (
            "students",
            "epochs = 2\nselect = \"entity-f1\"\nstudent = \"fresh\"\nrounds = 1\nround-epochs = 2\ntargets = \"soft\"\n\
             average = 2\ngold-share = 0.3\nquantile = 0.1\nentropy = 5.0",
        ),
        (
            "appended",
            "epochs = 4\ndelay = 0\nquantile = 0.1\nentropy = 5.0\nadditions = \"append\"",
        ),
    ] {
        let settings = settings(place.path(), &format!("{pool}\n{more}"));
        let whole = place.path().join(format!("{name}-whole"));
        run(&settings, &whole, false, &mut ignore).unwrap();
        let out = place.path().join(name);
        let mut stops = 0;
        while let Err(stopped) = run(&settings, &out, true, &mut after_batches(2)) {
            assert_stopped::<()>(Err(stopped), &out);
            stops += 1;
            assert!(stops < 50, "{name} makes no progress");
        }
        assert!(stops >= 8, "{name}: {stops} stops");
        assert_same(&out, &files(&whole), name);
    }
}

#[test]
fn a_training_without_checkpoints_is_stopped_too() {
    let place = temporary();
    write_texts(place.path());
    let settings = settings(place.path(), "epochs = 1");
    let data = gleaner::Dataset::load(&settings).unwrap();
    let stopped = train::fit(&settings, data, None, &mut after_batches(1));
    assert!(matches!(stopped, Err(GleanerError::Stopped { path: None })));
}
