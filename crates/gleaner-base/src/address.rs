//! Addresses of servers.

/// Whether the server of an address such as `http://localhost:5000/x` is this computer, which no proxy reaches.
pub fn is_this_computer(address: &str) -> bool {
    let rest = address.split_once("://").map_or(address, |(_, rest)| rest);
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = match authority.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => host,
        _ => authority,
    };
    matches!(host, "localhost" | "127.0.0.1" | "[::1]")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_computer_has_few_names() {
        for (address, here) in [
            ("http://localhost:5000", true),
            ("http://127.0.0.1/mlflow", true),
            ("http://127.0.0.1:1?x", true),
            ("http://[::1]", true),
            ("http://[::1]:5000", true),
            ("https://localhost.example:5000", false),
            ("https://mlflow.example/localhost:1", false),
            ("https://huggingface.co", false),
        ] {
            assert_eq!(is_this_computer(address), here, "{address}");
        }
    }
}
