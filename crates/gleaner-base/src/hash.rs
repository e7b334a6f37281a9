//! Hashes: SHA-256 as the fingerprint of texts, models and downloads, and the names that git gives to contents of
//! files.

pub use sha2::{Digest, Sha256};

use serde::{Deserialize, Serialize};
use sha1::Sha1;
use std::{
    fs::File,
    io::{self, Read},
    path::Path,
};

/// A hash in hexadecimal digits.
///
/// ```
/// use gleaner_base::hash::{Digest, Sha256, hex};
///
/// assert_eq!(hex(Sha256::digest("abc"))[..8], *"ba7816bf");
/// ```
pub fn hex(hash: impl AsRef<[u8]>) -> String {
    hash.as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The name that git gives to the contents of a file, in hexadecimal digits: the SHA-1 of `blob`, the length and the
/// bytes. It protects against no one: collisions can be made.
///
/// ```
/// assert_eq!(gleaner_base::hash::git_blob(b"Hello, World!")[..8], *"b45ef6fe");
/// ```
pub fn git_blob(bytes: &[u8]) -> String {
    hex(blob(bytes.len() as u64).chain_update(bytes).finalize())
}

/// The name that git gives to the `size` bytes that are left in `source`.
///
/// # Errors
/// They cannot be read.
pub fn git_blob_of(size: u64, source: &mut impl Read) -> io::Result<String> {
    let mut hash = blob(size);
    io::copy(source, &mut hash)?;
    Ok(hex(hash.finalize()))
}

fn blob(size: u64) -> Sha1 {
    Sha1::new_with_prefix(format!("blob {size}\0"))
}

/// The size and hash of a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fingerprint {
    /// Number of bytes.
    pub size: u64,
    /// SHA-256 in hexadecimal digits.
    pub sha256: String,
}

impl Fingerprint {
    /// The fingerprint of a file.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn of_file(path: &Path) -> io::Result<Self> {
        Self::of(&mut File::open(path)?)
    }

    /// The fingerprint of the bytes that are left in `source`.
    ///
    /// # Errors
    /// They cannot be read.
    pub fn of(source: &mut impl Read) -> io::Result<Self> {
        let mut hash = Sha256::new();
        let size = io::copy(source, &mut hash)?;
        Ok(Self { size, sha256: hex(hash.finalize()) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `printf … | git hash-object --stdin`.
    #[test]
    fn names_are_those_of_git() {
        assert_eq!(git_blob(b""), "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391");
        assert_eq!(git_blob(&[b'x'; 55]), "e329c5109ce10a7367561757d2f5a053c528f11e");
    }

    /// `printf … | sha256sum`.
    #[test]
    fn fingerprints_are_those_of_sha256sum() {
        let million = vec![b'a'; 1_000_000];
        for (bytes, sha256) in [
            (&b""[..], "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
            (b"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
            (&million, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"),
        ] {
            let expected = Fingerprint { size: bytes.len() as u64, sha256: sha256.to_owned() };
            assert_eq!(Fingerprint::of(&mut &*bytes).unwrap(), expected);
        }
    }
}
