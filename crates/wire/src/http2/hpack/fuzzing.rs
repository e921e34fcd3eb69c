//! Any bytes as the life of one decoder.
//!
//! ```text
//! script:  (length octet, that many octets of a block)*    length 255: instead a new limit follows
//! ```
//!
//! Not here: the driver that finds inputs.

use crate::http::Fields;

use super::{Decoder, Encoder, MAX_LINES, MAX_LIST_SIZE, MAX_TABLE_SIZE};

/// The length octet that stands for a new limit, of which the next octet is the logarithm.
const NEW_LIMIT: u8 = 255;

/// Runs the script and asserts that memory stays within the limits, that a decoder is a function
/// of its input, and that what was decoded survives being encoded and decoded again.
///
/// # Panics
///
/// When one of these does not hold.
#[doc(hidden)]
pub fn fuzz(data: &[u8]) {
    let (mut decoder, mut twin) = (Decoder::new(), Decoder::new());
    let mut rest = data;
    while let Some((&length, tail)) = rest.split_first() {
        if length == NEW_LIMIT {
            let limit = 1 << (tail.first().copied().unwrap_or(0) & 31);
            decoder.set_max_table_size(limit);
            twin.set_max_table_size(limit);
            rest = tail.get(1..).unwrap_or(&[]);
            continue;
        }
        let (block, tail) = tail.split_at(tail.len().min(usize::from(length)));
        rest = tail;
        let (mut fields, mut again) = (Fields::new(), Fields::new());
        let result = decoder.decode(block, &mut fields);
        assert_eq!(result, twin.decode(block, &mut again), "the same input, another result");
        assert_eq!(fields, again, "the same input, other fields");
        check_limits(&decoder, &fields);
        check_round_trip(&fields);
    }
}

fn check_limits(decoder: &Decoder, fields: &Fields) {
    let kept = MAX_TABLE_SIZE as usize;
    let (size, stored) = decoder.footprint();
    assert!(size <= kept, "the dynamic table has {size} bytes");
    assert!(stored <= 3 * kept, "{stored} bytes are stored");
    assert!(fields.len() <= MAX_LINES, "{} lines", fields.len());
    assert!(fields.list_size() <= MAX_LIST_SIZE, "{} bytes of fields", fields.list_size());
}

fn check_round_trip(fields: &Fields) {
    let (mut block, mut again) = (Vec::new(), Fields::new());
    Encoder::encode_literals(fields, &mut block);
    assert_eq!(Decoder::new().decode(&block, &mut again), Ok(()));
    assert_eq!(*fields, again, "encoding changes the fields");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seeds() {
        let seeds: [&[u8]; 6] = [
            b"",
            b"\x03\x82\x86\x84",
            // One entry, many references to it.
            b"\x0f\x40\x03abc\x05value\xbe\xbe\xbe\xbe",
            // A lower limit, obeyed; then a limit that is not.
            b"\xff\x05\x04\x3f\x01\x82\x84\xff\x02\x01\x82",
            // A name taken from the entry that the insertion evicts.
            b"\xff\x06\x02\x3f\x21\x20\x40\x03abc\x1a0123456789012345678901234567890123\x7e\x011",
            // Huffman-coded text cut short.
            b"\x05\x00\x84\xff\xff\xff",
        ];
        for seed in seeds {
            fuzz(seed);
        }
    }
}
