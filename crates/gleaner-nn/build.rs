//! Sets, for tests that are ignored elsewhere, `cfg(shared)` where the shared data folder lies beside the checkout, and
//! `cfg(bf16)` where this processor multiplies bf16.

use std::path::Path;

fn main() {
    println!("cargo::rustc-check-cfg=cfg(shared, bf16)");
    #[cfg(target_arch = "x86_64")]
    if std::is_x86_feature_detected!("avx512bf16") {
        println!("cargo::rustc-cfg=bf16");
    }
    println!("cargo::rerun-if-changed=build.rs");
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared");
    if folder.is_dir() {
        // Only what exists is watched: cargo would build anew every time for what does not.
        println!("cargo::rerun-if-changed={}", folder.join("README.md").display());
        println!("cargo::rustc-cfg=shared");
    }
}
