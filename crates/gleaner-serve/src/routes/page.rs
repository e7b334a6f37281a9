//! A page to try the models. It loads nothing from elsewhere.

use axum::{
    http::{HeaderName, header},
    response::{IntoResponse, Response},
};

/// What the page may load and do.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

fn part(kind: &'static str, content: &'static str) -> Response {
    let headers: [(HeaderName, &str); 2] =
        [(header::CONTENT_TYPE, kind), (header::CONTENT_SECURITY_POLICY, POLICY)];
    (headers, content).into_response()
}

pub(super) async fn html() -> Response {
    part("text/html; charset=utf-8", include_str!("page/page.html"))
}

pub(super) async fn script() -> Response {
    part("text/javascript; charset=utf-8", include_str!("page/page.js"))
}

pub(super) async fn style() -> Response {
    part("text/css; charset=utf-8", include_str!("page/page.css"))
}
