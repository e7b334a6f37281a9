//! From one JSON object to sentences, whichever program wrote it.

use std::collections::HashMap;
use std::ops::Range;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::annotated::{Annotated, divided};
use super::features;
use super::fields::{only_text, positions, text, text_of_annotation};
use super::label_studio::{self, Annotations};
use super::spans::{self, Object, RawSpan, json};
use super::tokens::{self, Tokens};
use super::unique::Unique;
use crate::corpus::Sentence;
use crate::document::{Document, SentenceWithOffsets, check_covered, in_unit};
use crate::error::{CorpusError, Problem};
use crate::finding::{Finding, FindingKind};
use crate::labels::{RawTags, named};
use crate::options::ReadOptions;

/// Turns objects into sentences. It keeps the names of tags, which an earlier object can give.
pub(super) struct Interpreter {
    name: PathBuf,
    options: ReadOptions,
    labels: Option<Vec<String>>,
    /// Unusual things since they were last taken.
    pub(super) findings: Vec<Finding>,
    /// The line of the first annotation of every task in JSON-MIN, which has one object per annotation.
    tasks: HashMap<String, usize>,
}

/// What an object is.
enum Item {
    Words(Vec<Sentence>),
    Document(Document),
    LeftOut(String),
    Names,
}

impl Interpreter {
    pub(super) fn new(name: &Path, options: &ReadOptions) -> Self {
        Self {
            name: name.to_owned(),
            options: options.clone(),
            labels: options.labels.clone(),
            findings: Vec::new(),
            tasks: HashMap::new(),
        }
    }

    /// The key of the text, if the options name one.
    pub(super) fn text_field(&self) -> Option<&str> {
        self.options.text_field.as_deref()
    }

    /// The sentences of an object; none if it only has names or is left out.
    pub(super) fn sentences(
        &mut self,
        text: &str,
        line: usize,
    ) -> Result<Vec<Sentence>, CorpusError> {
        let object = self.parse(text, line)?;
        let (placed, _) = self.placed(object, line)?;
        Ok(placed.into_iter().map(|(sentence, _)| sentence).collect())
    }

    /// An object with its sentences.
    pub(super) fn object(&mut self, text: &str, line: usize) -> Result<Annotated, CorpusError> {
        let fields = self.parse(text, line)?;
        let (placed, text) = self.placed(fields.clone(), line)?;
        let unit = self.options.offsets;
        let (sentences, places): (Vec<Sentence>, Vec<Vec<Range<usize>>>) =
            placed.into_iter().unzip();
        let mut all = in_unit(&text, &places.concat(), unit).into_iter();
        let offsets =
            places.iter().map(|places| all.by_ref().take(places.len()).collect()).collect();
        Ok(Annotated { line, fields, sentences, offsets })
    }

    fn parse(&self, text: &str, line: usize) -> Result<Object, CorpusError> {
        serde_json::from_str(text)
            .map(|Unique(object)| object)
            .map_err(|error| CorpusError::at_line(&self.name, line, json(message(&error))))
    }

    /// The sentences of an object with the offsets of their words, and the text that these are in.
    fn placed(
        &mut self,
        object: Object,
        line: usize,
    ) -> Result<(Vec<SentenceWithOffsets>, String), CorpusError> {
        let item = self
            .item(object, line)
            .map_err(|problem| CorpusError::at_line(&self.name, line, problem))?;
        match item {
            Item::Names => Ok((Vec::new(), String::new())),
            Item::Words(sentences) => {
                let placed = sentences.into_iter().map(|sentence| (sentence, Vec::new()));
                Ok((placed.collect(), String::new()))
            }
            Item::LeftOut(why) => {
                self.findings.push(Finding {
                    path: self.name.clone(),
                    line,
                    kind: FindingKind::LeftOut,
                    detail: format!("text left out: {why}"),
                });
                Ok((Vec::new(), String::new()))
            }
            Item::Document(document) => {
                let text = document.text.clone();
                let (placed, findings) = document.into_placed(&self.name, &self.options)?;
                self.findings.extend(findings);
                Ok((placed, text))
            }
        }
    }

    /// Uses the names of tag numbers in an object, unless the options give some.
    pub(super) fn learn_names(&mut self, object: &Object) -> Result<(), Problem> {
        let names = features::names(object);
        if names.is_none() && object.get("label_names").is_some_and(|names| !names.is_null()) {
            return Err(json("`label_names` is not a list of names".to_owned()));
        }
        if names.is_some() && self.options.labels.is_none() {
            self.labels = names;
        }
        Ok(())
    }

