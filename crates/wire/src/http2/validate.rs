//! What the field section of a message must satisfy (RFC 9113 §8.2, §8.3): one pass over the lines.
//!
//! | found | section |
//! |---|---|
//! | upper case, control characters or white space in a name; NUL, CR, LF in a value | §8.2.1 |
//! | content-length that is no number | §8.1.1 |
//! | connection-specific fields, `te` other than `trailers` | §8.2.2 |
//! | pseudo-header after a field line, twice, unknown, or in trailers; one that is missing | §8.3 |
//! | request: `:method`, `:scheme`, `:path` | §8.3.1 |
//! | response: `:status` | §8.3.2, 101 is refused by §8.6 |
//! | CONNECT: only `:method` and `:authority`; extended CONNECT has all | §8.5, RFC 8441 §4 |
//!
//! Content-length against DATA and the order of sections (§8.1) need the stream.

use super::breach::Breach;
use crate::http::{Field, Fields};

/// Which kind of field section it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Section {
    Request,
    Response,
    Trailers,
}

/// The pseudo-header fields, as bits.
mod pseudo {
    pub(super) const METHOD: u8 = 1;
    pub(super) const SCHEME: u8 = 2;
    pub(super) const PATH: u8 = 4;
    pub(super) const AUTHORITY: u8 = 8;
    pub(super) const PROTOCOL: u8 = 16;
    pub(super) const STATUS: u8 = 32;

    pub(super) fn of(name: &[u8]) -> Option<u8> {
        Some(match name {
            b":method" => METHOD,
            b":scheme" => SCHEME,
            b":path" => PATH,
            b":authority" => AUTHORITY,
            b":protocol" => PROTOCOL,
            b":status" => STATUS,
            _ => return None,
        })
    }
}

/// Checks a field section; calls `found` for each breach.
pub(super) fn check(section: Section, fields: &Fields, found: &mut dyn FnMut(Breach)) {
    let mut seen = 0;
    let mut regular = false;
    for field in fields.iter() {
        if field.name.first() == Some(&b':') {
            pseudo_field(section, field, &mut seen, regular, found);
        } else {
            regular = true;
            regular_field(section, field, found);
        }
        if field.value.iter().any(|byte| matches!(byte, 0 | b'\r' | b'\n')) {
            let name = quote(field.name);
            let what = format!("the value of {name} holds NUL, CR or LF");
            found(Breach::stream("RFC 9113 §8.2.1", what));
        }
    }
    match section {
        Section::Request => request(fields, seen, found),
        Section::Response => response(fields, seen, found),
        Section::Trailers => {}
    }
}

fn pseudo_field(
    section: Section,
    field: Field<'_>,
    seen: &mut u8,
    after_regular: bool,
    found: &mut dyn FnMut(Breach),
) {
    let name = || quote(field.name);
    if section == Section::Trailers {
        let what = format!("pseudo-header field {} in trailers", name());
        return found(Breach::stream("RFC 9113 §8.3", what));
    }
    if after_regular {
        let what = format!("pseudo-header field {} after a regular field line", name());
        found(Breach::stream("RFC 9113 §8.3", what));
    }
    let defined = match section {
        Section::Response => pseudo::STATUS,
        Section::Request | Section::Trailers => !pseudo::STATUS,
    };
    match pseudo::of(field.name) {
        Some(bit) if bit & defined != 0 => {
            if *seen & bit != 0 {
                let what = format!("pseudo-header field {} comes twice", name());
                found(Breach::stream("RFC 9113 §8.3", what));
            }
            *seen |= bit;
        }
        _ => {
            let message = if section == Section::Request { "request" } else { "response" };
            let what = format!("pseudo-header field {} is not defined for a {message}", name());
            found(Breach::stream("RFC 9113 §8.3", what));
        }
    }
}

