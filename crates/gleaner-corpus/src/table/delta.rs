//! Numbers as differences to the one before, in blocks of packed bits (`DELTA_BINARY_PACKED`).

use super::bytes::{Bytes, Damaged, damaged};
use super::runs::unpack;

/// Reads `count` numbers and leaves `bytes` behind them.
pub(super) fn numbers(bytes: &mut Bytes<'_>, count: usize) -> Result<Vec<i64>, Damaged> {
    let block = bytes.varint_size()?;
    let parts = bytes.varint_size()?;
    let stated = bytes.varint_size()?;
    let mut last = bytes.zigzag()?;
    if stated != count {
        return damaged(format!("{stated} numbers where there should be {count}"));
    }
    // The format demands blocks of a multiple of 128 numbers and parts of a multiple of 32.
    if parts == 0 || block == 0 || block % parts != 0 || block / parts % 8 != 0 {
        return damaged("the blocks of its numbers have impossible sizes");
    }
    let of_part = block / parts;
    let mut numbers = Vec::new();
    if count > 0 {
        numbers.push(last);
    }
    while numbers.len() < count {
        let least = bytes.zigzag()?;
        for &width in bytes.take(parts)? {
            if numbers.len() == count {
                break;
            }
            if width > 64 {
                return damaged(format!("numbers of {width} bits"));
            }
            let length = of_part.saturating_mul(usize::from(width)) / 8;
            // The last part may be cut short behind the last number.
            let packed = bytes.take(length.min(bytes.left()))?;
            let wanted = of_part.min(count - numbers.len());
            if packed.len() < (wanted * usize::from(width)).div_ceil(8) {
                return damaged("its numbers are cut short");
            }
            for at in 0..wanted {
                let difference = unpack(packed, at, u32::from(width)) as i64;
                last = last.wrapping_add(least).wrapping_add(difference);
                numbers.push(last);
            }
        }
    }
    Ok(numbers)
}

/// Reads `count` numbers that are lengths.
pub(super) fn lengths(bytes: &mut Bytes<'_>, count: usize) -> Result<Vec<usize>, Damaged> {
    let length = |number| usize::try_from(number).or_else(|_| damaged("a negative length"));
    numbers(bytes, count)?.into_iter().map(length).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_sums_of_differences() {
        // The second example of the format's description: 7, 5, 3, 1, 2, 3, 4, 5.
        let mut head = vec![0x80, 0x01, 0x04, 0x08, 0x0e, 0x03, 0x02, 0, 0, 0];
        // Differences less the least, -2: 0 0 0 3 3 3 3 in two bits; the part has 32 of them.
        head.extend([0b1100_0000, 0b0011_1111, 0, 0, 0, 0, 0, 0]);
        head.push(0x77);
        let mut bytes = Bytes::new(&head);
        assert_eq!(numbers(&mut bytes, 8).unwrap(), [7, 5, 3, 1, 2, 3, 4, 5]);
        assert_eq!(bytes.byte(), Ok(0x77));
        assert!(numbers(&mut Bytes::new(&head), 9).is_err());
        assert!(lengths(&mut Bytes::new(&[0x80, 0x01, 0x04, 0x01, 0x01]), 1).is_err());
    }

    #[test]
    fn impossible_blocks_are_errors() {
        for head in [[0, 1, 2, 2], [8, 0, 2, 2], [8, 3, 2, 2], [8, 8, 2, 2]] {
            assert!(numbers(&mut Bytes::new(&head), 2).is_err(), "{head:?}");
        }
        assert!(numbers(&mut Bytes::new(&[8, 1, 2, 2, 0, 65]), 2).is_err());
    }
}
