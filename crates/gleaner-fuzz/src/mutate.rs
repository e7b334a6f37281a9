//! Damaging inputs.

use gleaner_base::random::SplitMix64;

/// The longest input in bytes.
const LONGEST: usize = 1 << 14;

/// Numbers at which readers go wrong, in as many bytes as they take.
const NUMBERS: [u64; 16] = [
    0,
    1,
    0x7f,
    0x80,
    0xff,
    0x7fff,
    0x8000,
    0xffff,
    0x7fff_ffff,
    0x8000_0000,
    0xffff_ffff,
    0x1_0000_0000,
    0x7fff_ffff_ffff_ffff,
    0x8000_0000_0000_0000,
    0xffff_ffff_ffff_fff8,
    0xffff_ffff_ffff_ffff,
];

/// An input made of those in `pool` and of `words`.
pub(crate) fn input(random: &mut SplitMix64, pool: &[Vec<u8>], words: &[&str]) -> Vec<u8> {
    let mut input = match pool.len() {
        0 => Vec::new(),
        // The newest inputs more often: what is made of them is new as well.
        n if random.below(2) == 0 => pool[n - 1 - random.below(n.min(8))].clone(),
        n => pool[random.below(n)].clone(),
    };
    if random.below(64) == 0 {
        input = (0..random.below(200)).map(|_| random.next_bits() as u8).collect();
    }
    for _ in 0..1 << random.below(4) {
        change(&mut input, random, pool, words);
    }
    input.truncate(LONGEST);
    input
}

fn change(input: &mut Vec<u8>, random: &mut SplitMix64, pool: &[Vec<u8>], words: &[&str]) {
    let at = random.below(input.len() + 1);
    let part = |random: &mut SplitMix64, of: &[u8]| {
        let start = random.below(of.len() + 1);
        start..start + random.below((of.len() - start).min(64) + 1)
    };
    match random.below(10) {
        0 if at < input.len() => input[at] ^= 1 << random.below(8),
        1 if at < input.len() => input[at] = random.next_bits() as u8,
        2 => {
            let bytes = NUMBERS[random.below(NUMBERS.len())].to_le_bytes();
            let width = 1 << random.below(4);
            let mut bytes = bytes[..width].to_vec();
            if random.below(2) == 0 {
                bytes.reverse();
            }
            let end = (at + width).min(input.len());
            input.splice(at..end, bytes);
        }
        3 => {
            let number = NUMBERS[random.below(NUMBERS.len())].to_string();
            input.splice(at..at, number.into_bytes());
        }
        4 => {
            let range = part(random, input);
            input.drain(range);
        }
        5 => {
            let range = part(random, input);
            let part = input[range].to_vec();
            let most = 1 << random.below(6);
            let times = 1 + random.below(most);
            input.splice(at..at, part.repeat(times));
        }
        6 if !pool.is_empty() => {
            let other = &pool[random.below(pool.len())];
            let range = part(random, other);
            let part = other[range].to_vec();
            input.splice(at..at, part);
        }
        7 => input.truncate(at),
        8 if at < input.len() => {
            let end = at + random.below((input.len() - at).min(32) + 1);
            input[at..end].reverse();
        }
        _ if !words.is_empty() => {
            let word = words[random.below(words.len())];
            input.splice(at..at, word.bytes());
        }
        _ => input.push(random.next_bits() as u8),
    }
}
