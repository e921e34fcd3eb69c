//! A bounds-checked reader over one complete TLS structure.
//!
//! TLS writes a vector as its length, in one, two or three bytes, and then its content
//! (RFC 8446 §3.4), so every read is one of `u8`, `u16`, `take` and the three `vec…`. Reading past
//! the end is [`None`]. Waiting for more bytes is not done here: the record and handshake layers
//! deliver complete messages.

/// What is left of a structure.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cursor<'a>(&'a [u8]);

impl<'a> Cursor<'a> {
    pub(super) const fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) const fn len(&self) -> usize {
        self.0.len()
    }

    pub(super) fn u8(&mut self) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*first)
    }

    pub(super) fn u16(&mut self) -> Option<u16> {
        Some(u16::from_be_bytes(self.array()?))
    }

    pub(super) fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (array, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(*array)
    }

    pub(super) fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    /// A vector with a length of one byte.
    pub(super) fn vec8(&mut self) -> Option<&'a [u8]> {
        let length = self.u8()?;
        self.take(length.into())
    }

    /// A vector with a length of two bytes.
    pub(super) fn vec16(&mut self) -> Option<&'a [u8]> {
        let length = self.u16()?;
        self.take(length.into())
    }

    /// A vector with a length of three bytes.
    pub(super) fn vec24(&mut self) -> Option<&'a [u8]> {
        let [high, mid, low] = self.array()?;
        self.take(u32::from_be_bytes([0, high, mid, low]) as usize)
    }
}

/// The 16-bit codes of a vector's content; an odd byte at its end is left out.
pub(super) fn codes<T>(content: &[u8], code: impl Fn(u16) -> T) -> Vec<T> {
    let (pairs, _) = content.as_chunks::<2>();
    pairs.iter().map(|pair| code(u16::from_be_bytes(*pair))).collect()
}
