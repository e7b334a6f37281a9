//! Reading the input, whatever its format.

use super::{
    gold::Gold,
    sentence::{Kept, Skipped, Waiting},
};
use crate::cli::{self, PredictArgs};
use gleaner::Segmenter;
use gleaner_corpus::{
    Corpus, CorpusError, Format, Problem, ReadOptions, conll, jsonl, read_bytes, text as plain,
};
use std::{
    fs::File,
    io::{self, BufRead, BufReader, Cursor, Read},
    path::Path,
    sync::Arc,
};

type Sentences = Box<dyn Iterator<Item = Result<Waiting, CorpusError>> + Send>;

/// The sentences of the input.
pub struct Input {
    pub sentences: Sentences,
    /// What is read and how, for users.
    pub description: String,
    /// Whether the input has tags.
    pub has_gold: bool,
    /// Whether it has objects, which are kept.
    pub is_json: bool,
    /// Whether it is plain text.
    pub is_text: bool,
    /// What is left out while it is read.
    pub skipped: Skipped,
}

/// Bytes of a file, and of standard input, that decide its format. Few of the latter: its writer may wait for results.
const HEAD: [u64; 2] = [1 << 16, 1 << 12];

/// Opens the input and detects its format.
pub fn open(args: &PredictArgs, segmenter: &Segmenter) -> Result<Input, CorpusError> {
    let is_standard = args.file == Path::new("-");
    let name = if is_standard { Path::new("<standard input>") } else { &args.file };
    let refused = |error: io::Error| CorpusError::in_file(name, error.into());
    let mut reader: Box<dyn BufRead + Send> = match is_standard {
        true => Box::new(BufReader::new(io::stdin())),
        false => Box::new(BufReader::with_capacity(1 << 16, File::open(name).map_err(refused)?)),
    };
    let limit = HEAD[usize::from(is_standard)];
    let mut head = Vec::new();
    reader.by_ref().take(limit).read_to_end(&mut head).map_err(refused)?;
    let (format, why) = match args.input {
        cli::Input::Text => (None, "as requested"),
        cli::Input::Format(format) => (Some(format), "as requested"),
        cli::Input::Auto => match Format::detect(name, &head) {
            found if found.is_some() && found == Format::of(name) => (found, "by its name"),
            found => (found, "by its content"),
        },
    };
    let options = ReadOptions {
        segmenter: segmenter.clone(),
        unlabelled: true,
        ..args.options().read_options()
    };
    let description = |what: &str| format!("{} as {what} ({why})", name.display());
    let skipped = Skipped::default();
    let skipping = Skipping { skip: args.skip_bad, skipped: skipped.clone() };
    let Some(format) = format else {
        let whole = Cursor::new(head).chain(reader);
        let sentences = plain::Reader::with_segmenter(
            whole,
            name,
            args.one_sentence_per_line,
            segmenter.clone(),
        );
        let sentences = sentences.map(|sentence| sentence.map(of_text));
        return Ok(Input {
            sentences: skipping.over(sentences, |p| matches!(p, Problem::NoSpaces { .. })),
            description: description("plain text"),
            has_gold: false,
            is_json: false,
            is_text: true,
            skipped,
        });
    };
    let options = ReadOptions { format: Some(format), ..options };
    let is_json = matches!(
        format,
        Format::Jsonl
            | Format::Json
            | Format::Doccano
            | Format::LabelStudio
            | Format::LabelStudioMin
            | Format::Prodigy
    );
    let is_stream = format.has_columns() || is_json;
    // Tags show in the first lines. An input with tags is read whole, since all of them decide the scheme.
    let whole_head = (head.len() as u64) < limit;
    let lines = if whole_head {
        head.len()
    } else {
        head.iter().rposition(|b| *b == b'\n').map_or(0, |at| at + 1)
    };
    let mut gold = Gold::read(&head[..lines], name, &options);
    if !is_stream || lines == 0 || gold.is_ok() {
        reader.read_to_end(&mut head).map_err(refused)?;
        reader = Box::new(io::empty());
        gold = Gold::read(&head, name, &options);
    }
    let mut said = description(&format.to_string());
    match &gold {
        Ok(corpus) => {
            for read in corpus.files.iter().take(1) {
                read.choices.iter().for_each(|choice| said += &format!("; {choice}"));
                said += &format!("; tags: {}, kept beside the predicted ones", read.scheme);
            }
            said.extend(Gold::partly_missed(corpus, format).map(|missed| format!("; {missed}")));
        }
        Err(error) => said.extend(Gold::missed(error, format).map(|missed| format!("; {missed}"))),
    }
    let has_gold = gold.is_ok();
    let mut tags = gold.ok().map(Gold::new);
    let with_gold = move |mut sentence: Waiting| {
        if let Some(gold) = tags.as_mut().and_then(|gold| gold.of(sentence.line, &sentence.words)) {
            sentence.gold = Some(gold);
        }
        sentence
    };
    let sentences: Sentences = if format.has_columns() {
        // With tags, their column is known.
        let options = ReadOptions { unlabelled: !has_gold, ..options };
        let rows = conll::Reader::new(Cursor::new(head).chain(reader), name, &options);
        let cells = Cells { name: name.to_owned(), skipping: skipping.clone(), has_gold };
        let sentences =
            rows.filter_map(move |rows| rows.and_then(|rows| cells.sentence(rows)).transpose());
        skipping.over(sentences, Problem::concerns_one_sentence)
    } else if is_json {
        let mut objects = jsonl::Reader::new(Cursor::new(head).chain(reader), name, &options);
        let objects = std::iter::from_fn(move || objects.next_object());
        skipping.over(objects.flat_map(of_object), Problem::concerns_one_sentence)
    } else {
        let options = ReadOptions { skip_bad: args.skip_bad, ..options };
        let corpus = read_bytes(&head, name, &options)?;
        skipping.count(&corpus);
        Box::new(corpus.sentences.into_iter().map(|sentence| {
            Ok(Waiting { words: sentence.words, line: sentence.line, ..Waiting::default() })
        }))
    };
    let sentences = sentences.map({
        let mut with_gold = with_gold;
        move |sentence| sentence.map(&mut with_gold)
    });
    let sentences = Box::new(sentences);
    Ok(Input { sentences, description: said, has_gold, is_json, is_text: false, skipped })
}

