//! Sets `cfg(chromium)` where the program `chromium` is found. The test that needs it is ignored elsewhere.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-env-changed=PATH");
    let path = std::env::var_os("PATH").unwrap_or_default();
    let browser =
        std::env::split_paths(&path).map(|folder| folder.join("chromium")).find(|p| p.is_file());
    if let Some(browser) = browser {
        // Watch only what exists: cargo rebuilds every time for a missing file.
        println!("cargo::rerun-if-changed={}", browser.display());
        println!("cargo::rustc-cfg=chromium");
    }
}
