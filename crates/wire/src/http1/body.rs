//! Takes the framing off a message's content: sized, chunked (RFC 9112 §7.1), until close.
//!
//! ```text
//!            hex digits          CRLF
//! Size ────────────────▶ Size ─────────▶ Data ─────────▶ DataEnd ──CRLF──▶ Size
//!   │ ";" or space        ▲                    left = 0
//!   └─▶ Extension ──CR──▶ SizeLf ── size 0 ──▶ Trailers ──empty line──▶ Done
//! ```
//!
//! Nothing is buffered but the trailer section. Which framing applies: [`super::framing`].

use std::borrow::Cow;

use memchr::memchr2;

use super::framing::Length;
use super::rules::{self, Rule};
use super::section::{Collected, Section};

/// How far the content of the message in progress has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BodyProgress {
    /// `Content-Length` told the size: some of the bytes are still due.
    Sized {
        /// Bytes that came.
        got: u64,
        /// Bytes that were announced.
        total: u64,
    },
    /// Within a chunk, or between its data and the CRLF that ends it (`left` is 0 then).
    Chunk {
        /// Bytes still due in this chunk.
        left: u64,
        /// The chunk's size.
        size: u64,
    },
    /// A chunk is complete, or none has begun: the sender owes nothing until it has more to say.
    BetweenChunks,
    /// The last chunk came; the end of the trailer section did not.
    Trailers,
    /// Only the end of the connection ends this content.
    UntilClose,
}

/// The content of a message in progress.
#[derive(Debug)]
pub(super) enum Body {
    Sized { got: u64, total: u64 },
    Chunked(Chunked),
    UntilClose,
    Done,
}

/// Where in the chunked coding a body is.
#[derive(Debug)]
pub(super) enum Chunked {
    Size { size: u64, any_digit: bool },
    Extension { size: u64 },
    SizeLf { size: u64 },
    Data { left: u64, size: u64 },
    DataEnd { size: u64, cr: bool },
    Trailers(Section),
}

