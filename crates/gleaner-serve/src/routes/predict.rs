//! `POST /predict`: texts or words in, spans out.

use super::{
    Shared,
    items::{self, Done, Item},
    label_studio,
    query::Query,
};
use crate::{Refusal, json, model::Model, text::Unit};
use axum::{
    body::Bytes,
    extract::State,
    http::{HeaderMap, StatusCode, Uri, header},
    response::{IntoResponse, Response},
};
use serde::{Deserialize, de::IgnoredAny};
use serde_json::{Map, Value, json};
use std::sync::Arc;

/// A body in JSON.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object")]
struct Body {
    model: Option<String>,
    offsets: Option<String>,
    text: Option<String>,
    texts: Option<Vec<String>>,
    words: Option<Words>,
}

/// A line of a body in JSON Lines.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object")]
struct Line {
    id: Option<Value>,
    text: Option<String>,
    words: Option<Vec<String>>,
}

/// One sentence, or several.
#[derive(Deserialize)]
#[serde(untagged, expecting = "`words` must be a list of words, or a list of lists of words")]
enum Words {
    One(Vec<String>),
    Many(Vec<Vec<String>>),
}

/// By this, the body of a request of Label Studio is recognised.
#[derive(Deserialize)]
#[serde(expecting = "an object")]
struct Kind {
    tasks: Option<IgnoredAny>,
}

pub(super) async fn predict(
    State(app): State<Shared>,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Refusal> {
    let query = Query::of(&uri)?;
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    let kind = kind.unwrap_or_default().to_ascii_lowercase();
    if kind.starts_with("text/plain") {
        let text = String::from_utf8(body.into())
            .map_err(|_| Refusal::malformed("the text is not UTF-8"))?;
        let model = app.models.get(query.model.as_deref())?;
        return one(&model, Item::Text(text), query.offsets.unwrap_or_default()).await;
    }
    if kind.contains("jsonl") || kind.contains("ndjson") {
        let model = app.models.get(query.model.as_deref())?;
        return lines(&model, &body, query.offsets.unwrap_or_default()).await;
    }
    if json::read::<Kind>(&body)?.tasks.is_some() {
        let model = app.models.get(query.model.as_deref())?;
        return label_studio::answer(&model, &body).await;
    }
    let Body { model, offsets, text, texts, words } = json::read(&body)?;
    let model = app.models.get(Query::one("model", query.model, model)?.as_deref())?;
    let offsets = offsets.as_deref().map(Unit::named).transpose()?;
    let unit = Query::one("offsets", query.offsets, offsets)?.unwrap_or_default();
    match (text, texts, words) {
        (Some(text), None, None) => one(&model, Item::Text(text), unit).await,
        (None, Some(texts), None) => {
            several(&model, texts.into_iter().map(Item::Text).collect(), unit).await
        }
        (None, None, Some(Words::One(words))) => one(&model, Item::words(words)?, unit).await,
        (None, None, Some(Words::Many(sentences))) => {
            let items = sentences.into_iter().map(Item::words).collect::<Result<_, _>>()?;
            several(&model, items, unit).await
        }
        _ => Err(Refusal::malformed("give one of `text`, `texts` and `words`")),
    }
}

async fn one(model: &Arc<Model>, item: Item, unit: Unit) -> Result<Response, Refusal> {
    let done = items::label(model, vec![item]).await?;
    let mut reply = head(model, unit);
    reply.extend(done.iter().flat_map(|done| fields(done, unit)));
    Ok(json::reply(StatusCode::OK, &reply))
}

async fn several(model: &Arc<Model>, items: Vec<Item>, unit: Unit) -> Result<Response, Refusal> {
    let done = items::label(model, items).await?;
    let mut reply = head(model, unit);
    let results: Vec<Value> = done.iter().map(|done| done.json(unit)).collect();
    reply.insert("results".to_owned(), results.into());
    Ok(json::reply(StatusCode::OK, &reply))
}

/// A line for each line.
async fn lines(model: &Arc<Model>, body: &[u8], unit: Unit) -> Result<Response, Refusal> {
    let (mut ids, mut items) = (Vec::new(), Vec::new());
    for (number, line) in (1..).zip(body.split(|byte| *byte == b'\n')) {
        if line.trim_ascii().is_empty() {
            continue;
        }
        let at_line = |what: &str| Refusal::malformed(format!("line {number}: {what}"));
        let Line { id, text, words } =
            serde_json::from_slice(line).map_err(|error| at_line(&error.to_string()))?;
        items.push(match (text, words) {
            (Some(text), None) => Item::Text(text),
            (None, Some(words)) => Item::words(words).map_err(|refusal| at_line(refusal.what()))?,
            _ => return Err(at_line("give one of `text` and `words`")),
        });
        ids.push(id);
    }
    let mut reply = Vec::new();
    for (id, done) in ids.into_iter().zip(items::label(model, items).await?) {
        let mut object = Map::new();
        object.extend(id.map(|id| ("id".to_owned(), id)));
        object.extend(head(model, unit));
        object.extend(fields(&done, unit));
        // A map with strings as keys can be written to memory.
        let _ = serde_json::to_writer(&mut reply, &object);
        reply.push(b'\n');
    }
    Ok(([(header::CONTENT_TYPE, "application/jsonl")], reply).into_response())
}

/// What every reply says of the model, and of its offsets.
fn head(model: &Model, unit: Unit) -> Map<String, Value> {
    let head = json!({"model": model.name, "model_version": model.version, "offsets": unit.name()});
    into_fields(head)
}

fn fields(done: &Done, unit: Unit) -> Map<String, Value> {
    into_fields(done.json(unit))
}

fn into_fields(object: Value) -> Map<String, Value> {
    match object {
        Value::Object(fields) => fields,
        _ => Map::new(),
    }
}
