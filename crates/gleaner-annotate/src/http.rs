//! The routes of the page and of its requests. The contract is in `docs/reference/annotation-project.md`.

mod files;
mod query;

pub use files::page_paths;

use crate::{
    answer::{Answer, Misfit},
    error::AnnotateError,
    service::Service,
};
use axum::{
    Router,
    body::Bytes,
    extract::{RawQuery, State},
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::{get, post},
};
use gleaner_serve::{Refusal, json};
use query::Query;
use serde::Deserialize;
use serde_json::json;
use std::sync::Arc;

/// The page, and the requests that it makes. The server in front of it limits the size of requests and says who may
/// make them: see [`gleaner_serve::listen`].
pub fn router(service: Arc<Service>) -> Router {
    files::routes()
        .route("/api/project", get(project))
        .route("/api/next", get(next))
        .route("/api/sentence", get(sentence))
        .route("/api/answers", post(answer))
        .route("/api/undo", post(undo))
        .route("/api/progress", get(progress))
        .with_state(service)
}

async fn project(State(service): State<Arc<Service>>) -> Response {
    json::reply(StatusCode::OK, &service.about())
}

async fn next(State(service): State<Arc<Service>>, RawQuery(query): RawQuery) -> Response {
    reply(service, move |service| {
        let query = Query::parse(query.as_deref())?;
        let annotator = query.text("annotator")?;
        let after = query.numbers("after")?;
        let take = query.numbers("take")?.first().copied().unwrap_or(1);
        Ok(json!({"sentences": service.next(annotator, &after, take)?}))
    })
    .await
}

async fn sentence(State(service): State<Arc<Service>>, RawQuery(query): RawQuery) -> Response {
    reply(service, move |service| {
        let query = Query::parse(query.as_deref())?;
        let annotator = query.text("annotator")?;
        let Some(id) = query.numbers("id")?.first().copied() else {
            return Err(Refusal::malformed("`id` is missing in the address").into());
        };
        Ok(json!({"sentence": service.sentence(annotator, id)?}))
    })
    .await
}

async fn answer(State(service): State<Arc<Service>>, body: Bytes) -> Response {
    reply(service, move |service| {
        let answer: Answer = json::read(&body)?;
        let annotator = answer.annotator.clone();
        let n = service.answer(answer)?;
        Ok(json!({"n": n, "progress": service.progress(&annotator)}))
    })
    .await
}

/// The body of a request to take an answer back.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Undo {
    annotator: String,
}

async fn undo(State(service): State<Arc<Service>>, body: Bytes) -> Response {
    reply(service, move |service| {
        let Undo { annotator } = json::read(&body)?;
        let sentence = service.undo(&annotator)?;
        Ok(json!({"sentence": sentence, "progress": service.progress(&annotator)}))
    })
    .await
}

async fn progress(State(service): State<Arc<Service>>, RawQuery(query): RawQuery) -> Response {
    reply(service, move |service| {
        let query = Query::parse(query.as_deref())?;
        Ok(json!(service.progress(query.text("annotator")?)))
    })
    .await
}

/// Why there is no other reply.
enum Failure {
    Refused(Refusal),
    Failed(AnnotateError),
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<AnnotateError> for Failure {
    fn from(error: AnnotateError) -> Self {
        match error {
            AnnotateError::Refused(misfit) => {
                Self::Refused(Refusal::new(status(&misfit), misfit.to_string()))
            }
            error => Self::Failed(error),
        }
    }
}

fn status(misfit: &Misfit) -> StatusCode {
    match misfit {
        Misfit::NoSentence { .. } => StatusCode::NOT_FOUND,
        _ => StatusCode::BAD_REQUEST,
    }
}

/// Does some work on a thread that may wait, and replies with its result.
async fn reply(
    service: Arc<Service>,
    work: impl FnOnce(&Arc<Service>) -> Result<serde_json::Value, Failure> + Send + 'static,
) -> Response {
    let own = Arc::clone(&service);
    let failed = |error: &str| {
        // The message names files of this machine.
        service.log(error);
        let what = "the request could not be carried out; the output of the program says why";
        Refusal::new(StatusCode::INTERNAL_SERVER_ERROR, what).into_response()
    };
    match tokio::task::spawn_blocking(move || work(&own)).await {
        Ok(Ok(value)) => json::reply(StatusCode::OK, &value),
        Ok(Err(Failure::Refused(refusal))) => refusal.into_response(),
        Ok(Err(Failure::Failed(error))) => failed(&error.to_string()),
        Err(panic) => failed(&panic.to_string()),
    }
}

#[cfg(test)]
mod tests;
