//! What a frame header alone must satisfy: the stream it names and its size, one row a frame type
//! (RFC 9113 §6).
//!
//! Rules that need the state of a stream are in [`super::stream`]; those of messages in
//! [`super::validate`].

use super::breach::Breach;
use super::frame::{FrameHeader, Kind, flag};
use crate::decoder::Severity;

/// Which streams a frame may name.
#[derive(Clone, Copy, PartialEq, Eq)]
enum On {
    Connection,
    Stream,
    Either,
}

/// Which lengths a payload may have. Frames with a header block are checked when it is unpacked.
#[derive(Clone, Copy)]
enum Size {
    Any,
    Exactly(u32),
    AtLeast(u32),
    MultipleOf(u32),
}

impl Size {
    const fn allows(self, length: u32) -> bool {
        match self {
            Self::Any => true,
            Self::Exactly(size) => length == size,
            Self::AtLeast(size) => length >= size,
            Self::MultipleOf(size) => length.is_multiple_of(size),
        }
    }

    fn describe(self) -> String {
        match self {
            Self::Any => "anything".to_owned(),
            Self::Exactly(size) => format!("{size}"),
            Self::AtLeast(size) => format!("{size} or more"),
            Self::MultipleOf(size) => format!("a multiple of {size}"),
        }
    }
}

/// The table: stream, size, how far a wrong size reaches, section.
const fn rule(kind: Kind) -> (On, Size, Severity, &'static str) {
    use Severity::{Connection, Stream};
    match kind {
        Kind::Data => (On::Stream, Size::Any, Connection, "RFC 9113 §6.1"),
        Kind::Headers => (On::Stream, Size::Any, Connection, "RFC 9113 §6.2"),
        Kind::Priority => (On::Stream, Size::Exactly(5), Stream, "RFC 9113 §6.3"),
        Kind::RstStream => (On::Stream, Size::Exactly(4), Connection, "RFC 9113 §6.4"),
        Kind::Settings => (On::Connection, Size::MultipleOf(6), Connection, "RFC 9113 §6.5"),
        Kind::PushPromise => (On::Stream, Size::Any, Connection, "RFC 9113 §6.6"),
        Kind::Ping => (On::Connection, Size::Exactly(8), Connection, "RFC 9113 §6.7"),
        Kind::GoAway => (On::Connection, Size::AtLeast(8), Connection, "RFC 9113 §6.8"),
        Kind::WindowUpdate => (On::Either, Size::Exactly(4), Connection, "RFC 9113 §6.9"),
        Kind::Continuation => (On::Stream, Size::Any, Connection, "RFC 9113 §6.10"),
        Kind::Unknown(_) => (On::Either, Size::Any, Connection, "RFC 9113 §4.1"),
    }
}

/// Where a frame type is defined.
pub(super) const fn section(kind: Kind) -> &'static str {
    rule(kind).3
}

/// Checks a frame header; the breach, if any, leaves the payload without meaning.
pub(super) fn check(header: &FrameHeader) -> Option<Breach> {
    let (on, size, severity, section) = rule(header.kind);
    let (kind, length) = (header.kind, header.length);
    match (on, header.stream) {
        (On::Stream, 0) => {
            let what = format!("{kind} on stream 0; it belongs to a stream");
            return Some(Breach::connection(section, what));
        }
        (On::Connection, stream @ 1..) => {
            let what = format!("{kind} on stream {stream}; it belongs to the connection, stream 0");
            return Some(Breach::connection(section, what));
        }
        _ => {}
    }
    if header.kind == Kind::Settings && header.has(flag::ACK) && length > 0 {
        let what = format!("SETTINGS with ACK and {length} bytes of payload; it has none");
        return Some(Breach::connection(section, what));
    }
    if header.kind == Kind::Data && header.has(flag::PADDED) && length == 0 {
        let what = "DATA is marked as padded and has no room for the pad length";
        return Some(Breach::connection(section, what));
    }
    if size.allows(length) {
        return None;
    }
    let what = format!("{kind} of {length} bytes; its length is {}", size.describe());
    Some(Breach { what: what.into(), section, severity })
}
