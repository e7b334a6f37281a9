//! Raw text as pieces: read, cut into sentences and words, freed of sentences to leave out, and divided into a part to
//! train on and a held-out part.

use super::AdaptSettings;
use crate::{
    CorpusPath, GleanerError, Pieces,
    data::{digest_file, excluded_texts, is_plain_text, short_name, unlabelled_file},
    pieces::WordPieces,
};
use gleaner_corpus::{
    Corpus, CorpusError, Finding, Problem, ReadOptions,
    overlap::sentence_key,
    text::{Reader, Segmenter},
};
use gleaner_nn::rng::Stream;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use std::{
    collections::HashSet,
    fs::File,
    io::{BufRead, BufReader, Read},
    path::Path,
};

/// Number of sentences that are cut into pieces together.
const AT_A_TIME: usize = 4096;

/// The pieces of some sentences, one after the other, without special pieces.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct PieceText {
    pub(super) ids: Vec<u32>,
    /// Whether each piece starts a word.
    pub(super) starts: Vec<bool>,
    /// The end of every sentence in `ids`.
    pub(super) ends: Vec<usize>,
    /// The end of every file in `ids`.
    pub(super) files: Vec<usize>,
}

/// A text that an encoder was adapted to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub struct RawText {
    /// The name of its file.
    pub name: String,
    /// SHA-256 of the file, in hexadecimal.
    pub sha256: String,
    /// Number of sentences that are trained on.
    pub sentences: usize,
    /// Number of their words.
    pub words: usize,
    /// Number of their pieces, without special pieces.
    pub pieces: usize,
    /// Number of sentences that are held out.
    pub held_out: usize,
    /// Number of sentences that are left out because they occur in excluded texts.
    pub excluded: usize,
    /// Number of malformed sentences and lines that are left out.
    pub skipped: usize,
}

/// The texts of an adaptation.
pub(super) struct Texts {
    pub(super) train: PieceText,
    pub(super) held: PieceText,
    pub(super) records: Vec<RawText>,
}

/// Reads the texts that `settings` name.
pub(super) fn read(settings: &AdaptSettings, pieces: &Pieces) -> Result<Texts, GleanerError> {
    let segmenter = segmenter(settings)?;
    let mut reading = Reading {
        settings,
        pieces,
        excluded: excluded(settings, &segmenter)?,
        segmenter,
        train: PieceText::default(),
        held: PieceText::default(),
    };
    let own = settings.text.iter().map(|text| (text, None));
    let joined = settings.join.iter().map(|joined| (&joined.corpus, joined.limit));
    let records: Result<Vec<RawText>, GleanerError> =
        own.chain(joined).map(|(text, limit)| reading.file(text, limit)).collect();
    let (records, Reading { train, held, .. }) = (records?, reading);
    if train.ids.is_empty() {
        return Err(GleanerError::NoTrainingText(
            "no sentence is left to learn from; add text, or exclude less".into(),
        ));
    }
    Ok(Texts { train, held, records })
}

/// How a text is read. Tags are read where there are some, because they show where words end.
fn options(corpus: &CorpusPath, settings: &AdaptSettings, segmenter: &Segmenter) -> ReadOptions {
    ReadOptions {
        label_map: None,
        skip_bad: settings.skip_bad,
        segmenter: segmenter.clone(),
        ..corpus.options.read_options()
    }
}

/// The rule that cuts plain text. The excluded texts with tags show how a tagger will see words; plain text shows
/// abbreviations.
fn segmenter(settings: &AdaptSettings) -> Result<Segmenter, GleanerError> {
    /// Maximum number of bytes of a file that abbreviations are learnt from.
    const LEARNT: u64 = 1 << 26;
    let mut tagged = excluded_corpora(settings, &Segmenter::default())?;
    tagged.retain(Corpus::is_labelled);
    let mut segmenter = match tagged.is_empty() {
        true => Segmenter::default(),
        false => Segmenter::learn(tagged.iter().flat_map(|corpus| &corpus.sentences)),
    };
    for text in settings.text.iter().chain(settings.join.iter().map(|joined| &joined.corpus)) {
        let path = &text.path;
        if is_plain_text(path, &text.options.read_options())? {
            // Bytes that are not UTF-8 are replaced here: reading the text reports their line.
            let mut bytes = Vec::new();
            let read = File::open(path).and_then(|f| f.take(LEARNT).read_to_end(&mut bytes));
            read.map_err(|e| CorpusError::in_file(path, e.into()))?;
            segmenter = segmenter.with_text(String::from_utf8_lossy(&bytes).lines());
        }
    }
    Ok(segmenter)
}

/// The keys of the sentences to leave out.
fn excluded(
    settings: &AdaptSettings,
    segmenter: &Segmenter,
) -> Result<HashSet<String>, GleanerError> {
    let corpora = excluded_corpora(settings, segmenter)?;
    let sentences = corpora.iter().flat_map(|corpus| &corpus.sentences);
    Ok(sentences.map(|sentence| sentence_key(&sentence.words)).collect())
}

