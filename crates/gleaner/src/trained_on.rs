//! The sentences that a tagger was trained on, as digests, so that a later score can leave them out:
//! `trained-on.txt`.

use crate::GleanerError;
use gleaner_base::{
    hash::{Digest, Sha256},
    model_files::TRAINED_ON,
};
use gleaner_corpus::{Corpus, Sentence, overlap::sentence_key};
use std::{collections::BTreeSet, fmt::Write, path::Path};

/// The sentences that a tagger was trained on: those of its training text and its pool, and those of the model that it
/// started from. They are kept as digests: the text cannot be read from them, but anyone who guesses a sentence can
/// check it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TrainedOn(BTreeSet<u64>);

impl TrainedOn {
    /// The sentences of some texts.
    pub(crate) fn of<'a>(texts: impl Iterator<Item = &'a Corpus>) -> Self {
        Self(texts.flat_map(|text| &text.sentences).map(digest).collect())
    }

    /// The union with other sentences.
    pub(crate) fn with(mut self, mut others: Self) -> Self {
        self.0.append(&mut others.0);
        self
    }

    /// Whether a sentence with these words is among them; tags do not matter.
    pub fn contains(&self, sentence: &Sentence) -> bool {
        self.0.contains(&digest(sentence))
    }

    /// The number of sentences of a text that are among them.
    pub fn count(&self, corpus: &Corpus) -> usize {
        corpus.sentences.iter().filter(|sentence| self.contains(sentence)).count()
    }

    /// The contents of the file: one line of 16 hexadecimal digits for each sentence, sorted.
    pub(crate) fn text(&self) -> String {
        self.0.iter().fold(String::new(), |mut text, digest| {
            let _ = writeln!(text, "{digest:016x}");
            text
        })
    }

    /// Reads the file of a model folder; `None` where there is none, as in folders of earlier versions.
    ///
    /// # Errors
    /// The file cannot be read or is malformed.
    pub fn read(folder: &Path) -> Result<Option<Self>, GleanerError> {
        let path = folder.join(TRAINED_ON);
        let text = match std::fs::read_to_string(&path) {
            Ok(text) => text,
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(e) => return Err(GleanerError::io(&path, e)),
        };
        let of_line = |(number, line): (usize, &str)| {
            let is_digest = line.len() == 16 && line.bytes().all(|b| b.is_ascii_hexdigit());
            u64::from_str_radix(line, 16).ok().filter(|_| is_digest).ok_or_else(|| {
                let what = format!("line {}: not 16 hexadecimal digits", number + 1);
                GleanerError::model(&path, what, "use the file that was saved with the model")
            })
        };
        text.lines().enumerate().map(of_line).collect::<Result<_, _>>().map(|set| Some(Self(set)))
    }
}

/// The first eight bytes of a SHA-256 of a sentence's key. Two of a million sentences collide with a chance of one in
/// forty million.
fn digest(sentence: &Sentence) -> u64 {
    let hash = Sha256::digest(sentence_key(&sentence.words));
    hash[..8].iter().fold(0, |digest, byte| digest << 8 | u64::from(*byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sentence(text: &str) -> Sentence {
        let words = text.split(' ').map(str::to_owned).collect();
        Sentence { words, ..Sentence::default() }
    }

    #[test]
    fn a_file_gives_back_what_was_written_and_a_bad_one_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let read = |text: &str| {
            std::fs::write(folder.path().join(TRAINED_ON), text).unwrap();
            TrainedOn::read(folder.path())
        };
        assert_eq!(TrainedOn::read(folder.path()).unwrap(), None);
        let [one, other] = ["a b", "c"].map(|text| TrainedOn([digest(&sentence(text))].into()));
        let both = one.clone().with(other);
        assert!(both.contains(&sentence("a b")) && both.contains(&sentence("c")));
        assert!(!one.contains(&sentence("c")) && !both.contains(&sentence("a")));
        assert_eq!(read(&both.text()).unwrap(), Some(both));
        assert_eq!(read("").unwrap(), Some(TrainedOn::default()));
        let refused = |text: &str| read(text).unwrap_err().to_string();
        for bad in ["00000000000000g0", "b", "+00000000000000a"] {
            assert!(
                refused(&format!("000000000000000a\n{bad}\n"))
                    .contains("trained-on.txt: line 2: not 16 hexadecimal digits")
            );
        }
    }

    #[test]
    fn digests_are_the_first_bytes_of_sha_256() {
        // printf 'a\x1f' | sha256sum
        assert_eq!(format!("{:016x}", digest(&sentence("a"))), "69fc94c033d1f48c");
    }
}
