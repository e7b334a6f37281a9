//! What is counted of a text, to be compared with another.

use crate::PieceTokenizer;
use gleaner_corpus::Corpus;
use std::collections::BTreeMap;
use unicode_script::{Script, UnicodeScript};

/// How often things occur. Ordered, so that sums over it are the same every time.
pub(super) type Counts<T> = BTreeMap<T, usize>;

/// The counts of a text.
pub(super) struct Profile {
    pub(super) sentences: usize,
    /// Words in lower case.
    pub(super) words: Counts<String>,
    /// Pieces, where a tokenizer is given.
    pub(super) pieces: Option<Counts<u32>>,
    /// Letters by script.
    pub(super) scripts: Counts<&'static str>,
    /// Tags of words: O, B-X and I-X.
    pub(super) tags: Counts<String>,
    /// The words of entities, in lower case, with their type.
    pub(super) mentions: Counts<(String, String)>,
}

impl Profile {
    /// Counts through a text.
    pub(super) fn of(corpus: &Corpus, tokenizer: Option<&PieceTokenizer>) -> Self {
        let mut profile = Self {
            sentences: corpus.sentences.len(),
            words: Counts::new(),
            pieces: tokenizer.map(|_| Counts::new()),
            scripts: Counts::new(),
            tags: Counts::new(),
            mentions: Counts::new(),
        };
        for sentence in &corpus.sentences {
            let words: Vec<String> = sentence.words.iter().map(|w| w.to_lowercase()).collect();
            for entity in sentence.entities() {
                let mention = words[entity.words()].join(" ");
                add(&mut profile.mentions, (mention, entity.entity_type));
            }
            for letter in words.iter().flat_map(|word| word.chars()) {
                let script = letter.script();
                if !matches!(script, Script::Common | Script::Inherited | Script::Unknown) {
                    add(&mut profile.scripts, script.full_name());
                }
            }
            sentence.tags.iter().for_each(|tag| add(&mut profile.tags, tag.clone()));
            words.into_iter().for_each(|word| add(&mut profile.words, word));
            if let (Some(counts), Some(tokenizer)) = (&mut profile.pieces, tokenizer) {
                let pieces = tokenizer.sentence(&sentence.words);
                pieces.ids.into_iter().for_each(|piece| add(counts, piece));
            }
        }
        profile
    }
}

fn add<T: Ord>(counts: &mut Counts<T>, what: T) {
    *counts.entry(what).or_insert(0) += 1;
}
