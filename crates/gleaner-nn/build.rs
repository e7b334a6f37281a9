//! Sets `cfg(bf16)` if this processor has AVX-512 BF16. Otherwise, tests that need it are ignored.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    #[cfg(target_arch = "x86_64")]
    if std::is_x86_feature_detected!("avx512bf16") {
        println!("cargo::rustc-cfg=bf16");
    }
}
