//! Reading DEFLATE.

use super::{Corrupt, DISTANCES, LENGTHS};

const CUT: Corrupt = Corrupt("it is cut short");
const LONG: Corrupt = Corrupt("it is longer than stated");

/// Decompresses a stream of at most `limit` bytes. Returns them and the number of bytes of the stream.
pub(super) fn inflate(bytes: &[u8], limit: usize) -> Result<(Vec<u8>, usize), Corrupt> {
    let mut bits = Bits { bytes, at: 0, buffer: 0, count: 0 };
    let mut plain = Vec::new();
    loop {
        let last = bits.take(1)? == 1;
        match bits.take(2)? {
            0 => stored(&mut bits, &mut plain, limit)?,
            1 => {
                let lengths: Vec<u8> = (0..288).map(fixed_length).collect();
                block(&mut bits, &Code::new(&lengths)?, &Code::new(&[5; 32])?, &mut plain, limit)?;
            }
            2 => {
                let (literals, distances) = codes(&mut bits)?;
                block(&mut bits, &literals, &distances, &mut plain, limit)?;
            }
            _ => return Err(Corrupt("it has a block of an unknown kind")),
        }
        if last {
            return Ok((plain, bits.used()));
        }
    }
}

/// The length of a literal's or length's code in a block with the fixed codes.
fn fixed_length(symbol: u16) -> u8 {
    match symbol {
        0..=143 | 280.. => 8,
        144..=255 => 9,
        256..=279 => 7,
    }
}

fn stored(bits: &mut Bits<'_>, plain: &mut Vec<u8>, limit: usize) -> Result<(), Corrupt> {
    bits.take(bits.count % 8)?;
    let (length, inverse) = (bits.take(16)?, bits.take(16)?);
    if length ^ inverse != 0xffff {
        return Err(Corrupt("the length of a stored block is damaged"));
    }
    let start = bits.used();
    let taken = bits.bytes.get(start..start + length as usize).ok_or(CUT)?;
    if taken.len() > limit - plain.len() {
        return Err(LONG);
    }
    plain.extend(taken);
    (bits.at, bits.buffer, bits.count) = (start + taken.len(), 0, 0);
    Ok(())
}

/// The codes that a block states before its data.
fn codes(bits: &mut Bits<'_>) -> Result<(Code, Code), Corrupt> {
    /// The order in which the lengths of the code for lengths are stated.
    const ORDER: [usize; 19] = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];
    let literals = bits.take(5)? as usize + 257;
    let distances = bits.take(5)? as usize + 1;
    let stated = bits.take(4)? as usize + 4;
    let mut lengths = [0; 19];
    for &symbol in &ORDER[..stated] {
        lengths[symbol] = bits.take(3)? as u8;
    }
    let code = Code::new(&lengths)?;
    let mut lengths = Vec::with_capacity(literals + distances);
    while lengths.len() < literals + distances {
        let (length, times) = match code.next(bits)? {
            16 => {
                let &last = lengths
                    .last()
                    .ok_or(Corrupt("a code repeats a length before the first one"))?;
                (last, 3 + bits.take(2)?)
            }
            17 => (0, 3 + bits.take(3)?),
            18 => (0, 11 + bits.take(7)?),
            length => (length as u8, 1),
        };
        lengths.extend(std::iter::repeat_n(length, times as usize));
    }
    if lengths.len() > literals + distances || literals > 286 || distances > 30 {
        return Err(Corrupt("a code has too many symbols"));
    }
    Ok((Code::new(&lengths[..literals])?, Code::new(&lengths[literals..])?))
}

