//! The Mersenne Twister MT19937 (Matsumoto and Nishimura 1998): the generator of numpy's `RandomState`.

/// Words of the state.
const N: usize = 624;
/// Distance of the words that a step combines.
const M: usize = 397;

/// The generator.
pub(super) struct Mt {
    state: [u32; N],
    /// The next word to return; `N` after the last.
    next: usize,
}

impl Mt {
    /// The generator of a seed (`init_genrand` of the reference implementation).
    pub(super) fn new(seed: u32) -> Self {
        let mut state = [seed; N];
        for i in 1..N {
            let mixed = state[i - 1] ^ (state[i - 1] >> 30);
            state[i] = mixed.wrapping_mul(1_812_433_253).wrapping_add(i as u32);
        }
        Self { state, next: N }
    }

    /// The generator of a key of several numbers (`init_by_array` of the reference implementation).
    pub(super) fn new_with_key<const K: usize>(key: [u32; K]) -> Self {
        let mut state = Self::new(19_650_218).state;
        let mut i = 1;
        let mut mix = |factor: u32, change: &dyn Fn(u32, usize) -> u32| {
            let mixed = (state[i - 1] ^ (state[i - 1] >> 30)).wrapping_mul(factor);
            state[i] = change(state[i] ^ mixed, i);
            i += 1;
            if i == N {
                state[0] = state[N - 1];
                i = 1;
            }
        };
        for j in (0..K).cycle().take(N.max(K)) {
            mix(1_664_525, &|word, _| word.wrapping_add(key[j]).wrapping_add(j as u32));
        }
        for _ in 1..N {
            mix(1_566_083_941, &|word, i| word.wrapping_sub(i as u32));
        }
        state[0] = 1 << 31;
        Self { state, next: N }
    }

    /// 32 random bits.
    pub(super) fn next_u32(&mut self) -> u32 {
        if self.next == N {
            self.advance();
        }
        let mut bits = self.state[self.next];
        self.next += 1;
        bits ^= bits >> 11;
        bits ^= (bits << 7) & 0x9d2c_5680;
        bits ^= (bits << 15) & 0xefc6_0000;
        bits ^ (bits >> 18)
    }

    fn advance(&mut self) {
        for i in 0..N {
            let bits = (self.state[i] & (1 << 31)) | (self.state[(i + 1) % N] & !(1 << 31));
            let odd = if bits & 1 == 1 { 0x9908_b0df } else { 0 };
            self.state[i] = self.state[(i + M) % N] ^ (bits >> 1) ^ odd;
        }
        self.next = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_those_of_the_reference_implementation() {
        let mut random = Mt::new(5489);
        assert_eq!(random.next_u32(), 3_499_211_612);
        for _ in 0..9_998 {
            random.next_u32();
        }
        assert_eq!(random.next_u32(), 4_123_659_995);
        let mut random = Mt::new_with_key([0x123, 0x234, 0x345, 0x456]);
        let first = [0; 5].map(|_| random.next_u32());
        assert_eq!(first, [1_067_595_299, 955_945_823, 477_289_528, 4_107_218_783, 4_228_976_476]);
    }
}
