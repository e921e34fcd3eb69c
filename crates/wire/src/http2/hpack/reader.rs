//! Integers and strings, the two primitive types of a field block (RFC 7541 §5).
//!
//! ```text
//! integer, prefix of N bits:   < 2^N - 1: in the prefix      else: prefix all ones, then 7 bits
//!                                                            an octet, least significant first
//! string:                      H | length, prefix of 7 bits | that many octets
//! ```
//!
//! Not here: writing them (`encoder`), and the Huffman code itself.

use super::error::Error;
use super::huffman;

/// The rest of a field block.
pub(super) struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    pub(super) const fn new(block: &'a [u8]) -> Self {
        Self { rest: block }
    }

    /// The next octet, without taking it.
    pub(super) fn peek(&self) -> Option<u8> {
        self.rest.first().copied()
    }

    /// Takes the next octet.
    pub(super) fn octet(&mut self) -> Option<u8> {
        let (&first, rest) = self.rest.split_first()?;
        self.rest = rest;
        Some(first)
    }

    /// The integer that begins in the low `prefix` bits of `first`, an octet already taken (§5.1).
    pub(super) fn integer(&mut self, first: u8, prefix: u32) -> Result<u32, Error> {
        let mask = (1_u32 << prefix) - 1;
        let low = u32::from(first) & mask;
        if low < mask { Ok(low) } else { self.integer_octets(mask) }
    }

    fn integer_octets(&mut self, prefix: u32) -> Result<u32, Error> {
        let mut value = u64::from(prefix);
        // Five octets carry 35 bits; a longer spelling of a 32-bit number is all zeros, and only
        // an attack needs it.
        for shift in [0, 7, 14, 21, 28] {
            let octet = self.octet().ok_or(Error::TruncatedInteger)?;
            value += u64::from(octet & 0x7f) << shift;
            if octet & 0x80 == 0 {
                return u32::try_from(value).map_err(|_| Error::IntegerOverflow);
            }
        }
        Err(Error::IntegerOverflow)
    }

    /// A string (§5.2). What has to be decoded is appended to `scratch`.
    pub(super) fn string(&mut self, scratch: &mut Vec<u8>) -> Result<Text<'a>, Error> {
        let first = self.octet().ok_or(Error::TruncatedInteger)?;
        let length = self.integer(first, 7)?;
        let Some((octets, rest)) = self.rest.split_at_checked(length as usize) else {
            return Err(Error::TruncatedString { length, available: self.rest.len() });
        };
        self.rest = rest;
        if first & 0x80 == 0 {
            return Ok(Text::Plain(octets));
        }
        let start = scratch.len();
        huffman::decode(octets, scratch)?;
        Ok(Text::Decoded { start, end: scratch.len() })
    }
}

/// Where the octets of a string are.
#[derive(Clone, Copy)]
pub(super) enum Text<'a> {
    /// In the block itself.
    Plain(&'a [u8]),
    /// In the scratch buffer.
    Decoded { start: usize, end: usize },
}

impl<'a> Text<'a> {
    pub(super) fn octets(self, scratch: &'a [u8]) -> &'a [u8] {
        match self {
            Self::Plain(octets) => octets,
            Self::Decoded { start, end } => &scratch[start..end],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn integer(bytes: &[u8], prefix: u32) -> Result<u32, Error> {
        let mut reader = Reader::new(bytes);
        let first = reader.octet().unwrap();
        reader.integer(first, prefix)
    }

    #[test]
    fn integers_of_appendix_c_1() {
        assert_eq!(integer(&[0b0000_1010], 5), Ok(10));
        assert_eq!(integer(&[0b0001_1111, 0b1001_1010, 0b0000_1010], 5), Ok(1337));
        assert_eq!(integer(&[0b0010_1010], 7), Ok(42));
    }

    #[test]
    fn bits_above_the_prefix_do_not_count() {
        assert_eq!(integer(&[0b1110_1010], 5), Ok(10));
        assert_eq!(integer(&[0xff, 0x00], 7), Ok(127));
    }

    #[test]
    fn the_largest_integer_and_what_is_beyond() {
        assert_eq!(integer(&[0x7f, 0x80, 0xff, 0xff, 0xff, 0x0f], 7), Ok(u32::MAX));
        assert_eq!(integer(&[0x7f, 0x81, 0xff, 0xff, 0xff, 0x0f], 7), Err(Error::IntegerOverflow));
        assert_eq!(
            integer(&[0x7f, 0x80, 0x80, 0x80, 0x80, 0x80, 0x00], 7),
            Err(Error::IntegerOverflow)
        );
    }

    #[test]
    fn cut_short() {
        assert_eq!(integer(&[0x7f], 7), Err(Error::TruncatedInteger));
        assert_eq!(integer(&[0x7f, 0x80], 7), Err(Error::TruncatedInteger));
        let string = |bytes| Reader::new(bytes).string(&mut Vec::new()).map(|_| ());
        assert_eq!(string(&[]), Err(Error::TruncatedInteger));
        assert_eq!(
            string(&[3, b'a', b'b']),
            Err(Error::TruncatedString { length: 3, available: 2 })
        );
    }
}
