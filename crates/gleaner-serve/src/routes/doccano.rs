//! `POST /doccano`: what the automatic labelling of doccano needs, with `{{ input | tojson }}` as its template.

use super::{
    Shared,
    items::{self, Item},
    query::Query,
};
use crate::{Refusal, json};
use axum::{
    body::Bytes,
    extract::State,
    http::{StatusCode, Uri},
    response::Response,
};
use serde::Deserialize;
use serde_json::{Value, json};

#[derive(Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object")]
struct Body {
    text: String,
}

pub(super) async fn spans(
    State(app): State<Shared>,
    uri: Uri,
    body: Bytes,
) -> Result<Response, Refusal> {
    let query = Query::of(&uri)?;
    let model = app.models.get(query.model.as_deref())?;
    let Body { text } = json::read(&body)?;
    let done = items::label(&model, vec![Item::Text(text)]).await?;
    let unit = query.offsets.unwrap_or_default();
    let spans = done.iter().flat_map(|done| done.spans(unit));
    let spans = spans.map(|span| {
        json!({"label": span.label, "start_offset": span.start, "end_offset": span.end})
    });
    Ok(json::reply(StatusCode::OK, &spans.collect::<Value>()))
}
