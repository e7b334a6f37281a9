//! Files that pyarrow and spaCy wrote: see `oracles/formats.py`.

use std::path::Path;

use gleaner_corpus::{Corpus, ReadOptions, read};

fn corpus(name: &str) -> Corpus {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../oracles").join(name);
    read(&path, &ReadOptions::default()).unwrap()
}

#[test]
fn zstandard_is_read() {
    let corpus = corpus("zstd.parquet");
    assert_eq!(corpus.sentences.len(), 3000);
    for (n, sentence) in corpus.sentences.iter().enumerate() {
        let word = |k: usize| {
            if k.is_multiple_of(3) {
                "Anna".to_owned()
            } else {
                format!("w{}", (n * n + k * k) % 997)
            }
        };
        let words: Vec<String> = (0..n % 5 + 1).map(word).collect();
        let tags: Vec<&str> =
            words.iter().map(|word| if word == "Anna" { "B-PER" } else { "O" }).collect();
        assert_eq!(sentence.words, words, "row {n}");
        assert_eq!(sentence.tags, tags, "row {n}");
    }
}

#[test]
fn documents_of_spacy_are_read() {
    let corpus = corpus("documents.spacy");
    let shown: Vec<String> = corpus
        .sentences
        .iter()
        .map(|sentence| {
            let pairs = sentence.words.iter().zip(&sentence.tags);
            let pairs: Vec<String> = pairs.map(|(word, tag)| format!("{word}/{tag}")).collect();
            format!("{} {}", sentence.line, pairs.join(" "))
        })
        .collect();
    insta::assert_snapshot!(shown.join("\n"), @r"
    1 Ånna/B-PERSON Berg/I-PERSON det/O
    1 LOC/B-MY_TYPE ./O
    2 Bo/O hums/O
    ");
}
