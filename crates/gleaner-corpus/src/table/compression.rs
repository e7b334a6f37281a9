//! Decompressing pages.

use std::borrow::Cow;
use std::io::Read;

use super::bytes::{Damaged, damaged};
use super::lz4;
use super::metadata::Codec;
use crate::flate::{Corrupt, from_gzip};

/// Bytes that one compressed byte can become: Snappy copies 64 bytes with two at best.
const MAX_EXPANSION: usize = 64;

/// The bytes of a page before compression, of which there are `size`. Memory is used as bytes are decompressed, because
/// a damaged size must not use it up.
pub(super) fn unpacked(codec: Codec, stored: &[u8], size: usize) -> Result<Cow<'_, [u8]>, Damaged> {
    let page = match codec {
        Codec::None => return Ok(Cow::Borrowed(stored)),
        Codec::Other(name) => return damaged(format!("it is compressed with {name}")),
        Codec::Snappy => {
            let stated = snap::raw::decompress_len(stored).ok();
            if stated != Some(size) || size > stored.len().saturating_mul(MAX_EXPANSION) {
                return damaged("the sizes of a compressed page contradict each other");
            }
            let page = snap::raw::Decoder::new().decompress_vec(stored);
            page.or_else(|_| damaged("a page cannot be decompressed"))?
        }
        Codec::Gzip => from_gzip(stored, size).or_else(|Corrupt(reason)| {
            damaged(format!("a page cannot be decompressed: {reason}"))
        })?,
        Codec::Zstd => match ruzstd::decoding::StreamingDecoder::new(stored) {
            Ok(decoder) => all(decoder, size)?,
            Err(_) => return damaged("a page cannot be decompressed"),
        },
        Codec::Brotli => brotli(stored, size)?,
        Codec::Lz4Sized => match lz4::frames(stored, size) {
            Some(page) => page,
            None => lz4::block(stored, size)?,
        },
        Codec::Lz4 => lz4::block(stored, size)?,
    };
    match page.len() == size {
        true => Ok(Cow::Owned(page)),
        false => damaged("the sizes of a compressed page contradict each other"),
    }
}

#[cfg(feature = "brotli")]
fn brotli(stored: &[u8], size: usize) -> Result<Vec<u8>, Damaged> {
    super::brotli::page(stored, size).map_or_else(|| damaged("a page cannot be decompressed"), Ok)
}

#[cfg(not(feature = "brotli"))]
fn brotli(_: &[u8], _: usize) -> Result<Vec<u8>, Damaged> {
    damaged("it is compressed with Brotli, which this build does not read")
}

/// All bytes of a reader. One more than `size` is read if there is one, which makes the page too long.
fn all(reader: impl Read, size: usize) -> Result<Vec<u8>, Damaged> {
    let mut page = Vec::new();
    match reader.take(size as u64 + 1).read_to_end(&mut page) {
        Ok(_) => Ok(page),
        Err(_) => damaged("a page cannot be decompressed"),
    }
}
