//! Reading the input, whatever its format.

use super::{
    columns::Cells,
    gold::Gold,
    sentence::{Kept, Sentences, Waiting},
    skipped::{Skipped, Skipping},
    source::Source,
};
use crate::cli::{self, PredictArgs};
use anyhow::Result;
use gleaner::{GleanerError, Segmenter};
use gleaner_corpus::{
    Corpus, CorpusError, Format, Problem, ReadOptions, conll, jsonl, read_bytes, text as plain,
};
use serde::de::IgnoredAny;
use std::{path::Path, sync::Arc};

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

/// Opens the input and detects its format.
///
/// # Errors
/// It cannot be read, or an option has no effect on it.
pub fn open(args: &PredictArgs, segmenter: &Segmenter) -> Result<Input> {
    let source = Source::open(&args.file)?;
    let (format, why) = match args.input {
        cli::Input::Text => (None, "as requested"),
        cli::Input::Format(format) => (Some(format), "as requested"),
        cli::Input::Auto => match Format::detect(&source.name, &source.head) {
            None if has_columns(args) => (Some(Format::Conll), "because a column is named"),
            found if found.is_some() && found == Format::of(&source.name) => (found, "by its name"),
            found => (found, "by its content"),
        },
    };
    let what = format.map_or_else(|| "plain text".to_owned(), |format| format.to_string());
    let description = format!("{} as {what} ({why})", source.name.display());
    let idle = without_effect(args, format);
    if !idle.is_empty() {
        let what =
            format!("{}: no effect on {what}; leave it out, or choose --input", idle.join(", "));
        return Err(GleanerError::Settings(what).into());
    }
    match format {
        None => Ok(plain_text(source, args, segmenter, description)),
        Some(format) => Ok(annotated(source, format, args, segmenter, description)?),
    }
}

/// Whether a column is named.
fn has_columns(args: &PredictArgs) -> bool {
    args.word_column.is_some() || args.tag_column.is_some()
}

/// The options that have no effect on an input.
fn without_effect(args: &PredictArgs, format: Option<Format>) -> Vec<&'static str> {
    let is_text = format.is_none();
    [
        ("--word-column", is_text && args.word_column.is_some()),
        ("--tag-column", is_text && args.tag_column.is_some()),
        ("--labels", is_text && args.labels.is_some()),
        ("--text-field", is_text && args.text_field.is_some()),
        ("--one-sentence-per-line", !is_text && args.one_sentence_per_line),
    ]
    .into_iter()
    .filter_map(|(option, is_idle)| is_idle.then_some(option))
    .collect()
}

/// An input of plain text.
fn plain_text(
    source: Source,
    args: &PredictArgs,
    segmenter: &Segmenter,
    description: String,
) -> Input {
    let skipping = Skipping { skip: args.skip_bad, skipped: Skipped::default() };
    let name = source.name.clone();
    let sentences = plain::Reader::with_segmenter(
        source.bytes(),
        &name,
        args.one_sentence_per_line,
        segmenter.clone(),
    );
    let sentences = sentences.map(|sentence| sentence.map(of_text));
    Input {
        sentences: skipping.over(sentences, |p| matches!(p, Problem::NoSpaces { .. })),
        description,
        has_gold: false,
        is_json: false,
        is_text: true,
        skipped: skipping.skipped,
    }
}

/// An input in a format of labelled text, with tags or without.
fn annotated(
    mut source: Source,
    format: Format,
    args: &PredictArgs,
    segmenter: &Segmenter,
    description: String,
) -> Result<Input, CorpusError> {
    let options = ReadOptions {
        format: Some(format),
        segmenter: segmenter.clone(),
        unlabelled: true,
        ..args.options().read_options()
    };
    let is_json = has_objects(format);
    if is_json && is_one_value(source.lines()) {
        source.read_whole()?;
    }
    // Tags are looked for in the first lines. An input with tags is read whole, since all of them decide the scheme.
    let mut gold = Gold::read(source.lines(), &source.name, &options);
    let is_stream = format.has_columns() || is_json;
    if !is_stream || source.lines().is_empty() || gold.is_ok() {
        source.read_whole()?;
        gold = Gold::read(&source.head, &source.name, &options);
    }
    let description = description + &about_tags(&gold, format);
    let has_gold = gold.is_ok();
    let skipping = Skipping { skip: args.skip_bad, skipped: Skipped::default() };
    let sentences = match format.has_columns() {
        true => of_columns(source, &options, has_gold, &skipping),
        false if is_json => of_objects(source, &options, &skipping),
        false => {
            let options = ReadOptions { skip_bad: args.skip_bad, ..options };
            of_corpus(read_bytes(&source.head, &source.name, &options)?, &skipping)
        }
    };
    let mut tags = gold.ok().map(Gold::new);
    let sentences = Box::new(sentences.map(move |sentence| {
        let mut sentence = sentence?;
        if let Some(gold) = tags.as_mut().and_then(|gold| gold.of(sentence.line, &sentence.words)) {
            sentence.gold = Some(gold);
        }
        Ok(sentence)
    }));
    let skipped = skipping.skipped;
    Ok(Input { sentences, description, has_gold, is_json, is_text: false, skipped })
}

