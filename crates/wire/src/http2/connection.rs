//! The state of one connection, and the first look at every frame.
//!
//! ```text
//!   reader ─ header ─► Connection::begin ── Skip: the payload has no meaning
//!                          │
//!                          └─ Follow ─► payload ─┬─ blocks    header blocks, HPACK
//!                                                │    └─ messages   heads, trailers, END_STREAM
//!                                                ├─ data      content
//!                                                ├─ control   SETTINGS, PING, GOAWAY, RST_STREAM …
//!                                                └─ flow      windows
//! ```
//!
//! Each of those files adds an `impl Connection` with its part.

use super::blocks::Block;
use super::breach::{Breach, sender_name};
use super::control::Pings;
use super::data::DataFrame;
use super::event::{Control, ControlKind, Event};
use super::fingerprint::Fingerprint;
use super::flow::ConnectionFlow;
use super::frame::{FrameHeader, Kind};
use super::settings::Settings;
use super::streams::Streams;
use super::{hpack, rules};
use crate::decoder::{Lost, PerDirection};
use crate::{Direction, Timestamp, http};
use std::borrow::Cow;

/// How many bytes of one header block or SETTINGS frame are collected; longer ones end the
/// following of that direction.
pub(super) const MAX_COLLECTED: usize = 1 << 20;

/// How many breaches are told of each direction.
const MAX_BREACHES: u32 = 100;

/// Where events go, with what all events of one `feed` share.
pub(super) struct Output<'s> {
    /// Whose bytes are being read.
    pub(super) direction: Direction,
    pub(super) now: Timestamp,
    pub(super) sink: &'s mut dyn FnMut(Event<'_>),
}

impl Output<'_> {
    pub(super) fn http(&mut self, event: http::Event<'_>) {
        (self.sink)(Event::Http(event));
    }

    pub(super) fn control(&mut self, stream: Option<u32>, kind: ControlKind) {
        self.control_of(self.direction, stream, kind);
    }

    pub(super) fn control_of(
        &mut self,
        direction: Direction,
        stream: Option<u32>,
        kind: ControlKind,
    ) {
        (self.sink)(Event::Control(Control { direction, stream, kind }));
    }
}

/// What to do with the payload of a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Payload {
    Follow,
    Skip,
}

/// What is known of one side as a sender.
pub(super) struct Side {
    pub(super) lost: bool,
    /// Where the current frame begins.
    pub(super) frame_at: u64,
    began: bool,
    breaches: u32,
    pub(super) settings: Settings,
    /// Decodes the blocks that this side sends.
    pub(super) hpack: hpack::Decoder,
    /// The header block that waits for its CONTINUATION frames.
    pub(super) block: Option<Block>,
    /// The DATA frame being read.
    pub(super) data: Option<DataFrame>,
    /// This side's credit.
    pub(super) flow: ConnectionFlow,
    /// This side's PINGs that wait for their ACK.
    pub(super) pings: Pings,
    /// The last stream that this side's GOAWAY names.
    pub(super) goaway: Option<u32>,
    pub(super) fingerprint: Fingerprint,
}

impl Side {
    fn new() -> Self {
        Self {
            lost: false,
            frame_at: 0,
            began: false,
            breaches: 0,
            settings: Settings::new(),
            hpack: hpack::Decoder::new(),
            block: None,
            data: None,
            flow: ConnectionFlow::new(),
            pings: Pings::default(),
            goaway: None,
            fingerprint: Fingerprint::default(),
        }
    }
}

/// Both sides and their streams.
pub(super) struct Connection {
    pub(super) sides: PerDirection<Side>,
    pub(super) streams: Streams,
}

impl Connection {
    pub(super) fn new() -> Self {
        Self { sides: PerDirection([Side::new(), Side::new()]), streams: Streams::default() }
    }

    pub(super) fn is_lost(&self, direction: Direction) -> bool {
        self.sides[direction].lost
    }

