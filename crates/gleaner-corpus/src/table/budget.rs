//! How much memory a file may ask for.
//!
//! A few bytes of a file can state thousands of values: by compression, by runs, by long entries of a dictionary, and
//! by parts that share their bytes. Real files with words and tags ask for some 20 bytes for each of their own.

use super::bytes::{Damaged, damaged};

/// Bytes of memory for each byte of a file.
const FOR_EACH_BYTE: usize = 256;
/// Bytes of memory for a file of any length.
const FOR_ANY_FILE: usize = 64 << 20;

/// The bytes of memory that may still be asked for.
pub(super) struct Budget(usize);

/// The memory of a value of a type beside its text, of its levels, and of a row.
pub(super) const TEXT: usize = size_of::<String>();
pub(super) const NUMBER: usize = size_of::<i64>();
pub(super) const LEVELS: usize = 2 * size_of::<u32>();
pub(super) const ROW: usize = 256;

impl Budget {
    /// The budget of a file of `length` bytes.
    pub(super) fn of(length: usize) -> Self {
        Self(length.saturating_mul(FOR_EACH_BYTE).saturating_add(FOR_ANY_FILE))
    }

    /// Takes `count` times `bytes`.
    pub(super) fn take(&mut self, count: usize, bytes: usize) -> Result<(), Damaged> {
        match count.checked_mul(bytes).and_then(|bytes| self.0.checked_sub(bytes)) {
            Some(left) => {
                self.0 = left;
                Ok(())
            }
            None => damaged(format!(
                "it would need more than {FOR_EACH_BYTE} times its own length in memory"
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_taken_is_gone() {
        let mut budget = Budget::of(1);
        assert_eq!(budget.take(FOR_ANY_FILE / TEXT, TEXT), Ok(()));
        assert_eq!(budget.take(FOR_EACH_BYTE + FOR_ANY_FILE % TEXT, 1), Ok(()));
        assert_eq!(budget.take(0, usize::MAX), Ok(()));
        let error = budget.take(1, 1).unwrap_err();
        assert_eq!(error.0, "it would need more than 256 times its own length in memory");
        assert_eq!(Budget::of(usize::MAX).take(usize::MAX, 2), Err(error));
    }
}
