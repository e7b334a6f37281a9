//! What every request goes through, in this order: checks, its body, its handler, the headers of its reply.

use super::{Handled, Listen, Observer, guard::Guard};
use crate::Refusal;
use axum::{
    body::{Body, Bytes, HttpBody},
    extract::{MatchedPath, Request, State},
    http::{HeaderName, HeaderValue, Method, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use std::{
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::time::timeout;

/// Headers of replies that do not set them.
const HEADERS: [(HeaderName, &str); 6] = [
    (header::CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'"),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (header::REFERRER_POLICY, "no-referrer"),
    (header::CACHE_CONTROL, "no-store"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
];

/// The limits of an address.
pub(super) struct Entry {
    guard: Guard,
    body_limit: usize,
    time_limit: Duration,
    observer: Option<Observer>,
}

impl Entry {
    pub(super) fn new(listen: &Listen) -> Self {
        Self {
            guard: Guard::new(listen),
            body_limit: listen.body_limit,
            time_limit: listen.time_limit,
            observer: listen.observer.clone(),
        }
    }

    async fn answer(&self, request: Request, next: Next) -> Result<Response, Refusal> {
        self.guard.check(request.uri(), request.headers())?;
        let (parts, body) = request.into_parts();
        let body = timeout(self.time_limit, self.whole(body)).await.map_err(|_| {
            Refusal::new(StatusCode::REQUEST_TIMEOUT, "the request took too long to arrive")
        })??;
        let request = Request::from_parts(parts, Body::from(body));
        timeout(self.time_limit, next.run(request)).await.map_err(|_| {
            let what = "the request took too long; send less text at a time";
            Refusal::new(StatusCode::SERVICE_UNAVAILABLE, what).retry_after(1)
        })
    }

    /// The body of a request, which must have arrived before anything works on it.
    async fn whole(&self, body: Body) -> Result<Bytes, Refusal> {
        let too_long = || {
            let limit = self.body_limit;
            let what =
                format!("the request is longer than {limit} bytes; send less text at a time");
            Refusal::new(StatusCode::PAYLOAD_TOO_LARGE, what)
        };
        // A length that is stated is known before the body arrives.
        if body.size_hint().lower() > self.body_limit as u64 {
            return Err(too_long());
        }
        let read = Limited::new(body, self.body_limit).collect().await;
        read.map(|body| body.to_bytes()).map_err(|error| match error.is::<LengthLimitError>() {
            true => too_long(),
            false => Refusal::malformed("the request broke off"),
        })
    }
}

pub(super) async fn enter(
    State(entry): State<Arc<Entry>>,
    request: Request,
    next: Next,
) -> Response {
    let started = Instant::now();
    let method = known(request.method());
    let route = request.extensions().get::<MatchedPath>().map(|path| path.as_str().to_owned());
    let mut response =
        entry.answer(request, next).await.unwrap_or_else(IntoResponse::into_response);
    for (name, value) in HEADERS {
        response.headers_mut().entry(name).or_insert(HeaderValue::from_static(value));
    }
    if let Some(observer) = &entry.observer {
        observer(&Handled {
            method,
            route: route.unwrap_or_else(|| "other".to_owned()),
            status: response.status().as_u16(),
            time: started.elapsed(),
        });
    }
    response
}

/// The name of a method. Clients can make up others, which would be as many counters.
fn known(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::POST => "POST",
        Method::HEAD => "HEAD",
        Method::PUT => "PUT",
        Method::DELETE => "DELETE",
        Method::PATCH => "PATCH",
        Method::OPTIONS => "OPTIONS",
        _ => "other",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::{Router, routing::post};
    use std::sync::Mutex;
    use tower::ServiceExt;

    fn runtime() -> tokio::runtime::Runtime {
        tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap()
    }

    fn router(listen: &Listen) -> Router {
        let slow = || async {
            tokio::time::sleep(Duration::from_secs(3600)).await;
        };
        let router = Router::new()
            .route("/echo/{name}", post(|body: Bytes| async move { body }))
            .route("/slow", post(slow));
        listen.guarded(router)
    }

    fn send(listen: &Listen, path: &str, body: Body) -> Response {
        let request =
            axum::http::Request::post(path).header("host", "localhost").body(body).unwrap();
        runtime().block_on(router(listen).oneshot(request)).unwrap()
    }

    fn local() -> Listen {
        Listen::new("127.0.0.1:0".parse().unwrap())
    }

    #[test]
    fn bodies_and_times_have_limits() {
        let short = Duration::from_millis(10);
        let listen = Listen { body_limit: 4, time_limit: short, ..local() };
        assert_eq!(send(&listen, "/echo/a", "four".into()).status(), 200);
        assert_eq!(send(&listen, "/echo/a", "fives".into()).status(), 413);
        // More than axum takes by itself.
        let long = vec![b'a'; 3 << 20];
        assert_eq!(send(&local(), "/echo/a", long.into()).status(), 200);
        let slow = send(&listen, "/slow", Body::empty());
        assert_eq!(slow.status(), 503);
        assert_eq!(slow.headers()["retry-after"], "1");
    }

    #[test]
    fn replies_have_the_headers_that_browsers_heed() {
        for path in ["/echo/a", "/missing"] {
            let response = send(&local(), path, Body::empty());
            for (name, value) in HEADERS {
                assert_eq!(response.headers()[&name], value, "{path} {name}");
            }
        }
    }

    #[test]
    fn routes_are_observed_without_what_clients_put_into_them() {
        let seen: Arc<Mutex<Vec<String>>> = Arc::default();
        let sink = Arc::clone(&seen);
        let observer: Observer = Arc::new(move |handled| {
            let Handled { method, route, status, .. } = handled;
            sink.lock().unwrap().push(format!("{method} {route} {status}"));
        });
        let listen = Listen { observer: Some(observer), ..local() };
        send(&listen, "/echo/secret", Body::empty());
        send(&listen, "/secret", Body::empty());
        assert_eq!(*seen.lock().unwrap(), ["POST /echo/{name} 200", "POST other 404"]);
    }
}
