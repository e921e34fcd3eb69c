//! Blocks in, fields and tables out: the examples of appendix C, and every way to be wrong.

use super::*;
use crate::http2::hpack::{Encoder, MAX_TABLE_SIZE};

type Pairs = [(&'static str, &'static str)];

fn hex(text: &str) -> Vec<u8> {
    let digits: Vec<u32> = text.chars().filter_map(|c| c.to_digit(16)).collect();
    digits.chunks(2).map(|pair| (pair[0] * 16 + pair[1]) as u8).collect()
}

/// What the decoder's dynamic table holds, newest first.
fn dynamic_entries(decoder: &Decoder) -> Vec<(String, String)> {
    let text = |octets: &[u8]| String::from_utf8(octets.to_vec()).unwrap();
    (62..).map_while(|i| decoder.table.get(i).ok()).map(|(n, v)| (text(n), text(v))).collect()
}

fn owned(pairs: &Pairs) -> Vec<(String, String)> {
    pairs.iter().map(|&(name, value)| (name.into(), value.into())).collect()
}

/// One block of a connection, what it means, and the dynamic table after it with its size.
struct Example {
    block: &'static str,
    fields: &'static Pairs,
    table: &'static Pairs,
    size: usize,
}

fn check(mut decoder: Decoder, examples: &[Example]) {
    for example in examples {
        let mut fields = Fields::new();
        decoder.decode(&hex(example.block), &mut fields).unwrap();
        assert_eq!(fields, Fields::from_iter(example.fields.iter().copied()), "{}", example.block);
        assert_eq!(dynamic_entries(&decoder), owned(example.table), "{}", example.block);
        assert_eq!(decoder.table.size(), example.size, "{}", example.block);
    }
}

#[test]
fn appendix_c_2_one_field() {
    let custom: &Pairs = &[("custom-key", "custom-header")];
    let path: &Pairs = &[(":path", "/sample/path")];
    let method: &Pairs = &[(":method", "GET")];
    for (block, fields, table, size) in [
        ("400a 6375 7374 6f6d 2d6b 6579 0d63 7573 746f 6d2d 6865 6164 6572", custom, custom, 55),
        ("040c 2f73 616d 706c 652f 7061 7468", path, &[], 0),
        ("82", method, &[], 0),
    ] {
        check(Decoder::new(), &[Example { block, fields, table, size }]);
    }
}

#[test]
fn appendix_c_2_3_never_indexed() {
    let mut fields = Fields::new();
    let block = hex("1008 7061 7373 776f 7264 0673 6563 7265 74");
    let mut decoder = Decoder::new();
    decoder.decode(&block, &mut fields).unwrap();
    let secret = Field { name: b"password", value: b"secret", never_indexed: true };
    assert_eq!(fields.iter().collect::<Vec<_>>(), [secret]);
    assert_eq!(decoder.table.size(), 0);
}

const REQUESTS: [(&Pairs, &Pairs, usize); 3] = [
    (
        &[
            (":method", "GET"),
            (":scheme", "http"),
            (":path", "/"),
            (":authority", "www.example.com"),
        ],
        &[(":authority", "www.example.com")],
        57,
    ),
    (
        &[
            (":method", "GET"),
            (":scheme", "http"),
            (":path", "/"),
            (":authority", "www.example.com"),
            ("cache-control", "no-cache"),
        ],
        &[("cache-control", "no-cache"), (":authority", "www.example.com")],
        110,
    ),
    (
        &[
            (":method", "GET"),
            (":scheme", "https"),
            (":path", "/index.html"),
            (":authority", "www.example.com"),
            ("custom-key", "custom-value"),
        ],
        &[
            ("custom-key", "custom-value"),
            ("cache-control", "no-cache"),
            (":authority", "www.example.com"),
        ],
        164,
    ),
];

const COOKIE: &str = "foo=ASDJKHQKBZXOQWEOPIUAXQWEOIU; max-age=3600; version=1";

const RESPONSES: [(&Pairs, &Pairs, usize); 3] = [
    (
        &[
            (":status", "302"),
            ("cache-control", "private"),
            ("date", "Mon, 21 Oct 2013 20:13:21 GMT"),
            ("location", "https://www.example.com"),
        ],
        &[
            ("location", "https://www.example.com"),
            ("date", "Mon, 21 Oct 2013 20:13:21 GMT"),
            ("cache-control", "private"),
            (":status", "302"),
        ],
        222,
    ),
    (
        &[
            (":status", "307"),
            ("cache-control", "private"),
            ("date", "Mon, 21 Oct 2013 20:13:21 GMT"),
            ("location", "https://www.example.com"),
        ],
        &[
            (":status", "307"),
            ("location", "https://www.example.com"),
            ("date", "Mon, 21 Oct 2013 20:13:21 GMT"),
            ("cache-control", "private"),
        ],
        222,
    ),
    (
        &[
            (":status", "200"),
            ("cache-control", "private"),
            ("date", "Mon, 21 Oct 2013 20:13:22 GMT"),
            ("location", "https://www.example.com"),
            ("content-encoding", "gzip"),
            ("set-cookie", COOKIE),
        ],
        &[
            ("set-cookie", COOKIE),
            ("content-encoding", "gzip"),
            ("date", "Mon, 21 Oct 2013 20:13:22 GMT"),
        ],
        215,
    ),
];

