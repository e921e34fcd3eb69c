//! Collects a section, a message's head or its trailers, up to and with its empty line.
//!
//! ```text
//! GET / HTTP/1.1␍␊Host: a␍␊␍␊   …   0␍␊Grpc-Status: 0␍␊␍␊
//! └──────── one section ──────┘        └──── another ────┘
//! ```
//!
//! A section that lies whole in the input is lent from there; only one that is cut by the end of
//! the input is copied. What its lines mean is [`super::head`]'s business.

use std::borrow::Cow;

use memchr::memchr;

use super::MAX_HEAD;

/// What came of some input.
pub(super) enum Collected<'a> {
    /// All of the input was taken, and the section goes on.
    Incomplete,
    /// The section is whole, its empty line included; `used` bytes of the input belong to it.
    Complete { text: Cow<'a, [u8]>, used: usize },
    /// [`MAX_HEAD`] bytes, the last `used` of them from this input, and no end in sight.
    TooLarge { used: usize },
}

/// A section in the making.
#[derive(Debug, Default)]
pub(super) struct Section {
    buffer: Vec<u8>,
    line: LineSoFar,
    first_line: FirstLine,
}

/// What the current line consists of.
#[derive(Debug, Default)]
enum LineSoFar {
    #[default]
    Nothing,
    Cr,
    Text,
}

#[derive(Debug, Default)]
enum FirstLine {
    #[default]
    Open,
    /// Its length, with its line end.
    Ended(usize),
    Taken,
}

impl Section {
    /// Takes input up to the section's end.
    pub(super) fn collect<'a>(&mut self, input: &'a [u8]) -> Collected<'a> {
        let view = &input[..input.len().min(MAX_HEAD - self.buffer.len())];
        match self.find_end(view) {
            Some(end) if self.buffer.is_empty() => {
                Collected::Complete { text: Cow::Borrowed(&view[..end]), used: end }
            }
            Some(end) => {
                self.buffer.extend_from_slice(&view[..end]);
                let text = Cow::Owned(std::mem::take(&mut self.buffer));
                Collected::Complete { text, used: end }
            }
            None => {
                self.buffer.extend_from_slice(view);
                if self.buffer.len() < MAX_HEAD {
                    Collected::Incomplete
                } else {
                    Collected::TooLarge { used: view.len() }
                }
            }
        }
    }

    /// What an incomplete section holds so far.
    pub(super) fn so_far(&self) -> &[u8] {
        &self.buffer
    }

    /// The same, for good.
    pub(super) fn into_so_far(self) -> Vec<u8> {
        self.buffer
    }

    /// The first line, once, as soon as it has ended in an incomplete section.
    pub(super) fn take_first_line(&mut self) -> Option<&[u8]> {
        let FirstLine::Ended(length) = self.first_line else { return None };
        self.first_line = FirstLine::Taken;
        Some(&self.buffer[..length])
    }

    fn find_end(&mut self, view: &[u8]) -> Option<usize> {
        let mut at = 0;
        loop {
            match self.line {
                LineSoFar::Text => {
                    at += memchr(b'\n', &view[at..])? + 1;
                    self.line = LineSoFar::Nothing;
                    if let FirstLine::Open = self.first_line {
                        self.first_line = FirstLine::Ended(self.buffer.len() + at);
                    }
                }
                LineSoFar::Nothing => match view.get(at)? {
                    b'\n' => return Some(at + 1),
                    b'\r' => {
                        at += 1;
                        self.line = LineSoFar::Cr;
                    }
                    _ => self.line = LineSoFar::Text,
                },
                LineSoFar::Cr => match view.get(at)? {
                    b'\n' => return Some(at + 1),
                    _ => self.line = LineSoFar::Text,
                },
            }
        }
    }
}
