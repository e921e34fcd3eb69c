//! Which length a message's content has (RFC 9112 §6.3), and what its fields say about it.
//!
//! ```text
//! fields ── Facts::of ──▶ Facts ── length(message, facts) ──▶ Empty | Sized | Chunked | UntilClose
//!                                                              | Tunnel | Unknown
//! ```
//!
//! Reading the content by that length is [`super::body`]'s business.

use super::head::trim_space;
use super::rules::{self, Notes, Rule};
use crate::http::{Fields, Version};

/// What a request's method means for the response's length.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Method {
    Head,
    Connect,
    Other,
}

impl Method {
    pub(super) fn of(name: &[u8]) -> Self {
        match name {
            b"HEAD" => Self::Head,
            b"CONNECT" => Self::Connect,
            _ => Self::Other,
        }
    }
}

/// The message whose length is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Message {
    Request,
    Response { status: u16, to: Method },
}

/// How the end of a message is found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Length {
    /// No content: the message ends with its head.
    Empty,
    /// So many bytes, at least one.
    Sized(u64),
    /// Chunked transfer coding.
    Chunked,
    /// All that comes until the connection ends.
    UntilClose,
    /// No message any more: another protocol.
    Tunnel,
    /// The message contradicts itself.
    Unknown(&'static Rule),
}

/// The one place that decides on a length: RFC 9112 §6.3, in its order.
pub(super) fn length(message: Message, facts: &Facts<'_>) -> Length {
    match message {
        Message::Response { status: 101, .. } => return Length::Tunnel,
        Message::Response { to: Method::Head, .. }
        | Message::Response { status: 100..=199 | 204 | 304, .. } => return Length::Empty,
        Message::Response { status: 200..=299, to: Method::Connect } => return Length::Tunnel,
        Message::Request | Message::Response { .. } => {}
    }
    match (facts.coding, facts.content_length, message) {
        (Coding::ChunkedLast, _, _) => Length::Chunked,
        (Coding::Other, _, Message::Request) => Length::Unknown(&rules::CODING_NOT_CHUNKED),
        (Coding::Other, _, Message::Response { .. }) => Length::UntilClose,
        (Coding::None, ContentLength::Broken(rule), _) => Length::Unknown(rule),
        (Coding::None, ContentLength::Valid(0), _) => Length::Empty,
        (Coding::None, ContentLength::Valid(size), _) => Length::Sized(size),
        (Coding::None, ContentLength::None, Message::Request) => Length::Empty,
        (Coding::None, ContentLength::None, Message::Response { .. }) => Length::UntilClose,
    }
}

/// All values of `Content-Length` together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum ContentLength {
    None,
    Valid(u64),
    Broken(&'static Rule),
}

/// All values of `Transfer-Encoding` together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Coding {
    None,
    ChunkedLast,
    Other,
}

/// What the fields of a head say about framing, target and upgrade.
#[derive(Debug)]
pub(super) struct Facts<'a> {
    content_length: ContentLength,
    length_repeated: bool,
    coding: Coding,
    chunked_twice: bool,
    hosts: usize,
    /// The first `Host`.
    pub(super) host: Option<&'a [u8]>,
    connection_upgrade: bool,
    upgrade: Option<&'a [u8]>,
}

impl<'a> Facts<'a> {
    /// Reads them in one pass over the fields.
    pub(super) fn of(fields: &'a Fields) -> Self {
        let mut facts = Self {
            content_length: ContentLength::None,
            length_repeated: false,
            coding: Coding::None,
            chunked_twice: false,
            hosts: 0,
            host: None,
            connection_upgrade: false,
            upgrade: None,
        };
        for field in fields.iter() {
            let is = |name: &[u8]| field.name.eq_ignore_ascii_case(name);
            match field.name.len() {
                4 if is(b"host") => {
                    facts.hosts += 1;
                    facts.host = facts.host.or(Some(field.value));
                }
                7 if is(b"upgrade") => facts.upgrade = facts.upgrade.or(list(field.value).next()),
                10 if is(b"connection") => {
                    facts.connection_upgrade |=
                        list(field.value).any(|option| option.eq_ignore_ascii_case(b"upgrade"));
                }
                14 if is(b"content-length") => facts.add_length(field.value),
                17 if is(b"transfer-encoding") => facts.add_codings(field.value),
                _ => {}
            }
        }
        facts
    }

