//! Parses the lines of a section: request line, status line, field lines (RFC 9112 §3 to §5).
//!
//! ```text
//! GET /a HTTP/1.1␍␊      RequestLine { method: GET, target: /a, version: 1.1 }
//! Host: example.org␍␊    Fields: Host = example.org
//! X: one␍␊
//!  two␍␊                         X = one two        + note OBS_FOLD
//! ␍␊
//! ```
//!
//! Lenient where receivers commonly are, and every leniency is noted. What the fields mean for the
//! message's length is [`super::framing`]'s business.

use std::ops::RangeInclusive;

use memchr::{memchr, memchr_iter, memrchr};

use super::foreign::quoted;
use super::rules::{self, Fatal, Notes, Rule};
use crate::http::{Fields, Version};

/// A line without its end, and whether that was LF alone.
#[derive(Clone, Copy)]
struct Line<'a> {
    text: &'a [u8],
    /// Where in the section it begins.
    start: usize,
    /// Where the next one begins.
    next: usize,
    bare_lf: bool,
}

impl<'a> Line<'a> {
    /// The line of `section` that begins at `start`; the rest when no LF follows.
    fn at(section: &'a [u8], start: usize) -> Self {
        let rest = &section[start..];
        let (line, next) = match memchr(b'\n', rest) {
            Some(end) => (&rest[..end], start + end + 1),
            None => (rest, section.len()),
        };
        match line.strip_suffix(b"\r") {
            Some(text) => Self { text, start, next, bare_lf: false },
            None => Self { text: line, start, next, bare_lf: true },
        }
    }

    fn note_end(&self, notes: &mut Notes) {
        if self.bare_lf {
            notes.add(self.next.saturating_sub(1), &rules::BARE_LF);
        }
    }
}

/// `method SP request-target SP HTTP-version` (RFC 9112 §3).
#[derive(Debug, PartialEq, Eq)]
pub(super) struct RequestLine<'a> {
    pub(super) method: &'a [u8],
    pub(super) target: &'a [u8],
    pub(super) version: Version,
}

impl<'a> RequestLine<'a> {
    /// Parses a line with its end.
    pub(super) fn parse(line: &'a [u8]) -> Result<Self, Fatal> {
        let line = Line::at(line, 0).text;
        Self::split(line).ok_or_else(|| {
            let what = format!(
                "the request line {} is not a method, a target and HTTP/1.0 or HTTP/1.1",
                quoted(line)
            );
            Fatal::quoting(what, "RFC 9112 §3")
        })
    }

    fn split(line: &'a [u8]) -> Option<Self> {
        let (method, rest) = line.split_at_checked(memchr(b' ', line)?)?;
        let rest = &rest[1..];
        let (target, version) = rest.split_at_checked(memrchr(b' ', rest)?)?;
        let (version, rest) = version_prefix(&version[1..])?;
        let whole = is_token(method) && !target.is_empty() && rest.is_empty();
        whole.then_some(Self { method, target, version })
    }

    fn note(&self, notes: &mut Notes) {
        let at = self.method.len() + 1;
        if self.target.iter().any(|&byte| byte <= b' ' || byte == 0x7f) {
            notes.add(at, &rules::TARGET_SPACE);
        }
        if !self.target.is_ascii() {
            notes.add(at, &rules::TARGET_NOT_ASCII);
        }
    }
}

/// `HTTP-version SP status-code SP [reason-phrase]` (RFC 9112 §4).
#[derive(Debug, PartialEq, Eq)]
pub(super) struct StatusLine<'a> {
    pub(super) version: Version,
    pub(super) status: u16,
    pub(super) reason: &'a [u8],
}

/// Any three digits that have a class (RFC 9110 §15).
const STATUS_CODES: RangeInclusive<u16> = 100..=999;

impl<'a> StatusLine<'a> {
    /// Parses a line with its end.
    pub(super) fn parse(line: &'a [u8]) -> Result<Self, Fatal> {
        let line = Line::at(line, 0).text;
        Self::split(line).ok_or_else(|| {
            let what =
                format!("the status line {} has no version and three-digit status", quoted(line));
            Fatal::quoting(what, "RFC 9112 §4")
        })
    }

    fn split(line: &'a [u8]) -> Option<Self> {
        let (version, rest) = version_prefix(line)?;
        let (digits, rest) = rest.strip_prefix(b" ")?.split_at_checked(3)?;
        let status = digits.iter().try_fold(0, |value: u16, byte| {
            byte.is_ascii_digit().then(|| value * 10 + u16::from(byte - b'0'))
        })?;
        let reason = match rest {
            [] => rest,
            [b' ', reason @ ..] => reason,
            _ => return None,
        };
        STATUS_CODES.contains(&status).then_some(Self { version, status, reason })
    }
}

/// Any later 1.x counts as 1.1 (RFC 9110 §2.5).
fn version_prefix(text: &[u8]) -> Option<(Version, &[u8])> {
    let (minor, rest) = text.strip_prefix(b"HTTP/1.")?.split_first()?;
    match minor {
        b'0' => Some((Version::Http10, rest)),
        b'1'..=b'9' => Some((Version::Http11, rest)),
        _ => None,
    }
}

