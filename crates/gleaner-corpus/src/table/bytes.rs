//! A cursor over bytes that reports their end as an error.

/// Why a file is not valid parquet, as a clause.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Damaged(pub(super) String);

/// The error with this reason.
pub(super) fn damaged<T>(reason: impl Into<String>) -> Result<T, Damaged> {
    Err(Damaged(reason.into()))
}

/// The bytes that are not read yet.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bytes<'a>(&'a [u8]);

impl<'a> Bytes<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    /// The number of bytes left.
    pub(super) fn left(&self) -> usize {
        self.0.len()
    }

    /// The next `n` bytes.
    pub(super) fn take(&mut self, n: usize) -> Result<&'a [u8], Damaged> {
        match self.0.split_at_checked(n) {
            Some((taken, rest)) => {
                self.0 = rest;
                Ok(taken)
            }
            None => damaged(format!("{n} bytes expected, {} left", self.0.len())),
        }
    }

    /// All bytes left.
    pub(super) fn take_rest(&mut self) -> &'a [u8] {
        std::mem::take(&mut self.0)
    }

    pub(super) fn byte(&mut self) -> Result<u8, Damaged> {
        Ok(self.take(1)?[0])
    }

    /// A little-endian number of four bytes.
    pub(super) fn u32(&mut self) -> Result<u32, Damaged> {
        let bytes = self.take(4)?.try_into().expect("four bytes");
        Ok(u32::from_le_bytes(bytes))
    }

    /// A little-endian number of eight bytes.
    pub(super) fn u64(&mut self) -> Result<u64, Damaged> {
        let bytes = self.take(8)?.try_into().expect("eight bytes");
        Ok(u64::from_le_bytes(bytes))
    }

    /// A number in seven bits a byte, the lowest first.
    pub(super) fn varint(&mut self) -> Result<u64, Damaged> {
        let mut number = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            number |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Ok(number);
            }
        }
        damaged("a number of more than 64 bits")
    }

    /// A varint that counts something.
    pub(super) fn varint_size(&mut self) -> Result<usize, Damaged> {
        usize::try_from(self.varint()?).or_else(|_| damaged("a size of more than 32 bits"))
    }

    /// A varint whose lowest bit is the sign.
    pub(super) fn zigzag(&mut self) -> Result<i64, Damaged> {
        let number = self.varint()?;
        Ok((number >> 1) as i64 ^ -((number & 1) as i64))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_numbers_up_to_the_end() {
        let mut bytes = Bytes::new(&[0xac, 0x02, 0x03, 1, 0, 0, 0, 9]);
        assert_eq!(bytes.varint(), Ok(300));
        assert_eq!(bytes.zigzag(), Ok(-2));
        assert_eq!(bytes.u32(), Ok(1));
        assert_eq!(bytes.u64(), damaged("8 bytes expected, 1 left"));
        assert_eq!((bytes.byte(), bytes.left()), (Ok(9), 0));
        assert!(bytes.byte().is_err());
        assert!(Bytes::new(&[0xff; 20]).varint().is_err());
        assert_eq!(
            Bytes::new(&[0xff; 9].iter().chain(&[1]).copied().collect::<Vec<_>>()).zigzag(),
            Ok(i64::MIN)
        );
    }
}
