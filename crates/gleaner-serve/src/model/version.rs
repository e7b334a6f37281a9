//! What tells one model from another.

use gleaner_base::{
    hash::{Digest, Sha256, hex},
    model_files::{CONFIG, ENSEMBLE, MANIFEST, PYTORCH_WEIGHTS, TOKENIZER, WEIGHTS},
};
use std::{
    fs::File,
    io::{self, Read},
    path::Path,
};

/// Files that name the content of all others by their hashes.
pub(super) const MANIFESTS: [&str; 2] = [ENSEMBLE, MANIFEST];
/// The files that decide what a tagger of another program does.
pub(super) const FOREIGN: [&str; 4] = [CONFIG, TOKENIZER, PYTORCH_WEIGHTS, WEIGHTS];
/// Digits of a version.
const DIGITS: usize = 12;

/// The start of the SHA-256 of a model's manifest, in hexadecimal digits; of its files, where it has none.
pub(crate) fn version(folder: &Path) -> io::Result<String> {
    let mut hash = Sha256::new();
    let manifest = MANIFESTS.iter().find(|name| folder.join(name).is_file());
    match manifest {
        Some(manifest) => add(&mut hash, &folder.join(manifest))?,
        None => {
            for name in FOREIGN.iter().filter(|name| folder.join(name).is_file()) {
                hash.update(name);
                add(&mut hash, &folder.join(name))?;
            }
        }
    }
    Ok(hex(hash.finalize())[..DIGITS].to_owned())
}

/// Adds a file, which may be larger than the memory.
fn add(hash: &mut Sha256, file: &Path) -> io::Result<()> {
    let mut file = File::open(file)?;
    let mut buffer = vec![0; 1 << 16];
    loop {
        match file.read(&mut buffer)? {
            0 => return Ok(()),
            n => hash.update(&buffer[..n]),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn a_version_is_that_of_the_content() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
        let found = || version(folder.path()).unwrap();
        write("config.json", "{}");
        write("model.safetensors", "a");
        let foreign = found();
        assert_eq!(foreign.len(), DIGITS);
        write("model.safetensors", "b");
        assert_ne!(found(), foreign);
        write("gleaner.json", "abc");
        // The SHA-256 of `abc`.
        assert_eq!(found(), "ba7816bf8f01");
        write("model.safetensors", "c");
        assert_eq!(found(), "ba7816bf8f01", "named by the manifest");
    }
}
