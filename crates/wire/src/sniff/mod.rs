//! What the first bytes of a direction are.
//!
//! [`sniff`] decides which decoder takes over, as early as that is certain; [`describe`] puts into
//! words what came where something else was due.
//!
//! ```
//! use wire::sniff::{Sniff, describe, sniff};
//!
//! assert_eq!(sniff(b"PRI * HT"), Sniff::NeedMore);
//! assert_eq!(sniff(b"GET /"), Sniff::Http1Request);
//! assert_eq!(describe(b"HTTP/1.1 400 Bad Request\r\n"),
//!     "an HTTP/1.1 response ('HTTP/1.1 400 Bad Request')");
//! ```
//!
//! Nothing is parsed here beyond what tells the protocols apart.

mod describe;
mod fuzzing;
#[cfg(test)]
mod tests;

pub use describe::describe;
#[doc(hidden)]
pub use fuzzing::fuzz;

use crate::proxy_protocol::{V1_PREFIX, V2_SIGNATURE};

/// What a client sends first in HTTP/2 (RFC 9113 §3.4).
pub(crate) const HTTP2_PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// What an SSH peer sends first (RFC 4253 §4.2).
const SSH_PREFIX: &[u8] = b"SSH-";

/// The longest method that is taken for one: those in the IANA registry have at most 17 characters.
const MAX_METHOD: usize = 32;

/// Empty lines that may stand before a request line (RFC 9112 §2.2), in bytes.
const MAX_EMPTY_LINES: usize = 16;

/// The protocol that the first bytes belong to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sniff {
    /// Not certain yet.
    NeedMore,
    /// A PROXY protocol header, v1 or v2; the protocol proper comes after it.
    ProxyHeader,
    /// A TLS handshake record, which a ClientHello comes in.
    Tls,
    /// A ClientHello in the SSLv2 format (RFC 5246 appendix E.2).
    Sslv2Hello,
    /// The HTTP/2 connection preface.
    Http2Preface,
    /// An HTTP/1 request line.
    Http1Request,
    /// An SSH identification string.
    Ssh,
    /// Something else.
    Other,
}

/// Tells what the first bytes of a connection are.
///
/// Once the answer isn't [`Sniff::NeedMore`], more bytes don't change it.
pub fn sniff(first_bytes: &[u8]) -> Sniff {
    for (signature, protocol) in [
        (&V2_SIGNATURE[..], Sniff::ProxyHeader),
        (V1_PREFIX, Sniff::ProxyHeader),
        (HTTP2_PREFACE, Sniff::Http2Preface),
        (SSH_PREFIX, Sniff::Ssh),
    ] {
        if first_bytes.starts_with(signature) {
            return protocol;
        }
        if signature.starts_with(first_bytes) {
            return Sniff::NeedMore;
        }
    }
    match first_bytes {
        [0x16] => Sniff::NeedMore,
        [0x16, 3, ..] => Sniff::Tls,
        [high, ..] if high & 0x80 != 0 => sslv2_hello(first_bytes),
        _ => http1_request(first_bytes),
    }
}

/// Bytes 0 and 1: the length under a set high bit; 2: the message, 1 is ClientHello; 3 and 4: the
/// version.
fn sslv2_hello(bytes: &[u8]) -> Sniff {
    let plausible = bytes.get(2).is_none_or(|&message| message == 1)
        && bytes.get(3).is_none_or(|&major| matches!(major, 0 | 3))
        && bytes.get(4).is_none_or(|&minor| bytes[3] == 3 || minor == 2);
    match (plausible, bytes.len()) {
        (false, _) => Sniff::Other,
        (true, ..5) => Sniff::NeedMore,
        (true, _) => Sniff::Sslv2Hello,
    }
}

fn http1_request(bytes: &[u8]) -> Sniff {
    let line = without_empty_lines(bytes);
    if bytes.len() - line.len() > MAX_EMPTY_LINES {
        return Sniff::Other;
    }
    if line.is_empty() || line == b"\r" {
        return Sniff::NeedMore;
    }
    let method_length = line.iter().take_while(|&&byte| is_tchar(byte)).count();
    match line.get(method_length) {
        _ if method_length > MAX_METHOD => Sniff::Other,
        None => Sniff::NeedMore,
        Some(b' ') if method_length > 0 => {
            let (method, target) = (&line[..method_length], &line[method_length + 1..]);
            if is_known_method(method) { Sniff::Http1Request } else { any_method(target) }
        }
        Some(_) => Sniff::Other,
    }
}

/// A word and a space begin a line of many protocols (`EHLO example.com`). With a method that isn't
/// well known the target has to look like one too (RFC 9112 §3.2).
fn any_method(target: &[u8]) -> Sniff {
    if matches!(target.first(), Some(b'/' | b'*')) {
        return Sniff::Http1Request;
    }
    let mut answer = Sniff::Other;
    for scheme in [&b"http://"[..], b"https://"] {
        let common = target.len().min(scheme.len());
        if target[..common].eq_ignore_ascii_case(&scheme[..common]) {
            answer = if common == scheme.len() { Sniff::Http1Request } else { Sniff::NeedMore };
            break;
        }
    }
    answer
}

fn is_known_method(method: &[u8]) -> bool {
    matches!(
        method,
        b"GET"
            | b"HEAD"
            | b"POST"
            | b"PUT"
            | b"DELETE"
            | b"CONNECT"
            | b"OPTIONS"
            | b"TRACE"
            | b"PATCH"
            | b"PRI"
    )
}

fn without_empty_lines(mut bytes: &[u8]) -> &[u8] {
    while let Some(rest) = bytes.strip_prefix(b"\r\n").or_else(|| bytes.strip_prefix(b"\n")) {
        bytes = rest;
    }
    bytes
}

/// The characters of a token (RFC 9110 §5.6.2).
fn is_tchar(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}
