//! Where gRPC messages begin: the five bytes before each, followed over any cut of the body.
//!
//! ```
//! use wire::grpc::Prefixes;
//!
//! let mut prefixes = Prefixes::new();
//! let mut lengths = Vec::new();
//! prefixes.feed(b"\0\0\0\0\x03ab", |prefix| lengths.push(prefix.length));
//! assert_eq!(lengths, [3]);
//! assert_eq!(prefixes.remaining(), Some(1));
//! ```
//!
//! The message's own bytes are skipped, not kept: a step costs the same however long the message.

/// Bytes of a prefix: the compressed flag and a big-endian length.
pub const PREFIX_LENGTH: usize = 5;

/// What stands before each message ("Length-Prefixed-Message").
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Prefix {
    /// The compressed flag as sent; only 0 and 1 are defined.
    pub flag: u8,
    /// The message's length in bytes, without the prefix.
    pub length: u32,
}

impl From<[u8; PREFIX_LENGTH]> for Prefix {
    fn from([flag, length @ ..]: [u8; PREFIX_LENGTH]) -> Self {
        Self { flag, length: u32::from_be_bytes(length) }
    }
}

/// Follows the messages of one body.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Prefixes {
    state: State,
    messages: u64,
}

/// Where in the body we are.
///
/// ```text
///      ┌── a byte of the prefix ──┐
///      ▼                          │  fifth byte, length > 0
///  Prefix { filled < 5 } ─────────┴──────────────────────────► Message { left }
///      ▲                                                            │
///      └───── fifth byte, length 0 ──────┬──── left reaches 0 ──────┘
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// Between two messages (`filled` is 0) or inside a prefix.
    Prefix { bytes: [u8; PREFIX_LENGTH], filled: usize },
    /// Inside a message; `left` is never 0.
    Message { left: u32 },
}

impl Default for State {
    fn default() -> Self {
        Self::Prefix { bytes: [0; PREFIX_LENGTH], filled: 0 }
    }
}

impl Prefixes {
    /// At the start of a body.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes the next bytes of the body; calls `on_prefix` for each prefix completed by them.
    pub fn feed(&mut self, mut data: &[u8], mut on_prefix: impl FnMut(Prefix)) {
        while !data.is_empty() {
            let taken = match &mut self.state {
                State::Message { left } => {
                    let taken = data.len().min(*left as usize);
                    *left -= taken as u32;
                    if *left == 0 {
                        self.state = State::default();
                    }
                    taken
                }
                State::Prefix { bytes, filled } => {
                    let taken = data.len().min(PREFIX_LENGTH - *filled);
                    bytes[*filled..*filled + taken].copy_from_slice(&data[..taken]);
                    *filled += taken;
                    if *filled == PREFIX_LENGTH {
                        let prefix = Prefix::from(*bytes);
                        self.messages += 1;
                        self.state = match prefix.length {
                            0 => State::default(),
                            left => State::Message { left },
                        };
                        on_prefix(prefix);
                    }
                    taken
                }
            };
            data = &data[taken..];
        }
    }

    /// Bytes that the current message still lacks: 0 between two messages, `None` inside a prefix,
    /// when the length isn't known yet.
    pub const fn remaining(&self) -> Option<u64> {
        match self.state {
            State::Prefix { filled: 0, .. } => Some(0),
            State::Prefix { .. } => None,
            State::Message { left } => Some(left as u64),
        }
    }

    /// Prefixes seen so far.
    pub const fn messages(&self) -> u64 {
        self.messages
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fed(pieces: &[&[u8]]) -> (Vec<(u8, u32)>, Prefixes) {
        let (mut seen, mut prefixes) = (Vec::new(), Prefixes::new());
        for piece in pieces {
            prefixes.feed(piece, |prefix| seen.push((prefix.flag, prefix.length)));
        }
        (seen, prefixes)
    }

    #[test]
    fn every_prefix_is_told_once() {
        let (seen, prefixes) = fed(&[b"\0\0\0\0\x02hi\x01\0\0\0\0\0\0\0\x01\0"]);
        assert_eq!(seen, [(0, 2), (1, 0), (0, 256)]);
        assert_eq!(prefixes.messages(), 3);
        assert_eq!(prefixes.remaining(), Some(256));
    }

    #[test]
    fn a_prefix_may_be_cut_anywhere() {
        let (seen, prefixes) = fed(&[b"\0", b"\0\0", b"", b"\0\x02h", b"i"]);
        assert_eq!(seen, [(0, 2)]);
        assert_eq!(prefixes.remaining(), Some(0));
    }

    #[test]
    fn remaining_tells_boundary_message_and_prefix_apart() {
        assert_eq!(fed(&[]).1.remaining(), Some(0));
        assert_eq!(fed(&[b"\0\0\0\0"]).1.remaining(), None);
        assert_eq!(fed(&[b"\0\0\0\0\x05ab"]).1.remaining(), Some(3));
        assert_eq!(fed(&[b"\0\xff\xff\xff\xff"]).1.remaining(), Some(0xffff_ffff));
    }

    #[test]
    fn the_length_of_a_html_page_is_its_text() {
        assert_eq!(fed(&[b"<html><body>"]).0, [(b'<', u32::from_be_bytes(*b"html"))]);
    }

    #[test]
    fn pieces_without_bytes_change_nothing() {
        assert_eq!(fed(&[b"", b""]).1, Prefixes::new());
    }
}
