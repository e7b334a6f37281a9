//! Writing labelled sentences.

use super::{
    object,
    sentence::{Kept, Waiting},
};
use crate::cli::OutputKind;
use anyhow::Result;
use gleaner::Tagged;
use gleaner_corpus::{
    Format, Offsets, Sentence, WriteError,
    conll::{self, Other},
    write,
};
use gleaner_metrics::Entity;
use std::{
    io::{self, BufWriter, Stdout, Write},
    iter::repeat_n,
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
    /// The number of entities written so far, for brat.
    entities: usize,
    is_finished: bool,
}

impl Writer<Stdout> {
    /// A writer to standard output. `has_gold` says whether the input has tags.
    pub fn new(kind: OutputKind, offsets: Offsets, colour: bool, has_gold: bool) -> Self {
        Self {
            out: BufWriter::new(io::stdout()),
            kind,
            offsets,
            colour,
            has_gold,
            object: Vec::new(),
            all: Vec::new(),
            entities: 0,
            is_finished: false,
        }
    }
}

impl<W: Write> Writer<W> {
    /// Writes a sentence, or keeps it until the last one.
    pub fn write(&mut self, sentence: Waiting, tagged: Tagged) -> Result<()> {
        match self.kind {
            OutputKind::Text => self.text(&sentence, &tagged),
            OutputKind::Format(Format::Conll) => self.columns(&sentence, &tagged),
            OutputKind::Format(Format::Jsonl) => self.json(sentence, tagged),
            OutputKind::Format(Format::Brat) => self.annotations(&sentence, &tagged),
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
        !matches!(format, Format::Conll | Format::Jsonl | Format::Brat)
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
        let Kept::Columns { comments, columns, others } = &sentence.kept else {
            return self.new_columns(sentence, tagged);
        };
        let width = columns.first().map_or(1, Vec::len);
        let (documents, others): (Vec<&Other>, Vec<&Other>) =
            others.iter().partition(|other| other.is_document());
        for document in documents {
            // conlleval counts these lines as words.
            self.other(document, width, "O")?;
            writeln!(self.out)?;
        }
        for comment in comments {
            writeln!(self.out, "{comment}")?;
        }
        let mut others = others.into_iter().peekable();
        for (at, (cells, tag)) in columns.iter().zip(&tagged.tags).enumerate() {
            while let Some(other) = others.next_if(|other| other.before <= at) {
                self.other(other, width, "_")?;
            }
            write!(self.out, "{}", cells.join("\t"))?;
            if self.has_gold {
                write!(self.out, "\t{}", gold(sentence, at))?;
            }
            writeln!(self.out, "\t{tag}")?;
        }
        for other in others {
            self.other(other, width, "_")?;
        }
        Ok(writeln!(self.out)?)
    }

    /// The words of an input without columns, their tags and the predicted ones. Words that would be read back
    /// differently are an error.
    fn new_columns(&mut self, sentence: &Waiting, tagged: &Tagged) -> Result<()> {
        let words = sentence.words.iter().zip(&tagged.tags).enumerate();
        let rows: Vec<Vec<&str>> = words
            .map(|(at, (word, tag))| {
                let gold = self.has_gold.then(|| gold(sentence, at));
                [Some(word.as_str()), gold, Some(tag.as_str())].into_iter().flatten().collect()
            })
            .collect();
        match conll::Writer::new(&mut self.out).write_rows(&rows, sentence.line) {
            // As the other errors of standard output.
            Err(WriteError::Io(error)) => Err(error.into()),
            written => Ok(written?),
        }
    }

    /// A line that is not a word, with as many columns as a word has.
    fn other(&mut self, other: &Other, width: usize, tag: &str) -> Result<()> {
        let missing = width.saturating_sub(other.cells.len());
        let cells = other.cells.iter().map(String::as_str).chain(repeat_n("_", missing));
        let tags = repeat_n(tag, 1 + usize::from(self.has_gold));
        let cells: Vec<&str> = cells.chain(tags).collect();
        Ok(writeln!(self.out, "{}", cells.join("\t"))?)
    }

    /// The annotations of a sentence of plain text in brat's format. brat compares the last column with the text.
    fn annotations(&mut self, sentence: &Waiting, tagged: &Tagged) -> Result<()> {
        let (Kept::Text(text), Some(offsets)) = (&sentence.kept, &sentence.offsets) else {
            return Ok(());
        };
        let first = offsets.first().map_or(0, |place| place.0);
        for span in &tagged.spans {
            self.entities += 1;
            let (start, end) = (offsets[span.start].0, offsets[span.end - 1].1);
            let covered: String = text.chars().skip(start - first).take(end - start).collect();
            let (number, label) = (self.entities, &span.label);
            writeln!(self.out, "T{number}\t{label} {start} {end}\t{covered}")?;
        }
        Ok(())
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

/// The tag of a word in the input, or `_`.
fn gold(sentence: &Waiting, at: usize) -> &str {
    sentence.gold.as_ref().and_then(|gold| gold.get(at)).map_or("_", String::as_str)
}
