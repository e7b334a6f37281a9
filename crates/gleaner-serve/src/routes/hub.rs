//! `POST /v1/token-classification`: the form of the Hugging Face hub's inference interface.

use super::{
    Shared,
    items::{self, Done, Item},
    query::Query,
};
use crate::{Refusal, json, text::Unit};
use axum::{
    body::Bytes,
    extract::State,
    http::{StatusCode, Uri},
    response::Response,
};
use serde::Deserialize;
use serde_json::{Value, json};

#[derive(Deserialize)]
#[serde(expecting = "an object")]
struct Body {
    inputs: Inputs,
    #[serde(default)]
    parameters: Option<Parameters>,
}

#[derive(Deserialize)]
#[serde(untagged, expecting = "`inputs` must be a text, or a list of texts")]
enum Inputs {
    One(String),
    Many(Vec<String>),
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object")]
struct Parameters {
    aggregation_strategy: Option<String>,
    ignore_labels: Option<Vec<String>>,
    /// How windows of a long text overlap, which this model decides by itself.
    #[serde(rename = "stride")]
    _stride: Option<u32>,
}

impl Parameters {
    /// Words are never cut into pieces with different labels, so all ways to join pieces give the same entities.
    fn check(&self) -> Result<(), Refusal> {
        match self.aggregation_strategy.as_deref() {
            None | Some("simple" | "first" | "average" | "max") => Ok(()),
            Some("none") => Err(Refusal::malformed(
                "aggregation_strategy `none` is not available: entities are labelled as a whole; use `simple`",
            )),
            Some(other) => Err(Refusal::malformed(format!(
                "unknown aggregation_strategy `{other}`; use `simple`, `first`, `average` or `max`, which give the same entities"
            ))),
        }
    }
}

pub(super) async fn token_classification(
    State(app): State<Shared>,
    uri: Uri,
    body: Bytes,
) -> Result<Response, Refusal> {
    let query = Query::of(&uri)?;
    let model = app.models.get(query.model.as_deref())?;
    let Body { inputs, parameters } = json::read(&body)?;
    let parameters = parameters.unwrap_or_default();
    parameters.check()?;
    let ignored = parameters.ignore_labels.unwrap_or_default();
    let unit = query.offsets.unwrap_or_default();
    let (texts, is_list) = match inputs {
        Inputs::One(text) => (vec![text], false),
        Inputs::Many(texts) => (texts, true),
    };
    let done = items::label(&model, texts.into_iter().map(Item::Text).collect()).await?;
    let mut found: Vec<Value> = done.iter().map(|done| entities(done, &ignored, unit)).collect();
    let reply = match is_list {
        true => found.into(),
        false => found.pop().unwrap_or_default(),
    };
    Ok(json::reply(StatusCode::OK, &reply))
}

fn entities(done: &Done, ignored: &[String], unit: Unit) -> Value {
    let found = done.spans(unit).into_iter().filter(|span| !ignored.contains(&span.label));
    let found = found.map(|span| {
        json!({"entity_group": span.label, "score": span.confidence, "word": span.text, "start": span.start, "end": span.end})
    });
    found.collect()
}
