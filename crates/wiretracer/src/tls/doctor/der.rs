//! Just enough DER (X.690 §8.1) to cut out what a signature is made over.
//!
//! ```text
//! Certificate, CertificateList ::= SEQUENCE { toBeSigned, AlgorithmIdentifier, BIT STRING }
//! ```
//!
//! Not here: what the pieces mean; x509-parser reads that.

/// One element, and what follows it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Element<'a> {
    /// With its header.
    pub(super) whole: &'a [u8],
    /// Without it.
    pub(super) content: &'a [u8],
    /// The bytes after it.
    pub(super) rest: &'a [u8],
}

/// Reads the element that `input` begins with.
pub(super) fn element(input: &[u8]) -> Option<Element<'_>> {
    let (&[_tag, first], after) = input.split_first_chunk::<2>()?;
    let (length, header) = match first {
        short @ 0..=0x7f => (usize::from(short), 2),
        long @ 0x81..=0x84 => {
            let count = usize::from(long & 0x7f);
            let bytes = after.get(..count)?;
            (bytes.iter().fold(0, |length, byte| length << 8 | usize::from(*byte)), 2 + count)
        }
        _ => return None,
    };
    let end = header.checked_add(length)?;
    let whole = input.get(..end)?;
    Some(Element { whole, content: whole.get(header..)?, rest: input.get(end..)? })
}

/// The content of the one element that `input` is.
pub(super) fn content(input: &[u8]) -> Option<&[u8]> {
    element(input).filter(|element| element.rest.is_empty()).map(|element| element.content)
}

/// The bytes of a BIT STRING that has no unused bits, from its content.
pub(super) fn whole_bytes(bit_string: &[u8]) -> Option<&[u8]> {
    match bit_string.split_first() {
        Some((0, bytes)) => Some(bytes),
        _ => None,
    }
}
