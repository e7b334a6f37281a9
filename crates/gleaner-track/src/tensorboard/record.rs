//! The frames of an event file, which are those of TFRecord: the length of the data, the length's checksum, the data,
//! and the data's checksum. Numbers are little-endian.

/// The data with its frame.
pub(super) fn framed(data: &[u8]) -> Vec<u8> {
    let length = (data.len() as u64).to_le_bytes();
    let mut frame = Vec::with_capacity(data.len() + 16);
    frame.extend_from_slice(&length);
    frame.extend_from_slice(&masked(crc32c(&length)).to_le_bytes());
    frame.extend_from_slice(data);
    frame.extend_from_slice(&masked(crc32c(data)).to_le_bytes());
    frame
}

/// The mask of TFRecord: a checksum of data that holds checksums would be weak.
fn masked(crc: u32) -> u32 {
    crc.rotate_right(15).wrapping_add(0xa282_ead8)
}

/// CRC-32C (RFC 3720, appendix B.4), bit by bit: an event has a few hundred bytes.
fn crc32c(bytes: &[u8]) -> u32 {
    /// Castagnoli's polynomial, reflected.
    const POLYNOMIAL: u32 = 0x82f6_3b78;
    let mut crc = u32::MAX;
    for &byte in bytes {
        crc ^= u32::from(byte);
        for _ in 0..8 {
            crc = (crc >> 1) ^ if crc & 1 == 1 { POLYNOMIAL } else { 0 };
        }
    }
    !crc
}

/// The data of the whole records that a file begins with, and what follows them.
#[cfg(test)]
pub(super) fn whole(file: &[u8]) -> (Vec<&[u8]>, &[u8]) {
    let (mut records, mut rest) = (Vec::new(), file);
    while let Some(length) = rest.first_chunk::<8>() {
        let size = (u64::from_le_bytes(*length) as usize).saturating_add(16);
        let Some((frame, next)) = rest.split_at_checked(size) else { break };
        let data = &frame[12..size - 4];
        if framed(data) != frame {
            break;
        }
        records.push(data);
        rest = next;
    }
    (records, rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_checksum_has_the_values_of_its_standard() {
        assert_eq!(crc32c(b""), 0);
        assert_eq!(crc32c(b"123456789"), 0xe306_9283);
        assert_eq!(crc32c(&[0; 32]), 0x8a91_36aa);
        assert_eq!(crc32c(&[0xff; 32]), 0x62a8_ab43);
        let ascending: Vec<u8> = (0..32).collect();
        assert_eq!(crc32c(&ascending), 0x46dd_794e);
    }

    #[test]
    fn the_frame_of_a_first_event_begins_as_those_of_tensorflow() {
        let frame = framed(&[0; 24]);
        assert_eq!(frame.len(), 40);
        assert_eq!(frame[..12], [24, 0, 0, 0, 0, 0, 0, 0, 0xa3, 0x7f, 0x4b, 0x22]);
    }
}
