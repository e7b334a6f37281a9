//! The documentation is true: its commands run, their output is as shown, its links lead somewhere, and
//! the book has all its pages.
//!
//! A shell block of a page is either run or says why not, in an HTML comment above it that readers do not see:
//!
//! | comment | effect |
//! |---|---|
//! | `<!-- not run: REASON -->` | the block is skipped |
//! | `<!-- exit N -->` | its last command must exit with N instead of 0 |
//! | `<!-- output varies -->` | its output is not compared |
//!
//! All blocks of a page run in one temporary folder, in order. A `sh` block is a script; a `console` block holds
//! commands after `$ ` and the output of each below it. `…` in the output stands for lines left out. Numbers may
//! differ.

mod links;
mod page;
mod shell;

use page::Page;
use std::{
    path::{Path, PathBuf},
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

/// The root of the repository.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

/// The Markdown files below a folder, sorted.
fn markdown(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(markdown(&path));
        } else if path.extension().is_some_and(|e| e == "md") {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// The pages of the book, and the README.
fn pages() -> Vec<PathBuf> {
    let mut pages = markdown(&root().join("docs"));
    pages.push(root().join("README.md"));
    pages
}

#[test]
fn commands_run_and_print_what_the_pages_show() {
    let pages: Vec<Page> =
        pages().iter().map(|path| Page::read(&root(), path)).filter(Page::has_blocks).collect();
    let next = AtomicUsize::new(0);
    let failures = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while let Some(page) = pages.get(next.fetch_add(1, Ordering::Relaxed)) {
                    if let Err(failure) = shell::run(page) {
                        failures.lock().unwrap().push(failure);
                    }
                }
            });
        }
    });
    let failures = failures.into_inner().unwrap();
    assert!(failures.is_empty(), "\n{}", failures.join("\n\n"));
}

#[test]
fn every_command_of_the_guides_is_in_a_block_that_is_checked() {
    for path in pages() {
        let page = Page::read(&root(), &path);
        let guide = ["docs/tutorial/", "docs/how-to/"].iter().any(|f| page.name.starts_with(f));
        assert!(!guide || page.loose.is_empty(), "{}: {:?}", page.name, page.loose);
    }
}

#[test]
fn links_lead_to_files_and_headings() {
    let root_files = ["ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md"];
    let all = pages().into_iter().chain(root_files.map(|name| root().join(name)));
    let broken: Vec<String> = all.flat_map(|path| links::broken(&root(), &path)).collect();
    assert!(broken.is_empty(), "\n{}", broken.join("\n"));
}

#[test]
fn the_book_has_every_page() {
    let docs = root().join("docs");
    let summary = std::fs::read_to_string(docs.join("SUMMARY.md")).unwrap();
    for page in markdown(&docs) {
        let name = page.strip_prefix(&docs).unwrap().to_str().unwrap();
        let listed = summary.contains(&format!("]({name})")) || name == "SUMMARY.md";
        assert!(listed, "{name} is not in docs/SUMMARY.md");
    }
}
