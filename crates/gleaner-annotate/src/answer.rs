//! What annotators answer: spans of words, and what to do with a sentence.

use gleaner::TaggedSpan;
use gleaner_base::{
    hidden::is_hidden,
    tags::{SeqevalMode, entities},
};
use serde::{Deserialize, Serialize};

/// Maximum number of characters of an annotator's name.
const LONGEST_NAME: usize = 64;

/// An entity of a sentence, by its words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Span {
    /// The index of its first word, from 0.
    pub start: usize,
    /// The index after its last word.
    pub end: usize,
    /// Its type, such as `PER`.
    #[serde(rename = "type")]
    pub entity_type: String,
}

impl Span {
    /// The entities of IOB2 tags, in order.
    pub fn of_tags<S: AsRef<str>>(tags: &[S]) -> Vec<Self> {
        let found = entities(tags, SeqevalMode::Default).into_iter();
        found.map(|e| Self { start: e.start, end: e.end, entity_type: e.entity_type }).collect()
    }

    /// The IOB2 tags of a sentence of `words` words with these spans, which do not overlap.
    pub fn tags(spans: &[Self], words: usize) -> Vec<String> {
        let mut tags = vec!["O".to_owned(); words];
        for span in spans {
            for (word, tag) in tags.iter_mut().enumerate().take(span.end).skip(span.start) {
                let prefix = if word == span.start { 'B' } else { 'I' };
                *tag = format!("{prefix}-{}", span.entity_type);
            }
        }
        tags
    }
}

/// A span that is shown.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ShownSpan {
    /// Its words and type.
    #[serde(flatten)]
    pub span: Span,
    /// The model's probability of exactly this span; `None` where no model proposes it.
    pub confidence: Option<f64>,
}

impl ShownSpan {
    /// A span that a tagger found.
    pub(crate) fn found(found: TaggedSpan) -> Self {
        let TaggedSpan { label, start, end, confidence, .. } = found;
        Self { span: Span { start, end, entity_type: label }, confidence: Some(confidence) }
    }
}

impl AsRef<Span> for Span {
    fn as_ref(&self) -> &Self {
        self
    }
}

impl AsRef<Span> for ShownSpan {
    fn as_ref(&self) -> &Span {
        &self.span
    }
}

impl From<Span> for ShownSpan {
    /// A span that no model proposes.
    fn from(span: Span) -> Self {
        Self { span, confidence: None }
    }
}

/// What to do with a sentence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Action {
    /// The spans are right.
    Accept,
    /// The annotator does not decide. The sentence counts as if it had not been shown, but is not shown again.
    Skip,
    /// The sentence is not part of the corpus.
    Reject,
    /// The annotator's previous answer is taken back. In the journal only.
    Undo,
}

/// An annotator's answer for a sentence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Answer {
    /// Who answers: 1 to 64 characters.
    pub annotator: String,
    /// The number of the sentence.
    pub id: usize,
    /// What to do with it.
    pub action: Action,
    /// Its entities. They count only if it is accepted.
    #[serde(default)]
    pub spans: Vec<Span>,
}

/// What an annotator is shown before answering.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proposal {
    /// The proposed entities.
    pub spans: Vec<Span>,
    /// The model that proposes them; `None` for imported labels.
    pub model: Option<String>,
}

/// Why an answer is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Misfit {
    /// The sentence does not exist.
    #[error("there is no sentence {id}; reload the page")]
    NoSentence {
        /// The number that was given.
        id: usize,
    },
    /// A span is empty or ends after the sentence.
    #[error(
        "words {start} to {end} are not words of a sentence with {words} words; select words of the sentence"
    )]
    OutOfRange {
        /// Its first word.
        start: usize,
        /// The index after its last word.
        end: usize,
        /// The length of the sentence.
        words: usize,
    },
    /// Two spans share a word.
    #[error("two spans overlap at word {word}; remove one of them")]
    Overlap {
        /// The first word of the later span.
        word: usize,
    },
    /// A type that the project does not have.
    #[error("`{name}` is not a type of the project; use one of {types}")]
    UnknownType {
        /// The type that was given.
        name: String,
        /// The project's types.
        types: String,
    },
    /// The name of the annotator is empty, too long or invisible.
    #[error(
        "a name of an annotator has 1 to {LONGEST_NAME} visible characters; choose another name"
    )]
    Name,
    /// `undo` as an answer.
    #[error("an answer is accept, skip or reject; take one back with /api/undo")]
    Undo,
}

