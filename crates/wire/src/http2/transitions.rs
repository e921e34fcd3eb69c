//! Which frames the streams of a connection accept, and how streams begin and end (RFC 9113 §5.1).
//!
//! The states themselves are in [`super::stream`].

use super::breach::{Breach, sender_name};
use super::connection::{Connection, Output};
use super::event::ControlKind;
use super::frame::{FrameHeader, Kind};
use super::stream::{Length, State};
use super::streams::{Known, MAX_STREAMS, initiator};
use crate::{Direction, http};

impl Connection {
    /// Whether a frame on a stream means something there; tells of it when it may not be there.
    pub(super) fn check_state(&mut self, header: &FrameHeader, out: &mut Output<'_>) -> bool {
        let (kind, id, sender) = (header.kind, header.stream, out.direction);
        let opens = matches!(kind, Kind::Data | Kind::Headers);
        let breach = match self.streams.known(id, sender) {
            // A stream whose beginning could not be seen is no breach.
            Known::Idle if self.is_lost(sender.opposite()) => None,
            Known::Idle => Some(idle(kind, id, sender)),
            Known::Tracked(stream) => match stream.state.refuses(kind, sender) {
                None => return true,
                Some(why) => {
                    let what = format!("{kind} on stream {id} {why}");
                    Some(Breach::stream("RFC 9113 §5.1", what))
                }
            },
            Known::JustClosed { ended: true } if opens => {
                let what = format!("{kind} on stream {id} that the sender has ended before");
                Some(Breach::stream("RFC 9113 §5.1", what))
            }
            Known::Closed if kind == Kind::Headers && sender == initiator(id) => {
                let what = format!("HEADERS on stream {id}; new streams have higher identifiers");
                Some(Breach::connection("RFC 9113 §5.1.1", what))
            }
            // Crossed with the RST_STREAM of the other side.
            Known::JustClosed { .. } | Known::Closed => None,
        };
        if let Some(breach) = breach {
            self.report(Some(id), breach, out);
        }
        false
    }

    /// The header of a HEADERS frame: a new request begins with its first byte.
    pub(super) fn begin_headers(&mut self, header: &FrameHeader, out: &mut Output<'_>) {
        let id = header.stream;
        let opens = out.direction == Direction::FromClient
            && initiator(id) == Direction::FromClient
            && self.streams.is_idle(id);
        if !opens {
            self.check_state(header, out);
        } else if self.open_stream(id, State::Open, out) {
            out.http(http::Event::RequestBegan { stream: u64::from(id) });
            self.check_concurrency(id, out);
        }
    }

    /// Opens or reserves a stream, unless there are too many.
    pub(super) fn open_stream(&mut self, id: u32, state: State, out: &mut Output<'_>) -> bool {
        if self.streams.len() >= MAX_STREAMS {
            let why = format!("more than {MAX_STREAMS} streams are open");
            for direction in [out.direction, out.direction.opposite()] {
                self.lose_direction(direction, why.clone().into(), out);
            }
            return false;
        }
        self.streams.open(id, state);
        true
    }

    /// The receiver refuses streams beyond its SETTINGS_MAX_CONCURRENT_STREAMS (§5.1.2).
    fn check_concurrency(&mut self, id: u32, out: &mut Output<'_>) {
        let upstream = &self.sides[Direction::FromUpstream];
        let limit = upstream.settings.binding().concurrent_streams;
        let open = self.streams.by_client();
        if open > limit && !upstream.lost {
            let what = format!("{open} streams are open; the upstream allows {limit}");
            self.report(Some(id), Breach::warning("RFC 9113 §5.1.2", what), out);
        }
    }

    /// END_STREAM: the message is complete.
    pub(super) fn end_message(&mut self, id: u32, out: &mut Output<'_>) {
        let direction = out.direction;
        let Some(stream) = self.streams.get_mut(id) else { return };
        let message = &stream.messages[direction];
        let mismatch = match message.length {
            Length::Exactly(length) if length != message.received => {
                Some(format!("content-length is {length}, DATA held {} bytes", message.received))
            }
            _ => None,
        };
        stream.state = stream.state.after_end(direction);
        let closed = stream.state == State::Closed;
        if let Some(what) = mismatch {
            self.report(Some(id), Breach::stream("RFC 9113 §8.1.1", what), out);
        }
        out.http(http::Event::End { stream: u64::from(id), direction });
        if closed || self.is_lost(direction.opposite()) {
            self.close(id, None);
        }
    }

    /// A PUSH_PROMISE reserves a stream (§6.6): the exchange begins before the frame is told, so
    /// that it is there to be marked as pushed. Whether it did.
    pub(super) fn reserve(&mut self, parent: u32, promised: u32, out: &mut Output<'_>) -> bool {
        let client = &self.sides[Direction::FromClient];
        let push = client.settings.binding().push;
        let breach = if out.direction == Direction::FromClient {
            Some("PUSH_PROMISE from the client".to_owned())
        } else if !push && !client.lost {
            Some("PUSH_PROMISE although the client's SETTINGS_ENABLE_PUSH is 0".to_owned())
        } else if initiator(promised) == Direction::FromClient || promised == 0 {
            Some(format!("PUSH_PROMISE of stream {promised}; promised streams are even"))
        } else if !self.streams.is_idle(promised) {
            Some(format!("PUSH_PROMISE of stream {promised}, which isn't idle"))
        } else {
            None
        };
        let reserved = breach.is_none() && self.open_stream(promised, State::Reserved, out);
        if reserved {
            out.http(http::Event::RequestBegan { stream: u64::from(promised) });
        }
        out.control(Some(parent), ControlKind::PushPromise { promised });
        if let Some(what) = breach {
            self.report(Some(parent), Breach::connection("RFC 9113 §6.6", what), out);
        }
        reserved
    }
}

fn idle(kind: Kind, id: u32, sender: Direction) -> Breach {
    let name = sender_name(sender);
    if kind == Kind::Headers && sender == Direction::FromClient {
        let what = format!("{name} opens stream {id}; a client's streams are odd");
        return Breach::connection("RFC 9113 §5.1.1", what);
    }
    Breach::connection("RFC 9113 §5.1", format!("{kind} from {name} on stream {id}, which is idle"))
}
