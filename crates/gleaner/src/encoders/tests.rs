//! The comparison of encoders on the sample.

use super::*;
use crate::Corpus;

fn settings() -> Settings {
    Settings::builder().data("sample:af").lstm_units(8).lstm_layers(1).build().unwrap()
}

/// The sample with its first training sentences.
fn data(sentences: usize) -> Dataset {
    let mut data = Dataset::load(&settings()).unwrap();
    data.train.sentences.truncate(sentences);
    data
}

/// A copy of the sample encoder whose tokenizer knows no word.
fn blind(folder: &Path) -> PathBuf {
    let files = gleaner_sample::encoder();
    let mut tokenizer: serde_json::Value = serde_json::from_str(files.tokenizer).unwrap();
    let vocab = tokenizer["model"]["vocab"].as_object_mut().unwrap();
    vocab.retain(|piece, _| piece.starts_with('[') && piece.len() > 1);
    std::fs::write(folder.join("tokenizer.json"), tokenizer.to_string()).unwrap();
    std::fs::write(folder.join("config.json"), files.config).unwrap();
    std::fs::write(folder.join("model.safetensors"), files.weights).unwrap();
    folder.to_owned()
}

#[test]
fn an_encoder_that_knows_the_text_ranks_first_whatever_the_order() {
    let folder = tempfile::tempdir().unwrap();
    let (good, bad) = (PathBuf::from("sample:tiny"), blind(folder.path()));
    let how = Probing { folds: 3, sentences: 80 };
    let of = |encoders: &[PathBuf]| {
        let mut seen = Vec::new();
        let ranked = rank(&settings(), &data(100), encoders, how, &mut |encoder| {
            seen.push(encoder.encoder.clone());
        });
        assert_eq!(seen, encoders);
        ranked.unwrap()
    };
    let ranked = of(&[bad.clone(), good.clone()]);
    let [first, second] = &ranked[..] else { panic!("{ranked:?}") };
    assert_eq!((&first.encoder, first.rank, &second.encoder, second.rank), (&good, 1, &bad, 2));
    assert!(first.f1 > second.f1 + 0.05, "{ranked:?}");
    let interval = first.interval.unwrap();
    assert!(interval.low < first.f1 && first.f1 < interval.high);
    assert_eq!((first.fold_f1.len(), first.sentences), (3, 80));
    assert!(first.fold_f1.iter().all(|f1| (0.0..=1.0).contains(f1)));
    assert!(first.unknown < 0.01 && first.pieces_per_word > 1.0, "{first:?}");
    assert_eq!((second.unknown, second.pieces_per_word), (1.0, 1.0));
    assert!(first.training_bytes > 1 << 20 && first.training_seconds > 0.0);
    // Nothing but the times depends on the run.
    let again = &of(&[good, bad])[0];
    assert_eq!(
        (again.f1, &again.fold_f1, again.interval),
        (first.f1, &first.fold_f1, first.interval)
    );
}

#[test]
fn too_few_sentences_and_texts_without_entities_are_refused() {
    let mut data = data(20);
    let refused = |data: &Dataset, folds, sentences| {
        let encoders = [PathBuf::from("sample:tiny")];
        let how = Probing { folds, sentences };
        rank(&settings(), data, &encoders, how, &mut |_| {}).unwrap_err().to_string()
    };
    let few = refused(&data, 5, 4);
    assert!(few.contains("4 different sentences cannot be divided into 5 folds"), "{few}");
    let outside = |corpus: &mut Corpus| {
        corpus.sentences.iter_mut().flat_map(|s| &mut s.tags).for_each(|tag| *tag = "O".into());
    };
    outside(&mut data.train);
    let none = refused(&data, 3, 20);
    assert!(none.contains("no entity in any sentence; check"), "{none}");
}
