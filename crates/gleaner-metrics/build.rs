//! Tells the tests whether the shared data folder lies beside the checkout.

use std::path::Path;

fn main() {
    println!("cargo::rustc-check-cfg=cfg(shared)");
    println!("cargo::rerun-if-changed=../../../shared");
    if Path::new("../../../shared").exists() {
        println!("cargo::rustc-cfg=shared");
    }
}
