//! The first bytes of each direction (RFC 9113 §3.4): the client's preface, the upstream's first
//! frame header; or something that is no HTTP/2 at all, which is then quoted.
//!
//! ```text
//! client     PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n  then frames
//! upstream   00 00 xx 04 …                     a SETTINGS frame
//!            HTTP/1.1 400 Bad Request\r\n      foreign: text, quoted up to the end of its line
//!            15 03 03 00 02 02 46              foreign: a TLS alert
//! ```
//!
//! Happens once a connection, so it goes byte by byte and is the same however the bytes are cut.

use std::borrow::Cow;

use super::frame::{HEADER_LENGTH, is_text};
use crate::Direction;

/// The client connection preface.
pub const PREFACE: &[u8; 24] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// How much of a foreign protocol's first line is quoted, in bytes.
const MAX_QUOTE: usize = 128;

/// A foreign TLS record or binary protocol is told by so many bytes (an alert is 7 bytes long).
const TLS_QUOTE: usize = 7;

/// No SETTINGS frame may be longer before any SETTINGS was received (RFC 9113 §4.2).
const MAX_FIRST_LENGTH: u32 = 16_384;

/// The bytes so far of a direction that has not yet shown what it speaks.
#[derive(Debug)]
pub(super) struct Opening {
    direction: Direction,
    bytes: Vec<u8>,
    foreign: bool,
}

/// What the opening bytes turned out to be.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Opened {
    /// Not told yet.
    Wanting,
    /// The client's preface is complete.
    Preface,
    /// The upstream's first frame header is complete.
    FrameHeader([u8; HEADER_LENGTH]),
    /// Not HTTP/2, and enough bytes are here to say what instead.
    Foreign,
}

impl Opening {
    pub(super) const fn new(direction: Direction) -> Self {
        Self { direction, bytes: Vec::new(), foreign: false }
    }

    /// Takes the next byte.
    pub(super) fn push(&mut self, byte: u8) -> Opened {
        self.bytes.push(byte);
        if !self.foreign {
            match self.direction {
                Direction::FromClient if self.bytes == PREFACE => return Opened::Preface,
                Direction::FromClient => self.foreign = !PREFACE.starts_with(&self.bytes),
                Direction::FromUpstream => {
                    if let Ok(header) = <[u8; HEADER_LENGTH]>::try_from(self.bytes.as_slice()) {
                        return Opened::FrameHeader(header);
                    }
                    self.foreign = self.bytes.first_chunk::<3>().is_some_and(|&[l0, l1, l2]| {
                        u32::from_be_bytes([0, l0, l1, l2]) > MAX_FIRST_LENGTH
                    });
                }
            }
        }
        if self.foreign && self.is_told() { Opened::Foreign } else { Opened::Wanting }
    }

    /// Whether the bytes are known to be something else, be they few.
    pub(super) const fn is_foreign(&self) -> bool {
        self.foreign
    }

    fn is_told(&self) -> bool {
        if self.tls_record().is_some() {
            self.bytes.len() >= TLS_QUOTE
        } else if is_text(&self.bytes) {
            self.bytes.ends_with(b"\n") || self.bytes.len() >= MAX_QUOTE
        } else {
            self.bytes.len() >= HEADER_LENGTH
        }
    }

    /// The content type of a TLS record, when it looks like one.
    fn tls_record(&self) -> Option<u8> {
        match self.bytes.as_slice() {
            [kind @ 0x14..=0x17, 3, ..] => Some(*kind),
            _ => None,
        }
    }

    /// Says what came instead of HTTP/2.
    pub(super) fn describe(&self) -> Cow<'static, str> {
        let found = self.found();
        match self.direction {
            Direction::FromClient => {
                format!("the client opened with {found}, not with the HTTP/2 preface").into()
            }
            Direction::FromUpstream => {
                format!("the upstream answered the HTTP/2 preface with {found}").into()
            }
        }
    }

    fn found(&self) -> String {
        match (self.tls_record(), self.bytes.as_slice()) {
            (Some(0x15), [_, _, _, _, _, level, description]) => {
                let level = if *level == 2 { "fatal" } else { "warning" };
                format!("a TLS alert ({level}, description {description})")
            }
            (Some(0x15), _) => "a TLS alert".to_owned(),
            (Some(_), _) => "a TLS record".to_owned(),
            (None, bytes) if is_text(bytes) => {
                format!("'{}'", bytes.trim_ascii_end().escape_ascii())
            }
            (None, bytes) => {
                let hex: Vec<_> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
                format!("the bytes {}", hex.join(" "))
            }
        }
    }
}
