//! The recipe `best` on a disk that fails: once it is resumed, it ends with the same bytes.

use crate::{assert_equal, files, ignore, settings, temporary, write_texts};
use gleaner::{
    GleanerError, Joined, Settings,
    recipe::{Best, remove_stages, stages_folder},
};
use gleaner_base::files::faults::{Fault, sweep_every};
use std::{fs, path::Path};

/// One operation in 23 fails: all of them would take a minute. The five operations of a file have no factor in common
/// with 23, so that each of them fails in some file.
const STEP: usize = 23;

/// Does the stages that are missing, and removes their folder, as `gleaner train --recipe best` does.
fn best(
    settings: &Settings,
    source: &Joined,
    out: &Path,
    resume: bool,
) -> Result<(), GleanerError> {
    let recipe = Best { sources: vec![source.clone()], members: 2 };
    for stage in recipe.stages(settings, out, resume)? {
        if !stage.is_done()? {
            stage.run(&mut ignore)?;
        }
    }
    remove_stages(out)
}

/// The files of a model, with `OUT` for its path: its settings name the folders of the stages, which are beside it.
fn without_path(out: &Path) -> Vec<(String, Vec<u8>)> {
    let path = out.to_str().unwrap();
    let replaced = |bytes: Vec<u8>| match String::from_utf8(bytes) {
        Ok(text) => text.replace(path, "OUT").into_bytes(),
        Err(binary) => binary.into_bytes(),
    };
    files(out).into_iter().map(|(name, bytes)| (name, replaced(bytes))).collect()
}

/// Writes the text of a source to the folder `nl`.
fn write_source(folder: &Path) -> Joined {
    let source = folder.join("nl");
    fs::create_dir(&source).unwrap();
    let sentences = gleaner_sample::source();
    for (name, range) in [("train", 0..8), ("dev", 8..12), ("test", 12..16)] {
        let text = gleaner_sample::to_conll(&sentences[range]);
        fs::write(source.join(format!("{name}.conll")), text).unwrap();
    }
    source.to_str().unwrap().parse().unwrap()
}

#[test]
fn a_recipe_ends_with_the_same_bytes_after_a_kill_or_a_power_cut() {
    let place = temporary();
    write_texts(place.path());
    let source = write_source(place.path());
    // The frozen layers are not in checkpoints, which saves time.
    let settings = settings(place.path(), "epochs = 1\ncheckpoint-seconds = 0\nfreeze = \"3\"");
    let whole = place.path().join("whole");
    best(&settings, &source, &whole, false).unwrap();
    let whole = without_path(&whole);
    let faults = sweep_every(
        STEP,
        place.path(),
        &[Fault::Kill, Fault::PowerCut],
        |_| (),
        |folder| best(&settings, &source, &folder.join("out"), false).is_ok(),
        |folder, outcome| {
            let (out, what) = (folder.join("out"), outcome.to_string());
            let is_finished = out.join("gleaner.json").exists();
            assert!(is_finished || !outcome.is_success, "{what}");
            match best(&settings, &source, &out, true) {
                Ok(()) => assert!(!is_finished, "{what}"),
                Err(GleanerError::FolderOccupied { .. }) => assert!(is_finished, "{what}"),
                Err(error) => panic!("{what}: {error}"),
            }
            assert_equal(&without_path(&out), &whole, &what);
            // Where the model is finished, the user decides about the folder of the stages.
            assert!(is_finished || !stages_folder(&out).exists(), "{what}");
        },
    );
    // Four trainings of a checkpoint and a model, with more than fifty operations each, and an ensemble of a hundred.
    assert!(faults > 2 * (4 * 50 + 100) / STEP, "{faults}");
}

#[test]
fn a_recipe_does_not_continue_with_texts_that_have_changed() {
    let place = temporary();
    write_texts(place.path());
    let source = write_source(place.path());
    let settings = settings(place.path(), "epochs = 1\nfreeze = \"3\"");
    let recipe = Best { sources: vec![source], members: 2 };
    let stages = recipe.stages(&settings, &place.path().join("out"), false).unwrap();
    stages[0].run(&mut ignore).unwrap();
    assert!(stages[0].is_done().unwrap());
    let path = place.path().join("nl/train.conll");
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, format!("{text}Havn\tB-LOC\n\n")).unwrap();
    let error = stages[0].is_done().unwrap_err().to_string();
    assert!(error.contains("it was trained on texts that have changed since; "), "{error}");
    fs::write(&path, text).unwrap();
    assert!(stages[0].is_done().unwrap());
}
