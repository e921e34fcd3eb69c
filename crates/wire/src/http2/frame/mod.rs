//! Frames: the nine-byte header, the types and their flags (RFC 9113 §4.1, §6).
//!
//! ```text
//! +-----------------------------------------------+
//! |                 Length (24)                   |
//! +---------------+---------------+---------------+
//! |   Type (8)    |   Flags (8)   |
//! +-+-------------+---------------+-------------------------------+
//! |R|                 Stream Identifier (31)                      |
//! +=+=============================================================+
//! ```
//!
//! How the bytes are collected is the reader's business; payloads are in [`payload`].

pub(super) mod payload;

use std::fmt;

pub use payload::headers as header_block_fragment;

/// The length of a frame header, in bytes.
pub const HEADER_LENGTH: usize = 9;

/// The flags that RFC 9113 defines; ACK and END_STREAM share a bit, on different frames.
pub mod flag {
    /// The last frame of the stream in its direction.
    pub const END_STREAM: u8 = 0x1;
    /// An acknowledgement.
    pub const ACK: u8 = 0x1;
    /// The header block ends with this frame.
    pub const END_HEADERS: u8 = 0x4;
    /// The payload begins with the length of its padding.
    pub const PADDED: u8 = 0x8;
    /// Priority fields stand before the header block fragment.
    pub const PRIORITY: u8 = 0x20;
}

/// The frame type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// DATA (§6.1)
    Data,
    /// HEADERS (§6.2)
    Headers,
    /// PRIORITY (§6.3)
    Priority,
    /// RST_STREAM (§6.4)
    RstStream,
    /// SETTINGS (§6.5)
    Settings,
    /// PUSH_PROMISE (§6.6)
    PushPromise,
    /// PING (§6.7)
    Ping,
    /// GOAWAY (§6.8)
    GoAway,
    /// WINDOW_UPDATE (§6.9)
    WindowUpdate,
    /// CONTINUATION (§6.10)
    Continuation,
    /// Extensions (PRIORITY_UPDATE, ALTSVC, ORIGIN, …) and GREASE: to be ignored (§4.1).
    Unknown(u8),
}

impl Kind {
    const fn from_wire(byte: u8) -> Self {
        match byte {
            0 => Self::Data,
            1 => Self::Headers,
            2 => Self::Priority,
            3 => Self::RstStream,
            4 => Self::Settings,
            5 => Self::PushPromise,
            6 => Self::Ping,
            7 => Self::GoAway,
            8 => Self::WindowUpdate,
            9 => Self::Continuation,
            other => Self::Unknown(other),
        }
    }

    const fn to_wire(self) -> u8 {
        match self {
            Self::Data => 0,
            Self::Headers => 1,
            Self::Priority => 2,
            Self::RstStream => 3,
            Self::Settings => 4,
            Self::PushPromise => 5,
            Self::Ping => 6,
            Self::GoAway => 7,
            Self::WindowUpdate => 8,
            Self::Continuation => 9,
            Self::Unknown(other) => other,
        }
    }

    /// Whether the payload holds a piece of a header block, which the HPACK state must not miss.
    pub(super) const fn carries_header_block(self) -> bool {
        matches!(self, Self::Headers | Self::PushPromise | Self::Continuation)
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Data => "DATA",
            Self::Headers => "HEADERS",
            Self::Priority => "PRIORITY",
            Self::RstStream => "RST_STREAM",
            Self::Settings => "SETTINGS",
            Self::PushPromise => "PUSH_PROMISE",
            Self::Ping => "PING",
            Self::GoAway => "GOAWAY",
            Self::WindowUpdate => "WINDOW_UPDATE",
            Self::Continuation => "CONTINUATION",
            Self::Unknown(other) => return write!(f, "frame type {other:#04x}"),
        })
    }
}

/// A frame header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FrameHeader {
    /// Length of the payload, in bytes.
    pub length: u32,
    /// The type.
    pub kind: Kind,
    /// All eight flags as sent; see [`flag`].
    pub flags: u8,
    /// 0 for the connection. The reserved bit is taken off.
    pub stream: u32,
}

impl FrameHeader {
    /// Reads the nine bytes.
    pub const fn parse(bytes: [u8; HEADER_LENGTH]) -> Self {
        let [l0, l1, l2, kind, flags, s0, s1, s2, s3] = bytes;
        Self {
            length: u32::from_be_bytes([0, l0, l1, l2]),
            kind: Kind::from_wire(kind),
            flags,
            stream: u32::from_be_bytes([s0, s1, s2, s3]) & 0x7fff_ffff,
        }
    }

    /// Whether all bits of this mask are set.
    pub const fn has(&self, flag: u8) -> bool {
        self.flags & flag != 0
    }

    /// Whether this is the last frame of the stream in its direction.
    pub(super) const fn ends_stream(&self) -> bool {
        matches!(self.kind, Kind::Data | Kind::Headers) && self.has(flag::END_STREAM)
    }

    /// Whether this acknowledges a SETTINGS or PING.
    pub(super) const fn is_ack(&self) -> bool {
        matches!(self.kind, Kind::Settings | Kind::Ping) && self.has(flag::ACK)
    }

    /// The nine bytes as text, when all are printable: then this is not a frame, it is some other
    /// protocol's text where a frame was due.
    pub(super) fn as_text(&self) -> Option<String> {
        let [_, l0, l1, l2] = self.length.to_be_bytes();
        let [s0, s1, s2, s3] = self.stream.to_be_bytes();
        let bytes = [l0, l1, l2, self.kind.to_wire(), self.flags, s0, s1, s2, s3];
        is_text(&bytes).then(|| bytes.escape_ascii().to_string())
    }

    /// The three length bytes as text, when all are printable.
    pub(super) fn length_as_text(&self) -> Option<String> {
        let bytes = &self.length.to_be_bytes()[1..];
        is_text(bytes).then(|| bytes.escape_ascii().to_string())
    }
}

/// Whether all bytes are printable ASCII or white space.
pub(super) fn is_text(bytes: &[u8]) -> bool {
    bytes.iter().all(|byte| matches!(byte, b' '..=b'~' | b'\r' | b'\n' | b'\t'))
}