    /// Tells of a breach by the sender of the current frame.
    pub(super) fn report(&mut self, stream: Option<u32>, breach: Breach, out: &mut Output<'_>) {
        let side = &mut self.sides[out.direction];
        if side.breaches == MAX_BREACHES {
            return;
        }
        side.breaches += 1;
        let Breach { what, section: rfc_section, severity } = breach;
        let offset = side.frame_at;
        out.control(stream, ControlKind::ProtocolError { what, rfc_section, offset, severity });
    }

    /// Stops following the current direction.
    pub(super) fn lose(&mut self, why: impl Into<Cow<'static, str>>, out: &mut Output<'_>) {
        self.lose_direction(out.direction, why.into(), out);
    }

    pub(super) fn lose_direction(
        &mut self,
        direction: Direction,
        why: Cow<'static, str>,
        out: &mut Output<'_>,
    ) {
        let side = &mut self.sides[direction];
        if std::mem::replace(&mut side.lost, true) {
            return;
        }
        (side.block, side.data, side.pings) = (None, None, Pings::default());
        out.http(http::Event::Lost(Lost { direction, offset: side.frame_at, why }));
        // What it allows the other side's encoder from here on is unknown.
        self.sides[direction.opposite()].hpack.set_max_table_size(u32::MAX);
        // Their other half won't be seen to end.
        for id in self.streams.waiting_for(direction) {
            self.close(id, None);
        }
    }

    /// Closes a stream and all that is kept for it.
    pub(super) fn close(&mut self, id: u32, reset: Option<Direction>) {
        if let Some(stream) = self.streams.close(id, reset) {
            for sender in Direction::BOTH {
                self.sides[sender].flow.forget(id, &stream.flow[sender]);
            }
        }
    }

    /// The first bytes are another protocol's.
    pub(super) fn foreign(&mut self, what: Cow<'static, str>, out: &mut Output<'_>) {
        self.report(None, Breach::connection("RFC 9113 §3.4", what), out);
        self.lose("not HTTP/2", out);
    }

    /// A frame begins at `offset`.
    pub(super) fn begin(
        &mut self,
        header: &FrameHeader,
        offset: u64,
        out: &mut Output<'_>,
    ) -> Payload {
        self.sides[out.direction].frame_at = offset;
        self.check_first(header, out);
        if self.check_length(header, out) == Payload::Skip {
            return Payload::Skip;
        }
        self.tell_upstream_fingerprint(header, out);
        if self.check_sequence(header, out) == Payload::Skip {
            return Payload::Skip;
        }
        if let Some(breach) = rules::check(header) {
            let stream = (header.stream != 0).then_some(header.stream);
            self.report(stream, breach, out);
            return if header.kind.carries_header_block() {
                Payload::Follow
            } else {
                Payload::Skip
            };
        }
        match header.kind {
            Kind::Data => self.begin_data(header, out),
            Kind::Headers => self.begin_headers(header, out),
            Kind::PushPromise | Kind::RstStream | Kind::WindowUpdate if header.stream != 0 => {
                self.check_state(header, out);
            }
            _ => {}
        }
        Payload::Follow
    }

    /// The first frame of either side is SETTINGS (§3.4).
    fn check_first(&mut self, header: &FrameHeader, out: &mut Output<'_>) {
        let began = &mut self.sides[out.direction].began;
        if std::mem::replace(began, true) {
            return;
        }
        if header.kind != Kind::Settings || header.is_ack() {
            let ack = if header.is_ack() { " with ACK" } else { "" };
            let sender = sender_name(out.direction);
            let what = format!("{sender} opens with {}{ack}; SETTINGS come first", header.kind);
            self.report(None, Breach::connection("RFC 9113 §3.4", what), out);
        }
    }

