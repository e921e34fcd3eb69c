//! Fields to a field block, without any state (RFC 7541 §6.2.2, §6.2.3).
//!
//! For the one place where a block is written anew, the rewriting of `:authority`: plain literals
//! that a receiver's table never learns of. To keep an original sender's table and the receiver's
//! apart for good, the first block begins with [`Encoder::encode_table_size_update`] of 0.
//!
//! ```
//! use wire::{http::Fields, http2::hpack::Encoder};
//!
//! let mut block = Vec::new();
//! Encoder::encode_table_size_update(0, &mut block);
//! Encoder::encode_literals(&Fields::from_iter([(":method", "GET")]), &mut block);
//! assert_eq!(block, b"\x20\x02\x03GET");
//! ```
//!
//! Not here: indexing and Huffman coding. They save bytes, and nothing else depends on them.

use crate::http::{Field, Fields};

use super::static_table;

/// Writes field blocks.
#[derive(Clone, Copy, Debug)]
pub struct Encoder;

impl Encoder {
    /// Appends a literal without indexing, or one never indexed if the field is marked so.
    pub fn encode_literal(field: Field<'_>, out: &mut Vec<u8>) {
        let pattern = if field.never_indexed { 0x10 } else { 0x00 };
        match static_table::index_of_name(field.name) {
            Some(index) => encode_integer(index as usize, 4, pattern, out),
            None => {
                out.push(pattern);
                encode_string(field.name, out);
            }
        }
        encode_string(field.value, out);
    }

    /// Appends a literal for each line.
    pub fn encode_literals(fields: &Fields, out: &mut Vec<u8>) {
        for field in fields.iter() {
            Self::encode_literal(field, out);
        }
    }

    /// Appends a dynamic table size update (§6.3), which belongs at the start of a block. The size
    /// is in bytes; 0 empties the receiver's table.
    pub fn encode_table_size_update(size: u32, out: &mut Vec<u8>) {
        encode_integer(size as usize, 5, 0x20, out);
    }
}

/// An integer behind a pattern, in a prefix of so many bits (§5.1).
fn encode_integer(value: usize, prefix: u32, pattern: u8, out: &mut Vec<u8>) {
    let mask = (1_u8 << prefix) - 1;
    if value < usize::from(mask) {
        out.push(pattern | value as u8);
        return;
    }
    out.push(pattern | mask);
    let mut rest = value - usize::from(mask);
    while rest >= 0x80 {
        out.push(rest as u8 | 0x80);
        rest >>= 7;
    }
    out.push(rest as u8);
}

fn encode_string(octets: &[u8], out: &mut Vec<u8>) {
    encode_integer(octets.len(), 7, 0x00, out);
    out.extend_from_slice(octets);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn integer(value: usize, prefix: u32) -> Vec<u8> {
        let mut out = Vec::new();
        encode_integer(value, prefix, 0, &mut out);
        out
    }

    #[test]
    fn integers_of_appendix_c_1() {
        assert_eq!(integer(10, 5), [10]);
        assert_eq!(integer(1337, 5), [31, 154, 10]);
        assert_eq!(integer(42, 7), [42]);
    }

    #[test]
    fn integers_at_the_edges() {
        assert_eq!(integer(30, 5), [30]);
        assert_eq!(integer(31, 5), [31, 0]);
        assert_eq!(integer(31 + 127, 5), [31, 127]);
        assert_eq!(integer(31 + 128, 5), [31, 128, 1]);
    }

    #[test]
    fn a_secret_stays_one() {
        let mut out = Vec::new();
        let field = Field { name: b"cookie", value: b"a", never_indexed: true };
        Encoder::encode_literal(field, &mut out);
        assert_eq!(out, [0x1f, 32 - 15, 1, b'a']);
    }
}
