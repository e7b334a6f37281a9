//! Sets `cfg(shared)` where the shared data folder lies beside the checkout, and `cfg(bash)` where the program `bash`
//! is found. Tests that need them are ignored elsewhere.

use std::{env, path::Path};

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-env-changed=PATH");
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared");
    if folder.is_dir() {
        // Watch only what exists: cargo rebuilds every time for a missing file.
        println!("cargo::rerun-if-changed={}", folder.join("README.md").display());
        println!("cargo::rustc-cfg=shared");
    }
    let path = env::var_os("PATH").unwrap_or_default();
    if env::split_paths(&path).any(|folder| folder.join("bash").is_file()) {
        println!("cargo::rustc-cfg=bash");
    }
}
