//! A disk that fails while checkpoints, models, adapted and trimmed encoders, and exported taggers are written.

use crate::{assert_same, files, ignore, run, settings, temporary, write_texts};
use gleaner::{
    Corpus, Dataset, Ensemble, GleanerError, SAMPLE_ENCODER, Tagger,
    adapt::{self, AdaptSettings},
    export, is_ensemble, quantize,
    trim::{TrimSettings, trim},
};
use gleaner_base::files::faults::{Fault, sweep};
use std::{fs, path::Path};

#[test]
fn a_training_ends_with_the_same_bytes_after_any_fault() {
    let place = temporary();
    write_texts(place.path());
    // The frozen layers are not in checkpoints, which saves time.
    let settings = settings(place.path(), "epochs = 2\ncheckpoint-seconds = 0\nfreeze = \"3\"");
    let whole = place.path().join("whole");
    run(&settings, &whole, false, &mut ignore).unwrap();
    let whole = files(&whole);
    let train = |folder: &Path| run(&settings, &folder.join("out"), false, &mut ignore).is_ok();
    let faults = sweep(
        place.path(),
        &Fault::ALL,
        |_| (),
        train,
        |folder, outcome| {
            let (out, what) = (folder.join("out"), outcome.to_string());
            let is_finished = out.join("gleaner.json").exists();
            assert!(is_finished || !outcome.is_success, "{what}");
            for (name, bytes) in whole.iter().filter(|_| is_finished) {
                assert!(fs::read(out.join(name)).unwrap() == *bytes, "{what}: {name}");
            }
            match run(&settings, &out, true, &mut ignore) {
                Ok(_) => assert!(!is_finished, "{what}"),
                Err(GleanerError::FolderOccupied { .. }) => assert!(is_finished, "{what}"),
                Err(error) => panic!("{what}: {error}"),
            }
            assert_same(&out, &whole, &what);
        },
    );
    // Two checkpoints of two files, six files of the model, three folders.
    assert!(faults > 4 * 10 * 5, "{faults}");
}

#[test]
fn a_model_labels_in_8_bits_or_does_not_after_any_fault() {
    let place = temporary();
    write_texts(place.path());
    let settings = settings(place.path(), "epochs = 1");
    let model = place.path().join("model");
    let trained = run(&settings, &model, false, &mut ignore).unwrap();
    let mut tagger = trained.tagger;
    let dev: Corpus = Dataset::load(&settings).unwrap().dev;
    let int8 = quantize(&mut tagger, &dev, &dev, 100.0, &mut |_| ()).unwrap();
    let copy = |folder: &Path| {
        for (name, bytes) in files(&model) {
            fs::write(folder.join(name), bytes).unwrap();
        }
    };
    let expected = place.path().join("expected");
    fs::create_dir(&expected).unwrap();
    copy(&expected);
    int8.save(&expected).unwrap();
    let expected = files(&expected);
    let save = |folder: &Path| int8.save(folder).is_ok();
    let faults = sweep(place.path(), &Fault::ALL, copy, save, |folder, outcome| {
        match Tagger::load(folder).unwrap().with_int8(folder) {
            Ok(_) => {}
            Err(error) => {
                assert!(!outcome.is_success, "{outcome}");
                assert!(error.to_string().contains("no int8.json in it"), "{outcome}: {error}");
            }
        }
        int8.save(folder).unwrap();
        assert_same(folder, &expected, &outcome.to_string());
    });
    assert!(faults >= 4 * 10 + 2, "{faults}");
}

#[test]
fn an_adaptation_ends_with_the_same_bytes_after_any_fault() {
    let place = temporary();
    let text = place.path().join("raw.txt");
    fs::write(&text, "Anna van Wyk woon in Kaapstad.\nSy lag.\n").unwrap();
    let mut settings = AdaptSettings::new("sample:tiny", [text]);
    (settings.steps, settings.checkpoint_seconds) = (Some(1), 0);
    let run =
        |out: &Path, resume: bool| adapt::adapt(&settings, out, resume, &mut |_: &adapt::Event| ());
    let whole = place.path().join("whole");
    run(&whole, false).unwrap();
    let whole = files(&whole);
    let work = |folder: &Path| run(&folder.join("out"), false).is_ok();
    let faults = sweep(
        place.path(),
        &Fault::ALL,
        |_| (),
        work,
        |folder, outcome| {
            let (out, what) = (folder.join("out"), outcome.to_string());
            let is_finished = out.join("config.json").exists();
            assert!(is_finished || !outcome.is_success, "{what}");
            for (name, bytes) in whole.iter().filter(|_| is_finished) {
                assert!(fs::read(out.join(name)).unwrap() == *bytes, "{what}: {name}");
            }
            match run(&out, true) {
                Ok(_) => assert!(!is_finished, "{what}"),
                Err(GleanerError::FolderOccupied { .. }) => assert!(is_finished, "{what}"),
                Err(error) => panic!("{what}: {error}"),
            }
            assert_same(&out, &whole, &what);
        },
    );
    // A checkpoint of two files, five files of the encoder, two folders.
    assert!(faults > 4 * 7 * 5, "{faults}");
}

