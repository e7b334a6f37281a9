//! Says whether the reference data beside the checkout is there, so that tests that need it are
//! ignored where it is not.

fn main() {
    println!("cargo::rustc-check-cfg=cfg(shared)");
    let folder = std::path::Path::new(&std::env::var("CARGO_MANIFEST_DIR").expect("set by cargo"))
        .join("../../../shared");
    println!("cargo::rerun-if-changed={}", folder.display());
    if folder.exists() {
        println!("cargo::rustc-cfg=shared");
    }
}
