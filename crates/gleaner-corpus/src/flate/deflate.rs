//! Writing DEFLATE, as one block with the fixed codes.

use super::{DISTANCES, LENGTHS};

/// The farthest and the longest repetition of the format.
const WINDOW: usize = 1 << 15;
const LONGEST: usize = 258;
/// The shortest repetition that is searched for. Three far bytes would cost more than they save.
const SHORTEST: usize = 4;

/// Appends the compressed bytes.
pub(super) fn deflate(bytes: &[u8], stream: &mut Vec<u8>) {
    let mut bits = Bits { stream, buffer: 0, count: 0 };
    bits.add(0b011, 3); // the last block, with fixed codes
    // The position, plus 1, at which the same bytes were last seen, by their hash.
    let mut seen = vec![0_usize; 1 << 15];
    let mut at = 0;
    while at < bytes.len() {
        let length = match earlier(bytes, at, &mut seen) {
            Some((start, length)) => {
                repetition(&mut bits, length, at - start);
                length
            }
            None => {
                symbol(&mut bits, u16::from(bytes[at]));
                1
            }
        };
        for inside in at + 1..at + length {
            remember(bytes, inside, &mut seen);
        }
        at += length;
    }
    symbol(&mut bits, 256);
    bits.finish();
}

/// Records the bytes at a position, and returns the position where they were seen before, plus 1.
fn remember(bytes: &[u8], at: usize, seen: &mut [usize]) -> usize {
    let Some(next) = bytes.get(at..at + SHORTEST) else { return 0 };
    let word = u32::from_le_bytes(next.try_into().expect("four bytes"));
    std::mem::replace(&mut seen[(word.wrapping_mul(0x9e37_79b1) >> 17) as usize], at + 1)
}

/// The start and length of an earlier occurrence of the bytes at a position.
fn earlier(bytes: &[u8], at: usize, seen: &mut [usize]) -> Option<(usize, usize)> {
    let start = remember(bytes, at, seen).checked_sub(1)?;
    if at - start > WINDOW {
        return None;
    }
    let pairs = bytes[start..].iter().zip(&bytes[at..]).take(LONGEST);
    let length = pairs.take_while(|(before, now)| before == now).count();
    (length >= SHORTEST).then_some((start, length))
}

fn repetition(bits: &mut Bits<'_>, length: usize, distance: usize) {
    let found =
        LENGTHS.iter().rposition(|&(base, _)| usize::from(base) <= length).expect("at least 3");
    let (base, extra) = LENGTHS[found];
    symbol(bits, 257 + found as u16);
    bits.add((length - usize::from(base)) as u32, u32::from(extra));
    let found =
        DISTANCES.iter().rposition(|&(base, _)| usize::from(base) <= distance).expect("at least 1");
    let (base, extra) = DISTANCES[found];
    bits.add_code(found as u16, 5);
    bits.add((distance - usize::from(base)) as u32, u32::from(extra));
}

/// Adds the fixed code of a literal or length.
fn symbol(bits: &mut Bits<'_>, symbol: u16) {
    let (code, length) = match symbol {
        0..=143 => (0x30 + symbol, 8),
        144..=255 => (0x190 + symbol - 144, 9),
        256..=279 => (symbol - 256, 7),
        _ => (0xc0 + symbol - 280, 8),
    };
    bits.add_code(code, length);
}

struct Bits<'a> {
    stream: &'a mut Vec<u8>,
    buffer: u64,
    count: u32,
}

impl Bits<'_> {
    /// Adds a number, its lowest bit first.
    fn add(&mut self, number: u32, length: u32) {
        self.buffer |= u64::from(number) << self.count;
        self.count += length;
        while self.count >= 8 {
            self.stream.push(self.buffer as u8);
            self.buffer >>= 8;
            self.count -= 8;
        }
    }

    /// Adds a code, its highest bit first.
    fn add_code(&mut self, code: u16, length: u32) {
        self.add(u32::from(code.reverse_bits() >> (16 - length)), length);
    }

    /// Fills the last byte.
    fn finish(mut self) {
        self.add(0, (8 - self.count) % 8);
    }
}
