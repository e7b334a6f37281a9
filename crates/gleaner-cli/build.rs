//! Sets `cfg(shared)` where the shared data folder lies beside the checkout. Tests that need it are ignored elsewhere.

use std::path::Path;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared");
    if folder.is_dir() {
        // Watch only what exists: cargo rebuilds every time for a missing file.
        println!("cargo::rerun-if-changed={}", folder.join("README.md").display());
        println!("cargo::rustc-cfg=shared");
    }
}
