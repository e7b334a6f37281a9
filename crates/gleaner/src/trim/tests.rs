//! Trimming whole encoders.

use super::*;
use crate::testing::PIECES;
use gleaner_nn::weights::WeightFile;
use std::fs;

/// Trims the sample's encoder to a text.
fn trimmed(text: &str, keep: usize) -> (tempfile::TempDir, Result<Trimmed, GleanerError>) {
    let place = tempfile::tempdir().unwrap();
    let path = place.path().join("text.txt");
    fs::write(&path, text).unwrap();
    let settings = TrimSettings { encoder: crate::SAMPLE_ENCODER.into(), text: vec![path], keep };
    let trimmed = trim(&settings, &place.path().join("out"));
    (place, trimmed)
}

const TEXT: &str = "Anna woon in Brakfontein.\nDr. Botha ken d'Anna, sê hulle; þ☃!\n";

#[test]
fn words_have_the_same_pieces_and_their_rows_the_same_values() {
    let (place, trimmed) = trimmed(TEXT, 0);
    let trimmed = trimmed.unwrap();
    let after = EncoderFiles::open(&place.path().join("out")).unwrap();
    let before = EncoderFiles::open(crate::SAMPLE_ENCODER.as_ref()).unwrap();
    assert!(trimmed.pieces < trimmed.pieces_before / 2, "{trimmed:?}");
    assert_eq!((after.config.vocab_size, trimmed.frequent), (trimmed.pieces, 0));
    let pieces =
        PieceTokenizer::new("tokenizer.json".as_ref(), &after.tokenizer_json, false).unwrap();
    let name = |file: &WeightFile| {
        file.names().find(|name| name.ends_with("word_embeddings.weight")).unwrap().to_owned()
    };
    let row = |file: &WeightFile, id: u32| {
        let mut row = Vec::new();
        file.read_row(&name(file), id as usize, &mut row).unwrap();
        row.into_iter().map(f32::to_bits).collect::<Vec<_>>()
    };
    for word in ["Anna", "woon", "Brakfontein", "Dr", "Dr.", "d'Anna,", "sê", "þ☃!", "!"] {
        let (old, new) = (PIECES.sentence(&[word]).ids, pieces.sentence(&[word]).ids);
        assert_eq!(old.len(), new.len(), "{word}");
        for (old, new) in old.into_iter().zip(new) {
            assert_eq!(PIECES.text(old), pieces.text(new), "{word}");
            assert_eq!(row(&before.weights, old), row(&after.weights, new), "{word}");
        }
    }
    // Everything else is as before.
    for tensor in before.weights.names().filter(|tensor| **tensor != *name(&before.weights)) {
        let shape = before.weights.shape(tensor).unwrap();
        let values = |file: &WeightFile| file.read(tensor, shape).unwrap();
        assert_eq!(values(&before.weights), values(&after.weights), "{tensor}");
    }
    let record: Trimmed =
        serde_json::from_slice(&fs::read(place.path().join("out/trimmed.json")).unwrap()).unwrap();
    assert_eq!(record, trimmed);
    let card = fs::read_to_string(place.path().join("out/README.md")).unwrap();
    assert!(card.contains(&trimmed.texts[0].sha256), "{card}");
}

#[test]
fn frequent_pieces_are_kept_on_request() {
    let pieces = |keep| trimmed(TEXT, keep).1.unwrap();
    let (none, some, all) = (pieces(0), pieces(50), pieces(usize::MAX));
    assert_eq!((some.pieces, some.frequent), (none.pieces + 50, 50));
    assert_eq!(all.pieces, all.pieces_before);
}

#[test]
fn a_sample_is_a_text_too() {
    let place = tempfile::tempdir().unwrap();
    let trim_to = |text: &str| {
        let settings = TrimSettings {
            encoder: crate::SAMPLE_ENCODER.into(),
            text: vec![text.into()],
            keep: 0,
        };
        trim(&settings, &place.path().join(text.replace(':', "-")))
    };
    let trimmed = trim_to("sample:af").unwrap();
    assert_eq!((&*trimmed.texts[0].name, trimmed.texts[0].sha256.len()), ("sample:af", 64));
    let after = EncoderFiles::open(&place.path().join("sample-af")).unwrap();
    let pieces =
        PieceTokenizer::new("tokenizer.json".as_ref(), &after.tokenizer_json, false).unwrap();
    let parts = gleaner_sample::target();
    // Of all parts, and of the sentences without tags.
    let all = [parts.train, parts.dev, parts.test, gleaner_sample::unlabelled_gold()].concat();
    for word in all.iter().flat_map(|sentence| &sentence.words) {
        let count = |pieces: &PieceTokenizer| pieces.sentence(&[word]).ids.len();
        assert_eq!(count(&pieces), count(&PIECES), "{word}");
    }
    let unknown = trim_to("sample:xx").unwrap_err().to_string();
    assert!(unknown.contains("there is no sample `xx`; use sample:af or sample:nl"), "{unknown}");
    assert!(!place.path().join("sample-xx").exists());
}

#[test]
fn texts_without_words_and_occupied_folders_are_refused() {
    let (place, empty) = trimmed("\n \n", 0);
    assert!(matches!(empty, Err(GleanerError::NoTrainingText(_))), "{empty:?}");
    assert!(!place.path().join("out").exists());
    fs::create_dir(place.path().join("out")).unwrap();
    fs::write(place.path().join("out/mine"), "").unwrap();
    let text = place.path().join("text.txt");
    let settings =
        TrimSettings { encoder: crate::SAMPLE_ENCODER.into(), text: vec![text], keep: 0 };
    let occupied = trim(&settings, &place.path().join("out"));
    assert!(matches!(occupied, Err(GleanerError::FolderOccupied { .. })), "{occupied:?}");
}

/// The longest piece that fits is part of an unknown word: without it, the word would be known.
#[test]
fn unknown_words_stay_unknown() {
    let files = gleaner_sample::encoder();
    let vocabulary = Vocabulary::read(files.tokenizer.as_bytes()).unwrap();
    assert_eq!(vocabulary.model(), Model::WordPiece);
    let path = Path::new("tokenizer.json");
    let tokenizers = Tokenizers::new(path, files.tokenizer.as_bytes(), &vocabulary).unwrap();
    let words = |word: &str| Words { all: BTreeSet::from([word.to_owned()]), texts: vec![] };
    let unknown = used(&tokenizers, &vocabulary, &words("Brakfontein☃"));
    assert!(unknown.is_superset(&used(&tokenizers, &vocabulary, &words("Brakfontein"))));
}

#[test]
fn a_tokenizer_that_cuts_otherwise_is_noticed() {
    let json = gleaner_sample::encoder().tokenizer.as_bytes();
    let vocabulary = Vocabulary::read(json).unwrap();
    let path = Path::new("tokenizer.json");
    let tokenizers = Tokenizers::new(path, json, &vocabulary).unwrap();
    let mut kept = vocabulary.essential();
    kept.extend(tokenizers.special());
    let ids = vocabulary.new_ids(&kept);
    let words = Words { all: BTreeSet::from(["woon".to_owned()]), texts: vec![] };
    let json = vocabulary.trimmed(&ids);
    let error = check(path, &tokenizers, &json, &vocabulary, &ids, &words).unwrap_err();
    insta::assert_snapshot!(error, @"tokenizer.json: with fewer pieces, the word `woon` would be cut otherwise, so nothing is written; use the encoder as it is, and report this");
}
