//! Transcripts: frames in, events out. Each is also cut at every position.

mod any;
mod deflate;

use super::fuzzing::run;
use super::*;
use crate::Direction::{self, FromClient, FromUpstream};

const NONE: &str = "";
const DEFLATE: &str = "permessage-deflate";
const NO_CONTEXT: &str =
    "permessage-deflate; server_no_context_takeover; client_no_context_takeover";

/// The events as lines, after checking that no cut into two changes them.
fn transcript(extensions: &str, direction: Direction, bytes: &[u8]) -> Vec<String> {
    let extensions = Extensions::from_response([extensions.as_bytes()]);
    let whole = run(&extensions, direction, std::iter::once(bytes));
    for cut in 0..bytes.len().min(64) {
        let (first, second) = bytes.split_at(cut);
        assert_eq!(run(&extensions, direction, [first, second].into_iter()), whole, "cut at {cut}");
    }
    whole.iter().map(line).collect()
}

fn line(event: &Event) -> String {
    match event {
        Event::FrameHeader { fin, rsv1, opcode, masked, length, .. } => {
            let flag = |set: bool, text: &'static str| if set { text } else { "" };
            let flags = [flag(*fin, " fin"), flag(*rsv1, " rsv1"), flag(*masked, " masked")];
            format!("{opcode}{} {length}", flags.concat())
        }
        Event::Message { opcode, data, form, truncated, length, .. } => {
            let cut = if *truncated { " truncated" } else { "" };
            let data = if data.len() > 40 {
                format!("{} bytes", data.len())
            } else {
                format!("'{}'", data.escape_ascii())
            };
            format!("{opcode:?} {form:?} {data}{cut} of {length}")
        }
        Event::Ping { data, .. } => format!("ping '{}'", data.escape_ascii()),
        Event::Pong { data, .. } => format!("pong '{}'", data.escape_ascii()),
        Event::Close { code, reason, .. } => {
            format!("close {:?} '{reason}'", code.map(|code| code.0))
        }
        Event::InflateStopped { why, .. } => format!("inflate stopped: {why}"),
        Event::Malformed(malformed) => format!("malformed: {malformed}"),
        Event::Lost(lost) => format!("lost at {}: {}", lost.offset, lost.why),
    }
}

/// A frame as a server sends it.
fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
    let mut bytes = vec![first];
    match payload.len() {
        length @ 0..=125 => bytes.push(length as u8),
        length @ 126..=0xffff => {
            bytes.push(126);
            bytes.extend((length as u16).to_be_bytes());
        }
        length => {
            bytes.push(127);
            bytes.extend((length as u64).to_be_bytes());
        }
    }
    bytes.extend(payload);
    bytes
}

/// A frame as a client sends it.
fn masked(first: u8, payload: &[u8]) -> Vec<u8> {
    let key = [0x37, 0xfa, 0x21, 0x3d];
    let mut bytes = frame(first, payload);
    let start = bytes.len() - payload.len();
    bytes[1] |= 0x80;
    for (index, byte) in bytes[start..].iter_mut().enumerate() {
        *byte ^= key[index % 4];
    }
    bytes.splice(start..start, key);
    bytes
}

#[test]
fn the_examples_of_rfc_6455() {
    for (direction, bytes, expected) in [
        (FromUpstream, &b"\x81\x05Hello"[..], &["TEXT fin 5", "Text Plain 'Hello' of 5"][..]),
        (
            FromClient,
            b"\x81\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58",
            &["TEXT fin masked 5", "Text Plain 'Hello' of 5"],
        ),
        (
            FromUpstream,
            b"\x01\x03Hel\x80\x02lo",
            &["TEXT 3", "CONTINUATION fin 2", "Text Plain 'Hello' of 5"],
        ),
        (FromUpstream, b"\x89\x05Hello", &["PING fin 5", "ping 'Hello'"]),
        (
            FromClient,
            b"\x8a\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58",
            &["PONG fin masked 5", "pong 'Hello'"],
        ),
    ] {
        assert_eq!(transcript(NONE, direction, bytes), expected);
    }
}

