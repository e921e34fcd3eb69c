//! Reads the ClientHello that a connection begins with, for a proxy that ends TLS itself.
//!
//! ```
//! use wire::tls::{HelloProgress, HelloReader};
//!
//! let mut reader = HelloReader::new();
//! let HelloProgress::NotTls { what } = reader.feed(b"GET / HTTP/1.1\r\n") else { unreachable!() };
//! assert_eq!(what, "HTTP/1.1 request");
//! ```
//!
//! The bytes are not kept here: the caller keeps what it read and hands it to its TLS library. How
//! much that can be is bounded, because a record without content is refused:
//! [`MAX_CLIENT_HELLO`] bytes in records of one byte are six times that.

use std::borrow::Cow;
use std::fmt;

use super::handshake::{Assembler, MAX_CLIENT_HELLO, Step};
use super::opening::{Opening, Verdict};
use super::record::{Piece, RecordReader};
use super::{Broken, ClientHello, ContentType, HandshakeType};
use crate::decoder::Severity;
use crate::{Direction, Malformed};

/// Takes the first bytes of a client until its ClientHello is complete.
///
/// ```text
/// Opening ──(two bytes of TLS)──► Reading ──┬─(client_hello complete)──► Answered
///    └───────(anything else)────────────────┴─(nonsense)───────────────► Answered
/// ```
#[derive(Clone, Debug)]
pub struct HelloReader {
    state: State,
}

#[derive(Clone, Debug)]
enum State {
    Opening(Opening),
    Reading { records: RecordReader, handshake: Assembler },
    Answered(Box<HelloProgress>),
}

/// How far a [`HelloReader`] came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HelloProgress {
    /// Not there yet.
    NeedMore,
    /// The hello.
    Hello(Box<ClientHello>),
    /// The bytes are no TLS.
    NotTls {
        /// What they are: `"HTTP/1.1 request"`, `"SSLv2 ClientHello"`.
        what: String,
    },
    /// The bytes begin like TLS, but they are no ClientHello.
    Malformed(Malformed),
}

/// How much of a ClientHello came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Partial {
    /// Bytes of the message that came, its header included, the records' headers not.
    pub received: usize,
    /// Bytes that the message's header announces, itself included; none before it is complete.
    pub announced: Option<usize>,
}

impl fmt::Display for Partial {
    /// `partial ClientHello: 512 of 1721 bytes`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.announced {
            Some(announced) => {
                write!(f, "partial ClientHello: {} of {announced} bytes", self.received)
            }
            None => write!(f, "partial ClientHello: {} bytes", self.received),
        }
    }
}

impl Default for HelloReader {
    fn default() -> Self {
        Self::new()
    }
}

impl HelloReader {
    /// At the first byte.
    pub fn new() -> Self {
        Self { state: State::Opening(Opening::default()) }
    }

    /// Takes the next bytes. Once the answer is not [`HelloProgress::NeedMore`] it stays what it
    /// is, and bytes after the ClientHello are not looked at.
    pub fn feed(&mut self, bytes: &[u8]) -> HelloProgress {
        let mut input = bytes;
        let progress = match &mut self.state {
            State::Answered(answer) => return (**answer).clone(),
            State::Reading { records, handshake } => read(records, handshake, input),
            State::Opening(opening) => match opening.feed(&mut input) {
                Verdict::NeedMore => HelloProgress::NeedMore,
                Verdict::NotTls(what) => HelloProgress::NotTls { what },
                Verdict::Tls => {
                    let mut records = RecordReader::new();
                    let mut handshake = Assembler::new(MAX_CLIENT_HELLO);
                    let progress = match read(&mut records, &mut handshake, opening.taken()) {
                        HelloProgress::NeedMore => read(&mut records, &mut handshake, input),
                        answer => answer,
                    };
                    self.state = State::Reading { records, handshake };
                    progress
                }
            },
        };
        if progress != HelloProgress::NeedMore {
            self.state = State::Answered(Box::new(progress.clone()));
        }
        progress
    }

    /// How much of the hello came, for when the client falls silent or leaves. None before the
    /// first byte of TLS and after the answer.
    pub fn partial(&self) -> Option<Partial> {
        let State::Reading { handshake, .. } = &self.state else { return None };
        Some(handshake.unfinished().map_or(Partial { received: 0, announced: None }, |message| {
            Partial { received: message.received, announced: message.announced }
        }))
    }
}

fn read(records: &mut RecordReader, handshake: &mut Assembler, mut input: &[u8]) -> HelloProgress {
    loop {
        match records.next(&mut input) {
            Ok(None) => return HelloProgress::NeedMore,
            Ok(Some(Piece::Header(header))) => {
                let content_type = header.content_type;
                if content_type != ContentType::HANDSHAKE {
                    let what = format!("{content_type} record where a ClientHello is due");
                    return malformed(what, "RFC 8446 §4.1.2", records.header_offset());
                }
                if header.length == 0 {
                    let what = "handshake record without content";
                    return malformed(what, "RFC 8446 §5.1", records.header_offset());
                }
            }
            Ok(Some(Piece::Content(_, content))) => {
                if let Some(answer) = read_content(handshake, content) {
                    return answer;
                }
            }
            Err(what) => return malformed(what, "RFC 8446 §5.1", records.header_offset()),
        }
    }
}

fn read_content(handshake: &mut Assembler, mut content: &[u8]) -> Option<HelloProgress> {
    // At its first byte, because the rest of another message may never come.
    let kind = content.first().copied().map(HandshakeType).filter(|_| handshake.is_idle());
    if let Some(kind) = kind.filter(|kind| *kind != HandshakeType::CLIENT_HELLO) {
        let what = format!("{kind} where a ClientHello is due");
        return Some(malformed(what, "RFC 8446 §4.1.2", 0));
    }
    Some(match handshake.next(&mut content)? {
        Step::Message(_, body) => match ClientHello::parse(body) {
            Ok(hello) => HelloProgress::Hello(Box::new(hello)),
            Err(Broken { what, rfc_section }) => malformed(what, rfc_section, 0),
        },
        Step::TooLong(_, length) => {
            let what =
                format!("ClientHello of {length} bytes; at most {MAX_CLIENT_HELLO} are read");
            malformed(what, "RFC 8446 §4", 0)
        }
    })
}

fn malformed(
    what: impl Into<Cow<'static, str>>,
    rfc_section: &'static str,
    offset: u64,
) -> HelloProgress {
    HelloProgress::Malformed(Malformed {
        direction: Direction::FromClient,
        stream: None,
        offset,
        what: what.into(),
        rfc_section,
        severity: Severity::Connection,
    })
}