    fn item(&mut self, mut object: Object, line: usize) -> Result<Item, Problem> {
        if object.contains_key("row_idx")
            && let Some(Value::Object(row)) = object.remove("row")
        {
            object = row;
        }
        self.learn_names(&object)?;
        // Labelled words, as `gleaner predict` adds them to an object, come before what it was.
        if !has_labelled_words(&object) {
            if let Some(item) = self.answered(&mut object)? {
                return Ok(item);
            }
            if label_studio::is_task(&object) {
                return self.task(object, line);
            }
        }
        let words = ["tokens", "words"]
            .into_iter()
            .find_map(|key| Some((key, object.remove(key).filter(|value| !value.is_null())?)));
        let words = words.map(|(key, value)| tokens::parse(value, key)).transpose()?;
        let text = match (&words, text(&object, self.options.text_field.as_deref())) {
            // Not needed.
            (Some(Tokens::Texts(_)), Err(_)) => None,
            (None, Ok(None)) if object.contains_key("annotation_id") => {
                Some(text_of_annotation(&object)?)
            }
            (_, text) => text?,
        };
        match (words, text) {
            (Some(Tokens::Texts(words)), text) => self.words(words, text, object, line),
            (words, Some(text)) => {
                self.first_annotation(&object, line)?;
                let spans = self.spans(&object)?;
                let words = words.map(|words| match words {
                    Tokens::Offsets(words) => words,
                    Tokens::Texts(_) => Vec::new(),
                });
                self.document(text, words, spans, object.get("sentences"), line)
            }
            (Some(Tokens::Offsets(_)), None) => {
                Err(json("words have offsets, but there is no `text`".to_owned()))
            }
            (None, None)
                if object.contains_key("label_names") || object.contains_key("features") =>
            {
                Ok(Item::Names)
            }
            (None, None) => Err(Problem::NoTokens),
        }
    }

    /// What the answer of an annotator in Prodigy makes of an object, if not a labelled text.
    fn answered(&self, object: &mut Object) -> Result<Option<Item>, Problem> {
        let answer = object.get("answer").and_then(Value::as_str);
        match answer {
            Some("reject" | "ignore") if self.options.unlabelled => {
                // Its text is as good as any, its spans are not.
                object.remove("spans");
                Ok(None)
            }
            Some(answer @ ("reject" | "ignore")) => {
                Ok(Some(Item::LeftOut(format!("answer {answer:?}"))))
            }
            Some(_) if object.get("_is_binary").is_some_and(|is| is == true) => {
                match self.options.unlabelled {
                    true => Ok(None),
                    false => Err(Problem::Annotation(BINARY.to_owned())),
                }
            }
            _ => Ok(None),
        }
    }

    /// Words as strings, with tags, or with a text that has spans.
    fn words(
        &self,
        words: Vec<String>,
        text: Option<String>,
        mut object: Object,
        line: usize,
    ) -> Result<Item, Problem> {
        let starts = object.get("sentences").and_then(positions);
        if self.options.unlabelled {
            let sentence = Sentence { words, line, ..Sentence::default() };
            return Ok(Item::Words(divided(sentence, starts.as_deref())));
        }
        // `tags` can be of another kind in the same object.
        let tags = ["ner_tags", "tags"]
            .into_iter()
            .find_map(|key| object.remove(key).filter(|value| !value.is_null()));
        // Under these keys, others write spans.
        let tags = tags.or_else(|| {
            ["labels", "ner"].into_iter().find_map(|key| list_of_tags(&mut object, key))
        });
        let Some(tags) = tags else {
            let (Some(text), Some(spans)) = (text, spans::of_object(&object)?) else {
                return Err(Problem::NoTags);
            };
            let ranges = tokens::align(&words, &text)?;
            let document = Document { text, line, ..Document::default() };
            let mut document = self.with_spans(document, spans)?;
            document.words = Some(ranges);
            return Ok(Item::Document(document));
        };
        let tags: RawTags =
            serde_json::from_value(tags).map_err(|error| json(error.to_string()))?;
        let tags = named(tags, self.labels.as_deref())?;
        if tags.len() != words.len() {
            return Err(Problem::TagCount { words: words.len(), tags: tags.len() });
        }
        let sentence = Sentence { words, tags, line, ..Sentence::default() };
        Ok(Item::Words(divided(sentence, starts.as_deref())))
    }

