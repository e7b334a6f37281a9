//! Links between pages.

use std::path::Path;

/// The relative links of a page that lead nowhere, each with its place.
pub fn broken(root: &Path, page: &Path) -> Vec<String> {
    let text = std::fs::read_to_string(page).unwrap();
    let name = page.strip_prefix(root).unwrap().display();
    let mut broken = Vec::new();
    for (number, line) in prose(&text) {
        for target in targets(line) {
            if let Some(what) = fault(page, target) {
                broken.push(format!("{name}:{number}: {target}: {what}"));
            }
        }
    }
    broken
}

/// What is wrong with a link, if anything. Addresses of other sites are not followed.
fn fault(page: &Path, target: &str) -> Option<String> {
    if target.contains("://") || target.starts_with("mailto:") {
        return None;
    }
    let (file, anchor) = target.split_once('#').unwrap_or((target, ""));
    let path = match file {
        "" => page.to_owned(),
        file => page.parent().unwrap().join(file),
    };
    if !path.is_file() {
        return Some(format!("there is no file {}", path.display()));
    }
    let found = anchor.is_empty()
        || prose(&std::fs::read_to_string(&path).unwrap())
            .any(|(_, line)| line.starts_with('#') && slug(line) == anchor);
    (!found).then(|| format!("no heading has the anchor #{anchor}"))
}

/// Lines outside of code blocks, with their numbers from 1.
fn prose(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut code = false;
    text.lines().enumerate().filter_map(move |(number, line)| {
        let fence = line.trim_start().starts_with("```");
        code ^= fence;
        (!code && !fence).then_some((number + 1, line))
    })
}

/// The targets of the links in a line.
fn targets(line: &str) -> impl Iterator<Item = &str> {
    line.split("](").skip(1).filter_map(|rest| rest.split_once(')').map(|(target, _)| target))
}

/// The anchor of a heading, as Git hosts and mdBook make it.
fn slug(heading: &str) -> String {
    let text = heading.trim_start_matches('#').trim().to_lowercase();
    let kept = text.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
    kept.map(|c| if c == ' ' { '-' } else { c }).collect()
}

#[test]
fn anchors_and_targets_are_read() {
    assert_eq!(slug("## `[languages.CODE]` and more, twice"), "languagescode-and-more-twice");
    let found: Vec<&str> = targets("[a](b.md#c), ![d](e.svg) and [f](https://g)").collect();
    assert_eq!(found, ["b.md#c", "e.svg", "https://g"]);
}
