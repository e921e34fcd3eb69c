//! The rules that a message can break, each with its sentence, its section and how far it reaches.
//!
//! Not here: breaches whose sentence quotes the peer's bytes; those are written where they are found.

use std::borrow::Cow;

use crate::decoder::Severity;

/// A rule of the RFCs, told when a message breaks it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Rule {
    /// What was found, and what is allowed.
    pub(super) what: &'static str,
    /// Where it stands.
    pub(super) section: &'static str,
    /// What a conforming receiver does.
    pub(super) severity: Severity,
}

/// A breach after which a direction cannot be followed.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Fatal {
    pub(super) what: Cow<'static, str>,
    pub(super) section: &'static str,
}

impl Fatal {
    pub(super) fn quoting(what: String, section: &'static str) -> Self {
        Self { what: Cow::Owned(what), section }
    }
}

impl From<&'static Rule> for Fatal {
    fn from(rule: &'static Rule) -> Self {
        Self { what: Cow::Borrowed(rule.what), section: rule.section }
    }
}

/// Rules broken within one section, each once, with the offset of its first breach.
#[derive(Debug, Default)]
pub(super) struct Notes(Vec<(usize, &'static Rule)>);

impl Notes {
    pub(super) fn add(&mut self, at: usize, rule: &'static Rule) {
        if !self.0.iter().any(|(_, known)| *known == rule) {
            self.0.push((at, rule));
        }
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (usize, &'static Rule)> + '_ {
        self.0.iter().copied()
    }
}

macro_rules! rules {
    ($($name:ident: $severity:ident, $section:literal, $what:literal;)*) => {
        $(
            pub(super) static $name: Rule =
                Rule { what: $what, section: $section, severity: Severity::$severity };
        )*
    };
}

rules! {
    BARE_LF: Warning, "RFC 9112 §2.2",
        "a line ends with LF alone; lines end with CRLF";
    EMPTY_LINE_BEFORE_RESPONSE: Warning, "RFC 9112 §2.2",
        "an empty line before a status line; a response begins with its status line";
    SPACE_AFTER_START_LINE: Stream, "RFC 9112 §2.2",
        "white space between the start line and the first field line";
    TARGET_SPACE: Stream, "RFC 9112 §3.2",
        "white space or a control byte in the request target; it must be percent-encoded";
    TARGET_NOT_ASCII: Warning, "RFC 9112 §3.2",
        "a byte above 0x7f in the request target; it must be percent-encoded";
    HOST_MISSING: Warning, "RFC 9112 §3.2",
        "an HTTP/1.1 request without Host; servers answer it with 400";
    HOST_REPEATED: Stream, "RFC 9112 §3.2",
        "more than one Host field; servers answer such a request with 400";
    NO_COLON: Stream, "RFC 9112 §5",
        "a field line without a colon; it is name, colon, value";
    FIELD_NAME: Stream, "RFC 9110 §5.1",
        "an empty field name, or one with a byte that is not a token character";
    FIELD_VALUE: Stream, "RFC 9110 §5.5",
        "a control byte in a field value";
    SPACE_BEFORE_COLON_REQUEST: Stream, "RFC 9112 §5.1",
        "white space between field name and colon; servers answer such a request with 400";
    SPACE_BEFORE_COLON_RESPONSE: Warning, "RFC 9112 §5.1",
        "white space between field name and colon; proxies remove it";
    OBS_FOLD: Warning, "RFC 9112 §5.2",
        "a field value folded over two lines (obs-fold); only message/http may do that";
    LENGTH_AND_CODING: Stream, "RFC 9112 §6.1",
        "both Transfer-Encoding and Content-Length; Transfer-Encoding wins, and whoever reads it \
         otherwise sees other messages (request smuggling)";
    CODING_IN_HTTP_1_0: Stream, "RFC 9112 §6.1",
        "Transfer-Encoding in an HTTP/1.0 message; it begins with HTTP/1.1";
    CODING_CHUNKED_TWICE: Stream, "RFC 9112 §6.1",
        "chunked is applied more than once";
    FRAMED_WITHOUT_CONTENT: Warning, "RFC 9110 §8.6",
        "Content-Length or Transfer-Encoding in a 1xx or 204 response, which has no content";
    CODING_NOT_CHUNKED: Connection, "RFC 9112 §6.3",
        "the request's last transfer coding is not chunked, so its length is unknown";
    LENGTH_INVALID: Connection, "RFC 9112 §6.3",
        "Content-Length is not a decimal number below 2^64";
    LENGTHS_DIFFER: Connection, "RFC 9112 §6.3",
        "Content-Length has differing values";
    LENGTH_REPEATED: Warning, "RFC 9112 §6.3",
        "Content-Length is repeated with the same value";
    SECTION_TOO_LARGE: Connection, "RFC 9110 §5.4",
        "a header section larger than 256 KiB";
    CHUNK_SIZE: Connection, "RFC 9112 §7.1",
        "the chunk size is not a hexadecimal number";
    CHUNK_SIZE_TOO_LARGE: Connection, "RFC 9112 §7.1",
        "the chunk size does not fit in 64 bits";
    CHUNK_LINE_CR: Connection, "RFC 9112 §7.1",
        "CR without LF in a chunk-size line";
    CHUNK_NOT_ENDED: Connection, "RFC 9112 §7.1",
        "no CRLF after the chunk's data: the chunk is longer or shorter than its size says";
    SWITCH_NOT_ASKED: Stream, "RFC 9110 §15.2.2",
        "101 Switching Protocols to a request that did not ask for an upgrade";
    SWITCH_NOT_NAMED: Stream, "RFC 9110 §7.8",
        "101 Switching Protocols without an Upgrade field to name the protocol";
}
