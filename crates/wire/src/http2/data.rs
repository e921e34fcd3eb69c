//! DATA: content in pieces, as the bytes come (RFC 9113 §6.1).

use super::breach::Breach;
use super::connection::{Connection, Output};
use super::frame::FrameHeader;
use super::stream::{Asked, Phase};
use crate::grpc::{PREFIX_LENGTH, Prefix, Prefixes};
use crate::http;

/// The DATA frame being read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct DataFrame {
    stream: u32,
    /// Its content belongs to a message that is expected.
    deliver: bool,
}

impl Connection {
    /// The header of a DATA frame on a stream.
    pub(super) fn begin_data(&mut self, header: &FrameHeader, out: &mut Output<'_>) {
        self.charge(header, out);
        let id = header.stream;
        self.sides[out.direction].data = None;
        if !self.check_state(header, out) {
            return;
        }
        let Some(stream) = self.streams.get(id) else { return };
        let refused = match stream.messages[out.direction].phase {
            Phase::Content => None,
            Phase::Head => Some("DATA before HEADERS"),
            Phase::Trailers => Some("DATA after trailers"),
        };
        let deliver = refused.is_none();
        self.sides[out.direction].data = Some(DataFrame { stream: id, deliver });
        if let Some(what) = refused
            && header.length > 0
        {
            self.report(Some(id), Breach::stream("RFC 9113 §8.1", what), out);
        }
    }

    /// Some content of the DATA frame being read.
    pub(super) fn content(&mut self, data: &[u8], out: &mut Output<'_>) {
        let direction = out.direction;
        let Some(DataFrame { stream: id, deliver: true }) = self.sides[direction].data else {
            return;
        };
        let Some(stream) = self.streams.get_mut(id) else { return };
        let message = &mut stream.messages[direction];
        message.received = message.received.saturating_add(data.len() as u64);
        let id = u64::from(id);
        if stream.asked == Asked::Tunnelled {
            out.http(http::Event::Tunnel { stream: id, direction, data });
        } else if let Some(grpc) = &mut message.grpc {
            grpc_content(grpc, data, &mut |data, prefix| {
                out.http(http::Event::Body { stream: id, direction, data });
                if let Some(Prefix { flag, length }) = prefix {
                    out.http(http::Event::GrpcMessage { stream: id, direction, flag, length });
                }
            });
        } else {
            out.http(http::Event::Body { stream: id, direction, data });
        }
    }

    /// The DATA frame is complete.
    pub(super) fn end_data(&mut self, header: &FrameHeader, out: &mut Output<'_>) {
        if self.sides[out.direction].data.take().is_some() && header.ends_stream() {
            self.end_message(header.stream, out);
        }
        self.note_sent(header.stream, out);
    }

    /// A DATA frame with more padding than payload.
    pub(super) fn bad_padding(&mut self, header: &FrameHeader, out: &mut Output<'_>) {
        let what = format!("the padding is longer than the {} bytes of DATA", header.length);
        self.report(Some(header.stream), Breach::connection("RFC 9113 §6.1", what), out);
        self.sides[out.direction].data = None;
    }
}

/// Cuts content behind each gRPC prefix, so that a prefix is told at the same place of the content
/// however the bytes came.
fn grpc_content(grpc: &mut Prefixes, data: &[u8], piece: &mut dyn FnMut(&[u8], Option<Prefix>)) {
    let mut told = 0;
    let mut at = 0;
    while at < data.len() {
        let step = match grpc.remaining() {
            Some(0) => PREFIX_LENGTH,
            Some(inside) => usize::try_from(inside).unwrap_or(usize::MAX),
            None => 1,
        };
        let end = at.saturating_add(step).min(data.len());
        let mut found = None;
        grpc.feed(&data[at..end], |prefix| found = Some(prefix));
        at = end;
        if found.is_some() {
            piece(&data[told..at], found);
            told = at;
        }
    }
    if told < data.len() {
        piece(&data[told..], None);
    }
}
