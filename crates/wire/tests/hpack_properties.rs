//! What holds for any fields and any bytes.
//!
//! ```text
//! fields ─► Encoder ─► block ─► Decoder ─► the same fields
//! any bytes ─► Decoder ─► fields or an error, within the limits
//! ```
//!
//! Not here: the Huffman code and the dynamic table, which have their own models beside them.

use proptest::collection::vec;
use proptest::prelude::*;
use wire::http::{Field, Fields};
use wire::http2::hpack::{Decoder, Encoder, Error, fuzz};

fn fields() -> impl Strategy<Value = Fields> {
    let name = prop_oneof![
        Just(b":authority".to_vec()),
        Just(b"cookie".to_vec()),
        vec(any::<u8>(), 0..300),
    ];
    let line = (name, vec(any::<u8>(), 0..300), any::<bool>());
    vec(line, 0..20).prop_map(|lines| {
        let mut fields = Fields::new();
        for (name, value, never_indexed) in &lines {
            fields.push_field(Field { name, value, never_indexed: *never_indexed });
        }
        fields
    })
}

/// Bytes that get further into the decoder than noise would: short literals, indices, updates.
fn instructions() -> impl Strategy<Value = Vec<u8>> {
    let instruction = prop_oneof![
        (0x80..=0xff_u8).prop_map(|octet| vec![octet]),
        (vec(any::<u8>(), 0..60), vec(any::<u8>(), 0..60)).prop_map(|(name, value)| {
            let mut out = vec![0x40, name.len() as u8];
            out.extend(name);
            out.push(value.len() as u8);
            out.extend(value);
            out
        }),
        (0x40..0x7f_u8, vec(any::<u8>(), 0..10)).prop_map(|(first, text)| {
            let mut out = vec![first, 0x80 | text.len() as u8];
            out.extend(text);
            out
        }),
        (0x20..0x40_u8).prop_map(|octet| vec![octet]),
        vec(any::<u8>(), 0..6),
    ];
    vec(instruction, 0..30).prop_map(|instructions| instructions.concat())
}

proptest! {
    #[test]
    fn what_is_encoded_decodes_to_the_same(
        fields in fields(),
        size in proptest::option::of(0..=4096_u32),
    ) {
        let mut block = Vec::new();
        if let Some(size) = size {
            Encoder::encode_table_size_update(size, &mut block);
        }
        Encoder::encode_literals(&fields, &mut block);
        let mut decoded = Fields::new();
        prop_assert_eq!(Decoder::new().decode(&block, &mut decoded), Ok(()));
        prop_assert_eq!(decoded, fields);
    }

    #[test]
    fn a_block_cut_short_never_tells_a_line_that_is_not_there(
        fields in fields(),
        cut in any::<prop::sample::Index>(),
    ) {
        let mut block = Vec::new();
        Encoder::encode_literals(&fields, &mut block);
        let mut decoded = Fields::new();
        let result = Decoder::new().decode(&block[..cut.index(block.len() + 1)], &mut decoded);
        let cut_inside = matches!(
            result,
            Ok(()) | Err(Error::TruncatedInteger | Error::TruncatedString { .. })
        );
        prop_assert!(cut_inside, "{:?}", result);
        prop_assert!(decoded.len() <= fields.len());
        prop_assert!(decoded.iter().eq(fields.iter().take(decoded.len())));
    }

    #[test]
    fn no_bytes_break_the_decoder(data in vec(any::<u8>(), 0..2000)) {
        fuzz(&data);
    }

    #[test]
    fn no_instructions_break_the_decoder(blocks in vec(instructions(), 0..5)) {
        let script = |block: &Vec<u8>| {
            let block = &block[..block.len().min(254)];
            [&[block.len() as u8], block].concat()
        };
        fuzz(&blocks.iter().flat_map(script).collect::<Vec<_>>());
    }
}
