//! Numbers with their nouns.

/// `1 entity`, `2 entities`.
pub(crate) fn entities(n: usize) -> String {
    match n {
        1 => "1 entity".to_owned(),
        n => format!("{n} entities"),
    }
}
