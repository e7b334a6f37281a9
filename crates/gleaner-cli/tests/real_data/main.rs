//! Tests on real corpora and a real encoder, of all crates. They read a folder `shared` beside the checkout that is not
//! part of the repository. Where it is absent, the build script leaves `cfg(shared)` unset and they are ignored.

mod cases;
mod encoder;
mod hub;
mod round_trips;
mod text;
mod tokenizers;
mod trim;

use std::path::{Path, PathBuf};

/// A path in the shared data folder.
fn shared(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared").join(path)
}
