//! What a harness is.

/// A reader, or something that computes, with the input to try on it.
pub struct Harness {
    /// Its name.
    pub name: &'static str,
    /// Inputs that are accepted, to be damaged.
    pub seeds: fn() -> Vec<Vec<u8>>,
    /// Parts of inputs that are inserted, beside random bytes, in lists.
    pub words: &'static [&'static [&'static str]],
    /// Tries an input. The error is the message of what refused it. Panics if something is wrong.
    pub run: fn(&[u8]) -> Result<(), String>,
    /// The memory that may be in use at a time.
    pub memory: Memory,
    /// Number of inputs in the tests.
    pub inputs: u64,
}

/// A bound of memory in use.
#[derive(Clone, Copy, Debug)]
pub struct Memory {
    /// Bytes for each byte of the input.
    pub for_each_byte: usize,
    /// Bytes for any input.
    pub constant: usize,
}

impl Memory {
    /// `for_each_byte` bytes for each byte of an input, and `megabytes` more for any input.
    pub const fn of(for_each_byte: usize, megabytes: usize) -> Self {
        Self { for_each_byte, constant: megabytes << 20 }
    }

    /// The bound for an input of `length` bytes.
    pub fn bound(self, length: usize) -> usize {
        length * self.for_each_byte + self.constant
    }
}