    fn task(&mut self, task: Object, line: usize) -> Result<Item, Problem> {
        let Some(Value::Object(data)) = task.get("data") else {
            return Err(Problem::NoTokens);
        };
        let text = match text(data, self.options.text_field.as_deref())? {
            Some(text) => text,
            None => only_text(data)?,
        };
        let spans = match label_studio::annotations(&task) {
            Ok(Annotations::Spans(spans, controls)) => {
                if controls.len() > 1 && !self.options.unlabelled {
                    let controls = Vec::from_iter(controls).join(", ");
                    self.findings.push(Finding {
                        path: self.name.clone(),
                        line,
                        kind: FindingKind::SeveralControls,
                        detail: format!(
                            "labels of several controls ({controls}), all read as entities; drop types with --map"
                        ),
                    });
                }
                spans
            }
            _ if self.options.unlabelled => Vec::new(),
            Ok(Annotations::None(why)) => return Ok(Item::LeftOut(why.to_owned())),
            Err(problem) => return Err(problem),
        };
        let words = match data.get("words").map(|words| tokens::parse(words.clone(), "words")) {
            Some(Ok(Tokens::Offsets(words))) => Some(words),
            // A field that happens to have this name.
            _ => None,
        };
        self.document(text, words, spans, data.get("sentences"), line)
    }

    /// The spans beside a text.
    fn spans(&self, object: &Object) -> Result<Vec<RawSpan>, Problem> {
        match spans::of_object(object) {
            Ok(Some(spans)) => Ok(spans),
            // Tags are not needed, so their faults do not matter.
            Ok(None) | Err(_) if self.options.unlabelled => Ok(Vec::new()),
            Ok(None) => Err(Problem::NoTags),
            Err(problem) => Err(problem),
        }
    }

    fn document(
        &self,
        text: String,
        words: Option<Vec<(Range<usize>, Option<String>)>>,
        spans: Vec<RawSpan>,
        sentences: Option<&Value>,
        line: usize,
    ) -> Result<Item, Problem> {
        let offsets = self.options.offsets;
        if let Some(words) = &words {
            let stated = words.iter().filter_map(|(range, text)| Some((range, text.as_deref()?)));
            check_covered(&text, stated, offsets)?;
        }
        let words = words.map(|words| words.into_iter().map(|(range, _)| range).collect());
        let sentences = sentences.and_then(positions);
        let mut document = Document { text, words, sentences, line, ..Document::default() };
        match self.with_spans(document.clone(), spans) {
            Ok(labelled) => Ok(Item::Document(labelled)),
            // The faults of spans do not matter here, those of words do.
            Err(_) if self.options.unlabelled => {
                document.convert_offsets(offsets)?;
                Ok(Item::Document(document))
            }
            Err(problem) => Err(problem),
        }
    }

    /// Adds spans to a document, and converts the offsets of both.
    fn with_spans(&self, mut document: Document, spans: Vec<RawSpan>) -> Result<Document, Problem> {
        let ranges: Vec<Range<usize>> = spans.iter().map(RawSpan::range).collect();
        let stated = spans
            .iter()
            .zip(&ranges)
            .filter_map(|(span, range)| Some((range, span.covered.as_deref()?)));
        check_covered(&document.text, stated, self.options.offsets)?;
        document.spans = spans.into_iter().map(Into::into).collect();
        document.convert_offsets(self.options.offsets)?;
        Ok(document)
    }

    /// An error if the object is another annotation of a task in JSON-MIN.
    fn first_annotation(&mut self, object: &Object, line: usize) -> Result<(), Problem> {
        let (Some(id), true) = (object.get("id"), object.contains_key("annotation_id")) else {
            return Ok(());
        };
        match self.tasks.insert(id.to_string(), line) {
            Some(first) if !self.options.unlabelled => {
                self.tasks.insert(id.to_string(), first);
                Err(Problem::Annotation(format!(
                    "another annotation of the task {id} at line {first}; keep one, or export as JSON with a ground truth"
                )))
            }
            _ => Ok(()),
        }
    }
}

const BINARY: &str = "the answer is about single spans (`_is_binary`), so other words may be entities too; export an annotation of whole texts, as of ner.manual or ner.correct";

/// Whether an object has `tokens` and `tags` that are lists of strings.
fn has_labelled_words(object: &Object) -> bool {
    let is_list = |key: &str, test: fn(&Value) -> bool| {
        let list = object.get(key).and_then(Value::as_array);
        list.is_some_and(|items| items.iter().all(test))
    };
    is_list("tokens", Value::is_string) && is_list("tags", Value::is_string)
}

/// The value of a key, if it is a list of names or numbers.
fn list_of_tags(object: &mut Object, key: &str) -> Option<Value> {
    let is_tag = |tag: &Value| tag.is_string() || tag.is_i64();
    let is_list = |value: &Value| value.as_array().is_some_and(|tags| tags.iter().all(is_tag));
    is_list(object.get(key)?).then(|| object.remove(key)).flatten()
}

/// The parser's message without its line number, which is 1 for every line.
fn message(error: &serde_json::Error) -> String {
    let message = error.to_string();
    let message = message.rsplit_once(" at line ").map_or(message.as_str(), |(head, _)| head);
    format!("{message} (column {})", error.column())
}