/// Writes the new folder `out` on a disk that fails. Whatever fails, `out` is complete or lacks the file `last`, which
/// other programs need. The next attempt writes it if it is new or empty. Otherwise it refuses it and changes nothing.
fn sweep_new_folder(
    place: &Path,
    last: &str,
    write: impl Fn(&Path) -> Result<(), GleanerError>,
) -> usize {
    let whole = place.join("whole");
    write(&whole).unwrap();
    let whole = files(&whole);
    let work = |folder: &Path| write(&folder.join("out")).is_ok();
    sweep(
        place,
        &Fault::ALL,
        |_| (),
        work,
        |folder, outcome| {
            let (out, what) = (folder.join("out"), outcome.to_string());
            let left = if out.exists() { files(&out) } else { Vec::new() };
            let is_finished = left.iter().any(|(name, _)| name == last);
            assert!(is_finished || !outcome.is_success, "{what}");
            if is_finished {
                assert_same(&out, &whole, &what);
            }
            match write(&out) {
                Ok(()) => {
                    assert!(left.is_empty(), "{what}: an occupied folder was written to");
                    assert_same(&out, &whole, &what);
                }
                Err(GleanerError::FolderOccupied { .. }) => {
                    assert!(!left.is_empty(), "{what}: an empty folder was refused");
                    assert_same(&out, &left, &what);
                }
                Err(error) => panic!("{what}: {error}"),
            }
        },
    )
}

#[test]
fn an_exported_tagger_is_complete_or_has_no_configuration_after_any_fault() {
    let place = temporary();
    write_texts(place.path());
    let model = place.path().join("model");
    run(&settings(place.path(), "epochs = 1"), &model, false, &mut ignore).unwrap();
    let faults = sweep_new_folder(place.path(), "config.json", |out| {
        export::transformers(&model, out).map(drop)
    });
    // Six files and a folder.
    assert!(faults > 4 * 6 * 5, "{faults}");
}

/// Weights of more than 2 GiB have a file of their own, which is tested beside `export::onnx`.
#[test]
fn an_exported_graph_is_complete_or_missing_after_any_fault() {
    let place = temporary();
    write_texts(place.path());
    let model = place.path().join("model");
    run(&settings(place.path(), "epochs = 1"), &model, false, &mut ignore).unwrap();
    let faults =
        sweep_new_folder(place.path(), "model.onnx", |out| export::onnx(&model, out).map(drop));
    // Three files and a folder.
    assert!(faults > 4 * 3 * 5, "{faults}");
}

#[test]
fn a_trimmed_encoder_is_complete_or_has_no_configuration_after_any_fault() {
    let place = temporary();
    let text = place.path().join("text.txt");
    fs::write(&text, "Anna woon in Brakfontein.\nDr. Botha ken haar.\n").unwrap();
    let settings = TrimSettings { encoder: SAMPLE_ENCODER.into(), text: vec![text], keep: 0 };
    let faults =
        sweep_new_folder(place.path(), "config.json", |out| trim(&settings, out).map(drop));
    // Five files and a folder.
    assert!(faults > 4 * 5 * 5, "{faults}");
}

#[test]
fn an_ensemble_is_whole_or_not_there_after_any_fault() {
    let place = temporary();
    write_texts(place.path());
    let models = [1, 2].map(|seed| {
        let model = place.path().join(format!("model-{seed}"));
        let settings = settings(place.path(), &format!("epochs = 1\nseed = {seed}"));
        run(&settings, &model, false, &mut ignore).unwrap();
        model
    });
    let members = models.iter().map(Tagger::load).collect::<Result<_, _>>().unwrap();
    let ensemble = Ensemble::new(members).unwrap();
    let save = |folder: &Path| ensemble.save(&folder.join("out"), &models, None);
    let faults = sweep(
        place.path(),
        &Fault::ALL,
        |_| (),
        |folder| save(folder).is_ok(),
        |folder, outcome| {
            let out = folder.join("out");
            let is_whole = is_ensemble(&out);
            assert!(is_whole || !outcome.is_success, "{outcome}");
            assert_eq!(save(folder).is_ok(), !is_whole, "{outcome}");
            let is_marked = out.join("unfinished").exists();
            // A power cut may undo that the mark was removed, which does no harm.
            let may_be_marked = !outcome.is_success || outcome.fault == Fault::PowerCut;
            assert!(!is_marked || is_whole && may_be_marked, "{outcome}");
            assert_eq!(Ensemble::load(&out).unwrap().members().len(), 2, "{outcome}");
            for (number, model) in (1..).zip(&models) {
                assert_same(&out.join(number.to_string()), &files(model), &outcome.to_string());
            }
        },
    );
    // Six files of each member, three of the ensemble, and the marker.
    assert!(faults > 4 * 15 * 5, "{faults}");
}
