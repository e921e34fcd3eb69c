//! HTTP/2 (RFC 9113) as seen from the middle: both directions of one connection.
//!
//! ```text
//! bytes ─ reader ─► frames ─ connection ─┬─ blocks ─ messages ─► http::Event
//!                                        ├─ data ──────────────► http::Event::Body, GrpcMessage
//!                                        ├─ control ───────────► Control
//!                                        └─ flow ──────────────► FlowBlock, FlowResume
//! ```
//!
//! ```
//! use wire::http2::{Control, ControlKind, Decoder, Event};
//! use wire::{Direction, Timestamp};
//!
//! let mut decoder = Decoder::new();
//! let mut seen = Vec::new();
//! let bytes = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0";
//! decoder.feed(Direction::FromClient, bytes, Timestamp::default(), &mut |event| {
//!     if let Event::Control(Control { kind, .. }) = event {
//!         seen.push(kind);
//!     }
//! });
//! assert_eq!(seen, [ControlKind::Settings { changed: vec![] }]);
//! ```
//!
//! Nothing is answered or enforced here: a breach is told and the bytes are followed on, as long as
//! there is a way to follow them. Whether a gRPC call went well, and why not, isn't known here.

mod blocks;
mod breach;
mod connection;
mod control;
mod data;
pub mod event;
mod fingerprint;
mod flow;
pub mod frame;
mod fuzzing;
pub mod hpack;
mod messages;
mod opening;
mod reader;
mod rules;
mod settings;
mod stream;
mod streams;
mod transitions;
mod validate;

pub use event::{Control, ControlKind, ErrorCode, Event, Scope, SettingChange, SettingId};
#[doc(hidden)]
pub use fuzzing::fuzz;
pub use opening::PREFACE;

use crate::decoder::PerDirection;
use crate::{Direction, Timestamp};
use connection::{Connection, Output, Payload};
use reader::{Item, Reader};

/// Decodes both directions of one HTTP/2 connection, from its first byte on.
///
/// Keeps the contract of [`crate::decoder`]: any cut of the same bytes gives the same events, and
/// memory is bounded. A pushed response is an exchange of its own, under the promised stream's
/// identifier; its request comes from the PUSH_PROMISE frame and ends at once.
///
/// The order of frames is the order in which they are fed: what one direction says (SETTINGS,
/// WINDOW_UPDATE) counts for the other from then on.
pub struct Decoder {
    readers: PerDirection<Reader>,
    connection: Connection,
}

impl Default for Decoder {
    fn default() -> Self {
        Self::new()
    }
}

impl Decoder {
    /// A decoder for a new connection: the client's preface is still to come.
    pub fn new() -> Self {
        Self {
            readers: PerDirection(Direction::BOTH.map(Reader::new)),
            connection: Connection::new(),
        }
    }

    /// Takes the next bytes of one direction.
    pub fn feed(
        &mut self,
        direction: Direction,
        bytes: &[u8],
        now: Timestamp,
        sink: &mut dyn FnMut(Event<'_>),
    ) {
        let connection = &mut self.connection;
        let out = &mut Output { direction, now, sink };
        let mut input = bytes;
        while !connection.is_lost(direction) {
            let (taken, item) = self.readers[direction].next(input);
            input = &input[taken..];
            let Some(item) = item else { return };
            match item {
                Item::Header(header, offset) => {
                    if connection.begin(&header, offset, out) == Payload::Skip {
                        self.readers[direction].skip();
                    }
                }
                Item::Payload(header, payload) => connection.payload(&header, payload, out),
                Item::Content(data) => connection.content(data, out),
                Item::DataEnd(header) => connection.end_data(&header, out),
                Item::BadPadding(header) => connection.bad_padding(&header, out),
                Item::Foreign => {
                    if let Some(what) = self.readers[direction].foreign() {
                        connection.foreign(what, out);
                    }
                }
            }
        }
        self.readers[direction].release();
    }

    /// One direction has ended. What was cut by that is the caller's to tell.
    pub fn finish(
        &mut self,
        direction: Direction,
        now: Timestamp,
        sink: &mut dyn FnMut(Event<'_>),
    ) {
        if let Some(what) = self.readers[direction].foreign()
            && !self.connection.is_lost(direction)
        {
            self.connection.foreign(what, &mut Output { direction, now, sink });
        }
    }

    /// How many streams are open, half-closed or reserved.
    pub fn open_streams(&self) -> usize {
        self.connection.streams.len()
    }

    /// Whether this direction has something to send on a stream and an empty window, the stream's
    /// or the connection's, keeps it from sending.
    pub fn is_blocked(&self, direction: Direction, stream: u32) -> bool {
        self.connection.is_blocked(direction, stream)
    }

    /// The bytes that this direction may still send by one window: a stream's, or with no stream
    /// the connection's. Negative when SETTINGS took credit back. None when the stream isn't open,
    /// or a direction isn't followed any more.
    pub fn window(&self, direction: Direction, stream: Option<u32>) -> Option<i64> {
        self.connection.window(direction, stream)
    }

    /// How much of the message that a direction has begun on a stream is still due, in bytes: of the
    /// gRPC message, or of the content that content-length announced. 0 between two gRPC messages;
    /// none where only END_STREAM tells, or no content is being sent.
    pub fn message_remaining(&self, direction: Direction, stream: u32) -> Option<u64> {
        self.connection.streams.get(stream)?.messages[direction].remaining()
    }

    /// Bytes held for frames and header blocks that are not complete.
    fn held(&self) -> usize {
        let blocks = Direction::BOTH.map(|direction| {
            let block = self.connection.sides[direction].block.as_ref();
            self.readers[direction].held() + block.map_or(0, blocks::Block::len)
        });
        blocks.iter().sum()
    }
}

impl std::fmt::Debug for Decoder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Decoder")
            .field("open_streams", &self.open_streams())
            .finish_non_exhaustive()
    }
}
