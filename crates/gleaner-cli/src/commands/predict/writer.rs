//! Writing labelled sentences.

use super::{
    object,
    sentence::{Kept, Waiting},
};
use crate::cli::OutputKind;
use anyhow::Result;
use gleaner::Tagged;
use gleaner_corpus::{Format, Offsets, Sentence, WriteError, write};
use gleaner_metrics::Entity;
use std::{
    io::{self, BufWriter, Stdout, Write},
    sync::Arc,
};

/// Writes sentences in order.
pub struct Writer<W: Write> {
    out: BufWriter<W>,
    kind: OutputKind,
    offsets: Offsets,
    colour: bool,
    has_gold: bool,
    /// The sentences so far of an object of the input.
    object: Vec<(Waiting, Tagged)>,
    /// All sentences, for formats that are written whole.
    all: Vec<Sentence>,
    is_finished: bool,
}

impl Writer<Stdout> {
    /// A writer to standard output. `has_gold` says whether the input has tags.
    pub fn new(kind: OutputKind, offsets: Offsets, colour: bool, has_gold: bool) -> Self {
        let out = BufWriter::new(io::stdout());
        let (object, all) = (Vec::new(), Vec::new());
        Self { out, kind, offsets, colour, has_gold, object, all, is_finished: false }
    }
}

impl<W: Write> Writer<W> {
    /// Writes a sentence, or keeps it until the last one.
    pub fn write(&mut self, sentence: Waiting, tagged: Tagged) -> Result<()> {
        match self.kind {
            OutputKind::Text => self.text(&sentence, &tagged),
            OutputKind::Format(Format::Conll) => self.columns(&sentence, &tagged),
            OutputKind::Format(Format::Jsonl) => self.json(sentence, tagged),
            OutputKind::Format(_) => {
                // Objects can have texts without words.
                if !sentence.words.is_empty() {
                    let Waiting { words, line, .. } = sentence;
                    self.all.push(Sentence { words, tags: tagged.tags, line, unrepaired: None });
                }
                Ok(())
            }
        }
    }

    pub fn flush(&mut self) -> Result<()> {
        Ok(self.out.flush()?)
    }

    /// Writes what is kept.
    pub fn finish(&mut self) -> Result<()> {
        if let (OutputKind::Format(format), true) = (self.kind, self.is_whole()) {
            write(format, &mut self.out, &self.all, self.offsets)?;
        }
        self.flush()?;
        self.is_finished = true;
        Ok(())
    }

    /// Whether all sentences are written together, at the end.
    pub fn is_whole(&self) -> bool {
        let OutputKind::Format(format) = self.kind else { return false };
        !matches!(format, Format::Conll | Format::Jsonl)
    }

    /// Whether everything is written.
    pub fn is_finished(&self) -> bool {
        self.is_finished
    }

    fn text(&mut self, sentence: &Waiting, tagged: &Tagged) -> Result<()> {
        let entity = |s: &gleaner::TaggedSpan| Entity {
            entity_type: s.label.clone(),
            start: s.start,
            end: s.end,
        };
        let spans: Vec<Entity> = tagged.spans.iter().map(entity).collect();
        let marked = gleaner_report::marked_text(&sentence.words, &spans, self.colour);
        Ok(writeln!(self.out, "{marked}")?)
    }

    /// The columns of the input, its tag and the predicted one.
    fn columns(&mut self, sentence: &Waiting, tagged: &Tagged) -> Result<()> {
        if sentence.words.is_empty() {
            return Ok(());
        }
        let breaks = |word: &&String| word.is_empty() || word.contains(['\t', '\n', '\r']);
        if let Some(word) = sentence.words.iter().find(breaks) {
            return Err(WriteError::Word { word: word.clone(), line: sentence.line }.into());
        }
        let (comments, columns) = match &sentence.kept {
            Kept::Columns { comments, columns } => (comments.as_slice(), columns.as_slice()),
            _ => (&[][..], &[][..]),
        };
        for comment in comments {
            writeln!(self.out, "{comment}")?;
        }
        for (at, (word, tag)) in sentence.words.iter().zip(&tagged.tags).enumerate() {
            match columns.get(at) {
                Some(cells) => write!(self.out, "{}", cells.join("\t"))?,
                None => write!(self.out, "{word}")?,
            }
            if self.has_gold {
                let gold = sentence.gold.as_ref().and_then(|gold| gold.get(at));
                write!(self.out, "\t{}", gold.map_or("_", String::as_str))?;
            }
            writeln!(self.out, "\t{tag}")?;
        }
        Ok(writeln!(self.out)?)
    }

    fn json(&mut self, sentence: Waiting, tagged: Tagged) -> Result<()> {
        let Kept::Object { fields, last } = &sentence.kept else {
            return Ok(writeln!(self.out, "{}", object::of_sentence(&sentence, &tagged))?);
        };
        let (fields, last) = (Arc::clone(fields), *last);
        self.object.push((sentence, tagged));
        if last {
            let labelled = std::mem::take(&mut self.object);
            writeln!(self.out, "{}", object::of_object(&fields, &labelled))?;
        }
        Ok(())
    }
}