fn connection(
    blocks: [&'static str; 3],
    meaning: [(&'static Pairs, &'static Pairs, usize); 3],
) -> Vec<Example> {
    let example = |(block, (fields, table, size))| Example { block, fields, table, size };
    blocks.into_iter().zip(meaning).map(example).collect()
}

#[test]
fn appendix_c_3_requests_without_huffman() {
    let blocks = [
        "8286 8441 0f77 7777 2e65 7861 6d70 6c65 2e63 6f6d",
        "8286 84be 5808 6e6f 2d63 6163 6865",
        "8287 85bf 400a 6375 7374 6f6d 2d6b 6579 0c63 7573 746f 6d2d 7661 6c75 65",
    ];
    check(Decoder::new(), &connection(blocks, REQUESTS));
}

#[test]
fn appendix_c_4_requests_with_huffman() {
    let blocks = [
        "8286 8441 8cf1 e3c2 e5f2 3a6b a0ab 90f4 ff",
        "8286 84be 5886 a8eb 1064 9cbf",
        "8287 85bf 4088 25a8 49e9 5ba9 7d7f 8925 a849 e95b b8e8 b4bf",
    ];
    check(Decoder::new(), &connection(blocks, REQUESTS));
}

/// The responses of appendix C are for a table of 256 bytes, which it doesn't spell out.
fn small_table() -> Decoder {
    let mut decoder = Decoder::new();
    decoder.set_max_table_size(256);
    decoder.decode(&hex("3fe1 01"), &mut Fields::new()).unwrap();
    decoder
}

#[test]
fn appendix_c_5_responses_without_huffman() {
    let blocks = [
        "4803 3330 3258 0770 7269 7661 7465 611d 4d6f 6e2c 2032 3120 4f63 7420 3230 3133 \
         2032 303a 3133 3a32 3120 474d 546e 1768 7474 7073 3a2f 2f77 7777 2e65 7861 6d70 \
         6c65 2e63 6f6d",
        "4803 3330 37c1 c0bf",
        "88c1 611d 4d6f 6e2c 2032 3120 4f63 7420 3230 3133 2032 303a 3133 3a32 3220 474d \
         54c0 5a04 677a 6970 7738 666f 6f3d 4153 444a 4b48 514b 425a 584f 5157 454f 5049 \
         5541 5851 5745 4f49 553b 206d 6178 2d61 6765 3d33 3630 303b 2076 6572 7369 6f6e \
         3d31",
    ];
    check(small_table(), &connection(blocks, RESPONSES));
}

#[test]
fn appendix_c_6_responses_with_huffman() {
    let blocks = [
        "4882 6402 5885 aec3 771a 4b61 96d0 7abe 9410 54d4 44a8 2005 9504 0b81 66e0 82a6 \
         2d1b ff6e 919d 29ad 1718 63c7 8f0b 97c8 e9ae 82ae 43d3",
        "4883 640e ffc1 c0bf",
        "88c1 6196 d07a be94 1054 d444 a820 0595 040b 8166 e084 a62d 1bff c05a 839b d9ab \
         77ad 94e7 821d d7f2 e6c7 b335 dfdf cd5b 3960 d5af 2708 7f36 72c1 ab27 0fb5 291f \
         9587 3160 65c0 03ed 4ee5 b106 3d50 07",
    ];
    check(small_table(), &connection(blocks, RESPONSES));
}

#[test]
fn what_is_wrong_with_a_block() {
    use Error as E;
    let small = E::SizeUpdateTooLarge { size: 4097, limit: 4096 };
    for (block, error, section) in [
        ("7f", E::TruncatedInteger, "RFC 7541 §5.1"),
        ("ff ff", E::TruncatedInteger, "RFC 7541 §5.1"),
        ("ff ff ff ff ff 7f", E::IntegerOverflow, "RFC 7541 §5.1"),
        ("44", E::TruncatedInteger, "RFC 7541 §5.1"),
        ("44 03 61", E::TruncatedString { length: 3, available: 1 }, "RFC 7541 §5.2"),
        ("44 84 ffff ffff", E::HuffmanEos, "RFC 7541 §5.2"),
        ("44 82 1fff", E::HuffmanPaddingTooLong { bits: 11 }, "RFC 7541 §5.2"),
        ("44 81 18", E::HuffmanPaddingNotOnes, "RFC 7541 §5.2"),
        ("80", E::IndexZero, "RFC 7541 §6.1"),
        ("be", E::IndexOutOfRange { index: 62, last: 61 }, "RFC 7541 §2.3.3"),
        ("7e 01 61", E::IndexOutOfRange { index: 62, last: 61 }, "RFC 7541 §2.3.3"),
        ("0f 2f 01 61", E::IndexOutOfRange { index: 62, last: 61 }, "RFC 7541 §2.3.3"),
        ("3fe2 1f", small, "RFC 7541 §6.3"),
        ("82 20", E::SizeUpdateMisplaced, "RFC 7541 §4.2"),
        ("20 20 20 82", E::SizeUpdateRepeated, "RFC 7541 §4.2"),
    ] {
        let found = Decoder::new().decode(&hex(block), &mut Fields::new());
        assert_eq!(found, Err(error), "{block}");
        assert_eq!(error.rfc_section(), section, "{block}");
        assert!(!error.is_own_limit());
    }
}

#[test]
fn fields_before_the_mistake_are_told() {
    let mut fields = Fields::new();
    assert_eq!(Decoder::new().decode(&[0x82, 0x80], &mut fields), Err(Error::IndexZero));
    assert_eq!(fields, Fields::from_iter([(":method", "GET")]));
}

/// A limit or a block with what comes of it, in order.
enum Step {
    Limit(u32),
    Block(Vec<u8>, Result<(), Error>),
}

fn updates(sizes: &[u32]) -> Vec<u8> {
    let mut block = Vec::new();
    for &size in sizes {
        Encoder::encode_table_size_update(size, &mut block);
    }
    block.push(0x82);
    block
}

fn run(steps: Vec<Step>) {
    let mut decoder = Decoder::new();
    for (number, step) in steps.into_iter().enumerate() {
        match step {
            Step::Limit(size) => decoder.set_max_table_size(size),
            Step::Block(block, result) => {
                assert_eq!(decoder.decode(&block, &mut Fields::new()), result, "step {number}");
            }
        }
    }
}

#[test]
fn a_lowered_limit_has_to_be_obeyed_in_the_next_block() {
    use Step::{Block, Limit};
    let missing = |limit| Err(Error::SizeUpdateMissing { limit });
    // Not at all; then, too little.
    run(vec![Limit(100), Block(updates(&[]), missing(100))]);
    run(vec![Limit(100), Limit(4096), Block(updates(&[4096]), missing(100))]);
    // The lowest, then the one that holds.
    run(vec![Limit(100), Limit(2000), Block(updates(&[100, 2000]), Ok(()))]);
    run(vec![Limit(100), Limit(2000), Block(updates(&[0]), Ok(()))]);
    // Once is enough.
    run(vec![Limit(100), Block(updates(&[100]), Ok(())), Block(updates(&[]), Ok(()))]);
    // The sender was below it already.
    run(vec![Block(updates(&[50]), Ok(())), Limit(100), Block(updates(&[]), Ok(()))]);
}

#[test]
fn a_raised_limit_may_be_used_or_not() {
    use Step::{Block, Limit};
    let too_large = Err(Error::SizeUpdateTooLarge { size: 8193, limit: 8192 });
    run(vec![Limit(8192), Block(updates(&[]), Ok(()))]);
    run(vec![Limit(8192), Block(updates(&[8192]), Ok(()))]);
    run(vec![Limit(8192), Block(updates(&[8193]), too_large)]);
    // The sender never went beyond 4096, so that 5000 takes nothing away from it.
    run(vec![Limit(8192), Limit(5000), Block(updates(&[]), Ok(()))]);
}

#[test]
fn a_small_block_can_not_expand_without_end() {
    // A field of 3 KiB enters the table, and one byte each asks for it again.
    let mut block = vec![0x40, 0x01, b'a', 0x7f, 0x81, 0x17];
    block.extend([b'v'; 3072]);
    block.extend([0xbe; 1000]);
    let mut fields = Fields::new();
    let error = Decoder::new().decode(&block, &mut fields).unwrap_err();
    assert_eq!(error, Error::ListTooLarge);
    assert!(error.is_own_limit());
    assert!(fields.list_size() <= MAX_LIST_SIZE);
    assert_eq!(fields.len(), MAX_LIST_SIZE / (1 + 3072 + 32));
}

#[test]
fn the_number_of_lines_is_limited_too() {
    let mut fields = Fields::new();
    assert_eq!(Decoder::new().decode(&[0x82; MAX_LINES], &mut fields), Ok(()));
    let result = Decoder::new().decode(&[0x82; MAX_LINES + 1], &mut Fields::new());
    assert_eq!(result, Err(Error::ListTooLarge));
}

#[test]
fn each_block_has_the_limits_for_itself() {
    let mut decoder = Decoder::new();
    let mut fields = Fields::new();
    for _ in 0..2 {
        assert_eq!(decoder.decode(&[0x82; MAX_LINES], &mut fields), Ok(()));
    }
    assert_eq!(fields.len(), 2 * MAX_LINES);
}

#[test]
fn an_entry_that_was_not_kept_is_our_limit_not_their_mistake() {
    let size = 2 * MAX_TABLE_SIZE;
    let mut decoder = Decoder::new();
    decoder.set_max_table_size(size);
    let mut block = updates(&[size]);
    block.push(0xbe);
    let error = decoder.decode(&block, &mut Fields::new()).unwrap_err();
    assert_eq!(error, Error::EntryNotKept { index: 62, size });
    assert!(error.is_own_limit());
}
