//! The files of a model folder, and long sentences.

use super::support::{copy_missing, file, sentence, without_key};
use crate::Choices;
use gleaner::{
    Corpus, Dataset, Ensemble, GleanerError, Int8, Overrides, Provenance, Scheme, Sentence,
    Settings, Splits, Tagged, Tagger, quantize,
    train::{self, Checkpoints, Event},
};
use std::{
    fs,
    path::{Path, PathBuf},
    sync::OnceLock,
};
use tempfile::TempDir;

/// Sentences to train on.
pub(super) fn texts() -> Vec<Sentence> {
    let texts = ["Anna/B-PER bly/O in/O Oslo/B-LOC", "Dit/O reën/O in/O Brakfontein/B-LOC ./O"];
    (0..12).map(|at| sentence(texts[at % 2])).collect()
}

/// The settings of a small training.
pub(super) fn small() -> Overrides {
    Settings::builder()
        .encoder("sample:tiny")
        .epochs(2)
        .lstm_units(4)
        .lstm_layers(1)
        .max_pieces(12)
        .checkpoint_seconds(0)
        .resamples(5)
        .drop_leaks(false)
}

pub(super) fn settings() -> Settings {
    small().build().expect("valid settings")
}

/// What is trained on with these settings.
pub(super) fn data(settings: &Settings) -> Dataset {
    let parts = Splits { train: texts(), dev: Some(texts()), test: None };
    Dataset::from_sentences(parts, settings).expect("labelled sentences")
}

/// A model's folder, that of an ensemble of it and itself, and the state of the training after the first epoch.
pub(super) struct Made {
    pub(super) model: PathBuf,
    ensemble: PathBuf,
    pub(super) state: Vec<u8>,
    pub(super) tensors: Vec<u8>,
    _folder: TempDir,
}

pub(super) fn made() -> &'static Made {
    static MADE: OnceLock<Made> = OnceLock::new();
    MADE.get_or_init(|| {
        let folder = TempDir::new().expect("a folder");
        let model = folder.path().join("model");
        let checkpoints = Checkpoints::claim(&model, false).expect("a new folder");
        let (mut state, mut tensors) = (Vec::new(), Vec::new());
        let mut observer = |event: &Event| {
            if let Event::Epoch { record, .. } = event
                && record.epoch == 2
            {
                let read =
                    |name: &str| fs::read(model.join("checkpoint").join(name)).expect("a file");
                (state, tensors) = (read("state.json"), read("state-1.safetensors"));
            }
        };
        let settings = settings();
        let trained = train::fit(&settings, data(&settings), Some(&checkpoints), &mut observer);
        trained.expect("a tagger").save(&model).expect("a model");
        fs::remove_dir_all(model.join("checkpoint")).expect("a folder");
        let state = without_key(&state, "fingerprint");
        let manifest = model.join("gleaner.json");
        let whole = fs::read(&manifest).expect("a file");
        fs::write(&manifest, without_key(&whole, "files")).expect("a file");
        let mut tagger = Tagger::load(&model).expect("a tagger");
        let text = corpus(texts());
        let int8: Int8 = quantize(&mut tagger, &text, &text, 1.0, &mut |_| {}).expect("a rounding");
        int8.save(&model).expect("a file");
        let ensemble = folder.path().join("ensemble");
        let members = [0, 1].map(|_| Tagger::load(&model).expect("a tagger"));
        let both = Ensemble::new(members.into()).expect("the same types");
        both.save(&ensemble, &[model.clone(), model.clone()], None).expect("an ensemble");
        Made { model, ensemble, state, tensors, _folder: folder }
    })
}

/// A labelled text of these sentences.
pub(super) fn corpus(sentences: Vec<Sentence>) -> Corpus {
    let (findings, files) = Default::default();
    Corpus { path: "x".into(), sentences, scheme: Scheme::Iob2, findings, files }
}

/// A copy of the model's folder with another file of this name.
fn with(harness: &str, name: &str, bytes: &[u8]) -> PathBuf {
    let changed = file(harness, name);
    let folder = changed.parent().expect("a folder").to_owned();
    copy_missing(&made().model, &folder);
    fs::write(changed, bytes).expect("a file");
    folder
}

fn of_model(name: &str) -> Vec<Vec<u8>> {
    vec![fs::read(made().model.join(name)).expect("a file")]
}

