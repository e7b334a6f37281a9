//! The interface that Label Studio expects of a machine-learning backend.
//!
//! Label Studio appends the names of calls to the address of the backend, which can be the root of this server,
//! `/label-studio`, or `/label-studio/NAME` for the model of this name.

mod config;

use super::{
    Shared,
    items::{self, Done, Item},
    query::Query,
};
use crate::{Refusal, json, model::Model, text::Unit};
use axum::{
    body::Bytes,
    extract::{Path, State},
    http::{StatusCode, Uri},
    response::Response,
};
use config::Config;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::sync::Arc;

/// The name of a model in the path, if it has one.
type Name = Option<Path<String>>;

#[derive(Deserialize)]
#[serde(expecting = "an object")]
struct Setup {
    schema: String,
}

#[derive(Deserialize)]
#[serde(expecting = "an object")]
struct Predict {
    tasks: Vec<Task>,
    label_config: String,
}

#[derive(Deserialize)]
#[serde(expecting = "an object")]
struct Task {
    #[serde(default)]
    id: Value,
    data: Map<String, Value>,
}

#[derive(Deserialize)]
#[serde(expecting = "an object")]
struct Webhook {
    action: String,
}

fn model(app: &Shared, name: Name, uri: &Uri) -> Result<Arc<Model>, Refusal> {
    let query = Query::of(uri)?;
    let name = Query::one("model", query.model, name.map(|Path(name)| name))?;
    app.models.get(name.as_deref())
}

/// The sign of life of a model, which says if there is none of this name.
pub(super) async fn health(
    State(app): State<Shared>,
    name: Name,
    uri: Uri,
) -> Result<Response, Refusal> {
    model(&app, name, &uri)?;
    Ok(json::reply(StatusCode::OK, &json!({"status": "UP"})))
}

/// Checks that the model can serve a project, and names its version, which Label Studio stores with predictions.
pub(super) async fn setup(
    State(app): State<Shared>,
    name: Name,
    uri: Uri,
    body: Bytes,
) -> Result<Response, Refusal> {
    let model = model(&app, name, &uri)?;
    let Setup { schema } = json::read(&body)?;
    Config::parse(&schema, &model.types)?;
    Ok(json::reply(StatusCode::OK, &json!({"model_version": model.version})))
}

pub(super) async fn predict(
    State(app): State<Shared>,
    name: Name,
    uri: Uri,
    body: Bytes,
) -> Result<Response, Refusal> {
    answer(&model(&app, name, &uri)?, &body).await
}

/// The predictions for the tasks of a body.
pub(super) async fn answer(model: &Arc<Model>, body: &[u8]) -> Result<Response, Refusal> {
    let Predict { tasks, label_config } = json::read(body)?;
    let config = Config::parse(&label_config, &model.types)?;
    let texts = tasks.into_iter().map(|task| text(task, &config)).collect::<Result<_, _>>()?;
    let done = items::label(model, texts).await?;
    let results: Vec<Value> =
        done.iter().map(|done| prediction(done, &config, &model.version)).collect();
    Ok(json::reply(StatusCode::OK, &json!({"results": results, "model_version": model.version})))
}

/// The text of a task.
fn text(mut task: Task, config: &Config) -> Result<Item, Refusal> {
    match task.data.remove(&config.key) {
        Some(Value::String(text)) => Ok(Item::Text(text)),
        _ => Err(Refusal::malformed(format!(
            "task {}: `{}` of its data is not a text, as the labelling configuration says",
            task.id, config.key
        ))),
    }
}

/// A prediction for a task. Its score, by which Label Studio can order tasks, is that of the least certain entity; a
/// text without entities has none.
fn prediction(done: &Done, config: &Config, version: &str) -> Value {
    let mut regions = Vec::new();
    let mut score: Option<f64> = None;
    // Label Studio is written in JavaScript.
    for span in done.spans(Unit::Utf16) {
        let Some(label) = config.labels.get(&span.label) else { continue };
        let value =
            json!({"start": span.start, "end": span.end, "text": span.text, "labels": [label]});
        regions.push(json!({
            "from_name": config.from_name,
            "to_name": config.to_name,
            "type": "labels",
            "value": value,
            "score": span.confidence,
        }));
        score = Some(score.map_or(span.confidence, |score| score.min(span.confidence)));
    }
    let mut prediction = json!({"result": regions, "model_version": version});
    if let Some(score) = score {
        prediction["score"] = score.into();
    }
    prediction
}

/// Events of a project. They need nothing: the model changes when its folder is replaced.
pub(super) async fn webhook(
    State(app): State<Shared>,
    name: Name,
    uri: Uri,
    body: Bytes,
) -> Result<Response, Refusal> {
    model(&app, name, &uri)?;
    let Webhook { action } = json::read(&body)?;
    match action.as_str() {
        "START_TRAINING" => Err(no_training()),
        _ => Ok(json::reply(StatusCode::CREATED, &json!({"status": "ok"}))),
    }
}

pub(super) async fn train() -> Refusal {
    no_training()
}

fn no_training() -> Refusal {
    let what = "this server does not train: export the annotations, train with `gleaner train`, and replace the folder of the model";
    Refusal::new(StatusCode::NOT_IMPLEMENTED, what)
}

pub(super) async fn versions(
    State(app): State<Shared>,
    name: Name,
    uri: Uri,
) -> Result<Response, Refusal> {
    let model = model(&app, name, &uri)?;
    Ok(json::reply(StatusCode::OK, &json!({"versions": [model.version]})))
}
