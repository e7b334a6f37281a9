//! LZ4: blocks, and Hadoop's frames around them.

use super::bytes::{Damaged, damaged};

/// Decompresses a block of at most `limit` bytes.
pub(super) fn block(bytes: &[u8], limit: usize) -> Result<Vec<u8>, Damaged> {
    let cut = || Damaged("a page is cut short".to_owned());
    let mut plain = Vec::new();
    let mut rest = bytes;
    while let Some((&token, after)) = rest.split_first() {
        rest = after;
        let literals = length(token >> 4, &mut rest).ok_or_else(cut)?;
        let (taken, after) = rest.split_at_checked(literals).ok_or_else(cut)?;
        if literals > limit - plain.len() {
            return damaged("a page is longer than it states");
        }
        plain.extend(taken);
        rest = after;
        if rest.is_empty() {
            break; // the last sequence has no repetition
        }
        let (&distance, after) = rest.split_first_chunk::<2>().ok_or_else(cut)?;
        rest = after;
        let distance = usize::from(u16::from_le_bytes(distance));
        let repeated = length(token & 15, &mut rest).ok_or_else(cut)?.saturating_add(4);
        if distance == 0 || distance > plain.len() {
            return damaged("a page repeats what is before its start");
        }
        if repeated > limit - plain.len() {
            return damaged("a page is longer than it states");
        }
        let start = plain.len() - distance;
        // The repetition may overlap itself.
        for at in start..start + repeated {
            plain.push(plain[at]);
        }
    }
    Ok(plain)
}

/// A length whose first four bits are in a token.
fn length(bits: u8, rest: &mut &[u8]) -> Option<usize> {
    let mut length = usize::from(bits);
    if bits == 15 {
        loop {
            let (&byte, after) = rest.split_first()?;
            *rest = after;
            length = length.saturating_add(usize::from(byte));
            if byte < 255 {
                break;
            }
        }
    }
    Some(length)
}

/// Decompresses Hadoop's frames, each with the size of its content and of its block as big-endian numbers before it.
/// `None` if the bytes are not such frames of `size` bytes together.
pub(super) fn frames(bytes: &[u8], size: usize) -> Option<Vec<u8>> {
    let mut plain = Vec::new();
    let mut rest = bytes;
    while !rest.is_empty() {
        let (content, after) = rest.split_first_chunk::<4>()?;
        let (stored, after) = after.split_first_chunk::<4>()?;
        let [content, stored] = [content, stored].map(|bytes| u32::from_be_bytes(*bytes) as usize);
        let (taken, after) = after.split_at_checked(stored)?;
        let decompressed = block(taken, content.min(size - plain.len())).ok()?;
        if decompressed.len() != content {
            return None;
        }
        plain.extend(decompressed);
        rest = after;
    }
    (plain.len() == size).then_some(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_are_decompressed() {
        // "abc", then 15 + 4 bytes from 3 before, then "de".
        let bytes = [0x3f, b'a', b'b', b'c', 3, 0, 0, 0x20, b'd', b'e'];
        assert_eq!(block(&bytes, 24).unwrap(), b"abcabcabcabcabcabcabcade");
        assert_eq!(block(&[0], 0).unwrap(), b"");
        let framed = [&[0, 0, 0, 24, 0, 0, 0, 10][..], &bytes].concat();
        assert_eq!(frames(&framed, 24).unwrap().len(), 24);
        assert_eq!(frames(&framed.repeat(2), 48).unwrap().len(), 48);
        assert_eq!((frames(&framed, 25), frames(&bytes, 24)), (None, None));
        assert!(block(&bytes, 23).is_err());
        assert!(block(&[0x10, b'a', 2, 0], 50).is_err());
        assert!(block(&[0x10, b'a', 0, 0], 50).is_err());
        assert!(block(&[0xf0, 255], 1000).is_err());
    }
}
