//! Finds the request heads in a client's bytes, for whoever passes the bytes on and changes heads.
//!
//! ```text
//! ␍␊ POST / HTTP/1.1␍␊Host: a␍␊…␍␊  5␍␊hello␍␊0␍␊␍␊  GET …
//! └┘ └─────────── Head ───────────┘ └──── Other ────┘ └─ Head
//! ```
//!
//! The pieces in their order are the input, byte for byte. Only a head that is cut by the end of
//! the input is held; all else is lent as it comes.
//!
//! What [`super::Decoder`] does beyond that is not here: responses, and with them the answer to the
//! question whether an upgrade came about.

use std::borrow::Cow;

use super::body::{Body, Step};
use super::framing::{self, Facts, Length, Message, Method};
use super::head;
use super::request::{check_first_bytes, check_opening};
use super::rules::{self, Fatal, Notes, Rule};
use super::section::{Collected, Section};

/// Follows the requests of one connection.
///
/// ```text
///           first byte          empty line
/// Between ─────────────▶ Head ─────────────▶ Content ───▶ Between
///                          └─ contradicts itself ──▶ Astray ──▶ Lost
///    any ── cannot be followed ──▶ Lost
/// ```
///
/// ```
/// use wire::http1::{Heads, Piece};
///
/// let mut heads = Heads::default();
/// let (used, piece) = heads.next(b"GET / HTTP/1.1\r\n\r\nGET /b");
/// let Some(Piece::Head(head)) = piece else { panic!() };
/// assert_eq!((used, &*head.text), (18, &b"GET / HTTP/1.1\r\n\r\n"[..]));
/// assert_eq!(heads.next(b"GET /b"), (6, None));
/// assert_eq!(heads.held(), b"GET /b");
/// ```
#[derive(Debug, Default)]
pub struct Heads(State);

#[derive(Debug, Default)]
enum State {
    /// Between requests.
    #[default]
    Between,
    /// In a head.
    Head(Section),
    /// In a request's content.
    Content(Body),
    /// After a head that contradicts itself on the length of its content.
    Astray(&'static Rule),
    /// Not followed.
    Lost,
}

/// Some bytes of the client, in order.
#[derive(Debug, PartialEq, Eq)]
pub enum Piece<'a> {
    /// A whole head.
    Head(HeadText<'a>),
    /// What is no part of a head: content with its framing, trailers, empty lines before a request.
    Other(&'a [u8]),
    /// What was held for a head, which it is not. Everything from here on is [`Piece::Other`].
    Lost {
        /// The bytes.
        held: Cow<'a, [u8]>,
        /// Why it is not followed any further.
        why: Cow<'static, str>,
    },
}

/// A request's head as it was sent.
#[derive(Debug, PartialEq, Eq)]
pub struct HeadText<'a> {
    /// The request line, the field lines and the empty line. Its request line has a method, a
    /// target and a version.
    pub text: Cow<'a, [u8]>,
    /// CONNECT: what follows a success is no HTTP/1.
    pub is_connect: bool,
    /// The protocol that it asks for by `Upgrade`, lower-cased (RFC 9110 §7.8).
    pub upgrade: Option<Vec<u8>>,
}

impl Heads {
    /// Takes bytes up to the end of a piece: how many, and the piece. Without one all were taken.
    pub fn next<'a>(&mut self, input: &'a [u8]) -> (usize, Option<Piece<'a>>) {
        if input.is_empty() {
            return (0, None);
        }
        if let State::Between = self.0 {
            let empty = input.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
            if empty > 0 {
                return (empty, Some(Piece::Other(&input[..empty])));
            }
            self.0 = State::Head(Section::default());
        }
        match &mut self.0 {
            State::Head(section) => match section.collect(input) {
                Collected::Complete { text, used } => (used, Some(self.head(text))),
                Collected::Incomplete => {
                    let lost = check_opening(section, false).err();
                    (input.len(), lost.map(|fatal| self.lose_head(fatal)))
                }
                Collected::TooLarge { used } => {
                    (used, Some(self.lose_head(Fatal::from(&rules::SECTION_TOO_LARGE))))
                }
            },
            State::Content(body) => match body.step(input) {
                (0, Step::Broken(rule)) => (0, Some(self.lose(rule))),
                (used, _) => {
                    if body.is_done() {
                        self.0 = State::Between;
                    }
                    (used, Some(Piece::Other(&input[..used])))
                }
            },
            State::Astray(rule) => {
                let rule = *rule;
                (0, Some(self.lose(rule)))
            }
            State::Between | State::Lost => (input.len(), Some(Piece::Other(input))),
        }
    }

    /// What is held of a head that is not complete; it is in no piece yet.
    pub fn held(&self) -> &[u8] {
        match &self.0 {
            State::Head(section) => section.so_far(),
            _ => &[],
        }
    }

    /// Whether the last request is complete and no other has begun.
    pub const fn is_between(&self) -> bool {
        matches!(self.0, State::Between)
    }

    fn lose<'a>(&mut self, rule: &'static Rule) -> Piece<'a> {
        self.0 = State::Lost;
        Piece::Lost { held: Cow::Borrowed(&[]), why: Cow::Borrowed(rule.what) }
    }

    fn lose_head<'a>(&mut self, fatal: Fatal) -> Piece<'a> {
        let held = match std::mem::replace(&mut self.0, State::Lost) {
            State::Head(section) => section.into_so_far(),
            _ => Vec::new(),
        };
        Piece::Lost { held: Cow::Owned(held), why: fatal.what }
    }

    fn head<'a>(&mut self, text: Cow<'a, [u8]>) -> Piece<'a> {
        let mut notes = Notes::default();
        let parsed = check_first_bytes(&text, true).and_then(|()| head::request(&text, &mut notes));
        let (line, fields) = match parsed {
            Ok(parsed) => parsed,
            Err(fatal) => {
                self.0 = State::Lost;
                return Piece::Lost { held: text, why: fatal.what };
            }
        };
        let facts = Facts::of(&fields);
        let is_connect = Method::of(line.method) == Method::Connect;
        let upgrade = facts.upgrade(line.version);
        let length = framing::length(Message::Request, &facts);
        self.0 = match (Body::of(length), length) {
            (Some(body), _) => State::Content(body),
            (None, Length::Unknown(rule)) => State::Astray(rule),
            (None, _) => State::Between,
        };
        Piece::Head(HeadText { text, is_connect, upgrade })
    }
}