/// Whether JSON is one value over several lines, which the reader takes whole.
fn is_one_value(lines: &[u8]) -> bool {
    let lines = lines.strip_prefix("\u{feff}".as_bytes()).unwrap_or(lines);
    let mut lines = lines.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii);
    let first = lines.find(|line| !line.is_empty());
    first.is_some_and(|line| {
        line.starts_with(b"[")
            || serde_json::from_slice::<IgnoredAny>(line).is_err_and(|error| error.is_eof())
    })
}

/// Whether a format has a JSON object for each text.
fn has_objects(format: Format) -> bool {
    matches!(
        format,
        Format::Jsonl
            | Format::Json
            | Format::Doccano
            | Format::LabelStudio
            | Format::LabelStudioMin
            | Format::Prodigy
    )
}

/// What is said of the tags of an input, or of why they cannot be read.
fn about_tags(gold: &Result<Corpus, CorpusError>, format: Format) -> String {
    let mut said = String::new();
    match gold {
        Ok(corpus) => {
            for read in corpus.files.iter().take(1) {
                read.choices.iter().for_each(|choice| said += &format!("; {choice}"));
                said += &format!("; tags: {}, kept beside the predicted ones", read.scheme);
            }
            said.extend(Gold::partly_missed(corpus, format).map(|missed| format!("; {missed}")));
        }
        Err(error) => said.extend(Gold::missed(error, format).map(|missed| format!("; {missed}"))),
    }
    said
}

/// The sentences of a format with a word on each line.
fn of_columns(
    source: Source,
    options: &ReadOptions,
    has_gold: bool,
    skipping: &Skipping,
) -> Sentences {
    // With tags, their column is known.
    let options = ReadOptions { unlabelled: !has_gold, ..options.clone() };
    let cells = Cells { name: source.name.clone(), skipping: skipping.clone(), has_gold };
    let rows = conll::Reader::new(source.bytes(), &cells.name, &options);
    let sentences =
        rows.filter_map(move |rows| rows.and_then(|rows| cells.sentence(rows)).transpose());
    skipping.over(sentences, Problem::concerns_one_sentence)
}

/// The sentences of a format with JSON objects.
fn of_objects(source: Source, options: &ReadOptions, skipping: &Skipping) -> Sentences {
    let (name, path) = (source.name.clone(), source.name.clone());
    let mut objects = jsonl::Reader::new(source.bytes(), &name, options);
    let objects = std::iter::from_fn(move || objects.next_object());
    let own = skipping.clone();
    let sentences = objects.flat_map(move |object| of_object(object, &own, &path));
    skipping.over(sentences, Problem::concerns_one_sentence)
}

/// The sentences of a format that is read whole.
fn of_corpus(corpus: Corpus, skipping: &Skipping) -> Sentences {
    skipping.count(&corpus);
    Box::new(corpus.sentences.into_iter().map(|sentence| {
        Ok(Waiting { words: sentence.words, line: sentence.line, ..Waiting::default() })
    }))
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

/// The sentences of a JSON object, without their empty words if these are left out.
fn of_object(
    object: Result<jsonl::Annotated, CorpusError>,
    skipping: &Skipping,
    name: &Path,
) -> Vec<Result<Waiting, CorpusError>> {
    let object = match object {
        Ok(object) => object,
        Err(error) => return vec![Err(error)],
    };
    let (fields, line) = (Arc::new(object.fields), object.line);
    let count = object.sentences.len();
    let sentences = object.sentences.into_iter().zip(object.offsets).enumerate();
    sentences
        .map(|(at, (mut sentence, mut offsets))| {
            let has_offsets = offsets.len() == sentence.words.len();
            for (position, _) in (1..).zip(&sentence.words).filter(|(_, word)| word.is_empty()) {
                let error = CorpusError::at_line(name, line, Problem::EmptyWord { position });
                if !skipping.skip {
                    return Err(error);
                }
                skipping.skipped.add(&error);
            }
            if has_offsets {
                let mut words = sentence.words.iter();
                offsets.retain(|_| words.next().is_some_and(|word| !word.is_empty()));
            }
            sentence.words.retain(|word| !word.is_empty());
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
