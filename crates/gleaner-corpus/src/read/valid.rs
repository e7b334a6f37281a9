//! Checking the sentences of a file: what is left out becomes a finding or an error.

use std::path::Path;

use super::items::Item;
use crate::corpus::Sentence;
use crate::error::{CorpusError, Problem};
use crate::file_tags::FileTags;
use crate::finding::{Finding, FindingKind};
use crate::format::Format;
use crate::options::ReadOptions;
use crate::overlap::SEPARATOR;
use crate::places::Places;

/// Takes the valid sentences of a file.
pub(super) struct Valid<'a> {
    pub name: &'a Path,
    pub places: Places,
    pub tags: FileTags<'a>,
    pub findings: Vec<Finding>,
    options: &'a ReadOptions,
}

impl<'a> Valid<'a> {
    pub(super) fn new(
        name: &'a Path,
        format: Format,
        options: &'a ReadOptions,
        items: &[Result<Item, CorpusError>],
    ) -> Self {
        let sentences = items.iter().flatten().map(|item| &item.sentence);
        Self {
            name,
            places: Places::new(Some(format)),
            tags: FileTags::of(sentences, options.labels.as_deref()),
            findings: Vec::new(),
            options,
        }
    }

    /// The valid sentences, with tags in the form `B-X`.
    pub(super) fn sentences(
        &mut self,
        items: Vec<Result<Item, CorpusError>>,
    ) -> Result<Vec<Sentence>, CorpusError> {
        let mut sentences = Vec::new();
        for item in items {
            match item.and_then(|item| self.check(item)) {
                Ok(sentence) => sentences.push(sentence),
                Err(error) => self.findings.push(skipped(error, self.options)?),
            }
        }
        Ok(sentences)
    }

    /// Why a file has no valid sentence. `left_out` is the number of texts that were left out on purpose.
    pub(super) fn nothing_left(&self, left_out: usize) -> Problem {
        let skipped = |finding: &&Finding| finding.kind == FindingKind::SkippedSentence;
        match self.findings.iter().find(skipped) {
            Some(first) => Problem::AllSkipped {
                sentences: Finding::skipped(&self.findings),
                line: first.line,
                first: first.detail.trim_start_matches(SKIPPED).to_owned(),
            },
            None if left_out > 0 => Problem::AllLeftOut { texts: left_out },
            None => Problem::Empty,
        }
    }

    fn check(&mut self, mut item: Item) -> Result<Sentence, CorpusError> {
        if self.options.skip_bad {
            self.drop_empty_words(&mut item);
        }
        let Item { mut sentence, lines } = item;
        if let Some(lines) = lines {
            self.places.add_gaps(sentence.line, lines);
        }
        let line_of = |sentence: &Sentence, word: usize| self.places.line_of(sentence.line, word);
        check_words(&sentence).and_then(|()| self.tags.convert(&mut sentence, line_of)).map_err(
            |(word, problem)| CorpusError::at_line(self.name, line_of(&sentence, word), problem),
        )?;
        Ok(sentence)
    }

    /// Drops the empty words of a sentence with their tags, unless all are empty. Each one is a
    /// finding.
    fn drop_empty_words(&mut self, item: &mut Item) {
        let Sentence { words, tags, line, .. } = &mut item.sentence;
        let empty = words.iter().filter(|word| word.is_empty()).count();
        if empty == 0 || empty == words.len() || !(tags.is_empty() || tags.len() == words.len()) {
            return;
        }
        let by_word = self.places.by_word();
        let first = *line;
        let lines = item.lines.take().unwrap_or_else(|| {
            (0..words.len()).map(|word| if by_word { first + word } else { first }).collect()
        });
        let mut kept = Vec::new();
        for (word, line) in lines.iter().enumerate() {
            if !words[word].is_empty() {
                kept.push(word);
                continue;
            }
            let tag = tags.get(word).map_or(String::new(), |tag| format!(" with its tag {tag}"));
            self.findings.push(Finding {
                path: self.name.to_owned(),
                line: *line,
                kind: FindingKind::EmptyWord,
                detail: format!("word {} is empty, left out{tag}", word + 1),
            });
        }
        *words = kept.iter().map(|word| std::mem::take(&mut words[*word])).collect();
        if !tags.is_empty() {
            *tags = kept.iter().map(|word| std::mem::take(&mut tags[*word])).collect();
        }
        *line = lines[kept[0]];
        item.lines = by_word.then(|| kept.into_iter().map(|word| lines[word]).collect());
    }
}

/// The start of the detail of a finding about a skipped sentence.
const SKIPPED: &str = "sentence skipped: ";

/// The finding about a skipped sentence, or its error if it must not be skipped.
pub(super) fn skipped(error: CorpusError, options: &ReadOptions) -> Result<Finding, CorpusError> {
    let harmless = matches!(error.problem(), Problem::NoWords) && !options.strict;
    match error.line() {
        Some(line) if harmless || (options.skip_bad && error.problem().concerns_one_sentence()) => {
            Ok(Finding {
                path: error.path().to_owned(),
                line,
                kind: FindingKind::SkippedSentence,
                detail: format!("{SKIPPED}{}", error.problem()),
            })
        }
        _ => Err(error),
    }
}

/// Checks the words of a sentence of a file. The error has the position of the word, from 0.
fn check_words(sentence: &Sentence) -> Result<(), (usize, Problem)> {
    let words = &sentence.words;
    if words.is_empty() {
        return Err((0, Problem::NoWords));
    }
    if let Some(word) = words.iter().position(String::is_empty) {
        return Err((word, Problem::EmptyWord { position: word + 1 }));
    }
    if let Some(word) = words.iter().position(|word| word.contains(SEPARATOR)) {
        return Err((word, Problem::SeparatorInWord { position: word + 1 }));
    }
    Ok(())
}
