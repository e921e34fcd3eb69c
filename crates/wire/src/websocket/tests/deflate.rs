//! permessage-deflate (RFC 7692): what is inflated, when it is given up, what is told then.

use flate2::{Compress, Compression, FlushCompress};

use super::*;

/// Compresses messages as one sender does, with context takeover.
pub(super) struct Deflater(Compress);

impl Deflater {
    pub(super) fn new() -> Self {
        Self(Compress::new(Compression::default(), false))
    }

    pub(super) fn message(&mut self, content: &[u8]) -> Vec<u8> {
        let mut payload = Vec::with_capacity(content.len() + 1024);
        self.0.compress_vec(content, &mut payload, FlushCompress::Sync).unwrap();
        assert!(payload.ends_with(&[0, 0, 0xff, 0xff]));
        payload.truncate(payload.len() - 4);
        payload
    }
}

#[test]
fn the_examples_of_rfc_7692() {
    for (payloads, expected) in [
        (
            &[&b"\xc1\x07\xf2\x48\xcd\xc9\xc9\x07\x00"[..]][..],
            &["TEXT fin rsv1 7", "Text Inflated 'Hello' of 7"][..],
        ),
        (
            &[b"\x41\x03\xf2\x48\xcd", b"\x80\x04\xc9\xc9\x07\x00"],
            &["TEXT rsv1 3", "CONTINUATION fin 4", "Text Inflated 'Hello' of 7"],
        ),
        (
            &[b"\xc1\x07\xf2\x48\xcd\xc9\xc9\x07\x00", b"\xc1\x05\xf2\x00\x11\x00\x00"],
            &[
                "TEXT fin rsv1 7",
                "Text Inflated 'Hello' of 7",
                "TEXT fin rsv1 5",
                "Text Inflated 'Hello' of 5",
            ],
        ),
        (
            &[b"\xc1\x0b\x00\x05\x00\xfa\xffHello\x00"],
            &["TEXT fin rsv1 11", "Text Inflated 'Hello' of 11"],
        ),
        (
            &[b"\xc1\x08\xf3\x48\xcd\xc9\xc9\x07\x00\x00"],
            &["TEXT fin rsv1 8", "Text Inflated 'Hello' of 8"],
        ),
        (
            &[b"\xc1\x0d\xf2\x48\x05\x00\x00\x00\xff\xff\xca\xc9\xc9\x07\x00"],
            &["TEXT fin rsv1 13", "Text Inflated 'Hello' of 13"],
        ),
    ] {
        assert_eq!(transcript(DEFLATE, FromUpstream, &payloads.concat()), expected);
    }
}

#[test]
fn reserved_bits_mean_what_was_agreed_upon() {
    let breach = |extensions, first| {
        transcript(extensions, FromUpstream, &frame(first, b""))
            .iter()
            .any(|line| line.starts_with("malformed: reserved bits"))
    };
    assert!(breach(NONE, 0xc1));
    assert!(!breach(DEFLATE, 0xc1));
    assert!(breach(DEFLATE, 0xa1));
    assert!(breach(DEFLATE, 0xc9));
    assert!(!breach("mystery", 0xf1));
    let unknown = transcript("mystery", FromUpstream, &frame(0xc1, b"abc"));
    assert_eq!(unknown[1], "Text Compressed 'abc' of 3");
}

#[test]
fn messages_refer_to_earlier_ones_unless_agreed_otherwise() {
    let content = b"{\"type\":\"tick\",\"value\":12345}";
    let mut deflater = Deflater::new();
    let (first, second) = (deflater.message(content), deflater.message(content));
    assert!(second.len() < first.len() / 2);
    let bytes = [masked(0xc1, &first), masked(0x81, b"plain"), masked(0xc1, &second)].concat();

    let lines = transcript(DEFLATE, FromClient, &bytes);
    let shown = format!("Text Inflated '{}' of ", content.escape_ascii());
    assert_eq!(lines[1], format!("{shown}{}", first.len()));
    assert_eq!(lines[3], "Text Plain 'plain' of 5");
    assert_eq!(lines[5], format!("{shown}{}", second.len()));

    let apart = [frame(0xc1, &first), frame(0xc1, &first)].concat();
    let lines = transcript(NO_CONTEXT, FromUpstream, &apart);
    assert_eq!(lines[1], lines[3]);
}

#[test]
fn long_compressed_messages_are_cut_and_the_context_kept() {
    let mut deflater = Deflater::new();
    let long = deflater.message(&b"0123456789".repeat(20_000));
    let next = deflater.message(b"0123456789");
    let bytes = [frame(0xc2, &long), frame(0xc2, &next)].concat();
    let lines = transcript(DEFLATE, FromUpstream, &bytes);
    assert_eq!(lines[1], format!("Binary Inflated 65536 bytes truncated of {}", long.len()));
    assert_eq!(lines[3], format!("Binary Inflated '0123456789' of {}", next.len()));
}

#[test]
fn a_bomb_ends_inflating_and_not_framing() {
    let mut deflater = Deflater::new();
    let bomb = deflater.message(&vec![0; 8 * MAX_INFLATED]);
    let next = deflater.message(b"next");
    assert!(bomb.len() < 20_000);
    let bytes = [frame(0xc2, &bomb), frame(0xc2, &next), frame(0x89, b"")].concat();
    assert_eq!(
        transcript(DEFLATE, FromUpstream, &bytes)[1..],
        [
            "inflate stopped: a message inflates to more than 1048576 bytes".to_owned(),
            format!("Binary Inflated 65536 bytes truncated of {}", bomb.len()),
            format!("BINARY fin rsv1 {}", next.len()),
            format!("Binary Compressed '{}' of {}", next.escape_ascii(), next.len()),
            "PING fin 0".to_owned(),
            "ping ''".to_owned(),
        ]
    );

    let fresh = Deflater::new().message(b"fresh");
    let bytes = [frame(0xc2, &bomb), frame(0xc2, &fresh)].concat();
    let lines = transcript(NO_CONTEXT, FromUpstream, &bytes);
    assert_eq!(lines[1], format!("Binary Inflated 65536 bytes truncated of {}", bomb.len()));
    assert_eq!(lines[3], format!("Binary Inflated 'fresh' of {}", fresh.len()));
}

#[test]
fn broken_compression_is_a_breach() {
    let bytes = [frame(0xc1, b"\xff\xff\xff"), frame(0xc1, b"\x02\0")].concat();
    assert_eq!(
        transcript(DEFLATE, FromUpstream, &bytes),
        [
            "TEXT fin rsv1 3",
            "malformed: a compressed message is not valid DEFLATE data (RFC 7692 §7.2.2, byte 0)",
            "inflate stopped: a compressed message is not valid DEFLATE data",
            "Text Inflated '' truncated of 3",
            "TEXT fin rsv1 2",
            "Text Compressed '\\x02\\x00' of 2",
        ]
    );
}

#[test]
fn an_abandoned_message_takes_its_context_along() {
    let mut deflater = Deflater::new();
    let (first, second) = (deflater.message(b"first"), deflater.message(b"first"));
    let bytes = [frame(0x41, &first[..2]), frame(0xc1, &second)].concat();
    let lines = transcript(DEFLATE, FromUpstream, &bytes);
    assert!(lines.contains(&"inflate stopped: a compressed message has no end".to_owned()));
    assert!(lines.last().unwrap().starts_with("Text Compressed"), "{lines:?}");
}