/// A sentence of plain text.
fn of_text(sentence: plain::TextSentence) -> Waiting {
    Waiting {
        offsets: Some(sentence.tokens.iter().map(|token| (token.start, token.end)).collect()),
        line: sentence.line,
        words: sentence.tokens.into_iter().map(|token| token.text).collect(),
        kept: Kept::Text(sentence.text),
        gold: None,
    }
}

/// The sentences of a JSON object.
fn of_object(object: Result<jsonl::Annotated, CorpusError>) -> Vec<Result<Waiting, CorpusError>> {
    let object = match object {
        Ok(object) => object,
        Err(error) => return vec![Err(error)],
    };
    let (fields, line) = (Arc::new(object.fields), object.line);
    let count = object.sentences.len();
    let sentences = object.sentences.into_iter().zip(object.offsets).enumerate();
    sentences
        .map(|(at, (sentence, offsets))| {
            let has_offsets = offsets.len() == sentence.words.len();
            Ok(Waiting {
                offsets: has_offsets.then_some(offsets),
                words: sentence.words,
                line,
                gold: None,
                kept: Kept::Object { fields: Arc::clone(&fields), last: at + 1 == count },
            })
        })
        .collect()
}

/// Turns rows of CoNLL into sentences.
struct Cells {
    name: std::path::PathBuf,
    skipping: Skipping,
    has_gold: bool,
}

impl Cells {
    /// A sentence without its empty words, if these are left out; `None` if nothing remains.
    fn sentence(&self, mut rows: conll::Rows) -> Result<Option<Waiting>, CorpusError> {
        let empty: Vec<usize> =
            (0..).zip(rows.words()).filter(|(_, word)| word.is_empty()).map(|(at, _)| at).collect();
        for &at in empty.iter().rev() {
            let problem = Problem::EmptyWord { position: at + 1 };
            let error = CorpusError::at_line(&self.name, rows.lines[at], problem);
            if !self.skipping.skip {
                return Err(error);
            }
            self.skipping.skipped.add(&error);
            rows.rows.remove(at);
            rows.lines.remove(at);
            let behind = rows.others.iter_mut().filter(|other| other.before > at);
            behind.for_each(|other| other.before -= 1);
        }
        if rows.rows.is_empty() {
            return Ok(None);
        }
        let owned = |row: &[&str]| row.iter().map(|cell| (*cell).to_owned()).collect();
        let columns = rows.columns().iter().map(|row| owned(row)).collect();
        let others = rows.others.iter().map(|other| conll::Other {
            before: other.before,
            cells: owned(&rows.without_tag(&other.cells)),
        });
        let others = others.collect();
        let kept = Kept::Columns { comments: std::mem::take(&mut rows.comments), columns, others };
        let sentence = rows.into_sentence();
        // The tags as they are, where they cannot be read.
        let gold = self.has_gold.then_some(sentence.tags);
        Ok(Some(Waiting { words: sentence.words, line: sentence.line, offsets: None, gold, kept }))
    }
}

/// Whether malformed sentences are left out, and their number.
#[derive(Clone)]
struct Skipping {
    skip: bool,
    skipped: Skipped,
}

impl Skipping {
    /// The sentences without malformed ones whose problem `may_skip`, if these are left out.
    fn over(
        &self,
        sentences: impl Iterator<Item = Result<Waiting, CorpusError>> + Send + 'static,
        may_skip: fn(&Problem) -> bool,
    ) -> Sentences {
        let Self { skip, skipped } = self.clone();
        Box::new(sentences.filter(move |sentence| match sentence {
            Err(error) if skip && may_skip(error.problem()) => {
                skipped.add(error);
                false
            }
            _ => true,
        }))
    }

    /// Counts the sentences that were left out of a corpus.
    fn count(&self, corpus: &Corpus) {
        let is_skipped =
            |f: &&gleaner_corpus::Finding| f.kind == gleaner_corpus::FindingKind::SkippedSentence;
        for finding in corpus.findings.iter().filter(is_skipped) {
            let problem = Problem::Annotation(finding.detail.clone());
            self.skipped.add(&CorpusError::at_line(&finding.path, finding.line, problem));
        }
    }
}
