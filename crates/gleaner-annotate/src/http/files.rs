//! The files of the page, which are part of the program. They show nothing of a project.

use axum::{
    Router,
    http::header,
    response::{IntoResponse, Response},
    routing::get,
};

/// What the page may load: its own files, and nothing from elsewhere.
const POLICY: &str = "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; object-src 'none'";

/// A file of the page: its path, and its text.
macro_rules! files {
    ($($name:literal,)+) => {
        [$((concat!("/", $name), include_str!(concat!("../page/", $name))),)+]
    };
}

const FILES: [(&str, &str); 16] = files![
    "index.html",
    "app.css",
    "app.js",
    "curve.js",
    "editor.js",
    "guidelines.js",
    "icon.svg",
    "keys.js",
    "pointer.js",
    "queue.js",
    "sentence.js",
    "server.js",
    "session.js",
    "spans.js",
    "storage.js",
    "texts.js",
];

/// The paths of the page, which need no token.
pub fn page_paths() -> Vec<&'static str> {
    std::iter::once("/").chain(FILES.iter().map(|(path, _)| *path)).collect()
}

/// The page under `/`, and its other files beside it.
pub(super) fn routes<S: Clone + Send + Sync + 'static>() -> Router<S> {
    let (_, index) = FILES[0];
    let root = Router::new().route("/", get(move || file("/index.html", index)));
    FILES
        .iter()
        .fold(root, |router, &(path, text)| router.route(path, get(move || file(path, text))))
}

async fn file(path: &'static str, text: &'static str) -> Response {
    let kind = match path.rsplit_once('.').map_or("", |(_, extension)| extension) {
        "html" => "text/html; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "svg" => "image/svg+xml",
        _ => "text/javascript; charset=utf-8",
    };
    let headers = [
        (header::CONTENT_TYPE, kind),
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::CACHE_CONTROL, "no-cache"),
    ];
    (headers, text).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{fs, path::Path};

    #[test]
    fn every_file_of_the_page_is_served() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/page");
        let names = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name());
        let mut names: Vec<String> = names.map(|name| name.into_string().unwrap()).collect();
        // It tells the program that tests the scripts that they are modules.
        names.retain(|name| name != "package.json");
        names.sort();
        let mut served: Vec<&str> = FILES.iter().map(|(path, _)| &path[1..]).collect();
        served.sort_unstable();
        assert_eq!(names, served);
    }
}
