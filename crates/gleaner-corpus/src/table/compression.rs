//! Decompressing pages.

use std::borrow::Cow;
use std::io::Read;

use super::budget::Budget;
use super::bytes::{Damaged, damaged};
use super::lz4;
use super::metadata::Codec;
use crate::flate::{Corrupt, from_gzip};

/// Bytes that one compressed byte can become: Snappy copies 64 bytes with two at best.
const MAX_EXPANSION: usize = 64;
/// The window of Zstandard that every decoder should accept (RFC 8878, section 3.1.1.1.2), which the decoder reserves.
const WINDOW: usize = 8 << 20;

/// The bytes of a page before compression, of which there are `size`. Memory is used as bytes are decompressed, because
/// a damaged size must not use it up.
pub(super) fn unpacked<'a>(
    codec: Codec,
    stored: &'a [u8],
    size: usize,
    budget: &mut Budget,
) -> Result<Cow<'a, [u8]>, Damaged> {
    if codec != Codec::None {
        budget.take(size, 1)?;
    }
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
        Codec::Zstd => {
            let window = size.max(WINDOW) as u64;
            match ruzstd::decoding::StreamingDecoder::new_with_max_window_size(stored, window) {
                Ok(decoder) => all(decoder, size)?,
                Err(_) => return damaged("a page cannot be decompressed"),
            }
        }
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

#[cfg(test)]
mod tests {
    use super::*;

    /// A frame of Zstandard (RFC 8878) with blocks of 128 KiB of one byte, which take four bytes each.
    fn zstd(blocks: u32) -> Vec<u8> {
        // A window of 2^18 bytes, no size, no checksum.
        let mut frame = vec![0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x40];
        for block in 1..=blocks {
            let head = u32::from(block == blocks) | 1 << 1 | BLOCK << 3;
            frame.extend(&head.to_le_bytes()[..3]);
            frame.push(b'x');
        }
        frame
    }

    const BLOCK: u32 = 1 << 17;

    #[test]
    fn a_page_of_zstandard_does_not_grow_without_limit() {
        let size = |blocks: u32| (blocks * BLOCK) as usize;
        let unpacked = |blocks, size| {
            let frame = zstd(blocks);
            unpacked(Codec::Zstd, &frame, size, &mut Budget::of(frame.len())).map(Cow::into_owned)
        };
        assert_eq!(unpacked(3, size(3)).unwrap(), vec![b'x'; size(3)]);
        let contradiction = damaged("the sizes of a compressed page contradict each other");
        assert_eq!(unpacked(1000, 100), contradiction);
        assert_eq!(unpacked(3, size(3) + 1), contradiction);
        let error = unpacked(1000, size(1000)).unwrap_err();
        assert_eq!(error.0, "it would need more than 256 times its own length in memory");
        assert!(unpacked(1, usize::MAX).is_err());
    }
}
