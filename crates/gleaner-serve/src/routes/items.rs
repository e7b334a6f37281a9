//! Texts and sentences of a request, labelled together.

use crate::{
    Refusal,
    model::Model,
    text::{Cut, Span, Unit, rounded},
};
use axum::http::StatusCode;
use gleaner::Tagged;
use serde_json::{Value, json};
use std::sync::Arc;
use tokio::{sync::Semaphore, task::spawn_blocking};

/// Maximum number of texts and sentences of a request: each takes memory, even if it is empty.
const MOST_ITEMS: usize = 10_000;
/// Maximum number of words of a sentence. All of it is labelled at once, while other requests wait.
const LONGEST_SENTENCE: usize = 10_000;
/// Requests whose texts are cut at the same time. A text that is cut takes many times its length in memory; after that,
/// the queue says whether there is room for it.
static CUTTING: Semaphore = Semaphore::const_new(4);

/// What is to be labelled.
#[derive(Debug, PartialEq)]
pub(super) enum Item {
    /// A text, which is cut into sentences and words.
    Text(String),
    /// The words of a sentence.
    Words(Vec<String>),
}

/// What has been labelled.
pub(super) enum Done {
    Text { text: String, cut: Cut, tagged: Vec<Tagged> },
    Words { words: Vec<String>, tagged: Tagged },
}

impl Item {
    /// Words of a sentence, none of which is empty.
    pub(super) fn words(words: Vec<String>) -> Result<Self, Refusal> {
        match words.iter().position(|word| word.trim().is_empty()) {
            Some(at) => Err(Refusal::malformed(format!("word {} is empty; leave it out", at + 1))),
            None => Ok(Self::Words(words)),
        }
    }
}

impl Done {
    /// The entities of a text; none of a sentence, which has no offsets.
    pub(super) fn spans(&self, unit: Unit) -> Vec<Span<'_>> {
        match self {
            Self::Text { text, cut, tagged } => cut.spans(text, tagged, unit),
            Self::Words { .. } => Vec::new(),
        }
    }

    /// As JSON: a text with spans, or words with tags and spans of words.
    pub(super) fn json(&self, unit: Unit) -> Value {
        match self {
            Self::Text { text, .. } => {
                let span = |span: Span<'_>| {
                    let Span { label, start, end, text, confidence } = span;
                    json!({"label": label, "start": start, "end": end, "text": text, "confidence": confidence})
                };
                let spans: Vec<Value> = self.spans(unit).into_iter().map(span).collect();
                json!({"text": text, "spans": spans})
            }
            Self::Words { words, tagged } => {
                let span = |span: &gleaner::TaggedSpan| json!({"label": span.label, "first": span.start, "last": span.end - 1, "confidence": rounded(span.confidence)});
                let spans: Vec<Value> = tagged.spans.iter().map(span).collect();
                json!({"words": words, "tags": tagged.tags, "spans": spans})
            }
        }
    }
}

/// Labels items; the result is in their order.
pub(super) async fn label(model: &Arc<Model>, items: Vec<Item>) -> Result<Vec<Done>, Refusal> {
    if items.len() > MOST_ITEMS {
        return Err(too_long(format!("the request has more than {MOST_ITEMS} texts")));
    }
    let cutting = Arc::clone(model);
    // Nothing closes the semaphore.
    let permit = CUTTING.acquire().await;
    let (cut, sentences) = blocking(move || {
        let _permit = permit;
        cut(items, &cutting)
    })
    .await??;
    let mut tagged = model.label(sentences).await?.into_iter();
    let done = |(item, count): (Done, usize)| match item {
        Done::Text { text, cut, .. } => {
            Done::Text { text, cut, tagged: tagged.by_ref().take(count).collect() }
        }
        Done::Words { words, tagged: none } => {
            Done::Words { words, tagged: tagged.next().unwrap_or(none) }
        }
    };
    Ok(cut.into_iter().map(done).collect())
}

/// Items without tags, each with its number of sentences; and the sentences of all.
type Sentences = (Vec<(Done, usize)>, Vec<Vec<String>>);

fn cut(items: Vec<Item>, model: &Model) -> Result<Sentences, Refusal> {
    let mut sentences = Vec::new();
    let mut cut = Vec::with_capacity(items.len());
    for item in items {
        cut.push(match item {
            Item::Text(text) => {
                let mut cut = Cut::new(&text, model.segmenter())?;
                let count = cut.sentences.len();
                sentences.append(&mut cut.sentences);
                (Done::Text { text, cut, tagged: Vec::new() }, count)
            }
            Item::Words(words) => {
                sentences.push(words.clone());
                let tagged = Tagged { tags: Vec::new(), spans: Vec::new(), unrepaired: None };
                (Done::Words { words, tagged }, 1)
            }
        });
    }
    match sentences.iter().any(|words| words.len() > LONGEST_SENTENCE) {
        true => Err(too_long(format!("a sentence has more than {LONGEST_SENTENCE} words"))),
        false => Ok((cut, sentences)),
    }
}

fn too_long(what: String) -> Refusal {
    Refusal::new(StatusCode::PAYLOAD_TOO_LARGE, format!("{what}; send less text at a time"))
}

/// Does work that takes long for a long text on a thread that may wait.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Refusal> {
    spawn_blocking(work).await.map_err(|_| {
        Refusal::new(StatusCode::INTERNAL_SERVER_ERROR, "the text could not be cut into sentences")
    })
}
