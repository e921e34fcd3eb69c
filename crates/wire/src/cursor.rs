//! A bounds-checked reader over bytes at hand. "Need more" is a value, so that a parser of a growing
//! buffer is written straight down with `?` and tried again when more has come.
//!
//! ```
//! use wire::cursor::{Cursor, NeedMore};
//!
//! fn message(bytes: &[u8]) -> Result<(u8, &[u8]), NeedMore> {
//!     let mut cursor = Cursor::new(bytes);
//!     let kind = cursor.u8()?;
//!     let length = cursor.u16()?;
//!     Ok((kind, cursor.take(length.into())?))
//! }
//!
//! assert_eq!(message(&[7, 0, 2, b'h', b'i']), Ok((7, &b"hi"[..])));
//! assert_eq!(message(&[7, 0, 2, b'h']), Err(NeedMore { missing: 1 }));
//! ```
//!
//! Integers are big-endian, as on the wire. It doesn't hold bytes back between two calls.

/// The bytes end before the element does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NeedMore {
    /// How many bytes are missing for this element, at least one.
    pub missing: usize,
}

/// A place in a slice. A failed read leaves it where it was.
#[derive(Clone, Copy, Debug)]
pub struct Cursor<'a> {
    bytes: &'a [u8],
    position: usize,
}

impl<'a> Cursor<'a> {
    /// At the start of `bytes`.
    pub const fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, position: 0 }
    }

    /// Bytes read so far.
    pub const fn position(&self) -> usize {
        self.position
    }

    /// What was not read yet.
    pub fn rest(&self) -> &'a [u8] {
        &self.bytes[self.position..]
    }

    /// Whether everything was read.
    pub const fn is_empty(&self) -> bool {
        self.position == self.bytes.len()
    }

    /// The next `length` bytes.
    pub fn take(&mut self, length: usize) -> Result<&'a [u8], NeedMore> {
        let rest = self.rest();
        match rest.get(..length) {
            Some(taken) => {
                self.position += length;
                Ok(taken)
            }
            None => Err(NeedMore { missing: length - rest.len() }),
        }
    }

    /// The next `N` bytes.
    pub fn array<const N: usize>(&mut self) -> Result<[u8; N], NeedMore> {
        let rest = self.rest();
        match rest.first_chunk() {
            Some(taken) => {
                self.position += N;
                Ok(*taken)
            }
            None => Err(NeedMore { missing: N - rest.len() }),
        }
    }

    /// One byte.
    pub fn u8(&mut self) -> Result<u8, NeedMore> {
        self.array().map(u8::from_be_bytes)
    }

    /// Two bytes.
    pub fn u16(&mut self) -> Result<u16, NeedMore> {
        self.array().map(u16::from_be_bytes)
    }

    /// Three bytes.
    pub fn u24(&mut self) -> Result<u32, NeedMore> {
        self.array().map(|[high, middle, low]| u32::from_be_bytes([0, high, middle, low]))
    }

    /// Four bytes.
    pub fn u32(&mut self) -> Result<u32, NeedMore> {
        self.array().map(u32::from_be_bytes)
    }

    /// Eight bytes.
    pub fn u64(&mut self) -> Result<u64, NeedMore> {
        self.array().map(u64::from_be_bytes)
    }

    /// A cursor over the next `length` bytes alone, which are passed over here.
    pub fn nested(&mut self, length: usize) -> Result<Self, NeedMore> {
        self.take(length).map(Self::new)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_are_big_endian() {
        let bytes: Vec<u8> = (1..=18).collect();
        let mut cursor = Cursor::new(&bytes);
        assert_eq!(cursor.u8(), Ok(0x01));
        assert_eq!(cursor.u16(), Ok(0x0203));
        assert_eq!(cursor.u24(), Ok(0x0004_0506));
        assert_eq!(cursor.u32(), Ok(0x0708_090a));
        assert_eq!(cursor.u64(), Ok(0x0b0c_0d0e_0f10_1112));
        assert!(cursor.is_empty());
        assert_eq!(cursor.position(), 18);
    }

    #[test]
    fn a_failed_read_says_what_is_missing_and_moves_nothing() {
        let mut cursor = Cursor::new(&[1, 2, 3]);
        assert_eq!(cursor.u64(), Err(NeedMore { missing: 5 }));
        assert_eq!(cursor.take(4), Err(NeedMore { missing: 1 }));
        assert_eq!(cursor.take(usize::MAX), Err(NeedMore { missing: usize::MAX - 3 }));
        assert_eq!(cursor.rest(), [1, 2, 3]);
    }

    #[test]
    fn a_nested_cursor_ends_where_its_part_ends() {
        let mut cursor = Cursor::new(&[1, 2, 3]);
        let mut part = cursor.nested(2).unwrap();
        assert_eq!(part.u16(), Ok(0x0102));
        assert_eq!(part.u8(), Err(NeedMore { missing: 1 }));
        assert_eq!(cursor.u8(), Ok(3));
    }
}
