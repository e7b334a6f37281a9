//! The parts of addresses that redirects need.

/// `https://host:port` of an address.
pub(crate) fn origin(url: &str) -> &str {
    let start = url.find("://").map_or(0, |at| at + 3);
    let end = url[start..].find(['/', '?', '#']).map_or(url.len(), |at| start + at);
    &url[..end]
}

/// The address of a redirect from `url` to `location`, which can be relative.
pub(crate) fn join(url: &str, location: &str) -> String {
    let scheme = url.split("://").next().unwrap_or_default();
    if location.contains("://") && !location.starts_with('/') {
        location.to_owned()
    } else if location.starts_with("//") {
        format!("{scheme}:{location}")
    } else if location.starts_with('/') {
        format!("{}{location}", origin(url))
    } else {
        let path = url.split(['?', '#']).next().unwrap_or_default();
        let folder = path.rfind('/').map_or(path, |at| &path[..=at]);
        format!("{folder}{location}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn redirects_can_be_relative() {
        let from = "https://h:1/a/b?x=/y";
        assert_eq!(join(from, "http://i/c"), "http://i/c");
        assert_eq!(join(from, "//i/c"), "https://i/c");
        assert_eq!(join(from, "/c?u=http://z"), "https://h:1/c?u=http://z");
        assert_eq!(join(from, "c"), "https://h:1/a/c");
        assert_eq!(origin("https://h:1?x"), "https://h:1");
        assert_eq!(origin("http://h"), "http://h");
    }
}