    /// No frame is longer than the receiver's SETTINGS_MAX_FRAME_SIZE (§4.2).
    fn check_length(&mut self, header: &FrameHeader, out: &mut Output<'_>) -> Payload {
        let receiver = out.direction.opposite();
        let limit = self.sides[receiver].settings.binding().frame_size;
        let (kind, length) = (header.kind, header.length);
        if length > limit {
            if let Some(text) = header.as_text() {
                let sender = sender_name(out.direction);
                let what = format!("{sender} sent the text '{text}' where a frame header is due");
                self.report(None, Breach::connection("RFC 9113 §4.1", what), out);
                self.lose("text instead of frames", out);
                return Payload::Skip;
            }
            if !self.is_lost(receiver) {
                let text = header.length_as_text();
                let text = text.map(|text| format!(" (in ASCII '{text}')")).unwrap_or_default();
                let what = format!("{kind} of {length} bytes{text}; the receiver allows {limit}");
                let breach = match kind {
                    Kind::Data => Breach::stream("RFC 9113 §4.2", what),
                    _ => Breach::connection("RFC 9113 §4.2", what),
                };
                self.report((header.stream != 0).then_some(header.stream), breach, out);
            }
        }
        let collected = kind.carries_header_block() || kind == Kind::Settings;
        let waiting = self.sides[out.direction].block.as_ref().map_or(0, Block::len);
        if collected && waiting + length as usize > MAX_COLLECTED {
            let what = format!("{kind} takes what is to be collected beyond {MAX_COLLECTED} bytes");
            self.lose(what, out);
            return Payload::Skip;
        }
        Payload::Follow
    }

    /// Nothing comes between the frames of a header block (§4.3).
    fn check_sequence(&mut self, header: &FrameHeader, out: &mut Output<'_>) -> Payload {
        let block = self.sides[out.direction].block.as_ref().map(Block::stream);
        let kind = header.kind;
        let what = match (kind, block) {
            (Kind::Continuation, Some(stream)) if header.stream == stream => None,
            (_, Some(stream)) => Some(format!(
                "{kind} on stream {} inside the header block of stream {stream}; CONTINUATION is due",
                header.stream
            )),
            (Kind::Continuation, None) => Some("CONTINUATION without a header block".to_owned()),
            (_, None) => None,
        };
        let Some(what) = what else { return Payload::Follow };
        self.report(block, Breach::connection("RFC 9113 §6.10", what), out);
        if kind.carries_header_block() {
            self.lose("header blocks are mixed up, HPACK can't be followed", out);
            return Payload::Skip;
        }
        Payload::Follow
    }

    /// The upstream's opening ends with the first frame that doesn't belong to it.
    fn tell_upstream_fingerprint(&mut self, header: &FrameHeader, out: &mut Output<'_>) {
        let fingerprint = &mut self.sides[out.direction].fingerprint;
        let opening = matches!(header.kind, Kind::Settings | Kind::WindowUpdate);
        if out.direction == Direction::FromUpstream
            && !opening
            && (fingerprint.is_pending() || header.kind == Kind::Headers)
            && let Some(h2fp) = fingerprint.tell(None)
        {
            out.control(None, ControlKind::Fingerprint { h2fp });
        }
    }

    /// A whole payload, of any frame but DATA.
    pub(super) fn payload(&mut self, header: &FrameHeader, payload: &[u8], out: &mut Output<'_>) {
        match header.kind {
            Kind::Headers => self.headers(header, payload, out),
            Kind::PushPromise => self.push_promise(header, payload, out),
            Kind::Continuation => self.continuation(header, payload, out),
            Kind::Priority => self.priority(header, payload, out),
            Kind::RstStream => self.rst_stream(header, payload, out),
            Kind::Settings => self.settings(header, payload, out),
            Kind::Ping => self.ping(header, payload, out),
            Kind::GoAway => self.goaway(payload, out),
            Kind::WindowUpdate => self.window_update(header, payload, out),
            Kind::Data | Kind::Unknown(_) => {}
        }
    }
}
