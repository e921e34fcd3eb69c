//! TLS vectors (RFC 8446 §3.4) on top of [`crate::cursor`].
//!
//! A vector is its length, in one, two or three bytes, and then its content. Structures are read
//! when they are complete, so that "need more" means "broken" here, and [`None`] says it.

use crate::cursor;

/// What is left of a structure.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cursor<'a>(cursor::Cursor<'a>);

impl<'a> Cursor<'a> {
    pub(super) const fn new(bytes: &'a [u8]) -> Self {
        Self(cursor::Cursor::new(bytes))
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn len(&self) -> usize {
        self.0.rest().len()
    }

    pub(super) fn u8(&mut self) -> Option<u8> {
        self.0.u8().ok()
    }

    pub(super) fn u16(&mut self) -> Option<u16> {
        self.0.u16().ok()
    }

    pub(super) fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        self.0.array().ok()
    }

    /// A vector with a length of one byte.
    pub(super) fn vec8(&mut self) -> Option<&'a [u8]> {
        let length = self.0.u8().ok()?;
        self.0.take(length.into()).ok()
    }

    /// A vector with a length of two bytes.
    pub(super) fn vec16(&mut self) -> Option<&'a [u8]> {
        let length = self.0.u16().ok()?;
        self.0.take(length.into()).ok()
    }

    /// A vector with a length of three bytes.
    pub(super) fn vec24(&mut self) -> Option<&'a [u8]> {
        let length = self.0.u24().ok()?;
        self.0.take(length as usize).ok()
    }
}

/// The 16-bit codes of a vector's content; an odd byte at its end is left out.
pub(super) fn codes<T>(content: &[u8], code: impl Fn(u16) -> T) -> Vec<T> {
    let (pairs, _) = content.as_chunks::<2>();
    pairs.iter().map(|pair| code(u16::from_be_bytes(*pair))).collect()
}
