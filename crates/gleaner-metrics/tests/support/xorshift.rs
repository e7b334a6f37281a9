//! Random numbers of another generator than the one under test.

/// Xorshift (Marsaglia 2003) with 64 bits of state, never 0.
pub struct Xorshift(pub u64);

impl Xorshift {
    /// A number from 0 to 1, 1 excluded.
    pub fn uniform(&mut self) -> f64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as f64 / (1_u64 << 53) as f64
    }
}
