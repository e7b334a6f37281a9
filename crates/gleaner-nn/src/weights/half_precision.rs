//! Lossless conversion of 16-bit numbers to f32.

/// The value of a bf16, which is the upper half of an f32.
pub(super) fn bf16(bits: u16) -> f32 {
    f32::from_bits(u32::from(bits) << 16)
}

/// The value of an f16 (IEEE 754 binary16, with 5 exponent bits and 10 fraction bits).
pub(super) fn f16(bits: u16) -> f32 {
    // Exponents are biased by 15 in f16 and by 127 in f32.
    const REBIAS: u32 = (127 - 15) << 23;
    let sign = u32::from(bits >> 15) << 31;
    let exponent = bits >> 10 & 0x1f;
    let magnitude = u32::from(bits & 0x7fff) << 13;
    let value = match exponent {
        0 => return f32::from_bits(sign | (f32::from(bits & 0x3ff) / 16_777_216.0).to_bits()),
        0x1f => magnitude | 0xff << 23,
        _ => magnitude + REBIAS,
    };
    f32::from_bits(sign | value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_has_the_value_of_the_half_crate() {
        for bits in 0..=u16::MAX {
            let same = |found: f32, expected: f32| {
                found.to_bits() == expected.to_bits() || (found.is_nan() && expected.is_nan())
            };
            assert!(same(f16(bits), half::f16::from_bits(bits).to_f32()), "f16 {bits:#06x}");
            assert!(same(bf16(bits), half::bf16::from_bits(bits).to_f32()), "bf16 {bits:#06x}");
        }
    }
}