fn regular_field(section: Section, field: Field<'_>, found: &mut dyn FnMut(Breach)) {
    let name = field.name;
    let bad = |byte: &&u8| matches!(byte, 0..=b' ' | b'A'..=b'Z' | b':' | 0x7f..);
    if let Some(byte) = name.iter().find(bad) {
        let what = match byte {
            b'A'..=b'Z' => format!("field name {} has upper-case letters", quote(name)),
            _ => format!("field name {} has the byte {byte:#04x}", quote(name)),
        };
        found(Breach::stream("RFC 9113 §8.2.1", what));
    } else if name.is_empty() {
        found(Breach::stream("RFC 9113 §8.2.1", "a field line without a name"));
    }
    if is_connection_specific(name) {
        let value = String::from_utf8_lossy(field.value);
        let what = format!(
            "connection-specific field '{}: {}'; HTTP/2 has none",
            name.escape_ascii(),
            value.chars().take(MAX_QUOTE).collect::<String>().escape_debug(),
        );
        found(Breach::stream("RFC 9113 §8.2.2", what));
    } else if section != Section::Response
        && name == b"te"
        && !field.value.eq_ignore_ascii_case(b"trailers")
    {
        let what = format!("te is {}; only 'trailers' is allowed", quote(field.value));
        found(Breach::stream("RFC 9113 §8.2.2", what));
    } else if name == b"content-length"
        && (field.value.is_empty() || !field.value.iter().all(u8::is_ascii_digit))
    {
        let what = format!("content-length is {}; it is a number", quote(field.value));
        found(Breach::stream("RFC 9113 §8.1.1", what));
    }
}

fn is_connection_specific(name: &[u8]) -> bool {
    const FIELDS: [&[u8]; 5] =
        [b"connection", b"keep-alive", b"proxy-connection", b"transfer-encoding", b"upgrade"];
    matches!(name.len(), 7 | 10 | 16 | 17)
        && FIELDS.iter().any(|field| name.eq_ignore_ascii_case(field))
}

fn request(fields: &Fields, seen: u8, found: &mut dyn FnMut(Breach)) {
    use pseudo::{AUTHORITY, METHOD, PATH, PROTOCOL, SCHEME};
    let has = |bit: u8| seen & bit != 0;
    if fields.get(":method") == Some(b"CONNECT") && !has(PROTOCOL) {
        if has(SCHEME) || has(PATH) {
            let what = "CONNECT with :scheme or :path; it has neither";
            found(Breach::stream("RFC 9113 §8.5", what));
        }
        if !has(AUTHORITY) {
            found(Breach::stream("RFC 9113 §8.5", "CONNECT without :authority"));
        }
        return;
    }
    for (bit, what) in [
        (METHOD, "a request without :method"),
        (SCHEME, "a request without :scheme"),
        (PATH, "a request without :path"),
    ] {
        if !has(bit) {
            found(Breach::stream("RFC 9113 §8.3.1", what));
        }
    }
    if has(PROTOCOL) && has(METHOD) && fields.get(":method") != Some(b"CONNECT") {
        let what = ":protocol on a request that is not CONNECT";
        found(Breach::stream("RFC 8441 §4", what));
    }
    if fields.get(":path").is_some_and(<[u8]>::is_empty) {
        found(Breach::stream("RFC 9113 §8.3.1", ":path is empty; it is at least '/'"));
    }
}

fn response(fields: &Fields, seen: u8, found: &mut dyn FnMut(Breach)) {
    if seen & pseudo::STATUS == 0 {
        return found(Breach::stream("RFC 9113 §8.3.2", "a response without :status"));
    }
    match fields.get(":status") {
        Some(b"101") => {
            found(Breach::stream("RFC 9113 §8.6", "status 101; HTTP/2 has no Upgrade"));
        }
        Some([b'1'..=b'9', b'0'..=b'9', b'0'..=b'9']) | None => {}
        Some(other) => {
            let what = format!(":status is {}; it is three digits", quote(other));
            found(Breach::stream("RFC 9113 §8.3.2", what));
        }
    }
}

/// How much of a name or value is quoted, in bytes.
const MAX_QUOTE: usize = 64;

fn quote(bytes: &[u8]) -> String {
    let (shown, dots) = match bytes.get(..MAX_QUOTE) {
        Some(start) if bytes.len() > MAX_QUOTE => (start, "…"),
        _ => (bytes, ""),
    };
    format!("'{}{dots}'", shown.escape_ascii())
}