/// Parses a whole request head.
pub(super) fn request<'a>(
    section: &'a [u8],
    notes: &mut Notes,
) -> Result<(RequestLine<'a>, Fields), Fatal> {
    let first = Line::at(section, 0);
    let line = RequestLine::parse(&section[..first.next])?;
    first.note_end(notes);
    line.note(notes);
    Ok((line, fields(section, first.next, notes, &rules::SPACE_BEFORE_COLON_REQUEST)))
}

/// Parses a whole response head.
pub(super) fn response<'a>(
    section: &'a [u8],
    notes: &mut Notes,
) -> Result<(StatusLine<'a>, Fields), Fatal> {
    let first = Line::at(section, 0);
    let line = StatusLine::parse(&section[..first.next])?;
    first.note_end(notes);
    Ok((line, fields(section, first.next, notes, &rules::SPACE_BEFORE_COLON_RESPONSE)))
}

/// Parses a whole trailer section.
pub(super) fn trailers(section: &[u8], notes: &mut Notes) -> Fields {
    fields(section, 0, notes, &rules::SPACE_BEFORE_COLON_RESPONSE)
}

/// What a folded line continues.
#[derive(Clone, Copy)]
enum Previous {
    Nothing,
    /// A line that made no sense and is left out.
    Skipped,
    Field {
        empty: bool,
    },
}

fn fields(section: &[u8], from: usize, notes: &mut Notes, space_rule: &'static Rule) -> Fields {
    let lines = memchr_iter(b'\n', &section[from..]).count().saturating_sub(1);
    let mut fields =
        Fields::with_capacity(lines, if lines == 0 { 0 } else { section.len() - from });
    let mut previous = Previous::Nothing;
    let mut at = from;
    while at < section.len() {
        let line = Line::at(section, at);
        at = line.next;
        line.note_end(notes);
        previous = match line.text {
            [] => return fields,
            [b' ' | b'\t', ..] => fold(line, &mut fields, notes, previous),
            _ => field(line, &mut fields, notes, space_rule),
        };
    }
    fields
}

fn fold(line: Line<'_>, fields: &mut Fields, notes: &mut Notes, previous: Previous) -> Previous {
    let more = trim_space(line.text);
    match previous {
        Previous::Nothing => {
            notes.add(line.start, &rules::SPACE_AFTER_START_LINE);
            Previous::Skipped
        }
        Previous::Skipped => Previous::Skipped,
        Previous::Field { empty } => {
            notes.add(line.start, &rules::OBS_FOLD);
            note_value(more, line.start, notes);
            if !more.is_empty() {
                if !empty {
                    fields.extend_last_value(b" ");
                }
                fields.extend_last_value(more);
            }
            Previous::Field { empty: empty && more.is_empty() }
        }
    }
}

fn field(
    line: Line<'_>,
    fields: &mut Fields,
    notes: &mut Notes,
    space_rule: &'static Rule,
) -> Previous {
    let Some(colon) = memchr(b':', line.text) else {
        notes.add(line.start, &rules::NO_COLON);
        return Previous::Skipped;
    };
    let raw_name = &line.text[..colon];
    let name = trim_space_end(raw_name);
    if name.len() < raw_name.len() {
        notes.add(line.start + name.len(), space_rule);
    }
    if !is_token(name) {
        notes.add(line.start, &rules::FIELD_NAME);
    }
    let value = trim_space(&line.text[colon + 1..]);
    note_value(value, line.start + colon + 1, notes);
    fields.push(name, value);
    Previous::Field { empty: value.is_empty() }
}

fn note_value(value: &[u8], at: usize, notes: &mut Notes) {
    // No early exit: this way the compiler checks many bytes at a time.
    let control = value
        .iter()
        .fold(false, |found, &byte| found | ((byte < b' ') & (byte != b'\t')) | (byte == 0x7f));
    if control {
        notes.add(at, &rules::FIELD_VALUE);
    }
}

/// Without the optional white space (OWS, RFC 9110 §5.6.3) at both ends.
pub(super) fn trim_space(mut text: &[u8]) -> &[u8] {
    while let [b' ' | b'\t', rest @ ..] = text {
        text = rest;
    }
    trim_space_end(text)
}

fn trim_space_end(mut text: &[u8]) -> &[u8] {
    while let [rest @ .., b' ' | b'\t'] = text {
        text = rest;
    }
    text
}

/// Whether this is a token (RFC 9110 §5.6.2).
pub(super) fn is_token(text: &[u8]) -> bool {
    !text.is_empty() && text.iter().all(|&byte| is_token_byte(byte))
}

/// Whether a token may hold this byte.
pub(super) const fn is_token_byte(byte: u8) -> bool {
    TOKEN[byte as usize]
}

static TOKEN: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0;
    while byte < 256 {
        let is = (byte as u8).is_ascii_alphanumeric();
        table[byte] = is;
        byte += 1;
    }
    let others = b"!#$%&'*+-.^_`|~";
    let mut index = 0;
    while index < others.len() {
        table[others[index] as usize] = true;
        index += 1;
    }
    table
};
