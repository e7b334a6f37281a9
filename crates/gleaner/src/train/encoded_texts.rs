//! The texts of a training as pieces, cut once.

use crate::{Dataset, Tagger, pieces::WordPieces, tagger::Encoded};
use rayon::prelude::*;
use std::collections::BTreeSet;

/// The texts of a training as its tagger reads them.
pub(super) struct EncodedTexts {
    /// The pieces of every training sentence.
    pub(super) train: Vec<WordPieces>,
    pub(super) dev: Encoded,
    pub(super) test: Option<Encoded>,
    /// The pieces of every sentence of the pool; none without a pool.
    pub(super) pool: Vec<WordPieces>,
    /// The pieces of every mention that may replace one of the training text.
    mentions: Vec<WordPieces>,
}

impl EncodedTexts {
    pub(super) fn of(tagger: &Tagger, data: &Dataset) -> Self {
        let tokenize = |corpus: &gleaner_corpus::Corpus| -> Vec<WordPieces> {
            corpus.sentences.par_iter().map(|s| tagger.tokenizer.sentence(&s.words)).collect()
        };
        Self {
            train: tokenize(&data.train),
            dev: tagger.frame(tokenize(&data.dev)),
            test: data.test.as_ref().map(|test| tagger.frame(tokenize(test))),
            pool: data.pool.as_ref().map_or_else(Vec::new, tokenize),
            mentions: data.mentions.as_ref().map_or_else(Vec::new, |mentions| {
                let all = mentions.types().flat_map(|t| mentions.of_type(t));
                all.map(|words| tagger.tokenizer.sentence(words)).collect()
            }),
        }
    }

    /// The pieces of all texts, sorted: the active vocabulary, whose embeddings alone are trained.
    pub(super) fn active(&self, tagger: &Tagger) -> Vec<u32> {
        let held = std::iter::once(&self.dev).chain(&self.test).flat_map(|text| &text.pieces);
        let sentences = self.train.iter().chain(held).chain(&self.pool).chain(&self.mentions);
        let mut active: BTreeSet<u32> = tagger.tokenizer.frame().into();
        active.extend(sentences.flat_map(|sentence| &sentence.ids));
        active.into_iter().collect()
    }
}
