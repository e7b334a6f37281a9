//! Says whether there is a browser, so that the test that needs one is ignored where there is none.

fn main() {
    println!("cargo::rustc-check-cfg=cfg(chromium)");
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-env-changed=PATH");
    let path = std::env::var_os("PATH").unwrap_or_default();
    let browser =
        std::env::split_paths(&path).map(|folder| folder.join("chromium")).find(|p| p.is_file());
    if let Some(browser) = browser {
        // Only what exists is watched: cargo would build anew every time for what does not.
        println!("cargo::rerun-if-changed={}", browser.display());
        println!("cargo::rustc-cfg=chromium");
    }
}
