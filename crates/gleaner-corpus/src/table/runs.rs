//! Small numbers in few bits: parquet's hybrid of run lengths and packed bits, which holds levels
//! and positions in dictionaries.

use super::bytes::{Bytes, Damaged, damaged};

/// Reads `count` numbers of `width` bits.
pub(super) fn hybrid(mut bytes: Bytes<'_>, width: u32, count: usize) -> Result<Vec<u32>, Damaged> {
    if width > 32 {
        return damaged(format!("numbers of {width} bits"));
    }
    let mut numbers = Vec::new();
    while numbers.len() < count {
        let missing = count - numbers.len();
        let head = bytes.varint_size()?;
        let length = head >> 1;
        if head & 1 == 0 {
            let value = run_value(&mut bytes, width)?;
            numbers.resize(numbers.len() + length.min(missing), value);
        } else {
            // Groups of eight numbers take `width` bytes. Some writers cut the last group short.
            let packed = bytes.take(length.saturating_mul(width as usize).min(bytes.left()))?;
            let found = match width {
                0 => length.saturating_mul(8),
                _ => packed.len() * 8 / width as usize,
            };
            numbers.extend((0..found.min(missing)).map(|at| unpack(packed, at, width) as u32));
        }
    }
    Ok(numbers)
}

/// The value of a run, in the bytes that `width` bits need.
fn run_value(bytes: &mut Bytes<'_>, width: u32) -> Result<u32, Damaged> {
    let taken = bytes.take(width.div_ceil(8) as usize)?;
    Ok(taken.iter().rev().fold(0, |value, byte| value << 8 | u32::from(*byte)))
}

/// Number `at` of packed numbers of `width` bits (0 to 64), lowest bit first; 0 behind the end.
pub(super) fn unpack(packed: &[u8], at: usize, width: u32) -> u64 {
    let start = at * width as usize;
    let end = start + width as usize;
    let window = packed.get(start / 8..end.div_ceil(8)).unwrap_or_default();
    let bits = window.iter().rev().fold(0_u128, |bits, byte| bits << 8 | u128::from(*byte));
    let mask = (1_u128 << width) - 1;
    (bits >> (start % 8) & mask) as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_and_packed_numbers_alternate() {
        // The example of the format's description: 0 to 7 in three bits.
        let packed = [0b1000_1000, 0b1100_0110, 0b1111_1010];
        let bytes = [&[0x03][..], &packed, &[0x0a, 0x05]].concat();
        let read = hybrid(Bytes::new(&bytes), 3, 13).unwrap();
        assert_eq!(read, [0, 1, 2, 3, 4, 5, 6, 7, 5, 5, 5, 5, 5]);
        assert_eq!(hybrid(Bytes::new(&bytes), 3, 9).unwrap()[8], 5);
        assert!(hybrid(Bytes::new(&bytes), 3, 14).is_err());
        assert!(hybrid(Bytes::new(&bytes), 33, 1).is_err());
    }

    #[test]
    fn numbers_may_be_wide_or_without_bits() {
        assert_eq!(hybrid(Bytes::new(&[0x04, 0x34, 0x12]), 13, 2).unwrap(), [0x1234; 2]);
        assert_eq!(hybrid(Bytes::new(&[0x04]), 0, 2).unwrap(), [0; 2]);
        assert_eq!(hybrid(Bytes::new(&[0x03]), 0, 5).unwrap(), [0; 5]);
        assert_eq!(unpack(&[0xff; 16], 1, 63), (1 << 63) - 1);
        assert_eq!(unpack(&[0xff; 8], 1, 64), 0);
    }

    #[test]
    fn a_length_that_is_damaged_asks_for_no_memory() {
        let huge = [0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f, 0x01];
        assert_eq!(hybrid(Bytes::new(&huge), 1, 3).unwrap(), [1; 3]);
        let huge = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f, 0x01];
        assert!(hybrid(Bytes::new(&huge), 1, 30).is_err());
    }
}
