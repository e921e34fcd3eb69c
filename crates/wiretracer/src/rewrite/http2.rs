//! HTTP/2: `:authority`, and `host` where it stands too.
//!
//! ```text
//! preface, SETTINGS, …  ─────────────────────────────────────────► as they are
//! HEADERS ┐                                                  ┌ HEADERS
//! CONT.   ├─ fragments ─ HPACK ─ fields ─ replace ─ literals ┤
//! CONT.   ┘                                                  └ CONTINUATION …
//! DATA, RST_STREAM, …   ─────────────────────────────────────────► as they are, not collected
//! ```
//!
//! Header blocks are written anew, all of them, since each may refer to what the client put into
//! the dynamic table by another. The upstream's table is set to size 0 by the first block and never
//! used, whatever size it allows. Priority fields, padding, END_STREAM, unknown flags and the fields'
//! order and never-indexed marks are kept.
//!
//! A block that can't be decoded is passed on as it came, and everything after it too: the upstream
//! will say COMPRESSION_ERROR itself.

mod block;

use std::borrow::Cow;
use std::fmt::Display;

use wire::http::Fields;
use wire::http2::PREFACE;
use wire::http2::frame::{FrameHeader, HEADER_LENGTH, Kind, flag};
use wire::http2::hpack::{self, Encoder};

use super::Next;
use block::{First, encode};

/// A header block is held up to so many bytes, frame headers and padding included.
pub(super) const MAX_BLOCK: usize = 1 << 20;

/// A buffer that grew beyond this many bytes is given back.
const BUFFER_KEPT: usize = 16_384;

/// A first guess of the lines in a block, to spare growing.
const USUAL_LINES: usize = 16;

/// The client's frames.
#[derive(Debug)]
pub(super) struct Frames {
    state: State,
    /// The frames of a header block that is not complete, or else an incomplete frame header.
    held: Vec<u8>,
    hpack: hpack::Decoder,
    /// The upstream's dynamic table is known to have size 0.
    table_closed: bool,
    /// The block being written.
    block: Vec<u8>,
}

/// Where the client's bytes are.
///
/// ```text
/// Preface ──► Header ─┬─ HEADERS ──────────► Fragment ─┬─ END_HEADERS ──► Header
///                ▲    ├─ within a block: CONTINUATION ─┘ otherwise ─────► Header, within a block
///                └────┴─ all others ───────► Passing
/// ```
#[derive(Clone, Copy, Debug)]
enum State {
    /// So many bytes of the preface came.
    Preface(usize),
    /// A frame header is due, and will stand at `start` in what is held: past 0 within a block.
    Header { start: usize },
    /// So many bytes of a payload are due, which is passed on.
    Passing(usize),
    /// The payload of a frame of a block is due, which ends at `end` in what is held.
    Fragment { end: usize, is_last: bool },
}

impl Default for Frames {
    fn default() -> Self {
        let mut hpack = hpack::Decoder::new();
        // What the upstream allows isn't seen here; it will judge that itself.
        hpack.set_max_table_size(u32::MAX);
        Self {
            state: State::Preface(0),
            held: Vec::new(),
            hpack,
            table_closed: false,
            block: Vec::new(),
        }
    }
}

impl Frames {
    /// Takes some bytes: how many, and what comes after them.
    pub(super) fn advance(
        &mut self,
        input: &[u8],
        authority: &[u8],
        out: &mut Vec<u8>,
    ) -> (usize, Next) {
        match self.state {
            State::Preface(seen) => self.preface(seen, input, out),
            State::Header { start: 0 } if self.held.is_empty() => self.frame(input, authority, out),
            State::Header { start } => {
                let taken = self.hold(input, start + HEADER_LENGTH);
                let next = match self.held[start..].first_chunk() {
                    Some(&header) => self.header(start, FrameHeader::parse(header), authority, out),
                    None => Next::Same,
                };
                (taken, next)
            }
            State::Passing(due) => {
                let taken = due.min(input.len());
                out.extend_from_slice(&input[..taken]);
                self.state = match due - taken {
                    0 => State::Header { start: 0 },
                    due => State::Passing(due),
                };
                (taken, Next::Same)
            }
            State::Fragment { end, is_last } => {
                (self.hold(input, end), self.fragment(end, is_last, authority, out))
            }
        }
    }

    /// What was not passed on yet.
    pub(super) fn held(&self) -> &[u8] {
        &self.held
    }

    fn hold(&mut self, input: &[u8], up_to: usize) -> usize {
        let taken = (up_to - self.held.len()).min(input.len());
        self.held.extend_from_slice(&input[..taken]);
        taken
    }

