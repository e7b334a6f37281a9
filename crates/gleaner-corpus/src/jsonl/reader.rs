//! Reading JSON sentence by sentence.

use std::collections::VecDeque;
use std::io::BufRead;
use std::path::Path;

use super::annotated::Annotated;
use super::elements::{self, Element};
use super::interpret::Interpreter;
use crate::corpus::Sentence;
use crate::error::CorpusError;
use crate::finding::Finding;
use crate::lines::Lines;
use crate::options::ReadOptions;

/// An iterator over the sentences of a file of JSON objects: one per line, or in one array. It holds one line in
/// memory; of an array, the whole text.
///
/// After an error it continues with the next object. Numbers become names, but tags are neither checked nor converted.
/// The options `labels`, `unlabelled`, `nested`, `offsets` and `text_field` are used.
pub struct Reader<R> {
    lines: Lines<R>,
    interpreter: Interpreter,
    /// Objects that have been read ahead, or errors of their lines.
    objects: VecDeque<Result<Element, CorpusError>>,
    sentences: VecDeque<Sentence>,
    started: bool,
}

impl<R: BufRead> Reader<R> {
    /// A reader of JSON. Errors show `name` as the file.
    pub fn new(reader: R, name: &Path, options: &ReadOptions) -> Self {
        Self {
            lines: Lines::new(reader, name),
            interpreter: Interpreter::new(name, options),
            objects: VecDeque::new(),
            sentences: VecDeque::new(),
            started: false,
        }
    }

    /// What was unusual in the objects read so far, without what was taken before.
    pub fn take_findings(&mut self) -> Vec<Finding> {
        std::mem::take(&mut self.interpreter.findings)
    }

    /// The next object with its sentences. Sentences that the iterator has read ahead are not in it, so use either.
    ///
    /// # Errors
    /// The object cannot be read.
    pub fn next_object(&mut self) -> Option<Result<Annotated, CorpusError>> {
        let object = self.next_element()?;
        Some(object.and_then(|(line, text)| self.interpreter.object(&text, line)))
    }

    fn next_element(&mut self) -> Option<Result<Element, CorpusError>> {
        if !self.started {
            self.start();
        }
        self.objects.pop_front().or_else(|| self.next_line())
    }

    /// The next line that is not blank.
    fn next_line(&mut self) -> Option<Result<Element, CorpusError>> {
        loop {
            match self.lines.next_line()? {
                Ok(line) if line.text.trim_ascii().is_empty() => {}
                Ok(line) => return Some(Ok((line.number, line.text.to_owned()))),
                Err(error) => return Some(Err(error)),
            }
        }
    }

    /// Reads the first object, and with it the whole file if that is one JSON value.
    fn start(&mut self) {
        self.started = true;
        let Some(first) = self.next_line() else { return };
        let whole = first.as_ref().is_ok_and(|(_, text)| {
            let opens = text.trim_ascii_start();
            let incomplete = |error: serde_json::Error| error.is_eof();
            opens.starts_with('[')
                || serde_json::from_str::<serde::de::IgnoredAny>(opens).is_err_and(incomplete)
        });
        self.objects.push_back(first);
        if whole {
            while let Some(line) = self.next_line() {
                self.objects.push_back(line);
            }
        }
        if let Err(error) = self.unpack() {
            self.objects = VecDeque::from([Err(error)]);
        }
    }

    /// Replaces the lines read so far by the objects in them, if they are one JSON value with several objects.
    fn unpack(&mut self) -> Result<(), CorpusError> {
        let Some(Ok((first, _))) = self.objects.front() else { return Ok(()) };
        let first = *first;
        let mut text = String::new();
        let mut number = first;
        let mut is_bad = false;
        for line in &self.objects {
            match line {
                Ok((at, line)) => {
                    // Blank lines are not kept, but they count.
                    text.extend(std::iter::repeat_n('\n', at - number));
                    text += line;
                    number = *at;
                }
                Err(_) => is_bad = true,
            }
        }
        let is_array = text.trim_ascii_start().starts_with('[');
        if is_bad {
            if is_array && let Some(at) = self.objects.iter().position(Result::is_err) {
                return self.objects.swap_remove_back(at).map_or(Ok(()), |line| line.map(|_| ()));
            }
            return Ok(());
        }
        if is_array {
            let elements = elements::of_array(&text, first).map_err(|(line, problem)| {
                CorpusError::at_line(self.lines.name(), line, problem)
            })?;
            self.objects = elements.into_iter().map(Ok).collect();
        } else if let Some((others, elements)) =
            elements::of_object(&text, first, self.interpreter.text_field())
        {
            let learnt = self.interpreter.learn_names(&others);
            learnt.map_err(|problem| CorpusError::at_line(self.lines.name(), first, problem))?;
            self.objects = elements.into_iter().map(Ok).collect();
        } else if self.objects.len() > 1
            && serde_json::from_str::<serde::de::IgnoredAny>(&text).is_ok()
        {
            self.objects = VecDeque::from([Ok((first, text))]);
        }
        Ok(())
    }
}

impl<R: BufRead> Iterator for Reader<R> {
    type Item = Result<Sentence, CorpusError>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(sentence) = self.sentences.pop_front() {
                return Some(Ok(sentence));
            }
            match self
                .next_element()?
                .and_then(|(line, text)| self.interpreter.sentences(&text, line))
            {
                Ok(sentences) => self.sentences.extend(sentences),
                Err(error) => return Some(Err(error)),
            }
        }
    }
}

#[cfg(test)]
mod tests;
