//! Handshake messages put together from the content of records (RFC 8446 §5.1: a message may
//! stretch over records, and a record may hold several messages).
//!
//! ```text
//!   Header ── four bytes: type, length ──► Body ── all bytes of it ──► a message, then Header
//!                                           └───── over the limit ───► TooLong
//! ```
//!
//! At most one message is kept, and none when it lies in one piece already.

use super::HandshakeType;

/// The longest ClientHello that is read, in bytes of the message with its header: as much as TLS
/// libraries take, with room for post-quantum key shares.
pub const MAX_CLIENT_HELLO: usize = 64 * 1024;

/// The longest handshake message that is followed in passing, in bytes with its header: room for
/// long certificate chains.
pub const MAX_MESSAGE: usize = 256 * 1024;

const HEADER: usize = 4;

/// Puts messages together.
#[derive(Clone, Debug)]
pub(super) struct Assembler {
    state: State,
    body: Vec<u8>,
    limit: usize,
}

#[derive(Clone, Copy, Debug)]
enum State {
    Header { bytes: [u8; HEADER], have: usize },
    Body { kind: HandshakeType, length: usize },
}

impl State {
    const START: Self = Self::Header { bytes: [0; HEADER], have: 0 };
}

/// What came of some content.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Step<'a> {
    /// A message is complete.
    Message(HandshakeType, &'a [u8]),
    /// A message is announced with more bytes (header included) than the limit. The assembler is
    /// of no more use.
    TooLong(HandshakeType, usize),
}

impl Assembler {
    /// `limit` is in bytes of a message with its header.
    pub(super) const fn new(limit: usize) -> Self {
        Self { state: State::START, body: Vec::new(), limit }
    }

    /// The next step; none when `input` is used up.
    pub(super) fn next<'s, 'i: 's>(&'s mut self, input: &mut &'i [u8]) -> Option<Step<'s>> {
        if let State::Header { bytes, have } = &mut self.state {
            let count = input.len().min(HEADER - *have);
            let (taken, rest) = input.split_at(count);
            bytes[*have..*have + count].copy_from_slice(taken);
            *have += count;
            *input = rest;
            if *have < HEADER {
                return None;
            }
            let [kind, high, mid, low] = *bytes;
            let kind = HandshakeType(kind);
            let length = u32::from_be_bytes([0, high, mid, low]) as usize;
            if length + HEADER > self.limit {
                return Some(Step::TooLong(kind, length + HEADER));
            }
            self.body.clear();
            self.state = State::Body { kind, length };
        }
        let State::Body { kind, length } = self.state else { return None };
        let missing = length - self.body.len();
        if input.len() < missing {
            self.body.extend_from_slice(input);
            *input = &[];
            return None;
        }
        let (taken, rest) = input.split_at(missing);
        *input = rest;
        self.state = State::START;
        if self.body.is_empty() {
            return Some(Step::Message(kind, taken));
        }
        self.body.extend_from_slice(taken);
        Some(Step::Message(kind, &self.body))
    }

    /// Whether the next byte begins a message.
    pub(super) const fn is_idle(&self) -> bool {
        matches!(self.state, State::Header { have: 0, .. })
    }

    /// The message that is not complete: its type (once known), how many bytes of it came and how
    /// many are announced, header included. None between messages.
    pub(super) const fn unfinished(&self) -> Option<Unfinished> {
        match self.state {
            State::Header { have: 0, .. } => None,
            State::Header { bytes, have } => {
                Some(Unfinished { kind: HandshakeType(bytes[0]), received: have, announced: None })
            }
            State::Body { kind, length } => Some(Unfinished {
                kind,
                received: HEADER + self.body.len(),
                announced: Some(HEADER + length),
            }),
        }
    }

    /// Gives the memory back; for when no more messages are due.
    pub(super) fn release(&mut self) {
        if self.is_idle() {
            self.body = Vec::new();
        }
    }
}

/// A message that is not complete.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Unfinished {
    pub(super) kind: HandshakeType,
    /// Bytes of it that came, header included.
    pub(super) received: usize,
    /// Bytes that its header announces, header included; none while the header is not complete.
    pub(super) announced: Option<usize>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn messages(pieces: &[&[u8]], limit: usize) -> Vec<String> {
        let mut assembler = Assembler::new(limit);
        let mut seen = Vec::new();
        for piece in pieces {
            let mut input = *piece;
            while let Some(step) = assembler.next(&mut input) {
                seen.push(format!("{step:?}"));
                if matches!(step, Step::TooLong(..)) {
                    return seen;
                }
            }
        }
        seen
    }

    #[test]
    fn coalesced_and_fragmented() {
        let expected = ["Message(server_hello_done, [])", "Message(finished, [97, 98, 99])"];
        assert_eq!(messages(&[b"\x0e\0\0\0\x14\0\0\x03abc"], 64), expected);
        let bytes = b"\x0e\0\0\0\x14\0\0\x03abc".map(|byte| [byte]);
        assert_eq!(messages(&bytes.each_ref().map(<[u8; 1]>::as_slice), 64), expected);
    }

    #[test]
    fn a_message_over_the_limit_is_refused_at_its_header() {
        assert_eq!(messages(&[b"\x0b\0\0\x3c"], 64), [""; 0]);
        assert_eq!(messages(&[b"\x0b\0\0\x3d"], 64), ["TooLong(certificate, 65)"]);
    }

    #[test]
    fn tells_how_much_of_a_message_came() {
        let mut assembler = Assembler::new(64);
        assert_eq!(assembler.unfinished(), None);
        assert_eq!(assembler.next(&mut &b"\x01\0"[..]), None);
        assert_eq!(assembler.unfinished().map(|it| (it.received, it.announced)), Some((2, None)));
        assert_eq!(assembler.next(&mut &b"\0\x10abc"[..]), None);
        assert_eq!(
            assembler.unfinished().map(|it| (it.received, it.announced)),
            Some((7, Some(20)))
        );
    }
}
