//! Names bytes that are not HTTP/1 where a message should begin.
//!
//! ```text
//! 00 00 12 04 00 00 00 00 00   an HTTP/2 SETTINGS frame
//! 15 03 03 00 02 02 46         a TLS alert
//! SSH-2.0-OpenSSH_9.6␍␊        "SSH-2.0-OpenSSH_9.6"
//! ```
//!
//! The answer depends on the bytes alone, not on how many of them are there: it is given with the
//! first byte that settles it. Not here: choosing a decoder by the first bytes of a connection.

use super::head::is_token_byte;
use crate::Direction;

/// So many bytes of the peer are quoted.
const MAX_QUOTED: usize = 40;

/// What a status line begins with, whatever the minor version.
const STATUS_LINE: &[u8] = b"HTTP/1.";

/// A SETTINGS frame on stream 0 shorter than 256 bytes (RFC 9113 §4.1); `None` is any byte.
const SETTINGS: [Option<u8>; 9] =
    [Some(0), Some(0), None, Some(4), None, Some(0), Some(0), Some(0), Some(0)];

/// What a direction opens a message with.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Opening {
    /// HTTP/1, as far as can be seen.
    Http,
    /// Not HTTP/1, but more bytes are needed to say what.
    Undecided,
    /// Not HTTP/1: what it is.
    Foreign(String),
}

/// Looks at the first bytes of a message; `ended` when no more will come.
pub(super) fn inspect(direction: Direction, bytes: &[u8], ended: bool) -> Opening {
    let fits = match direction {
        Direction::FromClient => bytes.first().is_none_or(|&byte| is_token_byte(byte)),
        Direction::FromUpstream => {
            let common = bytes.len().min(STATUS_LINE.len());
            bytes[..common] == STATUS_LINE[..common]
        }
    };
    if fits {
        return Opening::Http;
    }
    let expected = match direction {
        Direction::FromClient => "an HTTP/1 request line",
        Direction::FromUpstream => "an HTTP/1 status line",
    };
    match bytes {
        [0, ..] if direction == Direction::FromUpstream => settings(bytes, ended, expected),
        [0x15 | 0x16] if !ended => Opening::Undecided,
        [0x15, 3, ..] => Opening::Foreign("a TLS alert: this peer speaks TLS".to_owned()),
        [0x16, 3, ..] if direction == Direction::FromClient => {
            Opening::Foreign("a TLS ClientHello: this client speaks TLS".to_owned())
        }
        [0x16, 3, ..] => {
            Opening::Foreign("a TLS handshake record: this server speaks TLS".to_owned())
        }
        _ => text(bytes, ended, expected),
    }
}

fn settings(bytes: &[u8], ended: bool, expected: &str) -> Opening {
    let mut pairs = bytes.iter().zip(SETTINGS);
    if pairs.any(|(byte, wanted)| wanted.is_some_and(|wanted| wanted != *byte)) {
        return Opening::Foreign(binary(0, expected));
    }
    match bytes.len() < SETTINGS.len() {
        true if ended => Opening::Foreign(binary(0, expected)),
        true => Opening::Undecided,
        false => {
            Opening::Foreign("an HTTP/2 SETTINGS frame: this server speaks HTTP/2 only".to_owned())
        }
    }
}

fn text(bytes: &[u8], ended: bool, expected: &str) -> Opening {
    let (first, length) = (bytes.first().copied().unwrap_or(0), printable(bytes));
    if length == 0 {
        Opening::Foreign(binary(first, expected))
    } else if length == bytes.len() && length < MAX_QUOTED && !ended {
        Opening::Undecided
    } else {
        Opening::Foreign(format!("{}, not {expected}", quoted(&bytes[..length])))
    }
}

fn binary(first: u8, expected: &str) -> String {
    format!("the byte {first:#04x}, not {expected}")
}

/// How many of the first [`MAX_QUOTED`] bytes can be shown as they are.
fn printable(bytes: &[u8]) -> usize {
    let shown = bytes.iter().take(MAX_QUOTED);
    shown.take_while(|byte| byte.is_ascii_graphic() || **byte == b' ').count()
}

/// At most [`MAX_QUOTED`] bytes in quotation marks.
pub(super) fn quoted(bytes: &[u8]) -> String {
    format!("\"{}\"", shown(bytes))
}

/// At most [`MAX_QUOTED`] bytes, what cannot be shown escaped.
pub(super) fn shown(bytes: &[u8]) -> String {
    let (shown, more) = match bytes.get(..MAX_QUOTED) {
        Some(shown) if bytes.len() > MAX_QUOTED => (shown, "…"),
        _ => (bytes, ""),
    };
    format!("{}{more}", shown.escape_ascii())
}
