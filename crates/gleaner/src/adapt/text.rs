//! Raw text as pieces: read, cut into sentences and words, freed of sentences to leave out, and divided into a part to
//! train on and a held-out part.

use super::AdaptSettings;
use crate::{
    CorpusPath, GleanerError, PieceTokenizer,
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
    collections::{BTreeMap, HashSet},
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

/// Reads the texts that `settings` name, as pieces.
pub(super) fn read(
    settings: &AdaptSettings,
    pieces: &PieceTokenizer,
) -> Result<Texts, GleanerError> {
    let reading = Reading::open(settings)?;
    let (mut train, mut held) = (PieceText::default(), PieceText::default());
    let mut records = Vec::new();
    for (text, limit) in reading.files() {
        records.push(reading.file(text, limit, &mut |sentences, record| {
            reading.add(sentences, record, pieces, &mut train, &mut held);
        })?);
        [&mut train, &mut held].into_iter().for_each(PieceText::end_file);
    }
    if train.ids.is_empty() {
        return Err(nothing_left());
    }
    Ok(Texts { train, held, records })
}

/// How often every word occurs in a text.
pub(super) type WordCounts = BTreeMap<String, u64>;

/// The words of the texts that `settings` name: of the sentences to train on, and of those that are held out.
pub(super) fn words(settings: &AdaptSettings) -> Result<[WordCounts; 2], GleanerError> {
    let reading = Reading::open(settings)?;
    let mut counts = [WordCounts::new(), WordCounts::new()];
    for (text, limit) in reading.files() {
        reading.file(text, limit, &mut |sentences, _| {
            for words in sentences {
                let of_place = match reading.place(words) {
                    Place::Train => &mut counts[0],
                    Place::Held => &mut counts[1],
                    Place::Excluded => continue,
                };
                for word in words {
                    match of_place.get_mut(word) {
                        Some(count) => *count += 1,
                        None => drop(of_place.insert(word.clone(), 1)),
                    }
                }
            }
        })?;
    }
    if counts[0].is_empty() { Err(nothing_left()) } else { Ok(counts) }
}

fn nothing_left() -> GleanerError {
    let what = "no sentence is left to learn from; add text, or exclude less";
    GleanerError::NoTrainingText(what.into())
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
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Train,
    Held,
    Excluded,
}

/// Takes some sentences of a file, and counts in its record.
type Sink<'s> = dyn FnMut(&[Vec<String>], &mut RawText) + 's;

struct Reading<'a> {
    settings: &'a AdaptSettings,
    segmenter: Segmenter,
    excluded: HashSet<String>,
}

impl<'a> Reading<'a> {
    fn open(settings: &'a AdaptSettings) -> Result<Self, GleanerError> {
        let segmenter = segmenter(settings)?;
        let excluded = excluded(settings, &segmenter)?;
        Ok(Self { settings, segmenter, excluded })
    }

    /// All files to learn from, with the number of sentences that each is limited to.
    fn files(&self) -> impl Iterator<Item = (&'a CorpusPath, Option<usize>)> + use<'a> {
        let AdaptSettings { text, join, .. } = self.settings;
        let own = text.iter().map(|text| (text, None));
        own.chain(join.iter().map(|joined| (&joined.corpus, joined.limit)))
    }

    /// Passes the sentences of one file, or its first `limit`, to `sink`, some at a time.
    fn file(
        &self,
        corpus: &CorpusPath,
        limit: Option<usize>,
        sink: &mut Sink,
    ) -> Result<RawText, GleanerError> {
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
            self.plain(BufReader::new(file), path, limit, &mut record, sink)?;
        } else {
            let corpus = unlabelled_file(path, &options)?;
            record.skipped = Finding::skipped(&corpus.findings);
            let words: Vec<Vec<String>> =
                corpus.sentences.into_iter().take(limit).map(|sentence| sentence.words).collect();
            words.chunks(AT_A_TIME).for_each(|some| sink(some, &mut record));
        }
        record.sha256 = digest_file(path)?;
        Ok(record)
    }

    /// Reads plain text, some sentences at a time.
    fn plain(
        &self,
        text: impl BufRead,
        path: &Path,
        limit: usize,
        record: &mut RawText,
        sink: &mut Sink,
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
                sink(&some, record);
                some.clear();
            }
        }
        sink(&some, record);
        Ok(())
    }

    fn place(&self, words: &[String]) -> Place {
        let key = sentence_key(words);
        match self.excluded.contains(&key) {
            true => Place::Excluded,
            false if is_held_out(&key, self.settings.held_out) => Place::Held,
            false => Place::Train,
        }
    }

    /// Cuts sentences into pieces and puts them where they go.
    fn add(
        &self,
        sentences: &[Vec<String>],
        record: &mut RawText,
        pieces: &PieceTokenizer,
        train: &mut PieceText,
        held: &mut PieceText,
    ) {
        let cut = |words: &Vec<String>| {
            let place = self.place(words);
            (place, (place != Place::Excluded).then(|| pieces.sentence(words)))
        };
        let all: Vec<(Place, Option<WordPieces>)> = sentences.par_iter().map(cut).collect();
        for (place, pieces) in all {
            match (place, pieces) {
                (Place::Train, Some(pieces)) => {
                    record.sentences += 1;
                    record.words += pieces.words();
                    record.pieces += pieces.ids.len();
                    train.push(&pieces);
                }
                (Place::Held, Some(pieces)) => {
                    record.held_out += 1;
                    held.push(&pieces);
                }
                _ => record.excluded += 1,
            }
        }
    }
}

/// Whether a sentence is held out. The sentence alone decides, so that no copy of a held-out sentence is trained on,
/// and losses of different seeds compare.
fn is_held_out(key: &str, share: f64) -> bool {
    f64::from(Stream::new(0).named("held-out").named(key).uniform(0)) < share
}

impl PieceText {
    fn end_file(&mut self) {
        self.files.push(self.ids.len());
    }

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
