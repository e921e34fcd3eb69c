//! The code against values of appendix B, a test-only encoder, and a decoder bit by bit.

use proptest::prelude::*;

use super::*;

/// The code of a symbol, at the bottom of the number, and its length.
fn code_of(symbol: u16) -> (u64, u32) {
    let position = SORTED.iter().position(|&other| other == symbol).unwrap() as u32;
    let length = u32::from(LENGTHS[usize::from(symbol)]);
    let group = GROUPS[length as usize];
    ((group.start >> (32 - length)) + u64::from(position - group.sorted), length)
}

/// Bits as text, most significant first, to octets; ones fill the last.
fn pack(bits: &str) -> Vec<u8> {
    let octet =
        |chunk: &[u8]| (0..8).fold(0, |o, i| o << 1 | u8::from(chunk.get(i) != Some(&b'0')));
    bits.as_bytes().chunks(8).map(octet).collect()
}

fn bits_of(symbols: impl IntoIterator<Item = u16>) -> String {
    let bits = |symbol| {
        let (code, length) = code_of(symbol);
        format!("{code:0width$b}", width = length as usize)
    };
    symbols.into_iter().map(bits).collect()
}

fn encode(text: &[u8]) -> Vec<u8> {
    pack(&bits_of(text.iter().map(|&octet| u16::from(octet))))
}

fn decoded(octets: &[u8]) -> Result<Vec<u8>, Error> {
    let mut out = Vec::new();
    decode(octets, &mut out).map(|()| out)
}

/// The slow and obvious way: one bit at a time against every code.
fn decoded_bit_by_bit(octets: &[u8]) -> Result<Vec<u8>, Error> {
    let codes: std::collections::HashMap<(u64, u32), u16> =
        (0..=EOS).map(|symbol| (code_of(symbol), symbol)).collect();
    let (mut out, mut code, mut length) = (Vec::new(), 0, 0);
    for bit in octets.iter().flat_map(|octet| (0..8).rev().map(move |i| u64::from(octet >> i & 1)))
    {
        (code, length) = (code << 1 | bit, length + 1);
        if let Some(&symbol) = codes.get(&(code, length)) {
            out.push(u8::try_from(symbol).map_err(|_| Error::HuffmanEos)?);
            (code, length) = (0, 0);
        }
    }
    if code != (1 << length) - 1 {
        Err(Error::HuffmanPaddingNotOnes)
    } else if length > 7 {
        Err(Error::HuffmanPaddingTooLong { bits: length })
    } else {
        Ok(out)
    }
}

#[test]
fn the_code_is_that_of_appendix_b() {
    // At least one of every length, and the ends of every group.
    for (symbol, code, length) in [
        (0, 0x1ff8, 13),
        (1, 0x7fffd8, 23),
        (2, 0xfffffe2, 28),
        (9, 0xffffea, 24),
        (10, 0x3ffffffc, 30),
        (13, 0x3ffffffd, 30),
        (22, 0x3ffffffe, 30),
        (32, 0x14, 6),
        (35, 0xffa, 12),
        (38, 0xf8, 8),
        (39, 0x7fa, 11),
        (48, 0x0, 5),
        (60, 0x7ffc, 15),
        (63, 0x3fc, 10),
        (90, 0xfd, 8),
        (92, 0x7fff0, 19),
        (94, 0x3ffc, 14),
        (116, 0x9, 5),
        (122, 0x7b, 7),
        (127, 0xffffffc, 28),
        (128, 0xfffe6, 20),
        (153, 0x1fffdc, 21),
        (129, 0x3fffd2, 22),
        (192, 0x3ffffe0, 26),
        (199, 0x1ffffec, 25),
        (203, 0x7ffffde, 27),
        (255, 0x3ffffee, 26),
        (EOS, 0x3fffffff, 30),
    ] {
        assert_eq!(code_of(symbol), (code, length), "symbol {symbol}");
    }
}

#[test]
fn the_code_is_complete() {
    // Canonical codes can't overlap; that they fill the space shows that no length is mistyped.
    assert_eq!(GROUPS[LONGEST as usize].end, 1 << 32);
}

#[test]
fn every_octet_survives() {
    let all: Vec<u8> = (0..=255).collect();
    assert_eq!(decoded(&encode(&all)), Ok(all));
    for octet in 0..=255 {
        assert_eq!(decoded(&encode(&[octet])), Ok(vec![octet]));
    }
}

#[test]
fn padding() {
    let not_ones = Err(Error::HuffmanPaddingNotOnes);
    let too_long = |bits| Err(Error::HuffmanPaddingTooLong { bits });
    assert_eq!(decoded(&[]), Ok(vec![]));
    assert_eq!(decoded(&pack("00011")), Ok(b"a".to_vec()));
    assert_eq!(decoded(&pack("00011110")), not_ones);
    assert_eq!(decoded(&pack("00011000")), not_ones);
    assert_eq!(decoded(&[0xff]), too_long(8));
    assert_eq!(decoded(&pack("0001111111111")), too_long(11));
    assert_eq!(decoded(&[0xff, 0xff, 0xff]), too_long(24));
    assert_eq!(decoded(&[0xff, 0xfe]), not_ones);
}

#[test]
fn eos_is_refused_wherever_it_stands() {
    let a = u16::from(b'a');
    for symbols in [vec![EOS], vec![a, EOS], vec![EOS, a, a, a, a, a, a, a, a, a, a]] {
        assert_eq!(decoded(&pack(&bits_of(symbols))), Err(Error::HuffmanEos));
    }
    assert_eq!(decoded(&[0xff; 4]), Err(Error::HuffmanEos));
}

proptest! {
    #[test]
    fn what_is_encoded_comes_back(text in proptest::collection::vec(any::<u8>(), 0..200)) {
        prop_assert_eq!(decoded(&encode(&text)), Ok(text));
    }

    #[test]
    fn the_fast_way_agrees_with_the_slow_one(
        octets in proptest::collection::vec(prop_oneof![any::<u8>(), 0xf0_u8..], 0..40),
    ) {
        prop_assert_eq!(decoded(&octets), decoded_bit_by_bit(&octets));
    }
}
