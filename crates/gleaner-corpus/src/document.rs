//! Texts with annotated spans, as annotation tools exchange them, and their division into labelled sentences.
//!
//! Every format with character offsets is read into [`Document`]s first, so that words, sentences, nested spans and
//! spans that end inside a word are treated alike.

mod graphemes;
mod nested;
mod offsets;
mod place;

#[cfg(test)]
mod tests;

use std::ops::Range;
use std::path::Path;

use crate::corpus::Sentence;
use crate::error::{CorpusError, Problem};
use crate::finding::{Finding, FindingKind};
use crate::options::ReadOptions;
pub(crate) use crate::options::{Nested, Offsets};
use crate::text::{Segmenter, unspaced_script};
pub(crate) use offsets::{Units, check_covered, exactly_in_unit, in_unit, other_unit};
use place::Characters;

/// A text with annotated spans.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Document {
    /// The text.
    pub text: String,
    /// The annotated spans, in any order.
    pub spans: Vec<Span>,
    /// The words, if the file has them: their offsets in Unicode scalar values, in order.
    pub words: Option<Vec<Range<usize>>>,
    /// The positions of the words that start a sentence, if the file has sentences.
    pub sentences: Option<Vec<usize>>,
    /// The line of the document in its file, from 1; its number where it is not a line of its own.
    pub line: usize,
    /// The lines of the spans, where each has its own.
    pub span_lines: Vec<usize>,
}

/// An annotated span of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Span {
    /// Its first character, in Unicode scalar values from 0.
    pub start: usize,
    /// The position after its last character.
    pub end: usize,
    /// The entity type.
    pub entity_type: String,
}

/// Details of findings. Findings of one kind and detail are counted and reported once per file.
const SPLIT: &str = "a span starts or ends inside a word, which is split there";
const TRIMMED: &str = "a span starts or ends with white space, which is left out of it";
const NESTED: &str = "a span lies in or overlaps another one and is dropped";

/// A sentence and the offsets of its words in the text, in Unicode scalar values.
pub(crate) type SentenceWithOffsets = (Sentence, Vec<Range<usize>>);

