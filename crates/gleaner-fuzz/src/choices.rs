//! Structures that are drawn from bytes.

/// Bytes as a source of choices: the same bytes make the same structure, and a small change of the bytes a similar one.
/// After the last byte every choice is the first one.
pub struct Choices<'a>(&'a [u8]);

impl<'a> Choices<'a> {
    /// The choices of an input.
    pub fn of(input: &'a [u8]) -> Self {
        Self(input)
    }

    /// Whether no byte is left.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn byte(&mut self) -> u8 {
        let Some((&byte, rest)) = self.0.split_first() else { return 0 };
        self.0 = rest;
        byte
    }

    /// A number below `bound`, which must be above 0.
    pub fn below(&mut self, bound: usize) -> usize {
        let number = match bound {
            0..=0x100 => usize::from(self.byte()),
            _ => usize::from(self.byte()) << 8 | usize::from(self.byte()),
        };
        number % bound
    }

    /// A yes or a no.
    pub fn flag(&mut self) -> bool {
        self.byte() & 1 == 1
    }

    /// One of some values.
    pub fn one<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.below(of.len())]
    }
}
