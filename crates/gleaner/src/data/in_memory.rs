//! Texts that are in memory already.

use super::{
    Dataset,
    divide::{self, Divided},
    leaks::{Count, Leaks},
};
use crate::{GleanerError, Settings};
use gleaner_base::tags::{Prefix, Tag};
use gleaner_corpus::{Corpus, Sentence, Splits, text::Segmenter};
use std::path::Path;

impl Dataset {
    /// A labelled text of sentences in memory, which have IOB2 tags. An `I-X` that continues no X starts an entity.
    /// Errors show `name` as the file.
    ///
    /// # Errors
    /// A sentence has no words, or not one IOB2 tag for each word.
    pub fn corpus(name: &str, sentences: Vec<Sentence>) -> Result<Corpus, GleanerError> {
        corpus(name, sentences)
    }

    /// A data set of sentences in memory, which have IOB2 tags. Without a dev part, a tenth of the training part
    /// becomes the dev part. Training sentences that also occur in dev or test are dropped, unless `settings` keep
    /// leaks. Of the files that `settings` name, only lists of mentions are read.
    ///
    /// # Errors
    /// A sentence has no words, or not one IOB2 tag for each word; or no training sentence is left.
    pub fn from_sentences(
        parts: Splits<Vec<Sentence>>,
        settings: &Settings,
    ) -> Result<Self, GleanerError> {
        let parts = Splits {
            train: corpus("train", parts.train)?,
            // On no sentence, no epoch is better than the first.
            dev: parts
                .dev
                .filter(|dev| !dev.is_empty())
                .map(|dev| corpus("dev", dev))
                .transpose()?,
            test: parts.test.map(|test| corpus("test", test)).transpose()?,
        };
        let mut notes = Vec::new();
        let mut divided = divide::given(parts, settings, &mut notes)?;
        let mut count = Count::default();
        let leaks = Leaks::held(settings.data.drop_leaks, &divided);
        leaks.drop_from(&mut divided.train, &mut count);
        leaks.drop_from_drawn(&mut divided, &mut count)?;
        leaks.note(count, &mut notes);
        let Divided { train, dev, test, test_positions, .. } = divided;
        match train.sentences.is_empty() {
            true => Err(GleanerError::NoTrainingText(
                "no training sentence is left; add sentences, or keep leaks".into(),
            )),
            false => {
                let segmenter = Segmenter::learn(&train.sentences);
                let (files, warnings) = (Vec::new(), Vec::new());
                let pool = None;
                let mentions = super::mentions(settings, &train)?;
                Ok(Self {
                    train,
                    dev,
                    test,
                    test_positions,
                    pool,
                    mentions,
                    segmenter,
                    files,
                    warnings,
                    notes,
                })
            }
        }
    }
}

fn corpus(part: &str, sentences: Vec<Sentence>) -> Result<Corpus, GleanerError> {
    for (number, sentence) in (1..).zip(&sentences) {
        check(sentence).map_err(|what| GleanerError::Labels {
            path: part.into(),
            what: format!("sentence {number}: {what}"),
        })?;
    }
    Ok(Corpus::in_memory(Path::new(part), sentences))
}

/// Refuses a sentence that cannot be trained on.
fn check(sentence: &Sentence) -> Result<(), String> {
    let (words, tags) = (sentence.words.len(), sentence.tags.len());
    if words == 0 {
        return Err("no words; leave it out".into());
    }
    if words != tags {
        return Err(format!("{words} words, but {tags} tags; give each word one tag"));
    }
    let is_iob2 = |tag: &String| {
        matches!(
            Tag::parse(tag),
            Some(Tag::Outside | Tag::Entity(Prefix::Begin | Prefix::Inside, _))
        )
    };
    match sentence.tags.iter().find(|tag| !is_iob2(tag)) {
        Some(tag) => Err(format!("`{tag}` is not an IOB2 tag; use O, B-TYPE or I-TYPE")),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sentence(text: &str) -> Sentence {
        let pairs = text.split(' ').map(|pair| pair.split_once('/').unwrap());
        let (words, tags) = pairs.map(|(w, t)| (w.to_owned(), t.to_owned())).unzip();
        Sentence { words, tags, ..Sentence::default() }
    }

    fn load(train: &[&str], dev: Option<&[&str]>, keep: bool) -> Result<Dataset, GleanerError> {
        let all = |texts: &[&str]| texts.iter().map(|text| sentence(text)).collect();
        let settings = Settings::builder().drop_leaks(!keep).build().unwrap();
        Dataset::from_sentences(
            Splits { train: all(train), dev: dev.map(all), test: None },
            &settings,
        )
    }

    #[test]
    fn leaks_are_dropped_and_a_dev_part_is_drawn() {
        let (train, dev) = (["a/B-X", "b/O", "c/O"], ["b/O"]);
        let data = load(&train, Some(&dev), false).unwrap();
        assert_eq!((data.train.sentences.len(), data.dev.sentences.len()), (2, 1));
        assert_eq!(load(&train, Some(&dev), true).unwrap().train.sentences.len(), 3);
        let drawn = load(&train, None, false).unwrap();
        assert_eq!((drawn.train.sentences.len(), drawn.dev.sentences.len()), (2, 1));
        let empty = load(&train, Some(&[]), false).unwrap();
        assert_eq!((empty.train.sentences.len(), empty.dev.sentences.len()), (2, 1));
    }

    #[test]
    fn a_text_in_memory_is_checked() {
        let text = Dataset::corpus("test", vec![sentence("a/B-X b/O")]).unwrap();
        assert_eq!((text.sentences.len(), text.path.to_str()), (1, Some("test")));
        // As in files, so that no training learns tags that its CRF forbids.
        let text = Dataset::corpus("test", vec![sentence("a/I-X b/I-X c/O d/I-Y")]).unwrap();
        assert_eq!(text.sentences[0].tags, ["B-X", "I-X", "O", "B-Y"]);
        assert_eq!(text.findings.len(), 2);
        let error = Dataset::corpus("test", vec![sentence("a/X")]).unwrap_err().to_string();
        assert_eq!(error, "test: sentence 1: `X` is not an IOB2 tag; use O, B-TYPE or I-TYPE");
    }

    #[test]
    fn sentences_that_cannot_be_trained_on_are_refused() {
        let error = |train: &[&str]| load(train, None, false).err().unwrap().to_string();
        assert_eq!(
            error(&["a/O", "b/S-X"]),
            "train: sentence 2: `S-X` is not an IOB2 tag; use O, B-TYPE or I-TYPE"
        );
        let leaked = load(&["a/O"], Some(&["a/B-X"]), false).err().unwrap();
        assert!(matches!(leaked, GleanerError::NoTrainingText(_)), "{leaked}");
        let settings = Settings::builder().build().unwrap();
        for (words, tags, expected) in [
            (0, 0, "no words; leave it out"),
            (2, 1, "2 words, but 1 tags; give each word one tag"),
        ] {
            let train = vec![Sentence {
                words: vec!["a".into(); words],
                tags: vec!["O".into(); tags],
                ..Sentence::default()
            }];
            let parts = Splits { train, dev: None, test: None };
            let error = Dataset::from_sentences(parts, &settings).err().unwrap().to_string();
            assert_eq!(error, format!("train: sentence 1: {expected}"));
        }
    }
}
