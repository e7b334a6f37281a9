//! The words of texts.

use crate::{
    GleanerError,
    data::{
        digest, digest_file, is_plain_text, labelled_sample, sample_name, short_name,
        unlabelled_file,
    },
};
use gleaner_base::bounded;
use gleaner_corpus::{
    CorpusError, Problem, ReadOptions,
    text::{Reader, Segmenter},
};
use gleaner_sample::SampleSplits;
use serde::{Deserialize, Serialize};
use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

/// Maximum size of a file of plain text. Its distinct words are kept in memory.
const MAX_TEXT: u64 = 4 << 30;

/// A text that an encoder was trimmed to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub struct TrimText {
    /// The name of its file, or that of a sample.
    pub name: String,
    /// SHA-256 of the file, in hexadecimal; of a sample, that of its sentences as CoNLL.
    pub sha256: String,
}

/// The distinct words of some texts.
pub(super) struct Words {
    pub(super) all: BTreeSet<String>,
    pub(super) texts: Vec<TrimText>,
}

impl Words {
    pub(super) fn read(paths: &[PathBuf]) -> Result<Self, GleanerError> {
        let mut words = Self { all: BTreeSet::new(), texts: Vec::new() };
        for path in paths {
            let sha256 = match sample_name(path) {
                Some(name) => words.add_sample(name)?,
                None => {
                    words.add(path)?;
                    digest_file(path)?
                }
            };
            words.texts.push(TrimText { name: short_name(path), sha256 });
        }
        match words.all.is_empty() {
            true => Err(GleanerError::NoTrainingText("the texts have no words; add text".into())),
            false => Ok(words),
        }
    }

    /// Adds all sentences of a sample corpus, with and without tags. Returns the SHA-256 of them as CoNLL.
    fn add_sample(&mut self, name: &str) -> Result<String, GleanerError> {
        let SampleSplits { train, dev, test } = labelled_sample(name)?;
        // The unlabelled sentences are Afrikaans, as for a pool.
        let unlabelled = if name == "af" { gleaner_sample::unlabelled_gold() } else { Vec::new() };
        let all = [train, dev, test, unlabelled].concat();
        self.all.extend(all.iter().flat_map(|sentence| sentence.words.iter().cloned()));
        Ok(digest(gleaner_sample::to_conll(&all).as_bytes()))
    }

    fn add(&mut self, path: &Path) -> Result<(), GleanerError> {
        let options = ReadOptions::default();
        if !is_plain_text(path, &options)? {
            let corpus = unlabelled_file(path, &options)?;
            self.all.extend(corpus.sentences.into_iter().flat_map(|sentence| sentence.words));
            return Ok(());
        }
        let bytes =
            bounded::read(path, MAX_TEXT).map_err(|e| CorpusError::in_file(path, e.into()))?;
        for sentence in Reader::with_segmenter(&bytes[..], path, false, Segmenter::default()) {
            match sentence {
                Ok(sentence) => {
                    self.all.extend(sentence.tokens.into_iter().map(|token| token.text))
                }
                // What is cut at spaces below is all that there is. The reader continues after this problem only.
                Err(error) if matches!(error.problem(), Problem::NoSpaces { .. }) => {}
                Err(error) => return Err(error.into()),
            }
        }
        // Another rule, such as one learnt from labelled text, cuts fewer words; transformers cuts at spaces.
        let text = String::from_utf8_lossy(&bytes);
        self.all.extend(text.split_whitespace().map(str::to_owned));
        Ok(())
    }
}