/// What one piece of input was.
pub(super) enum Step<'a> {
    /// Framing only.
    Framing,
    /// A line of the framing that ended with LF alone.
    BareLf,
    /// Content.
    Data(&'a [u8]),
    /// The trailer section with its empty line; the body is done.
    Trailers(Cow<'a, [u8]>),
    /// The framing broke: no more can be told.
    Broken(&'static Rule),
}

impl Body {
    /// The body at its start; none for lengths that are not a body's.
    pub(super) const fn of(length: Length) -> Option<Self> {
        match length {
            Length::Sized(total) => Some(Self::Sized { got: 0, total }),
            Length::Chunked => Some(Self::Chunked(Chunked::START)),
            Length::UntilClose => Some(Self::UntilClose),
            Length::Empty | Length::Tunnel | Length::Unknown(_) => None,
        }
    }

    /// Whether all of it came.
    pub(super) const fn is_done(&self) -> bool {
        matches!(self, Self::Done)
    }

    /// None when the body is done.
    pub(super) const fn progress(&self) -> Option<BodyProgress> {
        match self {
            Self::Sized { got, total } => Some(BodyProgress::Sized { got: *got, total: *total }),
            Self::UntilClose => Some(BodyProgress::UntilClose),
            Self::Chunked(chunked) => Some(chunked.progress()),
            Self::Done => None,
        }
    }

    /// Takes one piece off a non-empty input and tells how long it was; when broken, how much of the
    /// input was still sound.
    pub(super) fn step<'a>(&mut self, input: &'a [u8]) -> (usize, Step<'a>) {
        match self {
            Self::Sized { got, total } => {
                let data = at_most(input, *total - *got);
                *got += data.len() as u64;
                if *got == *total {
                    *self = Self::Done;
                }
                (data.len(), Step::Data(data))
            }
            Self::UntilClose => (input.len(), Step::Data(input)),
            Self::Chunked(chunked) => {
                let (used, step) = chunked.step(input);
                if let Step::Trailers(_) = step {
                    *self = Self::Done;
                }
                (used, step)
            }
            Self::Done => (0, Step::Framing),
        }
    }

    #[cfg(test)]
    pub(super) fn buffered(&self) -> usize {
        match self {
            Self::Chunked(Chunked::Trailers(section)) => section.so_far().len(),
            _ => 0,
        }
    }
}

impl Chunked {
    const START: Self = Self::Size { size: 0, any_digit: false };

    const fn progress(&self) -> BodyProgress {
        match self {
            Self::Size { .. } | Self::Extension { .. } | Self::SizeLf { .. } => {
                BodyProgress::BetweenChunks
            }
            Self::Data { left, size } => BodyProgress::Chunk { left: *left, size: *size },
            Self::DataEnd { size, .. } => BodyProgress::Chunk { left: 0, size: *size },
            Self::Trailers(_) => BodyProgress::Trailers,
        }
    }

    fn step<'a>(&mut self, input: &'a [u8]) -> (usize, Step<'a>) {
        match self {
            Self::Size { .. } => self.size_line(input),
            Self::Extension { size } => {
                let size = *size;
                match memchr2(b'\r', b'\n', input) {
                    None => (input.len(), Step::Framing),
                    Some(at) if input[at] == b'\n' => {
                        *self = Self::after_line(size);
                        (at + 1, Step::BareLf)
                    }
                    Some(at) => {
                        *self = Self::SizeLf { size };
                        (at + 1, Step::Framing)
                    }
                }
            }
            Self::SizeLf { size } => match input.first() {
                Some(b'\n') => {
                    *self = Self::after_line(*size);
                    (1, Step::Framing)
                }
                _ => (0, Step::Broken(&rules::CHUNK_LINE_CR)),
            },
            Self::Data { left, size } => {
                let data = at_most(input, *left);
                *left -= data.len() as u64;
                if *left == 0 {
                    *self = Self::DataEnd { size: *size, cr: false };
                }
                (data.len(), Step::Data(data))
            }
            Self::DataEnd { cr, .. } => match (input.first(), *cr) {
                (Some(b'\r'), false) => {
                    *cr = true;
                    (1, Step::Framing)
                }
                (Some(b'\n'), after_cr) => {
                    *self = Self::START;
                    (1, if after_cr { Step::Framing } else { Step::BareLf })
                }
                _ => (0, Step::Broken(&rules::CHUNK_NOT_ENDED)),
            },
            Self::Trailers(section) => match section.collect(input) {
                Collected::Incomplete => (input.len(), Step::Framing),
                Collected::Complete { text, used } => (used, Step::Trailers(text)),
                Collected::TooLarge { used } => (used, Step::Broken(&rules::SECTION_TOO_LARGE)),
            },
        }
    }

    /// Digits, then whatever ends them.
    fn size_line<'a>(&mut self, input: &'a [u8]) -> (usize, Step<'a>) {
        let Self::Size { size, any_digit } = self else { return (0, Step::Framing) };
        for (at, &byte) in input.iter().enumerate() {
            if let Some(digit) = (byte as char).to_digit(16) {
                if *size > u64::MAX >> 4 {
                    return (at, Step::Broken(&rules::CHUNK_SIZE_TOO_LARGE));
                }
                *size = *size << 4 | u64::from(digit);
                *any_digit = true;
                continue;
            }
            let size = *size;
            let step = match byte {
                _ if !*any_digit => return (at, Step::Broken(&rules::CHUNK_SIZE)),
                b'\r' => {
                    *self = Self::SizeLf { size };
                    Step::Framing
                }
                b'\n' => {
                    *self = Self::after_line(size);
                    Step::BareLf
                }
                // Spaces pad the size in some old servers (BWS, RFC 9112 §7.1.1).
                b';' | b' ' | b'\t' => {
                    *self = Self::Extension { size };
                    Step::Framing
                }
                _ => return (at, Step::Broken(&rules::CHUNK_SIZE)),
            };
            return (at + 1, step);
        }
        (input.len(), Step::Framing)
    }

    fn after_line(size: u64) -> Self {
        match size {
            0 => Self::Trailers(Section::default()),
            _ => Self::Data { left: size, size },
        }
    }
}

fn at_most(input: &[u8], count: u64) -> &[u8] {
    match usize::try_from(count) {
        Ok(count) if count < input.len() => &input[..count],
        _ => input,
    }
}
