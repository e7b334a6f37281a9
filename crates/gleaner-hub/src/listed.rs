//! The files of a repository, for errors.

/// Maximum number of files that an error lists.
const SHOWN: usize = 12;

/// The files at the top level, where models have theirs.
pub(crate) fn listed(paths: &[&str]) -> String {
    let is_shown = |path: &&str| !path.contains('/') && !path.starts_with('.');
    let mut files: Vec<&str> = paths.iter().copied().filter(is_shown).collect();
    files.sort_unstable();
    match files.len().checked_sub(SHOWN) {
        _ if files.is_empty() => "no files".to_owned(),
        Some(more @ 1..) => format!("{} and {more} more", files[..SHOWN].join(", ")),
        _ => files.join(", "),
    }
}