fn excluded_corpora(
    settings: &AdaptSettings,
    segmenter: &Segmenter,
) -> Result<Vec<Corpus>, GleanerError> {
    let mut all = Vec::new();
    for corpus in &settings.exclude {
        // Only their words count: a missing or wrong tag lets no sentence slip through.
        let options = ReadOptions { unlabelled: true, ..options(corpus, settings, segmenter) };
        all.extend(excluded_texts(&corpus.path, &options)?);
    }
    Ok(all)
}

/// Where a sentence goes.
enum Place {
    Train(WordPieces),
    Held(WordPieces),
    Excluded,
}

struct Reading<'a> {
    settings: &'a AdaptSettings,
    pieces: &'a Pieces,
    segmenter: Segmenter,
    excluded: HashSet<String>,
    train: PieceText,
    held: PieceText,
}

impl Reading<'_> {
    /// Reads one file, or its first `limit` sentences.
    fn file(&mut self, corpus: &CorpusPath, limit: Option<usize>) -> Result<RawText, GleanerError> {
        let path = &corpus.path;
        let mut record = RawText {
            name: short_name(path),
            sha256: String::new(),
            sentences: 0,
            words: 0,
            pieces: 0,
            held_out: 0,
            excluded: 0,
            skipped: 0,
        };
        let limit = limit.unwrap_or(usize::MAX);
        let options = options(corpus, self.settings, &self.segmenter);
        if is_plain_text(path, &options)? {
            let file = File::open(path).map_err(|e| CorpusError::in_file(path, e.into()))?;
            self.plain(BufReader::new(file), path, limit, &mut record)?;
        } else {
            let corpus = unlabelled_file(path, &options)?;
            record.skipped = Finding::skipped(&corpus.findings);
            let words: Vec<Vec<String>> =
                corpus.sentences.into_iter().take(limit).map(|sentence| sentence.words).collect();
            words.chunks(AT_A_TIME).for_each(|some| self.add(some, &mut record));
        }
        for text in [&mut self.train, &mut self.held] {
            text.files.push(text.ids.len());
        }
        record.sha256 = digest_file(path)?;
        Ok(record)
    }

    /// Reads plain text, some sentences at a time.
    fn plain(
        &mut self,
        text: impl BufRead,
        path: &Path,
        limit: usize,
        record: &mut RawText,
    ) -> Result<(), CorpusError> {
        let segmenter = self.segmenter.clone();
        let mut some: Vec<Vec<String>> = Vec::new();
        let mut left = limit;
        let mut sentences = Reader::with_segmenter(text, path, false, segmenter);
        while left > 0
            && let Some(sentence) = sentences.next()
        {
            match sentence {
                Ok(sentence) => {
                    some.push(sentence.tokens.into_iter().map(|token| token.text).collect());
                    left -= 1;
                }
                // The reader continues after this problem only.
                Err(error)
                    if self.settings.skip_bad
                        && matches!(error.problem(), Problem::NoSpaces { .. }) =>
                {
                    record.skipped += 1;
                }
                Err(error) => return Err(error),
            }
            if some.len() == AT_A_TIME {
                self.add(&some, record);
                some.clear();
            }
        }
        self.add(&some, record);
        Ok(())
    }

    fn add(&mut self, sentences: &[Vec<String>], record: &mut RawText) {
        let held_out = self.settings.held_out;
        let place = |words: &Vec<String>| {
            let key = sentence_key(words);
            match self.excluded.contains(&key) {
                true => Place::Excluded,
                false if is_held_out(&key, held_out) => Place::Held(self.pieces.sentence(words)),
                false => Place::Train(self.pieces.sentence(words)),
            }
        };
        let places: Vec<Place> = sentences.par_iter().map(place).collect();
        for place in places {
            match place {
                Place::Excluded => record.excluded += 1,
                Place::Held(pieces) => {
                    record.held_out += 1;
                    self.held.push(&pieces);
                }
                Place::Train(pieces) => {
                    record.sentences += 1;
                    record.words += pieces.words();
                    record.pieces += pieces.ids.len();
                    self.train.push(&pieces);
                }
            }
        }
    }
}

/// Whether a sentence is held out. The sentence alone decides, so that no copy of a held-out sentence is trained on, and
/// losses of different seeds compare.
fn is_held_out(key: &str, share: f64) -> bool {
    f64::from(Stream::new(0).named("held-out").named(key).uniform(0)) < share
}

impl PieceText {
    pub(super) fn push(&mut self, sentence: &WordPieces) {
        let first = self.ids.len();
        self.ids.extend_from_slice(&sentence.ids);
        self.starts.resize(self.ids.len(), false);
        for &start in &sentence.starts[..sentence.words()] {
            self.starts[first + start] = true;
        }
        self.ends.push(self.ids.len());
    }
}

#[cfg(test)]
mod tests;
