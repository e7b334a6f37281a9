//! Real corpora, written in every format and read back.

use std::path::{Path, PathBuf};

use crate::shared;
use gleaner_corpus::{
    Corpus, Format, Offsets, ReadOptions, Sentence, find_splits, read_all, read_bytes, write,
};

/// The parts of a data set, as one list of sentences.
fn sentences(folder: &Path) -> Vec<Sentence> {
    let splits = find_splits(folder).unwrap();
    let splits = splits.try_map(|paths| read_all(&paths, &ReadOptions::default())).unwrap();
    let parts: [Option<Corpus>; 3] = [Some(splits.train), splits.dev, splits.test];
    parts.into_iter().flatten().flat_map(|corpus| corpus.sentences).collect()
}

fn content(sentences: &[Sentence]) -> Vec<(&[String], &[String])> {
    sentences.iter().map(|sentence| (&sentence.words[..], &sentence.tags[..])).collect()
}

#[test]
#[cfg_attr(not(shared), ignore = "needs the shared data folder beside the checkout")]
fn nothing_is_lost_in_any_format() {
    let wikiann = shared("data/hub/datasets/unimelb-nlp/wikiann");
    let conll = shared("data/conll");
    let low = ["mg", "fo", "co", "hsb", "bh", "cv"].map(|language| wikiann.join(language));
    let high = ["da", "it", "hi", "tr"].map(|language| conll.join(language));
    let folders: Vec<PathBuf> = low.into_iter().chain(high).collect();
    for folder in &folders {
        let sentences = sentences(folder);
        // brat has a second file, and no words.
        for &format in Format::ALL.iter().filter(|&&format| format != Format::Brat) {
            for offsets in [Offsets::Scalar, Offsets::Utf16] {
                let place = format!("{}: {format}", folder.display());
                let mut bytes = Vec::new();
                if let Err(error) = write(format, &mut bytes, &sentences, offsets) {
                    // Spaces separate its columns.
                    let spaced = sentences.iter().any(|s| s.words.iter().any(|w| w.contains(' ')));
                    assert!(format == Format::Conll2003 && spaced, "{place}: {error}");
                    continue;
                }
                let options = ReadOptions { offsets, ..ReadOptions::default() };
                let name = if format.has_columns() { "x.conll" } else { "x.json" };
                let corpus = read_bytes(&bytes, Path::new(name), &options).unwrap();
                assert!(content(&corpus.sentences) == content(&sentences), "{place}");
                assert_eq!(corpus.findings.len(), 0, "{place}");
            }
        }
    }
}
