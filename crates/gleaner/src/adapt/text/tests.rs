//! Tests of reading raw text.

use super::*;
use crate::testing::PIECES;

fn settings(files: &[(&str, &str)]) -> (tempfile::TempDir, AdaptSettings) {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    let mut settings = AdaptSettings::new("sample:tiny", [folder.path().join("a.txt")]);
    settings.held_out = 0.0;
    (folder, settings)
}

#[test]
fn sentences_become_pieces_with_the_starts_of_words() {
    let (_folder, settings) = settings(&[("a.txt", "Jan woon in Kaapstad. Sy lag.\nHy ook.\n")]);
    let texts = read(&settings, &PIECES).unwrap();
    let words =
        [&["Jan", "woon", "in", "Kaapstad", "."][..], &["Sy", "lag", "."], &["Hy", "ook", "."]];
    let expected: Vec<WordPieces> = words.iter().map(|words| PIECES.sentence(words)).collect();
    let ids: Vec<u32> = expected.iter().flat_map(|s| s.ids.clone()).collect();
    assert_eq!(texts.train.ids, ids);
    assert_eq!(texts.train.starts.iter().filter(|&&start| start).count(), 11);
    assert_eq!(texts.train.ends.len(), 3);
    assert_eq!(
        (texts.train.files, texts.held),
        (vec![ids.len()], PieceText { files: vec![0], ..PieceText::default() })
    );
    let record = &texts.records[0];
    assert_eq!((record.name.as_str(), record.sentences, record.words), ("a.txt", 3, 11));
    assert_eq!(record.pieces, ids.len());
}

#[test]
fn excluded_sentences_are_left_out_whatever_their_composition_and_counted() {
    let (folder, mut settings) = settings(&[
        ("a.txt", "Ek hou van Mo\u{302}re.\nSy lag.\n"),
        ("test.conll", "Ek\tO\nhou\tO\nvan\tO\nM\u{f4}re\tB-LOC\n.\tO\n\n"),
    ]);
    settings.exclude = vec![folder.path().join("test.conll").into()];
    let texts = read(&settings, &PIECES).unwrap();
    let record = &texts.records[0];
    assert_eq!((record.sentences, record.excluded), (1, 1));
    assert_eq!(texts.train.ids, PIECES.sentence(&["Sy", "lag", "."]).ids);
    settings.exclude.push(folder.path().join("a.txt").into());
    let error = read(&settings, &PIECES).err().expect("nothing is left").to_string();
    assert!(error.starts_with("no sentence is left to learn from"), "{error}");
}

#[test]
fn a_joined_file_may_be_limited() {
    let (folder, mut settings) =
        settings(&[("a.txt", "Sy lag.\n"), ("b.conll", "Een\tO\n\nTwee\tB-X\n\nDrie\tO\n\n")]);
    let path = folder.path().join("b.conll");
    settings.join = vec![format!("{}=2", path.display()).parse().unwrap()];
    let texts = read(&settings, &PIECES).unwrap();
    assert_eq!(texts.records[1].sentences, 2);
    assert_eq!(texts.train.ends.len(), 3);
}

#[test]
fn the_sentence_alone_decides_what_is_held_out() {
    let lines: String = (0..400).map(|i| format!("Reël nommer {i} .\n")).collect();
    let (_folder, mut settings) = settings(&[("a.txt", &(lines.clone() + &lines))]);
    settings.held_out = 0.25;
    let texts = read(&settings, &PIECES).unwrap();
    let record = &texts.records[0];
    assert_eq!(record.sentences + record.held_out, 800);
    assert!((140..260).contains(&record.held_out), "{record:?}");
    let sentences = |text: &PieceText| -> HashSet<Vec<u32>> {
        let starts = std::iter::once(0).chain(text.ends.iter().copied());
        starts.zip(&text.ends).map(|(from, &to)| text.ids[from..to].to_vec()).collect()
    };
    assert!(sentences(&texts.train).is_disjoint(&sentences(&texts.held)));
}

#[test]
fn lines_without_spaces_are_an_error_or_skipped_on_request() {
    let (_folder, mut settings) = settings(&[("a.txt", "Sy lag.\n東京は大きい\nHy ook.\n")]);
    let error = read(&settings, &PIECES).err().expect("an error").to_string();
    assert!(error.contains("a.txt:2: text in Chinese or Japanese"), "{error}");
    settings.skip_bad = true;
    let record = &read(&settings, &PIECES).unwrap().records[0];
    assert_eq!((record.sentences, record.skipped), (2, 1));
}

#[test]
fn words_to_train_on_are_counted_apart_from_held_out_ones() {
    let (folder, mut settings) =
        settings(&[("a.txt", "Sy lag.\nSy lag weer.\nHy lag.\nSy lag.\n"), ("b.txt", "Hy lag.\n")]);
    settings.exclude = vec![folder.path().join("b.txt").into()];
    let counts = |of: &[(&str, u64)]| -> WordCounts {
        of.iter().map(|(word, count)| ((*word).to_owned(), *count)).collect()
    };
    let all = counts(&[(".", 3), ("Sy", 3), ("lag", 3), ("weer", 1)]);
    assert_eq!(words(&settings).unwrap(), [all.clone(), WordCounts::new()]);
    settings.held_out = 0.5;
    let [train, held] = words(&settings).unwrap();
    for (word, count) in all {
        let sum = [&train, &held].map(|part| part.get(&word).copied().unwrap_or(0));
        assert_eq!(sum.iter().sum::<u64>(), count, "{word}");
    }
    settings.exclude.push(folder.path().join("a.txt").into());
    assert!(words(&settings).is_err());
}