pub(super) fn manifest_seeds() -> Vec<Vec<u8>> {
    of_model("gleaner.json")
}
pub(super) fn manifest(input: &[u8]) -> Result<(), String> {
    let folder = with("manifest", "gleaner.json", input);
    let provenance = Provenance::read(&folder).map_err(|e| e.to_string());
    label(&folder)?;
    provenance.map(|provenance| assert!(!provenance.kept().is_empty()))
}

pub(super) fn config_seeds() -> Vec<Vec<u8>> {
    of_model("config.json")
}
pub(super) fn config(input: &[u8]) -> Result<(), String> {
    label(&with("model-config", "config.json", input))
}

pub(super) fn ensemble_seeds() -> Vec<Vec<u8>> {
    vec![fs::read(made().ensemble.join("ensemble.json")).expect("a file")]
}
pub(super) fn ensemble(input: &[u8]) -> Result<(), String> {
    let folder = &made().ensemble;
    fs::write(folder.join("ensemble.json"), input).expect("a file");
    let load = |member: &Path| -> Result<Tagger, GleanerError> { Tagger::load(member) };
    let opened = Ensemble::open(folder, load).map_err(|e| e.to_string())?;
    let texts = texts();
    let words: Vec<&[String]> = texts.iter().map(|sentence| &sentence.words[..]).collect();
    check_tagged(&opened.tag(&words).map_err(|e| e.to_string())?, &words);
    Ok(())
}

pub(super) fn int8_seeds() -> Vec<Vec<u8>> {
    of_model("int8.json")
}
pub(super) fn int8(input: &[u8]) -> Result<(), String> {
    let folder = with("int8", "int8.json", input);
    let tagger = Tagger::load(&folder).map_err(|e| e.to_string())?;
    check(&tagger.with_int8(&folder).map_err(|e| e.to_string())?, &texts())
}

/// Loads a model and labels with it.
pub(super) fn label(folder: &Path) -> Result<(), String> {
    check(&Tagger::load(folder).map_err(|e| e.to_string())?, &texts()[..2])
}

/// Labels sentences.
pub(super) fn check(tagger: &Tagger, sentences: &[Sentence]) -> Result<(), String> {
    let words: Vec<&[String]> = sentences.iter().map(|sentence| &sentence.words[..]).collect();
    check_tagged(&tagger.tag(&words).map_err(|e| e.to_string())?, &words);
    Ok(())
}

/// Every word has a tag, and entities have places and confidences.
fn check_tagged(tagged: &[Tagged], sentences: &[&[String]]) {
    assert_eq!(tagged.len(), sentences.len());
    for (Tagged { tags, spans, .. }, words) in tagged.iter().zip(sentences) {
        assert_eq!(tags.len(), words.len());
        let mut end = 0;
        for span in spans {
            assert!(end <= span.start && span.start < span.end && span.end <= words.len());
            assert_eq!(tags[span.start], format!("B-{}", span.label));
            for confidence in [span.confidence, span.uncalibrated] {
                assert!((-1e-9..=1.0 + 1e-6).contains(&confidence), "{confidence}");
            }
            end = span.end;
        }
    }
}

pub(super) fn window_seeds() -> Vec<Vec<u8>> {
    vec![(0..200).map(|at: u8| at.wrapping_mul(37)).collect(), vec![1; 40]]
}

/// Labels sentences of many words with a tagger that reads twelve pieces at a time.
pub(super) fn windows(input: &[u8]) -> Result<(), String> {
    static TAGGER: OnceLock<Tagger> = OnceLock::new();
    let tagger = TAGGER.get_or_init(|| Tagger::load(&made().model).expect("a tagger"));
    let mut choices = Choices::of(input);
    let mut sentences = Vec::new();
    while sentences.is_empty() || sentences.len() < 4 && !choices.is_empty() {
        let long = ["x".repeat(300), "Brakfontein".repeat(9)];
        let word = |choices: &mut Choices| match choices.below(9) {
            0 => long[0].clone(),
            1 => long[1].clone(),
            n => ["Anna", "in", "Oslo", "🦀", "\u{a0}", "\u{301}", "reën"][n - 2].to_owned(),
        };
        let words: Vec<String> = (0..choices.below(300)).map(|_| word(&mut choices)).collect();
        sentences.push(Sentence { words, ..Sentence::default() });
    }
    check(tagger, &sentences)
}
