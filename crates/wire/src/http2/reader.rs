//! Cuts the bytes of one direction into items: frame headers, whole payloads, pieces of DATA.
//!
//! ```text
//!                        ┌──────────────────────────────────────┐
//!                        ▼                                      │
//! Opening ──────────► Header ─┬─ DATA ─► PadLength ─► Content ──┤
//!    │                        ├─ extension, refused ──► Skip ───┤
//!    ▼                        └─ all others ──► Payload ────────┘
//!  Foreign (an item; nothing follows it)
//! ```
//!
//! A payload that lies whole in the input is handed on from there; only one that is cut by the end
//! of the input is copied. DATA is never collected. What the frames mean is [`super::connection`]'s
//! business, which also refuses payloads that would be too long to collect.

use std::borrow::Cow;

use super::frame::payload::GOAWAY_KEPT;
use super::frame::{FrameHeader, HEADER_LENGTH, Kind, flag};
use super::opening::{Opened, Opening, PREFACE};
use crate::Direction;

/// A buffer that grew beyond this many bytes for one payload is given back after it.
const BUFFER_KEPT: usize = 16_384;

/// What the reader found.
#[derive(Debug)]
pub(super) enum Item<'a> {
    /// The direction speaks another protocol; see [`Reader::foreign`].
    Foreign,
    /// A frame begins at this offset.
    Header(FrameHeader, u64),
    /// The payload of any frame but DATA, for GOAWAY cut to [`GOAWAY_KEPT`].
    Payload(FrameHeader, &'a [u8]),
    /// A piece of DATA, without padding, never empty.
    Content(&'a [u8]),
    /// A DATA frame is over.
    DataEnd(FrameHeader),
    /// A DATA frame has more padding than payload; its payload is skipped.
    BadPadding(FrameHeader),
}

/// Reading one direction.
#[derive(Debug)]
pub(super) struct Reader {
    state: State,
    /// Bytes taken so far.
    offset: u64,
    /// The incomplete frame header or payload.
    buffer: Vec<u8>,
    /// The buffer was handed out and is to be emptied.
    spent: bool,
}

#[derive(Debug)]
enum State {
    Opening(Opening),
    Header,
    /// `keep` bytes are collected, the rest of the payload is skipped.
    Payload {
        header: FrameHeader,
        keep: usize,
    },
    PadLength(FrameHeader),
    Content {
        header: FrameHeader,
        content: u32,
        padding: u32,
    },
    Skip(u32),
}

impl Reader {
    pub(super) const fn new(direction: Direction) -> Self {
        Self {
            state: State::Opening(Opening::new(direction)),
            offset: 0,
            buffer: Vec::new(),
            spent: false,
        }
    }

    /// What the opening bytes are, when they are known to be another protocol's.
    pub(super) fn foreign(&self) -> Option<Cow<'static, str>> {
        match &self.state {
            State::Opening(opening) if opening.is_foreign() => Some(opening.describe()),
            _ => None,
        }
    }

    /// Passes over the payload of the frame whose header was the last item.
    pub(super) fn skip(&mut self) {
        match self.state {
            State::Payload { header, .. }
            | State::PadLength(header)
            | State::Content { header, .. } => {
                self.state = State::Skip(header.length);
            }
            State::Opening(_) | State::Header | State::Skip(_) => {}
        }
    }

    /// Gives back all memory: nothing will be read any more.
    pub(super) fn release(&mut self) {
        self.buffer = Vec::new();
        self.state = State::Header;
    }

    /// How many bytes are held.
    pub(super) fn held(&self) -> usize {
        self.buffer.capacity()
    }

    /// Takes bytes up to the next item: how many, and the item. Without an item all were taken.
    pub(super) fn next<'a>(&'a mut self, input: &'a [u8]) -> (usize, Option<Item<'a>>) {
        if self.spent {
            self.spent = false;
            self.buffer.clear();
            self.buffer.shrink_to(BUFFER_KEPT);
        }
        let mut at = 0;
        if let State::Skip(remaining) = &mut self.state {
            let taken = (*remaining as usize).min(input.len());
            *remaining -= taken as u32;
            self.offset += taken as u64;
            at = taken;
            if *remaining == 0 {
                self.state = State::Header;
            }
        }
        let (taken, item) = match self.state {
            State::Opening(_) => self.opening(&input[at..]),
            State::Header => self.header(&input[at..]),
            State::Payload { header, keep } => self.payload(header, keep, &input[at..]),
            State::PadLength(_) | State::Content { .. } => self.data(&input[at..]),
            State::Skip(_) => (0, None),
        };
        (at + taken, item)
    }

    fn opening<'a>(&mut self, input: &'a [u8]) -> (usize, Option<Item<'a>>) {
        let State::Opening(opening) = &mut self.state else { return (0, None) };
        for (index, &byte) in input.iter().enumerate() {
            let taken = index + 1;
            match opening.push(byte) {
                Opened::Wanting => {}
                Opened::Foreign => return (taken, Some(Item::Foreign)),
                Opened::FrameHeader(header) => {
                    self.offset = HEADER_LENGTH as u64;
                    return (taken, Some(self.begin(header)));
                }
                Opened::Preface => {
                    self.offset = PREFACE.len() as u64;
                    self.state = State::Header;
                    let (more, item) = self.header(&input[taken..]);
                    return (taken + more, item);
                }
            }
        }
        (input.len(), None)
    }

    fn header<'a>(&mut self, input: &'a [u8]) -> (usize, Option<Item<'a>>) {
        if self.buffer.is_empty()
            && let Some(header) = input.first_chunk()
        {
            self.offset += HEADER_LENGTH as u64;
            return (HEADER_LENGTH, Some(self.begin(*header)));
        }
        let taken = (HEADER_LENGTH - self.buffer.len()).min(input.len());
        self.buffer.extend_from_slice(&input[..taken]);
        self.offset += taken as u64;
        let Some(&header) = self.buffer.first_chunk() else { return (taken, None) };
        self.buffer.clear();
        (taken, Some(self.begin(header)))
    }

    fn begin<'a>(&mut self, bytes: [u8; HEADER_LENGTH]) -> Item<'a> {
        let header = FrameHeader::parse(bytes);
        let length = header.length;
        self.state = match header.kind {
            Kind::Data if header.has(flag::PADDED) && length > 0 => State::PadLength(header),
            Kind::Data => State::Content { header, content: length, padding: 0 },
            Kind::Unknown(_) => State::Skip(length),
            Kind::GoAway => State::Payload { header, keep: GOAWAY_KEPT.min(length as usize) },
            _ => State::Payload { header, keep: length as usize },
        };
        Item::Header(header, self.offset - HEADER_LENGTH as u64)
    }

    fn payload<'a>(
        &'a mut self,
        header: FrameHeader,
        keep: usize,
        input: &'a [u8],
    ) -> (usize, Option<Item<'a>>) {
        let taken = (keep - self.buffer.len()).min(input.len());
        self.offset += taken as u64;
        let whole = taken == keep;
        if !whole {
            self.buffer.extend_from_slice(&input[..taken]);
            if self.buffer.len() < keep {
                return (taken, None);
            }
        }
        self.state = State::Skip(header.length - keep as u32);
        self.spent = !whole;
        let payload = if whole { &input[..taken] } else { self.buffer.as_slice() };
        (taken, Some(Item::Payload(header, payload)))
    }

    fn data<'a>(&mut self, input: &'a [u8]) -> (usize, Option<Item<'a>>) {
        let mut at = 0;
        if let State::PadLength(header) = self.state {
            let Some(&pad) = input.first() else { return (0, None) };
            at = 1;
            self.offset += 1;
            let rest = header.length - 1;
            let padding = u32::from(pad);
            let Some(content) = rest.checked_sub(padding) else {
                self.state = State::Skip(rest);
                return (at, Some(Item::BadPadding(header)));
            };
            self.state = State::Content { header, content, padding };
        }
        let State::Content { header, content, padding } = &mut self.state else {
            return (at, None);
        };
        let input = &input[at..];
        if *content > 0 {
            let taken = (*content as usize).min(input.len());
            *content -= taken as u32;
            self.offset += taken as u64;
            let item = (taken > 0).then(|| Item::Content(&input[..taken]));
            return (at + taken, item);
        }
        let taken = (*padding as usize).min(input.len());
        *padding -= taken as u32;
        self.offset += taken as u64;
        if *padding > 0 {
            return (at + taken, None);
        }
        let header = *header;
        self.state = State::Header;
        (at + taken, Some(Item::DataEnd(header)))
    }
}
