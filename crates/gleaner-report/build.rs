//! Says whether there is a browser, so that the test that needs one is ignored where there is none.

use std::path::PathBuf;

fn main() {
    println!("cargo::rustc-check-cfg=cfg(chromium)");
    println!("cargo::rerun-if-env-changed=PATH");
    let path = std::env::var_os("PATH").unwrap_or_default();
    let places: Vec<PathBuf> =
        std::env::split_paths(&path).map(|folder| folder.join("chromium")).collect();
    for place in &places {
        // A browser that comes or goes later is noticed.
        println!("cargo::rerun-if-changed={}", place.display());
    }
    if places.iter().any(|place| place.is_file()) {
        println!("cargo::rustc-cfg=chromium");
    }
}