impl Answer {
    /// The answer with its spans in order, if it fits a sentence of `words` words and the `types` of a project.
    ///
    /// # Errors
    /// A span is out of range or overlaps another one, a type is unknown, or the name cannot be one.
    pub fn fitting(mut self, words: usize, types: &[String]) -> Result<Self, Misfit> {
        check_name(&self.annotator)?;
        if self.action == Action::Undo {
            return Err(Misfit::Undo);
        }
        self.spans.sort_by_key(|span| (span.start, span.end));
        check_spans(&self.spans, words, types)?;
        Ok(self)
    }
}

/// Refuses a name that is empty, too long, or has characters that nobody sees.
pub(crate) fn check_name(name: &str) -> Result<(), Misfit> {
    let is_name = !name.trim().is_empty()
        && name.chars().count() <= LONGEST_NAME
        && !name.chars().any(|c| c.is_control() || is_hidden(c));
    if is_name { Ok(()) } else { Err(Misfit::Name) }
}

/// Refuses spans, in order of their first words, that do not fit a sentence.
pub(crate) fn check_spans(spans: &[Span], words: usize, types: &[String]) -> Result<(), Misfit> {
    let mut free = 0;
    for Span { start, end, entity_type } in spans {
        let (start, end) = (*start, *end);
        if start >= end || end > words {
            return Err(Misfit::OutOfRange { start, end, words });
        }
        if start < free {
            return Err(Misfit::Overlap { word: start });
        }
        if !types.contains(entity_type) {
            let (name, types) = (entity_type.clone(), types.join(", "));
            return Err(Misfit::UnknownType { name, types });
        }
        free = end;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(start: usize, end: usize, name: &str) -> Span {
        Span { start, end, entity_type: name.into() }
    }

    fn fit(name: &str, spans: Vec<Span>) -> Result<Vec<Span>, Misfit> {
        let answer = Answer { annotator: name.into(), id: 0, action: Action::Accept, spans };
        Ok(answer.fitting(4, &["PER".into(), "LOC".into()])?.spans)
    }

    #[test]
    fn tags_and_spans_are_the_same() {
        let spans = vec![span(0, 2, "PER"), span(2, 3, "PER")];
        let tags = Span::tags(&spans, 4);
        assert_eq!(tags, ["B-PER", "I-PER", "B-PER", "O"]);
        assert_eq!(Span::of_tags(&tags), spans);
    }

    #[test]
    fn spans_are_put_in_order_and_checked() {
        let ordered = fit("a", vec![span(2, 4, "LOC"), span(0, 2, "PER")]).unwrap();
        assert_eq!(ordered, [span(0, 2, "PER"), span(2, 4, "LOC")]);
        for (spans, expected) in [
            (vec![span(3, 5, "PER")], Misfit::OutOfRange { start: 3, end: 5, words: 4 }),
            (vec![span(2, 2, "PER")], Misfit::OutOfRange { start: 2, end: 2, words: 4 }),
            (vec![span(1, 3, "PER"), span(2, 4, "PER")], Misfit::Overlap { word: 2 }),
            (vec![span(1, 3, "PER"), span(1, 3, "LOC")], Misfit::Overlap { word: 1 }),
            (
                vec![span(0, 1, "MISC")],
                Misfit::UnknownType { name: "MISC".into(), types: "PER, LOC".into() },
            ),
        ] {
            assert_eq!(fit("a", spans), Err(expected));
        }
    }

    #[test]
    fn names_can_be_seen() {
        assert!(fit("Ætla Ö", Vec::new()).is_ok());
        for name in ["", "  ", "a\nb", "a\u{202e}b", &"a".repeat(65)] {
            assert_eq!(fit(name, Vec::new()), Err(Misfit::Name), "{name:?}");
        }
    }
}