/// The sentences of a document, and the kinds and details of what was unusual in it.
type Divided = (Vec<SentenceWithOffsets>, Vec<(FindingKind, &'static str)>);

impl Document {
    /// Divides the text into sentences of words with IOB2 tags. Words and sentences are those of the file; where it
    /// has none, they are found as in plain text. A sentence does not end inside a span. The offsets must count
    /// Unicode scalar values: see [`Document::convert_offsets`].
    ///
    /// Unlabelled sentences have the same words as labelled ones where the spans are valid, so that both can be
    /// compared.
    pub(crate) fn into_sentences(
        self,
        name: &Path,
        options: &ReadOptions,
    ) -> Result<(Vec<Sentence>, Vec<Finding>), CorpusError> {
        let (placed, findings) = self.into_placed(name, options)?;
        Ok((placed.into_iter().map(|(sentence, _)| sentence).collect(), findings))
    }

    /// As [`into_sentences`](Self::into_sentences), with the offsets of words.
    pub(crate) fn into_placed(
        mut self,
        name: &Path,
        options: &ReadOptions,
    ) -> Result<(Vec<SentenceWithOffsets>, Vec<Finding>), CorpusError> {
        let mut divided = self.divide(options);
        if options.unlabelled {
            if divided.is_err() {
                self.spans.clear();
                divided = self.divide(options);
            }
            if let Ok((sentences, notes)) = &mut divided {
                sentences.iter_mut().for_each(|(sentence, _)| sentence.tags.clear());
                notes.clear();
            }
        }
        let (sentences, notes) = divided
            .map_err(|problem| CorpusError::at_line(name, self.line_of(&problem), problem))?;
        let finding = |(kind, detail): (FindingKind, &str)| Finding {
            path: name.to_owned(),
            line: self.line,
            kind,
            detail: detail.to_owned(),
        };
        Ok((sentences, notes.into_iter().map(finding).collect()))
    }

    /// The line of a problem: that of its span, if the spans have lines.
    fn line_of(&self, problem: &Problem) -> usize {
        let Problem::Span { start, end, .. } = problem else { return self.line };
        let at = self.spans.iter().position(|span| (span.start, span.end) == (*start, *end));
        at.and_then(|at| self.span_lines.get(at)).copied().unwrap_or(self.line)
    }

    /// A problem of one of `placed`, which are the spans without white space around them, with the offsets of the file.
    fn as_stated(&self, problem: Problem, placed: &[Span]) -> Problem {
        let Problem::Span { start, end, reason } = problem else { return problem };
        let at = placed.iter().rposition(|span| (span.start, span.end) == (start, end));
        let (start, end) = at.map_or((start, end), |at| (self.spans[at].start, self.spans[at].end));
        Problem::Span { start, end, reason }
    }

    fn divide(&self, options: &ReadOptions) -> Result<Divided, Problem> {
        let text = Characters::new(&self.text);
        let (words, starts) = self.words_and_starts(&text, &options.segmenter)?;
        let mut notes = Vec::new();
        let mut spans = Vec::with_capacity(self.spans.len());
        for span in &self.spans {
            let (placed, trimmed) = place::placed(span, &text, &words)?;
            spans.push(placed);
            notes.extend(trimmed.then_some((FindingKind::TrimmedSpan, TRIMMED)));
        }
        let resolved = nested::resolve(spans.clone(), options.nested);
        let (spans, dropped) = resolved.map_err(|problem| self.as_stated(problem, &spans))?;
        notes.extend((0..dropped).map(|_| (FindingKind::DroppedSpan, NESTED)));
        let (words, split) = place::split(words, &spans, &text);
        notes.extend((0..split).map(|_| (FindingKind::SplitWord, SPLIT)));
        let tags = place::tags(&words, &spans)?;
        let starts = starts.into_iter().filter(|&start| !place::is_inside(start, &spans));
        Ok((self.sentences(&text, &words, tags, starts), notes))
    }

    /// The words, and the offsets at which sentences start.
    fn words_and_starts(
        &self,
        text: &Characters<'_>,
        segmenter: &Segmenter,
    ) -> Result<(Vec<Range<usize>>, Vec<usize>), Problem> {
        let Some(words) = &self.words else {
            return match self.text.lines().find_map(unspaced_script) {
                Some(script) => Err(Problem::NoSpaces { script }),
                None => Ok(found(&self.text, segmenter)),
            };
        };
        place::check_words(words, text)?;
        let Some(sentences) = &self.sentences else {
            let (_, starts) = found(&self.text, segmenter);
            return Ok((words.clone(), starts));
        };
        let start = |&word: &usize| match words.get(word) {
            Some(word) => Ok(word.start),
            None => Err(Problem::Word {
                position: word + 1,
                reason: "a sentence starts at this word, but the text has fewer words".to_owned(),
            }),
        };
        let mut starts = sentences.iter().map(start).collect::<Result<Vec<_>, _>>()?;
        starts.sort_unstable();
        Ok((words.clone(), starts))
    }

    /// The words grouped into sentences. A text without words is one sentence without words.
    fn sentences(
        &self,
        text: &Characters<'_>,
        words: &[Range<usize>],
        tags: Vec<String>,
        starts: impl Iterator<Item = usize>,
    ) -> Vec<SentenceWithOffsets> {
        let empty = || (Sentence { line: self.line, ..Sentence::default() }, Vec::new());
        let mut sentences = vec![empty()];
        let mut starts = starts.peekable();
        for (word, tag) in words.iter().zip(tags) {
            let mut starts_here = false;
            while starts.next_if(|&start| start <= word.start).is_some() {
                starts_here = true;
            }
            if starts_here && sentences.last().is_some_and(|(last, _)| !last.words.is_empty()) {
                sentences.push(empty());
            }
            if let Some((sentence, places)) = sentences.last_mut() {
                sentence.words.push(text.slice(word).to_owned());
                sentence.tags.push(tag);
                places.push(word.clone());
            }
        }
        sentences
    }
}

/// The words of a text and the offsets at which its sentences start, as in plain text.
fn found(text: &str, segmenter: &Segmenter) -> (Vec<Range<usize>>, Vec<usize>) {
    let (mut words, mut starts) = (Vec::new(), Vec::new());
    // A byte order mark at the start of a file that became a text counts, but is not a word.
    let marked = text.strip_prefix('\u{feff}');
    let mut base = usize::from(marked.is_some());
    for line in marked.unwrap_or(text).split_inclusive('\n') {
        for sentence in segmenter.segment_line(line, 1, base, false) {
            starts.extend(sentence.tokens.first().map(|token| token.start));
            words.extend(sentence.tokens.into_iter().map(|token| token.start..token.end));
        }
        base += line.chars().count();
    }
    (words, starts)
}
