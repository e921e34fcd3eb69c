//! Any frames, cut anywhere.

use proptest::prelude::*;

use super::deflate::Deflater;
use super::*;

#[test]
fn seeds() {
    let mut deflater = Deflater::new();
    for seed in [
        &b""[..],
        b"\x01\x81\x05Hello",
        b"\x00\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58",
        b"\x03\xc1\x07\xf2\x48\xcd\xc9\xc9\x07\x00\xc1\x05\xf2\x00\x11\x00\x00",
        b"\x03\xc1\x08\xf3\x48\xcd\xc9\xc9\x07\x00\x00",
        b"\x05\xc1\x03\xff\xff\xff\xc1\x02\x02\0",
        b"\x01\x88\x03\x03\xe8\xff\x82\x00",
        b"\x07\xf1\x01x",
        b"\x01HTTP/1.1 400 Bad Request\r\n\r\n",
        &[b"\x03", &frame(0xc2, &deflater.message(&vec![0; 3 * MAX_INFLATED]))[..]].concat(),
    ] {
        fuzz(seed);
    }
}

fn frames() -> impl Strategy<Value = Vec<u8>> {
    let first = prop_oneof![
        4 => prop_oneof![Just(0x81_u8), Just(0x01), Just(0x00), Just(0x80), Just(0x82)],
        3 => prop_oneof![Just(0xc1_u8), Just(0x41), Just(0xc2)],
        2 => prop_oneof![Just(0x88_u8), Just(0x89), Just(0x8a)],
        1 => any::<u8>(),
    ];
    let payload = prop_oneof![
        proptest::collection::vec(any::<u8>(), 0..40),
        "[a-zа-я]{0,140}".prop_map(String::into_bytes),
        "[ab]{0,40}".prop_map(|text| Deflater::new().message(text.as_bytes())),
    ];
    proptest::collection::vec((first, payload, any::<bool>()), 0..8).prop_map(|frames| {
        frames
            .iter()
            .flat_map(|(first, payload, mask)| match mask {
                true => masked(*first, payload),
                false => frame(*first, payload),
            })
            .collect()
    })
}

proptest! {
    #[test]
    fn any_frames(choice in 0_u8..8, frames in frames()) {
        fuzz(&[&[choice], &frames[..]].concat());
    }

    #[test]
    fn any_split(choice in any::<bool>(), frames in frames(), cuts in proptest::collection::vec(1_usize..50, 0..20)) {
        let extensions = Extensions::from_response([DEFLATE.as_bytes()]);
        let direction = if choice { FromClient } else { FromUpstream };
        let whole = run(&extensions, direction, std::iter::once(&frames[..]));
        let (mut rest, mut pieces) = (&frames[..], Vec::new());
        for cut in cuts {
            let (piece, behind) = rest.split_at(cut.min(rest.len()));
            pieces.push(piece);
            rest = behind;
        }
        pieces.push(rest);
        prop_assert_eq!(run(&extensions, direction, pieces.into_iter()), whole);
    }

    #[test]
    fn any_bytes(data in proptest::collection::vec(any::<u8>(), 0..200)) {
        fuzz(&data);
    }
}