#[test]
fn control_frames_stand_between_fragments() {
    let bytes = [
        masked(0x02, b"\0\x01"),
        masked(0x89, b"?"),
        masked(0x00, b""),
        masked(0x8a, b""),
        masked(0x80, b"\x02"),
        masked(0x88, b"\x03\xe8bye"),
    ];
    assert_eq!(
        transcript(NONE, FromClient, &bytes.concat()),
        [
            "BINARY masked 2",
            "PING fin masked 1",
            "ping '?'",
            "CONTINUATION masked 0",
            "PONG fin masked 0",
            "pong ''",
            "CONTINUATION fin masked 1",
            "Binary Plain '\\x00\\x01\\x02' of 3",
            "CLOSE fin masked 5",
            "close Some(1000) 'bye'",
        ]
    );
}

#[test]
fn both_directions_are_followed_apart() {
    let mut decoder = Decoder::new(&Extensions::default());
    let mut lines = Vec::new();
    let mut sink = |event: Event| lines.push(line(&event));
    let question = masked(0x81, b"question");
    decoder.feed(FromClient, &question[..9], &mut sink);
    decoder.feed(FromUpstream, &frame(0x81, b"answer"), &mut sink);
    decoder.feed(FromClient, &question[9..], &mut sink);
    assert_eq!(
        lines,
        [
            "TEXT fin masked 8",
            "TEXT fin 6",
            "Text Plain 'answer' of 6",
            "Text Plain 'question' of 8",
        ]
    );
}

#[test]
fn every_length_form_is_followed_to_its_end() {
    for size in [0, 125, 126, 65_535, 65_536, 70_000] {
        let payload = vec![b'x'; size];
        for (direction, bytes) in
            [(FromUpstream, frame(0x82, &payload)), (FromClient, masked(0x82, &payload))]
        {
            let lines = transcript(NONE, direction, &[bytes, frame(0x89, b"next")].concat());
            let cut = if size > MAX_CAPTURE { " truncated" } else { "" };
            let shown = match size {
                0 => "''".to_owned(),
                _ => format!("{} bytes", size.min(MAX_CAPTURE)),
            };
            assert_eq!(lines[1], format!("Binary Plain {shown}{cut} of {size}"));
            assert!(lines.contains(&"ping 'next'".to_owned()), "{lines:?}");
        }
    }
}

#[test]
fn breaches_are_told_and_framing_goes_on() {
    let close = |code: u16, reason: &[u8]| frame(0x88, &[&code.to_be_bytes(), reason].concat());
    for (direction, bytes, expected) in [
        (
            FromClient,
            frame(0x89, b""),
            "a frame from the client is not masked (RFC 6455 §5.1, byte 0)",
        ),
        (
            FromUpstream,
            masked(0x89, b""),
            "a frame from the server is masked (RFC 6455 §5.1, byte 0)",
        ),
        (
            FromUpstream,
            frame(0xf1, b"x"),
            "reserved bits 111 on a TEXT frame, expected 000 (RFC 6455 §5.2, byte 0)",
        ),
        (
            FromUpstream,
            b"\x82\x7e\0\x01x".to_vec(),
            "the length 1 takes more bytes than it needs (RFC 6455 §5.2, byte 0)",
        ),
        (
            FromUpstream,
            frame(0x09, b""),
            "a fragmented PING frame; control frames are whole (RFC 6455 §5.5, byte 0)",
        ),
        (
            FromUpstream,
            frame(0x89, &[b'x'; 126]),
            "a PING frame of 126 bytes, at most 125 allowed (RFC 6455 §5.5, byte 0)",
        ),
        (
            FromUpstream,
            frame(0x80, b"x"),
            "a CONTINUATION frame without a message to continue (RFC 6455 §5.4, byte 0)",
        ),
        (
            FromUpstream,
            [frame(0x01, b"a"), frame(0x82, b"b")].concat(),
            "a BINARY frame before the last fragment of a message (RFC 6455 §5.4, byte 3)",
        ),
        (FromUpstream, frame(0x81, b"\xff"), "a text message is not UTF-8 (RFC 6455 §8.1, byte 0)"),
        (FromUpstream, frame(0x81, b"\xd0"), "a text message is not UTF-8 (RFC 6455 §8.1, byte 0)"),
        (
            FromUpstream,
            frame(0x88, b"x"),
            "a CLOSE frame with 1 byte of payload, expected none or at least 2 \
             (RFC 6455 §5.5.1, byte 0)",
        ),
        (
            FromUpstream,
            close(1006, b""),
            "close code 1006 (Abnormal Closure) must not appear in a CLOSE frame \
             (RFC 6455 §7.4, byte 0)",
        ),
        (
            FromUpstream,
            close(2000, b""),
            "close code 2000 is not assigned, expected 1000 to 1014 or 3000 to 4999 \
             (RFC 6455 §7.4, byte 0)",
        ),
        (
            FromUpstream,
            close(1000, b"\xff"),
            "the reason in a CLOSE frame is not UTF-8 (RFC 6455 §8.1, byte 0)",
        ),
        (
            FromUpstream,
            [frame(0x88, b""), frame(0x82, b"")].concat(),
            "a BINARY frame after a CLOSE frame (RFC 6455 §5.5.1, byte 2)",
        ),
    ] {
        let lines = transcript(NONE, direction, &[bytes, frame(0x8a, b"next")].concat());
        let breaches: Vec<_> = lines.iter().filter(|line| line.starts_with("malformed")).collect();
        assert_eq!(breaches, [&format!("malformed: {expected}")]);
        assert_eq!(lines.last().unwrap(), "pong 'next'");
    }
}

