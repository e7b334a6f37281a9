//! What loading may take, of a tagger, an encoder, an ensemble and a tagger in 8 bits: no more memory than twice the
//! length of the files and 256 MiB, whatever the files say. (A valid tokenizer of the Unigram kind takes more, up to
//! 300 bytes for each byte of its pieces, of which it may have 16 MB.) Everything that is read is read once, so the
//! time is bounded by the files' length as well. Ten seconds are allowed, which is generous, because the machine may be
//! busy with something else.

mod attacks;

use attacks::ATTACKS;
use gleaner::{
    Corpus, Dataset, EncoderFiles, Ensemble, GleanerError, PieceTokenizer, Scheme, Sentence,
    Settings, Splits, Tagger, quantize, train,
};
use gleaner_fuzz::peak_of;
use gleaner_nn::masked::MaskedLm;
use std::{
    fs,
    path::Path,
    time::{Duration, Instant},
};

const CONSTANT: usize = 256 << 20;
const TIME: Duration = Duration::from_secs(10);

/// What is loaded.
struct Loader {
    name: &'static str,
    /// The folder of a valid one.
    folder: &'static str,
    /// The folder below it whose files are changed.
    part: &'static str,
    load: fn(&Path) -> Result<(), GleanerError>,
}

const LOADERS: [Loader; 4] = [
    Loader { name: "a tagger", folder: "tagger", part: "", load: tagger },
    Loader { name: "an encoder", folder: "encoder", part: "", load: encoder },
    Loader { name: "an ensemble", folder: "ensemble", part: "1", load: ensemble },
    Loader { name: "int8", folder: "int8", part: "", load: int8 },
];

fn tagger(folder: &Path) -> Result<(), GleanerError> {
    Tagger::load(folder).map(drop)
}

fn encoder(folder: &Path) -> Result<(), GleanerError> {
    let files = EncoderFiles::open(folder)?;
    PieceTokenizer::new(&folder.join("tokenizer.json"), &files.tokenizer_json, false)?;
    MaskedLm::on_encoder(files.config, files.weights, 1)?;
    Ok(())
}

fn ensemble(folder: &Path) -> Result<(), GleanerError> {
    Ensemble::load(folder).map(drop)
}

fn int8(folder: &Path) -> Result<(), GleanerError> {
    Tagger::load(folder)?.with_int8(folder).map(drop)
}

/// Writes a valid one of each to a folder.
fn make(base: &Path) {
    let sentence = Sentence {
        words: "Anna bly in Oslo".split(' ').map(str::to_owned).collect(),
        tags: "B-PER O O B-LOC".split(' ').map(str::to_owned).collect(),
        ..Sentence::default()
    };
    let text = vec![sentence; 8];
    let settings =
        Settings::builder().encoder("sample:tiny").epochs(1).lstm_units(4).drop_leaks(false);
    let settings = settings.build().unwrap();
    let parts = Splits { train: text.clone(), dev: Some(text.clone()), test: None };
    let data = Dataset::from_sentences(parts, &settings).unwrap();
    let trained = train::fit(&settings, data, None, &mut |_: &train::Event| {}).unwrap();
    let model = base.join("tagger");
    trained.save(&model).unwrap();
    // Without fingerprints, by which damage would be found before it is read.
    let path = model.join("gleaner.json");
    let mut manifest: serde_json::Value =
        serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    manifest.as_object_mut().unwrap().remove("files").unwrap();
    fs::write(&path, manifest.to_string()).unwrap();

    let (files, folder) = (gleaner_sample::encoder(), base.join("encoder"));
    fs::create_dir(&folder).unwrap();
    fs::write(folder.join("config.json"), files.config).unwrap();
    fs::write(folder.join("tokenizer.json"), files.tokenizer).unwrap();
    fs::write(folder.join("model.safetensors"), files.weights).unwrap();

    let members = [0, 1].map(|_| Tagger::load(&model).unwrap());
    let both = Ensemble::new(members.into()).unwrap();
    both.save(&base.join("ensemble"), &[model.clone(), model.clone()], None).unwrap();

    let folder = base.join("int8");
    copy(&model, &folder);
    let (findings, files) = Default::default();
    let (path, scheme) = ("x".into(), Scheme::Iob2);
    let text = Corpus { path, sentences: text, scheme, findings, files };
    let mut tagger = Tagger::load(&model).unwrap();
    quantize(&mut tagger, &text, &text, 1.0, &mut |_| {}).unwrap().save(&folder).unwrap();
}

/// Copies a folder with its folders.
fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().flatten() {
        let (path, to) = (entry.path(), to.join(entry.file_name()));
        if path.is_dir() {
            copy(&path, &to);
        } else {
            fs::copy(path, to).unwrap();
        }
    }
}

/// The length of all files below a folder.
fn length_of(folder: &Path) -> usize {
    let length = |entry: fs::DirEntry| match entry.path().is_dir() {
        true => length_of(&entry.path()),
        false => entry.metadata().map_or(0, |file| file.len() as usize),
    };
    fs::read_dir(folder).unwrap().flatten().map(length).sum()
}

/// What is said of an attack; `None` if there is nothing to attack.
fn says(loader: &Loader, says: &'static str) -> Option<&'static str> {
    match (loader.name, says) {
        // It has no `gleaner.json`, and its labels do not matter.
        ("an encoder", "not JSON" | "id2label: 30000 labels") => None,
        // The digest of the file is compared before it is read.
        ("an ensemble", "not JSON") => Some("another model than when the ensemble was made"),
        _ => Some(says),
    }
}

/// Loads from a folder, within the bounds.
fn load(loader: &Loader, folder: &Path, what: &str) -> Result<(), GleanerError> {
    let length = length_of(folder);
    let start = Instant::now();
    let (loaded, peak) = peak_of(|| (loader.load)(folder));
    let (name, time) = (loader.name, start.elapsed());
    assert!(peak < 2 * length + CONSTANT, "{name}, {what}: {peak} bytes for files of {length}");
    assert!(time < TIME, "{name}, {what}: {time:?} for files of {length} bytes");
    loaded
}

// In one test: memory is counted for the whole process.
#[test]
fn nothing_takes_more_memory_or_time_than_its_files_allow() {
    let base = tempfile::tempdir().unwrap();
    make(base.path());
    for loader in &LOADERS {
        let valid = base.path().join(loader.folder);
        load(loader, &valid, "valid").unwrap();
        for (number, (message, attack)) in ATTACKS.into_iter().enumerate() {
            let Some(expected) = says(loader, message) else { continue };
            let folder = tempfile::tempdir().unwrap();
            copy(&valid, folder.path());
            attack(&folder.path().join(loader.part));
            let what = format!("attack {number}");
            let Err(error) = load(loader, folder.path(), &what) else {
                panic!("{}, {what}: it is loaded", loader.name)
            };
            let error = error.to_string();
            assert!(error.contains(expected), "{}, {what}: {error}", loader.name);
        }
    }
}
