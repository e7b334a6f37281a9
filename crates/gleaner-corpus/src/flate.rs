//! DEFLATE (RFC 1951) in the frames of zlib (RFC 1950) and gzip (RFC 1952).
//!
//! Gleaner has its own code for it: spaCy's files and parquet pages need only whole buffers, and this is much smaller
//! than a crate. Every frame's checksum is verified, so that damage is not read as text.

mod checksum;
mod deflate;
mod inflate;

use checksum::{adler32, crc32};
use inflate::inflate;

/// Why bytes cannot be decompressed, as a clause.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Corrupt(pub(crate) &'static str);

/// The base and the number of extra bits of the length symbols, from 257.
const LENGTHS: [(u16, u8); 29] = [
    (3, 0),
    (4, 0),
    (5, 0),
    (6, 0),
    (7, 0),
    (8, 0),
    (9, 0),
    (10, 0),
    (11, 1),
    (13, 1),
    (15, 1),
    (17, 1),
    (19, 2),
    (23, 2),
    (27, 2),
    (31, 2),
    (35, 3),
    (43, 3),
    (51, 3),
    (59, 3),
    (67, 4),
    (83, 4),
    (99, 4),
    (115, 4),
    (131, 5),
    (163, 5),
    (195, 5),
    (227, 5),
    (258, 0),
];

/// The base and the number of extra bits of the distance symbols.
const DISTANCES: [(u16, u8); 30] = [
    (1, 0),
    (2, 0),
    (3, 0),
    (4, 0),
    (5, 1),
    (7, 1),
    (9, 2),
    (13, 2),
    (17, 3),
    (25, 3),
    (33, 4),
    (49, 4),
    (65, 5),
    (97, 5),
    (129, 6),
    (193, 6),
    (257, 7),
    (385, 7),
    (513, 8),
    (769, 8),
    (1025, 9),
    (1537, 9),
    (2049, 10),
    (3073, 10),
    (4097, 11),
    (6145, 11),
    (8193, 12),
    (12289, 12),
    (16385, 13),
    (24577, 13),
];

/// Decompresses a zlib stream of at most `limit` bytes. Bytes after the stream are an error.
pub(crate) fn from_zlib(bytes: &[u8], limit: usize) -> Result<Vec<u8>, Corrupt> {
    let Some((&[method, flags], body)) = bytes.split_first_chunk::<2>() else {
        return Err(Corrupt("it has no zlib header"));
    };
    if method & 0x0f != 8 || u16::from_be_bytes([method, flags]) % 31 != 0 {
        return Err(Corrupt("it has no zlib header"));
    }
    if flags & 0x20 != 0 {
        return Err(Corrupt("it needs a preset dictionary"));
    }
    let (plain, used) = inflate(body, limit)?;
    match body[used..].try_into().map(u32::from_be_bytes) {
        Ok(sum) if sum == adler32(&plain) => Ok(plain),
        Ok(_) => Err(Corrupt("its checksum is wrong")),
        Err(_) => Err(Corrupt("it is cut short, or has bytes behind its end")),
    }
}

/// Compresses bytes into a zlib stream.
pub(crate) fn to_zlib(bytes: &[u8]) -> Vec<u8> {
    let mut stream = vec![0x78, 0x9c];
    deflate::deflate(bytes, &mut stream);
    stream.extend(adler32(bytes).to_be_bytes());
    stream
}

/// Decompresses the members of a gzip file, which have at most `limit` bytes together.
pub(crate) fn from_gzip(bytes: &[u8], limit: usize) -> Result<Vec<u8>, Corrupt> {
    let mut plain = Vec::new();
    let mut rest = bytes;
    while !rest.is_empty() {
        let body = after_gzip_header(rest)?;
        let (member, used) = inflate(body, limit - plain.len())?;
        let Some((tail, after)) = body[used..].split_first_chunk::<8>() else {
            return Err(Corrupt("it is cut short"));
        };
        let number =
            |at: usize| u32::from_le_bytes(tail[at..at + 4].try_into().expect("four bytes"));
        if number(0) != crc32(&member) || number(4) != member.len() as u32 {
            return Err(Corrupt("its checksum is wrong"));
        }
        plain.extend(member);
        rest = after;
    }
    Ok(plain)
}

