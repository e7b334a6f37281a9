//! Check of the rules by which SentencePiece replaces characters.
//!
//! They are a trie over bytes, an array of 32-bit units (Darts, Aoe 1989), and the replacements, each ended by a zero
//! byte. The crate that applies them reads the array without checks, so a broken one would end the program.

use tokenizers::{NormalizerWrapper, normalizers::Precompiled};

/// The part of a tokenizer that applies the rules, `None` if there are none.
///
/// # Errors
/// The rules are broken.
pub(super) fn normalizer(rules: &[u8]) -> Result<Option<NormalizerWrapper>, String> {
    if rules.is_empty() {
        return Ok(None);
    }
    check(rules)?;
    let rules = Precompiled::from(rules).map_err(|e| e.to_string())?;
    Ok(Some(rules.into()))
}

/// Checks that no text leads outside of the array or of the replacements.
///
/// # Errors
/// The rules are broken.
fn check(rules: &[u8]) -> Result<(), String> {
    is_valid(rules).ok_or_else(|| "its rules for the replacement of characters are broken".into())
}

fn is_valid(rules: &[u8]) -> Option<()> {
    let (size, rest) = rules.split_first_chunk()?;
    let (trie, replacements) = rest.split_at_checked(u32::from_le_bytes(*size) as usize)?;
    let (units, []) = trie.as_chunks() else { return None };
    let units: Vec<u32> = units.iter().map(|unit| u32::from_le_bytes(*unit)).collect();
    let replacements = std::str::from_utf8(replacements).ok()?;
    let offset = |unit: u32| ((unit >> 10) << ((unit & 1 << 9) >> 6)) as usize;
    let mut seen = vec![false; units.len()];
    let mut open = vec![offset(*units.first()?)];
    while let Some(base) = open.pop() {
        // The unit of the next byte is read before its label is compared, so all 256 must exist.
        if base | 0xff >= units.len() {
            return None;
        }
        for byte in 1..=0xff {
            let at = base ^ byte;
            let unit = units[at];
            let label = unit & (1 << 31 | 0xff);
            if label as usize != byte || std::mem::replace(&mut seen[at], true) {
                continue;
            }
            let next = at ^ offset(unit);
            if unit >> 8 & 1 == 1 {
                let value = *units.get(next)? & !(1 << 31);
                if !replacements.is_char_boundary(value as usize) {
                    return None;
                }
            }
            open.push(next);
        }
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A trie whose only word is `a`, replaced by `value`.
    fn rules(value: u32, units: usize) -> Vec<u8> {
        let mut trie = vec![0u32; units];
        // The root's children start at 256, the children of `a` at 512; unit 512 is its value.
        trie[0] = 256 << 10;
        trie[256 ^ 0x61] = 0x61 | 1 << 8 | ((256 ^ 0x61 ^ 512) as u32) << 10;
        trie[512] = 1 << 31 | value;
        let mut bytes = (4 * units as u32).to_le_bytes().to_vec();
        bytes.extend(trie.iter().flat_map(|unit| unit.to_le_bytes()));
        bytes.extend("b\0é\0".as_bytes());
        bytes
    }

    #[test]
    fn what_the_crate_can_apply_is_accepted() {
        for (value, expected) in [(0, "b"), (2, "é")] {
            let rules = rules(value, 768);
            check(&rules).unwrap();
            let rules = Precompiled::from(&rules).unwrap();
            assert_eq!(rules.transform("a"), Some(expected));
        }
    }

    #[test]
    fn what_would_end_the_program_is_refused() {
        assert!(check(&rules(3, 768)).is_err(), "inside of a character");
        assert!(check(&rules(99, 768)).is_err(), "behind the replacements");
        assert!(check(&rules(0, 767)).is_err(), "behind the array");
        assert!(check(&[]).is_err());
        assert!(check(&[255, 255, 255, 255]).is_err());
        assert!(check(&[0, 0, 0, 0]).is_err());
        let mut rules = rules(0, 768);
        rules.push(0xff);
        assert!(check(&rules).is_err(), "not UTF-8");
    }
}
