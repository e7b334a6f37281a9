//! SHA-1 (FIPS 180-4), with which git names the contents of files. It protects against no one: collisions can be made.

/// The first words of the state.
const INITIAL: [u32; 5] = [0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0];

/// Bytes of a block.
const BLOCK: usize = 64;

/// The name that git gives to the contents of a file: the SHA-1 of `blob`, the length and the bytes.
///
/// ```
/// let name = gleaner_base::sha1::git_blob(b"Hello, World!");
/// assert_eq!(name[..4], [0xb4, 0x5e, 0xf6, 0xfe]);
/// ```
pub fn git_blob(bytes: &[u8]) -> [u8; 20] {
    let head = format!("blob {}\0", bytes.len());
    digest(&[head.as_bytes(), bytes].concat())
}

fn digest(bytes: &[u8]) -> [u8; 20] {
    let mut state = INITIAL;
    let (blocks, rest) = bytes.as_chunks::<BLOCK>();
    blocks.iter().for_each(|block| compress(&mut state, block));
    // A bit of 1, zeros, and the length in bits as the last eight bytes of a block.
    let mut last = [rest, &[0x80]].concat();
    last.resize((last.len() + 8).next_multiple_of(BLOCK) - 8, 0);
    last.extend((8 * bytes.len() as u64).to_be_bytes());
    last.as_chunks::<BLOCK>().0.iter().for_each(|block| compress(&mut state, block));
    let mut hash = [0; 20];
    for (to, word) in hash.as_chunks_mut::<4>().0.iter_mut().zip(state) {
        *to = word.to_be_bytes();
    }
    hash
}

fn compress(state: &mut [u32; 5], block: &[u8; BLOCK]) {
    let mut words = [0; 80];
    for (word, bytes) in words.iter_mut().zip(block.as_chunks::<4>().0) {
        *word = u32::from_be_bytes(*bytes);
    }
    for t in 16..80 {
        words[t] = (words[t - 3] ^ words[t - 8] ^ words[t - 14] ^ words[t - 16]).rotate_left(1);
    }
    let [mut a, mut b, mut c, mut d, mut e] = *state;
    for (t, word) in words.into_iter().enumerate() {
        let (mixed, constant) = match t {
            0..20 => ((b & c) | (!b & d), 0x5a827999),
            20..40 => (b ^ c ^ d, 0x6ed9eba1),
            40..60 => ((b & c) | (b & d) | (c & d), 0x8f1bbcdc),
            _ => (b ^ c ^ d, 0xca62c1d6),
        };
        let next = a.rotate_left(5).wrapping_add(mixed).wrapping_add(e);
        let next = next.wrapping_add(constant).wrapping_add(word);
        (e, d, c, b, a) = (d, c, b.rotate_left(30), a, next);
    }
    for (sum, value) in state.iter_mut().zip([a, b, c, d, e]) {
        *sum = sum.wrapping_add(value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hex(hash: [u8; 20]) -> String {
        hash.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    #[test]
    fn hashes_are_those_of_the_standard() {
        let long = b"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq";
        let million = vec![b'a'; 1_000_000];
        for (bytes, expected) in [
            (&b""[..], "da39a3ee5e6b4b0d3255bfef95601890afd80709"),
            (b"abc", "a9993e364706816aba3e25717850c26c9cd0d89d"),
            (long, "84983e441c3bd26ebaae4aa1f95129e5e54670f1"),
            (&million, "34aa973cd4c4daa4f61eeb2bdbad27316534016f"),
        ] {
            assert_eq!(hex(digest(bytes)), expected);
        }
    }

    /// `printf … | git hash-object --stdin`.
    #[test]
    fn names_are_those_of_git() {
        assert_eq!(hex(git_blob(b"")), "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391");
        assert_eq!(hex(git_blob(b"Hello, World!")), "b45ef6fec89518d314f546fd6c3025367b721684");
        // Lengths around the end of a block.
        for (length, expected) in [
            (47, "719ddd7888a02660234770b651274214ff7df239"),
            (48, "3b3abca28de4b8ce6ea9dac5da512120ed7c5a0c"),
            (55, "e329c5109ce10a7367561757d2f5a053c528f11e"),
            (56, "355e203863c368f0404d7fc7ae4761122c117dd2"),
        ] {
            assert_eq!(hex(git_blob(&vec![b'x'; length])), expected);
        }
    }
}
