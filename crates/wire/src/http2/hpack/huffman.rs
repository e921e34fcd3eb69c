//! The Huffman code of strings (RFC 7541 §5.2, appendix B).
//!
//! The code is canonical: codes are handed out in the order of their lengths, and within a length
//! in the order of the symbols. The lengths alone therefore determine it, and all tables here are
//! made from them at compile time.
//!
//! ```text
//! window: the next 32 bits ──┬─ the first 10 bits ─► SHORT: symbol and length, in one look
//!                            └─ a longer code ─────► GROUPS: the length whose range holds it
//! ```
//!
//! The short table fits into 2 KiB, and has every symbol that ordinary fields are made of: letters,
//! digits and nearly all punctuation take 5 to 10 bits.
//!
//! Not here: encoding; what we write goes out as plain literals.

use super::error::Error;

/// Bits that one look into [`SHORT`] resolves.
const SHORT_BITS: u32 = 10;

/// The longest code.
const LONGEST: u32 = 30;

/// The symbol that no string may contain.
const EOS: u16 = 256;

/// Decodes `octets` and appends the result to `out`: at most 8/5 of the length.
pub(super) fn decode(octets: &[u8], out: &mut Vec<u8>) -> Result<(), Error> {
    // The shortest code has five bits.
    out.reserve(octets.len() * 8 / 5 + 1);
    let mut bits = Bits { buffer: 0, count: 0, rest: octets };
    loop {
        bits.refill();
        if bits.count < LONGEST {
            break;
        }
        while bits.count >= LONGEST {
            let code = Code::first_of(bits.buffer);
            out.push(code.octet()?);
            bits.skip(code.length);
        }
    }
    // Fewer bits than the longest code are left. With ones behind them padding looks like the start
    // of EOS, as it should, and a code that is shorter than what is left is not touched by them.
    while bits.count > 0 {
        let code = Code::first_of(bits.buffer | (u64::MAX >> bits.count));
        if code.length > bits.count {
            return bits.check_padding();
        }
        out.push(code.octet()?);
        bits.skip(code.length);
    }
    Ok(())
}

/// A bit reader: the next bits stand at the top of `buffer`, `count` of them are accounted for.
struct Bits<'a> {
    buffer: u64,
    count: u32,
    rest: &'a [u8],
}

impl Bits<'_> {
    /// Fills up to 56 bits or more, or to the end of the input.
    fn refill(&mut self) {
        if let Some(word) = self.rest.first_chunk::<8>() {
            // Bits below `count` may be set already; they are the same ones, so that or-ing them
            // again when their octet's turn comes does no harm.
            self.buffer |= u64::from_be_bytes(*word) >> self.count;
            let octets = (63 - self.count) / 8;
            self.rest = &self.rest[octets as usize..];
            self.count += octets * 8;
            return;
        }
        while self.count <= 56 {
            let Some((&octet, rest)) = self.rest.split_first() else { return };
            self.buffer |= u64::from(octet) << (56 - self.count);
            self.count += 8;
            self.rest = rest;
        }
    }

    const fn skip(&mut self, bits: u32) {
        self.buffer <<= bits;
        self.count -= bits;
    }

    /// What is left is no complete code: at most seven bits, the most significant ones of EOS.
    const fn check_padding(&self) -> Result<(), Error> {
        let ones = self.buffer.leading_ones();
        if ones < self.count {
            Err(Error::HuffmanPaddingNotOnes)
        } else if self.count > 7 {
            Err(Error::HuffmanPaddingTooLong { bits: self.count })
        } else {
            Ok(())
        }
    }
}

/// A symbol and the length of its code in bits.
#[derive(Clone, Copy)]
struct Code {
    symbol: u16,
    length: u32,
}

impl Code {
    /// The code that the bits at the top of `buffer` begin with; there always is one.
    fn first_of(buffer: u64) -> Self {
        let short = SHORT[(buffer >> (64 - SHORT_BITS)) as usize];
        if short.length != 0 {
            return Self { symbol: u16::from(short.symbol), length: u32::from(short.length) };
        }
        Self::long(buffer)
    }

    #[cold]
    fn long(buffer: u64) -> Self {
        let window = buffer >> 32;
        for group in &GROUPS[SHORT_BITS as usize + 1..LONGEST as usize] {
            if window < group.end {
                return group.code(window);
            }
        }
        GROUPS[LONGEST as usize].code(window)
    }

    fn octet(self) -> Result<u8, Error> {
        u8::try_from(self.symbol).map_err(|_| Error::HuffmanEos)
    }
}

/// An entry of [`SHORT`]; the length is 0 where the code is longer than the index.
#[derive(Clone, Copy)]
struct Short {
    symbol: u8,
    length: u8,
}

