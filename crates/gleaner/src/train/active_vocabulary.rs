//! Training the active rows of the word embeddings gives the same result as training all rows.

use super::{prepare::new_tagger, *};
use crate::Overrides;
use gleaner_nn::weights::WeightFile;

const WORDS: &str = "bert.embeddings.word_embeddings.weight";

/// Trains all rows of the vocabulary or the active ones. Returns the emissions on dev and the word embeddings as saved.
fn trained(all: bool, settings: &Settings, data: &Dataset) -> (Vec<Vec<f32>>, Vec<f32>) {
    let encoder = EncoderFiles::open(settings.network.encoder.as_deref().unwrap()).unwrap();
    let rows = encoder.config.vocab_size;
    let mut tagger = new_tagger(settings, &encoder, data).unwrap();
    let texts = EncodedTexts::of(&tagger, data);
    let active = texts.active(&tagger);
    assert!(active.len() < rows * 3 / 4, "the test needs inactive rows");
    let active = if all { (0..rows as u32).collect() } else { active };
    tagger.network.activate(&active).unwrap();

    let mut provenance = Provenance::new(settings, data, None);
    let inputs = &Inputs::new(settings, data);
    let state = epochs::begin(settings, &mut tagger, None, &provenance, inputs, &[]).unwrap();
    let (teachers, checkpoints) = (None, None);
    let run = epochs::Run { settings, data, texts: &texts, teachers, checkpoints, inputs };
    run.train(&mut tagger, state, &mut provenance, &mut |_: &Event| {}).unwrap();

    let emitted = tagger.emit(&texts.dev.windows).unwrap();
    let emissions = emitted.into_iter().map(|e| e.emissions).collect();
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("model.safetensors");
    tagger.network.save(&file).unwrap();
    let words = WeightFile::open(&file).unwrap().read(WORDS, &[rows, encoder.config.hidden_size]);
    (emissions, words.unwrap())
}

#[test]
fn training_the_active_rows_equals_training_all() {
    let file: Overrides = toml::from_str(
        "encoder = \"sample:tiny\"\ndata = \"sample:af\"\nepochs = 2\nlstm-units = 8\nlstm-layers = 1\n\
         decay = 0.0\nrate-encoder = 1e-3\nresamples = 10",
    )
    .unwrap();
    let settings = Settings::resolve(&[&file]).unwrap();
    let mut data = Dataset::load(&settings).unwrap();
    data.train.sentences.truncate(40);
    let (emissions, words) = trained(false, &settings, &data);
    let (emissions_of_all, words_of_all) = trained(true, &settings, &data);
    let near = |a: &[f32], b: &[f32]| {
        a.len() == b.len() && a.iter().zip(b).all(|(a, b)| (a - b).abs() < 1e-5)
    };
    assert!(near(&words, &words_of_all));
    assert!(near(&emissions.concat(), &emissions_of_all.concat()));
    let untrained = EncoderFiles::open(Path::new("sample:tiny")).unwrap();
    let shape = [untrained.config.vocab_size, untrained.config.hidden_size];
    let untrained = untrained.weights;
    let before = untrained.read(WORDS.strip_prefix("bert.").unwrap(), &shape).unwrap();
    assert!(!near(&words, &before), "the test needs a training that changes something");
}
