//! What the server says of itself.

use super::Shared;
use crate::{Refusal, json};
use axum::{
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use serde_json::{Value, json};

/// The description of all paths.
pub(super) const OPENAPI: &str = include_str!("openapi.json");

pub(super) async fn health() -> Response {
    json::reply(StatusCode::OK, &json!({"status": "UP"}))
}

pub(super) async fn models(State(app): State<Shared>) -> Result<Response, Refusal> {
    let models = app.models.all();
    let row = |model: &std::sync::Arc<crate::model::Model>| {
        json!({"name": model.name, "version": model.version, "types": model.types})
    };
    Ok(json::reply(StatusCode::OK, &json!({"models": models.iter().map(row).collect::<Value>()})))
}

pub(super) async fn metrics(State(app): State<Shared>) -> Response {
    let text = app.models.with_rows(|rows| app.metrics.text(rows));
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], text).into_response()
}

pub(super) async fn openapi() -> Response {
    ([(header::CONTENT_TYPE, "application/json")], OPENAPI).into_response()
}
