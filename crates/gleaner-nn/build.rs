//! Sets `cfg(bf16)` if this processor has AVX-512 BF16. Otherwise, tests that need it are ignored.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    // The target can be another architecture than that of this processor.
    #[cfg(target_arch = "x86_64")]
    if std::env::var("CARGO_CFG_TARGET_ARCH").is_ok_and(|target| target == "x86_64")
        && std::is_x86_feature_detected!("avx512bf16")
    {
        println!("cargo::rustc-cfg=bf16");
    }
}