/// The bytes after the header of a gzip member.
fn after_gzip_header(bytes: &[u8]) -> Result<&[u8], Corrupt> {
    const CUT: Corrupt = Corrupt("its gzip header is cut short");
    let Some((&[0x1f, 0x8b, 8, flags, ..], mut rest)) = bytes.split_first_chunk::<10>() else {
        return Err(Corrupt("it has no gzip header"));
    };
    if flags & 4 != 0 {
        let (length, extra) = rest.split_first_chunk::<2>().ok_or(CUT)?;
        rest = extra.get(usize::from(u16::from_le_bytes(*length))..).ok_or(CUT)?;
    }
    // A name and a comment, each up to a zero byte.
    for flag in [8, 16] {
        if flags & flag != 0 {
            let end = rest.iter().position(|&byte| byte == 0).ok_or(CUT)?;
            rest = &rest[end + 1..];
        }
    }
    if flags & 2 != 0 {
        rest = rest.get(2..).ok_or(CUT)?;
    }
    Ok(rest)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// `zlib.compress(b"abcabcabcabc")` and `gzip.compress(b"hello hello hello", mtime=0)` of Python.
    const ZLIB: &[u8] = &[120, 156, 75, 76, 74, 78, 132, 33, 0, 29, 224, 4, 153];
    const GZIP: &[u8] = &[
        31, 139, 8, 0, 0, 0, 0, 0, 2, 3, 203, 72, 205, 201, 201, 87, 200, 64, 144, 0, 128, 136,
        249, 229, 17, 0, 0, 0,
    ];
    /// `zlib.compress("".join(str(i * i) for i in range(150)).encode(), 9)`: a block with its own codes.
    const SQUARES: &[u8] = &[
        120, 218, 29, 145, 201, 1, 192, 48, 8, 195, 86, 194, 220, 236, 191, 88, 149, 190, 154, 146,
        96, 108, 97, 202, 83, 123, 69, 231, 117, 174, 100, 38, 151, 50, 213, 167, 107, 247, 242,
        106, 223, 11, 207, 104, 165, 25, 55, 185, 89, 126, 53, 77, 95, 79, 143, 223, 44, 53, 157,
        217, 53, 10, 158, 178, 61, 169, 90, 244, 203, 41, 6, 106, 73, 107, 161, 221, 140, 104, 38,
        77, 167, 150, 233, 23, 237, 230, 255, 141, 187, 157, 135, 165, 39, 46, 202, 204, 155, 239,
        240, 191, 212, 241, 25, 188, 11, 196, 112, 115, 129, 229, 192, 113, 160, 23, 227, 138, 205,
        140, 235, 75, 76, 36, 115, 51, 170, 51, 247, 178, 61, 115, 240, 142, 189, 50, 44, 48, 180,
        2, 255, 20, 137, 86, 53, 124, 81, 111, 219, 247, 84, 77, 72, 46, 68, 174, 236, 221, 27, 35,
        36, 122, 131, 248, 84, 223, 12, 114, 231, 90, 80, 173, 47, 106, 112, 131, 222, 46, 33, 241,
        199, 213, 111, 2, 65, 138, 246, 136, 18, 216, 252, 157, 146, 249, 214, 118, 240, 209, 79,
        170, 36, 135, 43, 108, 224, 213, 0, 209, 66, 198, 255, 45, 4, 68, 136, 145, 16, 128, 158,
        223, 195, 248, 120, 70, 214, 3, 10, 225, 56, 252, 166, 254, 126, 58, 242, 245, 231, 238,
        203, 8, 173, 10, 82, 191, 132, 170, 229, 212, 250, 9, 114, 251, 207, 193, 171, 105, 94,
        239, 128, 155, 101, 160, 55, 135, 242, 190, 25, 236, 133, 211, 155, 123, 111, 227, 247,
        188, 220, 91, 28, 49, 69, 20, 8, 83, 63, 183, 97, 121, 250, 183, 23, 172, 143, 221, 18,
        159, 22, 103, 147, 250, 0, 211, 12, 122, 108,
    ];

    #[test]
    fn streams_of_other_writers_are_read() {
        assert_eq!(from_zlib(ZLIB, 100).unwrap(), b"abcabcabcabc");
        let squares: String = (0..150).map(|number| (number * number).to_string()).collect();
        assert_eq!(from_zlib(SQUARES, squares.len()).unwrap(), squares.as_bytes());
        assert_eq!(from_gzip(GZIP, 100).unwrap(), b"hello hello hello");
        assert_eq!(
            from_gzip(&[GZIP, GZIP].concat(), 100).unwrap(),
            b"hello hello hellohello hello hello"
        );
    }

    #[test]
    fn damage_is_an_error() {
        type Read = fn(&[u8], usize) -> Result<Vec<u8>, Corrupt>;
        let readers: [(&[u8], Read); 2] = [(ZLIB, from_zlib), (GZIP, from_gzip)];
        for (bytes, read) in readers {
            for length in 1..bytes.len() {
                assert!(read(&bytes[..length], 100).is_err(), "{length}");
            }
            let mut changed = bytes.to_vec();
            let last = changed.len() - 1;
            changed[last] ^= 1;
            assert_eq!(read(&changed, 100), Err(Corrupt("its checksum is wrong")));
            assert_eq!(read(bytes, 5), Err(Corrupt("it is longer than stated")));
        }
    }

    proptest! {
        #[test]
        fn what_is_compressed_is_read_back(bytes in prop::collection::vec(prop_oneof![0..4_u8, any::<u8>()], 0..3000)) {
            let bytes = [&bytes[..], &bytes[bytes.len() / 3..], &bytes[..]].concat();
            prop_assert_eq!(from_zlib(&to_zlib(&bytes), bytes.len()).unwrap(), bytes);
        }

        #[test]
        fn noise_does_not_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
            let _ = inflate(&bytes, 10_000);
            let _ = from_gzip(&[&GZIP[..10], &bytes].concat(), 10_000);
        }
    }
}
