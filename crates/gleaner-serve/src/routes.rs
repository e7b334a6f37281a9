//! What is answered at which path.

mod about;
mod doccano;
mod hub;
mod items;
mod label_studio;
mod page;
mod predict;
mod query;

#[cfg(test)]
mod tests;

use crate::{Refusal, metrics::Metrics, model::Models};
use axum::{
    Router,
    http::{Method, StatusCode, Uri},
    routing::{MethodRouter, get, post},
};
use std::sync::Arc;

/// What all requests share.
pub(crate) struct App {
    pub(crate) models: Models,
    pub(crate) metrics: Metrics,
}

type Shared = Arc<App>;

/// Paths that need no token.
pub(crate) const OPEN: [&str; 1] = ["/health"];

/// All paths, with what answers them. `openapi.json` describes the same ones.
fn table() -> Vec<(&'static str, MethodRouter<Shared>)> {
    vec![
        ("/", get(page::html)),
        ("/page.js", get(page::script)),
        ("/page.css", get(page::style)),
        ("/health", get(about::health)),
        ("/models", get(about::models)),
        ("/metrics", get(about::metrics)),
        ("/openapi.json", get(about::openapi)),
        ("/predict", post(predict::predict)),
        ("/v1/token-classification", post(hub::token_classification)),
        ("/doccano", post(doccano::spans)),
        ("/setup", post(label_studio::setup)),
        ("/webhook", post(label_studio::webhook)),
        ("/train", post(label_studio::train)),
        ("/versions", get(label_studio::versions)),
        ("/label-studio/health", get(about::health)),
        ("/label-studio/setup", post(label_studio::setup)),
        ("/label-studio/predict", post(label_studio::predict)),
        ("/label-studio/webhook", post(label_studio::webhook)),
        ("/label-studio/train", post(label_studio::train)),
        ("/label-studio/versions", get(label_studio::versions)),
        ("/label-studio/{model}/health", get(label_studio::health)),
        ("/label-studio/{model}/setup", post(label_studio::setup)),
        ("/label-studio/{model}/predict", post(label_studio::predict)),
        ("/label-studio/{model}/webhook", post(label_studio::webhook)),
        ("/label-studio/{model}/train", post(label_studio::train)),
        ("/label-studio/{model}/versions", get(label_studio::versions)),
    ]
}

/// The router of all paths.
pub(crate) fn router(app: Shared) -> Router {
    let router = Router::new().fallback(missing).method_not_allowed_fallback(not_allowed);
    let router = table().into_iter().fold(router, |all, (path, answer)| all.route(path, answer));
    router.with_state(app)
}

async fn missing() -> Refusal {
    Refusal::new(StatusCode::NOT_FOUND, "there is nothing here; /openapi.json describes what there is")
}

async fn not_allowed(method: Method, uri: Uri) -> Refusal {
    let what = format!("{} does not answer {method}; /openapi.json describes what it does", uri.path());
    Refusal::new(StatusCode::METHOD_NOT_ALLOWED, what)
}
