//! Sets `cfg(bf16)` where this processor multiplies bf16. Tests that need it are ignored elsewhere.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    #[cfg(target_arch = "x86_64")]
    if std::is_x86_feature_detected!("avx512bf16") {
        println!("cargo::rustc-cfg=bf16");
    }
}
