//! Sets `cfg(shared)` where the shared data folder lies beside the checkout; tests that need it are ignored elsewhere.

use std::path::Path;

fn main() {
    println!("cargo::rustc-check-cfg=cfg(shared)");
    println!("cargo::rerun-if-changed=build.rs");
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared");
    if folder.is_dir() {
        // Only what exists is watched: cargo would build anew every time for what does not.
        println!("cargo::rerun-if-changed={}", folder.join("README.md").display());
        println!("cargo::rustc-cfg=shared");
    }
}