/// Reads the literals and repetitions of a block.
fn block(
    bits: &mut Bits<'_>,
    literals: &Code,
    distances: &Code,
    plain: &mut Vec<u8>,
    limit: usize,
) -> Result<(), Corrupt> {
    loop {
        let symbol = usize::from(literals.next(bits)?);
        if symbol == 256 {
            return Ok(());
        }
        if plain.len() >= limit {
            return Err(LONG);
        }
        if symbol < 256 {
            plain.push(symbol as u8);
            continue;
        }
        let &(base, extra) =
            LENGTHS.get(symbol - 257).ok_or(Corrupt("it has an impossible length"))?;
        let length = usize::from(base) + bits.take(u32::from(extra))? as usize;
        let symbol = usize::from(distances.next(bits)?);
        let &(base, extra) =
            DISTANCES.get(symbol).ok_or(Corrupt("it has an impossible distance"))?;
        let distance = usize::from(base) + bits.take(u32::from(extra))? as usize;
        if distance > plain.len() {
            return Err(Corrupt("it repeats what is before its start"));
        }
        if length > limit - plain.len() {
            return Err(LONG);
        }
        let start = plain.len() - distance;
        // The repetition may overlap itself.
        for at in start..start + length {
            plain.push(plain[at]);
        }
    }
}

/// A canonical Huffman code.
struct Code {
    /// The symbol, times 16, and the length of the code that the next bits start with; 0 for none.
    table: Vec<u16>,
    /// The length of the longest code.
    longest: u32,
}

impl Code {
    /// The code whose symbols have these lengths, 0 for none.
    fn new(lengths: &[u8]) -> Result<Self, Corrupt> {
        let mut counts = [0_i32; 16];
        for &length in lengths {
            counts[usize::from(length)] += 1;
        }
        let used = lengths.len() as i32 - counts[0];
        counts[0] = 0;
        let longest = (1..16).rev().find(|&length| counts[length] > 0).unwrap_or(0);
        let mut first = [0_u16; 16];
        let mut free = 1_i32;
        for length in 1..=longest {
            free = free * 2 - counts[length];
            if free < 0 {
                return Err(Corrupt("a code has too many short symbols"));
            }
            first[length] = (first[length - 1] + counts[length - 1] as u16) << 1;
        }
        // One symbol has a code of one bit, half of which is unused. No symbol: the block has no distances.
        if free > 0 && used > 1 {
            return Err(Corrupt("a code has unused symbols"));
        }
        let mut table = vec![0; 1 << longest];
        for (symbol, &length) in (0_u16..).zip(lengths) {
            if length > 0 {
                let length = usize::from(length);
                let code = first[length].reverse_bits() >> (16 - length);
                first[length] += 1;
                for at in (usize::from(code)..table.len()).step_by(1 << length) {
                    table[at] = symbol << 4 | length as u16;
                }
            }
        }
        Ok(Self { table, longest: longest as u32 })
    }

    /// Reads the next symbol.
    fn next(&self, bits: &mut Bits<'_>) -> Result<u16, Corrupt> {
        let entry = self.table[bits.peek(self.longest) as usize];
        if entry == 0 {
            return Err(Corrupt("it has an unknown symbol"));
        }
        bits.take(u32::from(entry & 15))?;
        Ok(entry >> 4)
    }
}

/// Bits, the lowest of a byte first.
struct Bits<'a> {
    bytes: &'a [u8],
    /// The byte that enters the buffer next.
    at: usize,
    buffer: u64,
    /// Number of bits in the buffer.
    count: u32,
}

impl Bits<'_> {
    /// The next `n` bits, at most 16, as a number. Bits behind the end are 0.
    fn peek(&mut self, n: u32) -> u32 {
        while self.count < n && self.at < self.bytes.len() {
            self.buffer |= u64::from(self.bytes[self.at]) << self.count;
            self.at += 1;
            self.count += 8;
        }
        (self.buffer & ((1 << n) - 1)) as u32
    }

    /// Reads the next `n` bits, at most 16.
    fn take(&mut self, n: u32) -> Result<u32, Corrupt> {
        let number = self.peek(n);
        if self.count < n {
            return Err(CUT);
        }
        self.buffer >>= n;
        self.count -= n;
        Ok(number)
    }

    /// Number of bytes of which at least one bit was read.
    fn used(&self) -> usize {
        self.at - self.count as usize / 8
    }
}