    fn preface(&mut self, seen: usize, input: &[u8], out: &mut Vec<u8>) -> (usize, Next) {
        let due = &PREFACE[seen..];
        let taken = due.len().min(input.len());
        if input[..taken] != due[..taken] {
            return (0, give_up("the client didn't begin with the HTTP/2 preface"));
        }
        out.extend_from_slice(&input[..taken]);
        self.state = match seen + taken {
            seen if seen == PREFACE.len() => State::Header { start: 0 },
            seen => State::Preface(seen),
        };
        (taken, Next::Same)
    }

    /// The next frame, where nothing is held: nothing has to be when the input has all of it.
    fn frame(&mut self, input: &[u8], authority: &[u8], out: &mut Vec<u8>) -> (usize, Next) {
        let Some(&bytes) = input.first_chunk() else {
            return (self.hold(input, HEADER_LENGTH), Next::Same);
        };
        let header = FrameHeader::parse(bytes);
        let length = HEADER_LENGTH + header.length as usize;
        if header.kind == Kind::Headers
            && header.has(flag::END_HEADERS)
            && length <= MAX_BLOCK
            && let Some(frame) = input.get(..length)
        {
            let next = match self.rewrite(frame, authority, out) {
                Ok(()) => Next::Same,
                Err(why) => {
                    out.extend_from_slice(frame);
                    give_up(why)
                }
            };
            return (length, next);
        }
        (self.hold(input, HEADER_LENGTH), self.header(0, header, authority, out))
    }

    /// A frame header is complete, and held.
    fn header(
        &mut self,
        start: usize,
        header: FrameHeader,
        authority: &[u8],
        out: &mut Vec<u8>,
    ) -> Next {
        let length = header.length as usize;
        match (start, header.kind) {
            (0, Kind::Headers) => {}
            (0, _) => {
                self.release(out);
                self.state = match length {
                    0 => State::Header { start: 0 },
                    due => State::Passing(due),
                };
                return Next::Same;
            }
            (_, Kind::Continuation) if Some(header.stream) == self.block_stream() => {}
            _ => {
                self.release(out);
                return give_up("a header block is broken off by another frame");
            }
        }
        let end = start + HEADER_LENGTH + length;
        if end > MAX_BLOCK {
            self.release(out);
            return give_up("a header block is larger than 1 MiB");
        }
        // At once, for the payload may be empty, and no more bytes may come.
        self.fragment(end, header.has(flag::END_HEADERS), authority, out)
    }

    /// The stream of the block that is held.
    fn block_stream(&self) -> Option<u32> {
        self.held.first_chunk().map(|&first| FrameHeader::parse(first).stream)
    }

    /// Some of a fragment is held, perhaps all of it.
    fn fragment(&mut self, end: usize, is_last: bool, authority: &[u8], out: &mut Vec<u8>) -> Next {
        if self.held.len() < end {
            self.state = State::Fragment { end, is_last };
        } else if is_last {
            return self.held_block(authority, out);
        } else {
            self.state = State::Header { start: end };
        }
        Next::Same
    }

    fn held_block(&mut self, authority: &[u8], out: &mut Vec<u8>) -> Next {
        let frames = std::mem::take(&mut self.held);
        let rewritten = self.rewrite(&frames, authority, out);
        self.held = frames;
        match rewritten {
            Ok(()) => {
                self.held.clear();
                self.held.shrink_to(BUFFER_KEPT);
                self.state = State::Header { start: 0 };
                Next::Same
            }
            Err(why) => {
                self.release(out);
                give_up(why)
            }
        }
    }

    /// Passes on what is held as it is.
    fn release(&mut self, out: &mut Vec<u8>) {
        out.append(&mut self.held);
    }

    /// Appends a header block, given as its frames, with another authority. Appends nothing when
    /// that can't be done.
    fn rewrite(&mut self, frames: &[u8], authority: &[u8], out: &mut Vec<u8>) -> Result<(), Why> {
        let first = First::split(frames)
            .ok_or(Cow::Borrowed("a HEADERS frame has less payload than its flags ask for"))?;
        let block = first.block(frames);
        let mut fields = Fields::with_capacity(USUAL_LINES, 2 * block.len());
        self.hpack.decode(&block, &mut fields).map_err(|error| format!("HPACK: {error}"))?;
        self.block.clear();
        self.block.shrink_to(BUFFER_KEPT);
        if !std::mem::replace(&mut self.table_closed, true) {
            Encoder::encode_table_size_update(0, &mut self.block);
        }
        encode(&fields, authority, &mut self.block);
        first.write(&self.block, out);
        Ok(())
    }
}

/// Why a block couldn't be rewritten.
type Why = Cow<'static, str>;

fn give_up(why: impl Display) -> Next {
    tracing::warn!(
        "upstream.authority: :authority is not replaced on this connection any more: {why}"
    );
    Next::PassThrough
}