#[test]
fn good_close_frames_are_read() {
    for (payload, expected) in [
        (&b""[..], "close None ''"),
        (b"\x03\xe8", "close Some(1000) ''"),
        (b"\x03\xf3oops", "close Some(1011) 'oops'"),
        (b"\x0f\xa0app", "close Some(4000) 'app'"),
    ] {
        let lines = transcript(NONE, FromUpstream, &frame(0x88, payload));
        assert_eq!(lines[1..], [expected]);
    }
}

#[test]
fn what_no_frame_can_be_ends_the_following() {
    assert_eq!(
        transcript(NONE, FromUpstream, &[frame(0x83, b"x"), frame(0x89, b"")].concat()),
        [
            "0x0003 fin 1",
            "malformed: opcode 0x3 is reserved, expected 0x0 to 0x2 or 0x8 to 0xa \
             (RFC 6455 §5.2, byte 0)",
            "lost at 0: opcode 0x3 is reserved, expected 0x0 to 0x2 or 0x8 to 0xa",
        ]
    );
    let lines = transcript(NONE, FromUpstream, b"\x89\0\x82\x7f\x80\0\0\0\0\0\0\0rest");
    assert_eq!(
        lines.last().unwrap(),
        "lost at 2: the length 0x8000000000000000 has its most significant bit set"
    );
}

#[test]
fn breaches_that_repeat_are_told_once_and_others_are_counted() {
    let unmasked = frame(0x81, b"x").repeat(100);
    let lines = transcript(NONE, FromClient, &unmasked);
    assert_eq!(lines.iter().filter(|line| line.starts_with("malformed")).count(), 1);
    assert_eq!(lines.iter().filter(|line| line.starts_with("Text")).count(), 100);

    let stray = frame(0x80, b"x").repeat(100);
    let lines = transcript(NONE, FromUpstream, &stray);
    let told = lines.iter().filter(|line| line.starts_with("malformed")).count();
    assert_eq!(told, MAX_BREACHES as usize);
    assert!(lines.last().unwrap().starts_with("lost at 45: 16 breaches"), "{lines:?}");
}

#[test]
fn an_end_in_the_middle_is_told() {
    for (bytes, expected) in [
        (&b""[..], None),
        (b"\x81\x01x", None),
        (b"\x81", Some("the bytes end inside a frame's header (RFC 6455 §5.2, byte 0)")),
        (
            b"\x89\0\x81\x05Hel",
            Some(
                "the bytes end inside a TEXT frame, after 3 of 5 bytes of payload \
                 (RFC 6455 §5.2, byte 2)",
            ),
        ),
        (
            b"\x01\x01x",
            Some("the bytes end between two fragments of a message (RFC 6455 §5.2, byte 3)"),
        ),
    ] {
        let lines = transcript(NONE, FromUpstream, bytes);
        let told = lines.last().and_then(|line| line.strip_prefix("malformed: "));
        assert_eq!(told, expected);
    }
}