    fn add_length(&mut self, value: &[u8]) {
        for member in value.split(|&byte| byte == b',') {
            let next = decimal(trim_space(member));
            self.content_length = match (self.content_length, next) {
                (broken @ ContentLength::Broken(_), _) => broken,
                (_, None) => ContentLength::Broken(&rules::LENGTH_INVALID),
                (ContentLength::None, Some(size)) => ContentLength::Valid(size),
                (ContentLength::Valid(before), Some(size)) if before == size => {
                    self.length_repeated = true;
                    ContentLength::Valid(size)
                }
                (ContentLength::Valid(_), Some(_)) => ContentLength::Broken(&rules::LENGTHS_DIFFER),
            };
        }
    }

    fn add_codings(&mut self, value: &[u8]) {
        for member in list(value) {
            let name = member.split(|&byte| byte == b';').next().unwrap_or(member);
            let name = trim_space(name);
            // Obsolete since RFC 7230; senders that still write it mean "no coding".
            if name.eq_ignore_ascii_case(b"identity") {
                continue;
            }
            let chunked = name.eq_ignore_ascii_case(b"chunked");
            self.chunked_twice |= chunked && self.coding == Coding::ChunkedLast;
            self.coding = if chunked { Coding::ChunkedLast } else { Coding::Other };
        }
    }

    /// `Content-Length`, when there is exactly one valid value.
    pub(super) fn content_length(&self) -> Option<u64> {
        match self.content_length {
            ContentLength::Valid(size) => Some(size),
            ContentLength::None | ContentLength::Broken(_) => None,
        }
    }

    /// The protocol that a message asks for or switches to: `Upgrade`'s first, lower-cased, when
    /// `Connection` says that it is meant for this hop (RFC 9110 §7.8).
    pub(super) fn upgrade(&self, version: Version) -> Option<Vec<u8>> {
        let named = self.upgrade.filter(|_| self.connection_upgrade && version == Version::Http11);
        named.map(<[u8]>::to_ascii_lowercase)
    }

    /// The same for a 101 response, whose status says enough without `Connection`.
    pub(super) fn switched_to(&self) -> Option<Vec<u8>> {
        self.upgrade.map(<[u8]>::to_ascii_lowercase)
    }

    /// Notes the rules that this head breaks, except those that make its length unknown.
    pub(super) fn check(&self, message: Message, version: Version, notes: &mut Notes) {
        if message == Message::Request {
            if self.hosts == 0 && version == Version::Http11 {
                notes.add(0, &rules::HOST_MISSING);
            } else if self.hosts > 1 {
                notes.add(0, &rules::HOST_REPEATED);
            }
        }
        let coded = self.coding != Coding::None;
        let sized = self.content_length != ContentLength::None;
        if coded && sized {
            notes.add(0, &rules::LENGTH_AND_CODING);
        }
        if coded && version == Version::Http10 {
            notes.add(0, &rules::CODING_IN_HTTP_1_0);
        }
        if self.chunked_twice {
            notes.add(0, &rules::CODING_CHUNKED_TWICE);
        }
        if self.length_repeated {
            notes.add(0, &rules::LENGTH_REPEATED);
        }
        let empty = matches!(message, Message::Response { status: 100..=199 | 204, .. });
        if empty && (coded || sized) {
            notes.add(0, &rules::FRAMED_WITHOUT_CONTENT);
        }
    }
}

/// The members of a comma-separated list (RFC 9110 §5.6.1), empty ones left out.
fn list(value: &[u8]) -> impl Iterator<Item = &[u8]> {
    value.split(|&byte| byte == b',').map(trim_space).filter(|member| !member.is_empty())
}

fn decimal(digits: &[u8]) -> Option<u64> {
    if digits.is_empty() {
        return None;
    }
    digits.iter().try_fold(0_u64, |value, byte| {
        let digit = byte.is_ascii_digit().then(|| u64::from(byte - b'0'))?;
        value.checked_mul(10)?.checked_add(digit)
    })
}
