//! What the two directions must know of each other: which requests wait for a response, and
//! whether the connection became a tunnel.
//!
//! ```text
//! RequestBegan ──▶ outstanding: 3 4 5 ──front──▶ the next response belongs to 3
//! ```

use std::collections::VecDeque;

use super::MAX_PIPELINED;
use super::framing::Method;
use crate::Direction;
use crate::decoder::PerDirection;
use crate::http::StreamId;

/// A request whose response is not complete.
#[derive(Clone, Copy, Debug)]
pub(super) struct Outstanding {
    pub(super) stream: StreamId,
    /// [`Method::Other`] as long as the head is not complete.
    pub(super) method: Method,
    /// Asks for another protocol, by `Upgrade` or as CONNECT.
    pub(super) asks_switch: bool,
    /// The final response's head came.
    answered: bool,
}

/// The exchanges of a connection.
#[derive(Debug, Default)]
pub(super) struct Exchanges {
    outstanding: VecDeque<Outstanding>,
    last: StreamId,
    pending_switch: Option<StreamId>,
    tunnel: Option<StreamId>,
    lost: PerDirection<bool>,
    any_answered: bool,
}

impl Exchanges {
    /// A request begins. None when too many wait already.
    pub(super) fn begin(&mut self) -> Option<StreamId> {
        if self.outstanding.len() == MAX_PIPELINED {
            return None;
        }
        self.last += 1;
        let stream = self.last;
        if !self.is_lost(Direction::FromUpstream) {
            let method = Method::Other;
            self.outstanding.push_back(Outstanding {
                stream,
                method,
                asks_switch: false,
                answered: false,
            });
        }
        Some(stream)
    }

    /// The head of the request that began last is complete.
    pub(super) fn request_head(&mut self, stream: StreamId, method: Method, asks_switch: bool) {
        let mut undecided = self.is_lost(Direction::FromUpstream);
        if let Some(request) = self.outstanding.back_mut().filter(|last| last.stream == stream) {
            request.method = method;
            request.asks_switch = asks_switch;
            undecided = !request.answered;
        }
        if asks_switch && undecided {
            self.pending_switch = Some(stream);
        }
    }

    /// The request that the next response belongs to.
    pub(super) fn front(&self) -> Option<Outstanding> {
        self.outstanding.front().copied()
    }

    /// The final response's head came for the first request.
    pub(super) fn answer(&mut self) {
        self.any_answered = true;
        if let Some(request) = self.outstanding.front_mut() {
            request.answered = true;
            self.pending_switch = self.pending_switch.filter(|stream| *stream != request.stream);
        }
    }

    /// The response to the first request is complete.
    pub(super) fn complete(&mut self) {
        self.outstanding.pop_front();
    }

    /// From the first request on the connection carries another protocol.
    pub(super) fn open_tunnel(&mut self, stream: StreamId) {
        self.tunnel = Some(stream);
        self.pending_switch = None;
        self.outstanding.clear();
    }

    /// The exchange that became a tunnel.
    pub(super) const fn tunnel(&self) -> Option<StreamId> {
        self.tunnel
    }

    /// Whether it is open if `stream` will become a tunnel.
    pub(super) fn awaits_switch(&self, stream: StreamId) -> bool {
        self.pending_switch == Some(stream)
    }

    /// A direction is not followed any further.
    pub(super) fn lose(&mut self, direction: Direction) {
        self.lost[direction] = true;
        if direction == Direction::FromUpstream {
            self.outstanding.clear();
        }
    }

    /// Whether a direction is not followed any further.
    pub(super) fn is_lost(&self, direction: Direction) -> bool {
        self.lost[direction]
    }

    /// Whether any response was seen so far.
    pub(super) const fn any_answered(&self) -> bool {
        self.any_answered
    }
}
