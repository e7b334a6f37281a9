//! Patterns of run names.

/// Whether a name contains `pattern`. A pattern with `*`, which matches any characters, must match the
/// whole name.
pub(super) fn fits(pattern: &str, name: &str) -> bool {
    let Some((first, rest)) = pattern.split_once('*') else { return name.contains(pattern) };
    let Some(mut left) = name.strip_prefix(first) else { return false };
    let mut parts: Vec<&str> = rest.split('*').collect();
    let last = parts.pop().unwrap_or("");
    for part in parts {
        match left.find(part) {
            Some(at) => left = &left[at + part.len()..],
            None => return false,
        }
    }
    left.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::fits;

    #[test]
    fn stars_match_anything_and_plain_patterns_match_parts() {
        let name = "transfer/fo-da/x12/seed42";
        for good in
            ["fo-da", "transfer", "x12/", "transfer/*", "*seed42", "tr*/x12/*", "*", "*fo*42"]
        {
            assert!(fits(good, name), "{good}");
        }
        for bad in ["fo-no", "*fo-da", "transfer*x1", "fo*", "*x12*seed1", "*42*42"] {
            assert!(!fits(bad, name), "{bad}");
        }
    }
}
