//! Unexpected first bytes in words, for the sentence "expected a ClientHello, got …".

use super::{Sniff, http1_request, sslv2_hello, without_empty_lines};
use crate::proxy_protocol::{V1_PREFIX, V2_SIGNATURE};
use crate::text;
use crate::tls::AlertDescription;

/// Characters of the peer's text that are quoted.
const MAX_QUOTE: usize = 64;
/// Bytes that are shown in hexadecimal.
const MAX_HEX: usize = 16;
/// Bytes that have to be text for the whole to count as text.
const TEXT_SAMPLE: usize = 128;

/// A phrase for people about what the first bytes of a direction are: "a TLS ClientHello",
/// "printable text '220 mail ESMTP'". It's short, holds no control characters, and works with as
/// little as one byte.
pub fn describe(first_bytes: &[u8]) -> String {
    if first_bytes.is_empty() {
        return "no bytes".to_owned();
    }
    fixed_phrase(first_bytes)
        .map(str::to_owned)
        .or_else(|| tls_record(first_bytes))
        .or_else(|| http1(first_bytes))
        .or_else(|| http2_frame(first_bytes))
        .or_else(|| plain_text(first_bytes))
        .unwrap_or_else(|| format!("binary bytes {}", text::hex(first_bytes, MAX_HEX)))
}

fn fixed_phrase(bytes: &[u8]) -> Option<&'static str> {
    if bytes.starts_with(&V2_SIGNATURE) {
        Some("a PROXY v2 header")
    } else if bytes.starts_with(V1_PREFIX) {
        Some("a PROXY v1 header")
    } else if bytes.starts_with(b"PRI * HTTP/2.0") {
        Some("an HTTP/2 preface ('PRI * HTTP/2.0')")
    } else if bytes.starts_with(super::SSH_PREFIX) {
        Some("an SSH banner")
    } else if bytes[0] & 0x80 != 0 && sslv2_hello(bytes) == Sniff::Sslv2Hello {
        Some("an SSLv2 ClientHello")
    } else {
        None
    }
}

/// A record is its type, the version 3.x, two bytes of length, and the fragment (RFC 8446 §5.1).
fn tls_record(bytes: &[u8]) -> Option<String> {
    let (&[kind, 3, 0..=4], rest) = bytes.split_first_chunk::<3>()? else {
        return None;
    };
    let fragment = rest.get(2..).unwrap_or_default();
    let phrase = match (kind, fragment) {
        (0x14, _) => "a TLS ChangeCipherSpec",
        (0x15, [1 | 2, description, ..]) => {
            return Some(match AlertDescription(*description).name() {
                Some(name) => format!("a TLS alert ({name})"),
                None => format!("a TLS alert ({description})"),
            });
        }
        (0x15, _) => "a TLS alert",
        (0x16, [1, ..]) => "a TLS ClientHello",
        (0x16, [2, ..]) => "a TLS ServerHello",
        (0x16, _) => "a TLS handshake record",
        (0x17, _) => "encrypted TLS data",
        _ => return None,
    };
    Some(phrase.to_owned())
}

fn http1(bytes: &[u8]) -> Option<String> {
    let line = first_line(without_empty_lines(bytes));
    let quote = text::printable(line, MAX_QUOTE);
    if line.starts_with(b"HTTP/") {
        let version = line.split(|&byte| byte == b' ').next().filter(|word| is_version(word));
        let version = version.unwrap_or(b"HTTP").escape_ascii();
        return Some(format!("an {version} response ('{quote}')"));
    }
    if http1_request(bytes) != Sniff::Http1Request {
        return None;
    }
    let version = line.rsplit(|&byte| byte == b' ').next().filter(|word| is_version(word));
    let version = version.unwrap_or(b"HTTP").escape_ascii();
    Some(format!("an {version} request ('{quote}')"))
}

/// `HTTP/` digit `.` digit (RFC 9112 §2.3).
fn is_version(word: &[u8]) -> bool {
    matches!(word, [b'H', b'T', b'T', b'P', b'/', major, b'.', minor]
        if major.is_ascii_digit() && minor.is_ascii_digit())
}

/// The frames that a server may send first, all on stream 0: length, type, flags, stream, in nine
/// bytes (RFC 9113 §4.1).
fn http2_frame(bytes: &[u8]) -> Option<String> {
    let &[high, middle, low, kind, flags, 0, 0, 0, 0] = bytes.first_chunk::<9>()? else {
        return None;
    };
    let length = u32::from_be_bytes([0, high, middle, low]);
    let phrase = match (kind, flags, length) {
        (4, 0, 0..=16_384) if length.is_multiple_of(6) => "an HTTP/2 SETTINGS frame",
        (4, 1, 0) => "an HTTP/2 SETTINGS frame",
        (6, 0 | 1, 8) => "an HTTP/2 PING frame",
        (7, 0, 8..=16_384) => "an HTTP/2 GOAWAY frame",
        (8, 0, 4) => "an HTTP/2 WINDOW_UPDATE frame",
        _ => return None,
    };
    Some(phrase.to_owned())
}

fn plain_text(bytes: &[u8]) -> Option<String> {
    let sample = &bytes[..bytes.len().min(TEXT_SAMPLE)];
    let valid = match str::from_utf8(sample) {
        Ok(valid) => valid,
        // The sample may end inside a character.
        Err(error) if error.error_len().is_none() => {
            str::from_utf8(&sample[..error.valid_up_to()]).ok()?
        }
        Err(_) => return None,
    };
    let is_text = |character: char| !character.is_control() || "\r\n\t".contains(character);
    let line = first_line(without_empty_lines(bytes));
    let blank = line.iter().all(u8::is_ascii_whitespace);
    (!blank && !valid.is_empty() && valid.chars().all(is_text))
        .then(|| format!("printable text '{}'", text::printable(line, MAX_QUOTE)))
}

fn first_line(bytes: &[u8]) -> &[u8] {
    let end = bytes.iter().position(|byte| matches!(byte, b'\r' | b'\n')).unwrap_or(bytes.len());
    &bytes[..end]
}
