//! What a connection carries, when no ALPN told: by its first bytes.
//!
//! ```text
//! client's bytes      the HTTP/2 preface ─► Http2     a request line ─► Http1     else ─► Raw
//! upstream's first    a SETTINGS frame: wait for the client's preface             else ─► Raw
//! ```

use wire::decoder::PerDirection;
use wire::sniff::{Sniff, sniff};
use wire::{Direction, Timestamp};

use super::protocol::Application;

/// Bytes held while the protocol is not known, per direction.
const MAX_HELD: usize = 64 << 10;

/// The bytes so far, held (a copy: they flow) until they say what they are.
#[derive(Debug, Default)]
pub(super) struct Detecting {
    pub(super) held: PerDirection<Vec<u8>>,
    /// When the first byte of each direction came.
    pub(super) began: PerDirection<Option<Timestamp>>,
    /// The client's first bytes are a TLS handshake.
    pub(super) is_tls: bool,
}

impl Detecting {
    /// What the bytes held and one more chunk say; `None` = more are needed, and the chunk is held.
    pub(super) fn push(
        &mut self,
        direction: Direction,
        chunk: &[u8],
        now: Timestamp,
    ) -> Option<Application> {
        self.began[direction].get_or_insert(now);
        let before = self.held[direction].len();
        let room = MAX_HELD - before;
        self.held[direction].extend_from_slice(&chunk[..chunk.len().min(room)]);
        let application = match self.application() {
            None if chunk.len() >= room => Some(Application::Raw),
            known => known,
        };
        if application.is_some() {
            self.is_tls = sniff(&self.held[Direction::FromClient]) == Sniff::Tls;
            self.held[direction].truncate(before);
        }
        application
    }

    /// Whether any byte came.
    pub(super) fn is_empty(&self) -> bool {
        self.held.0.iter().all(Vec::is_empty)
    }

    fn application(&self) -> Option<Application> {
        let (client, upstream) =
            (&self.held[Direction::FromClient], &self.held[Direction::FromUpstream]);
        if client.is_empty() {
            // An HTTP/2 server may send its SETTINGS before it has read the client's preface;
            // whoever else speaks first is not HTTP.
            return (!may_be_settings(upstream)).then_some(Application::Raw);
        }
        match sniff(client) {
            Sniff::Http2Preface => Some(Application::Http2),
            Sniff::Http1Request => Some(Application::Http1),
            Sniff::NeedMore if may_be_settings(upstream) => None,
            // An answer to a request that is not complete, such as 408.
            Sniff::NeedMore if b"HTTP/1.".starts_with(upstream) => None,
            Sniff::NeedMore if upstream.starts_with(b"HTTP/1.") => Some(Application::Http1),
            _ => Some(Application::Raw),
        }
    }
}

/// Whether these are, or can become, the header of a first SETTINGS frame: at most 16384 bytes, of
/// type 4, on stream 0 (RFC 9113 §3.4, §4.2).
fn may_be_settings(bytes: &[u8]) -> bool {
    let fits = |at: usize, fits: fn(u8) -> bool| bytes.get(at).is_none_or(|byte| fits(*byte));
    let zero = |byte| byte == 0;
    fits(0, zero)
        && fits(1, |byte| byte <= 0x40)
        && fits(3, |kind| kind == 4)
        && (5..9).all(|at| fits(at, zero))
}

#[cfg(test)]
mod tests {
    use super::*;
    use Direction::{FromClient, FromUpstream};

    fn detect(chunks: &[(Direction, &[u8])]) -> Option<Application> {
        let mut detecting = Detecting::default();
        chunks
            .iter()
            .find_map(|(direction, chunk)| detecting.push(*direction, chunk, Timestamp::default()))
    }

    #[test]
    fn the_first_bytes_tell() {
        let settings = &b"\0\0\x06\x04\0\0\0\0\0\0\x03\0\0\0\x64"[..];
        for (chunks, expected) in [
            (&[(FromClient, &b"GET / HTTP/1.1\r\n"[..])][..], Some(Application::Http1)),
            (&[(FromClient, b"GE"), (FromClient, b"T /")], Some(Application::Http1)),
            (&[(FromClient, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")], Some(Application::Http2)),
            (&[(FromClient, b"\x16\x03\x01")], Some(Application::Raw)),
            (&[(FromUpstream, b"220 smtp ready\r\n")], Some(Application::Raw)),
            (&[(FromUpstream, settings)], None),
            (&[(FromUpstream, b"\0\0")], None),
            (&[(FromUpstream, b"\0\0\x06\x05")], Some(Application::Raw)),
            (
                &[(FromUpstream, settings), (FromClient, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")],
                Some(Application::Http2),
            ),
            (&[(FromUpstream, settings), (FromClient, b"\x01\x02")], Some(Application::Raw)),
            (&[(FromClient, b"PRI * HT")], None),
            (
                &[(FromClient, b"GE"), (FromUpstream, b"HT"), (FromUpstream, b"TP/1.1 4")],
                Some(Application::Http1),
            ),
            (&[(FromClient, b"AB"), (FromUpstream, b"CD")], Some(Application::Raw)),
            (&[], None),
        ] {
            assert_eq!(detect(chunks), expected, "{chunks:?}");
        }
    }

    #[test]
    fn what_says_nothing_is_raw_in_the_end_and_no_more_is_held() {
        let empty_lines = vec![0; MAX_HELD];
        let mut settings = b"\0\0\x06\x04\0\0\0\0\0".to_vec();
        settings.extend_from_slice(&empty_lines);
        assert_eq!(detect(&[(FromUpstream, &settings)]), Some(Application::Raw));
    }
}