/// The codes of one length, in a window of 32 bits with the code at its top.
#[derive(Clone, Copy)]
struct Group {
    length: u32,
    /// The first code.
    start: u64,
    /// One past the last code.
    end: u64,
    /// The position of the first code's symbol in [`SORTED`].
    sorted: u32,
}

impl Group {
    fn code(&self, window: u64) -> Code {
        let nth = (window - self.start) >> (32 - self.length);
        let symbol = SORTED.get(self.sorted as usize + nth as usize).copied().unwrap_or(EOS);
        Code { symbol, length: self.length }
    }
}

/// The symbols in the order of their codes.
static SORTED: [u16; 257] = sort();

/// The codes by length; lengths without codes have empty ranges.
static GROUPS: [Group; LONGEST as usize + 1] = group();

/// What a code begins with its first [`SHORT_BITS`] bits.
static SHORT: [Short; 1 << SHORT_BITS] = shorten();

const fn sort() -> [u16; 257] {
    let mut sorted = [0; 257];
    let mut filled = 0;
    let mut length = 0;
    while length <= LONGEST {
        let mut symbol = 0;
        while symbol < LENGTHS.len() {
            if LENGTHS[symbol] as u32 == length {
                sorted[filled] = symbol as u16;
                filled += 1;
            }
            symbol += 1;
        }
        length += 1;
    }
    sorted
}

const fn group() -> [Group; LONGEST as usize + 1] {
    let sorted = sort();
    let mut groups = [Group { length: 0, start: 0, end: 0, sorted: 0 }; LONGEST as usize + 1];
    let (mut next, mut taken) = (0, 0);
    let mut length = 1;
    while length <= LONGEST {
        let (start, first) = (next, taken);
        while taken < sorted.len() && LENGTHS[sorted[taken] as usize] as u32 == length {
            next += 1 << (32 - length);
            taken += 1;
        }
        groups[length as usize] = Group { length, start, end: next, sorted: first as u32 };
        length += 1;
    }
    groups
}

const fn shorten() -> [Short; 1 << SHORT_BITS] {
    let sorted = sort();
    let mut table = [Short { symbol: 0, length: 0 }; 1 << SHORT_BITS];
    let (mut filled, mut taken) = (0, 0);
    while LENGTHS[sorted[taken] as usize] as u32 <= SHORT_BITS {
        let symbol = sorted[taken];
        let length = LENGTHS[symbol as usize];
        let end = filled + (1 << (SHORT_BITS - length as u32));
        while filled < end {
            table[filled] = Short { symbol: symbol as u8, length };
            filled += 1;
        }
        taken += 1;
    }
    table
}

/// The lengths of the codes in bits, by symbol; the last one is EOS.
#[rustfmt::skip]
const LENGTHS: [u8; 257] = [
    13, 23, 28, 28, 28, 28, 28, 28, 28, 24, 30, 28, 28, 30, 28, 28,
    28, 28, 28, 28, 28, 28, 30, 28, 28, 28, 28, 28, 28, 28, 28, 28,
     6, 10, 10, 12, 13,  6,  8, 11, 10, 10,  8, 11,  8,  6,  6,  6,
     5,  5,  5,  6,  6,  6,  6,  6,  6,  6,  7,  8, 15,  6, 12, 10,
    13,  6,  7,  7,  7,  7,  7,  7,  7,  7,  7,  7,  7,  7,  7,  7,
     7,  7,  7,  7,  7,  7,  7,  7,  8,  7,  8, 13, 19, 13, 14,  6,
    15,  5,  6,  5,  6,  5,  6,  6,  6,  5,  7,  7,  6,  6,  6,  5,
     6,  7,  6,  5,  5,  6,  7,  7,  7,  7,  7, 15, 11, 14, 13, 28,
    20, 22, 20, 20, 22, 22, 22, 23, 22, 23, 23, 23, 23, 23, 24, 23,
    24, 24, 22, 23, 24, 23, 23, 23, 23, 21, 22, 23, 22, 23, 23, 24,
    22, 21, 20, 22, 22, 23, 23, 21, 23, 22, 22, 24, 21, 22, 23, 23,
    21, 21, 22, 21, 23, 22, 23, 23, 20, 22, 22, 22, 23, 22, 22, 23,
    26, 26, 20, 19, 22, 23, 22, 25, 26, 26, 26, 27, 27, 26, 24, 25,
    19, 21, 26, 27, 27, 26, 27, 24, 21, 21, 26, 26, 28, 27, 27, 27,
    20, 24, 20, 21, 22, 21, 21, 23, 22, 22, 25, 25, 24, 24, 26, 23,
    26, 27, 26, 26, 27, 27, 27, 27, 27, 28, 27, 27, 27, 27, 27, 26,
    30,
];

#[cfg(test)]
mod tests;
