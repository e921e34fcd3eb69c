//! Flow control (RFC 9113 §5.2, §6.9): what each side may still send, and who is kept from sending.
//!
//! ```text
//! connection window = 65535                                − DATA + WINDOW_UPDATE(stream 0)
//! stream window     = the receiver's INITIAL_WINDOW_SIZE   − DATA + WINDOW_UPDATE(stream)
//! ```
//!
//! A stream keeps only the part behind the initial window (its *balance*), so that a change of
//! INITIAL_WINDOW_SIZE moves all windows at once, below zero if need be (§6.9.2). Which of several
//! initial windows holds while an ACK is on its way is told in [`super::settings`].
//!
//! A passive observer sees every credit before the sender does and every DATA frame after it was
//! sent, so DATA beyond the window seen here is a breach for certain.
//!
//! *Blocked* is a sender with an unfinished message, something to send of it, and an empty window.
//! When one direction is not followed any more, nothing is said about windows.

use std::collections::BTreeSet;

use super::breach::Breach;
use super::connection::{Connection, Output};
use super::event::{ControlKind, Scope};
use super::frame::FrameHeader;
use super::settings::MAX_WINDOW;
use super::stream::{Stream, Wants};
use crate::{Direction, Timestamp};

/// The connection's initial window; no setting changes it (§6.9.2).
const INITIAL_CONNECTION_WINDOW: i64 = 65_535;

/// One sender's credit on the connection.
#[derive(Debug)]
pub(super) struct ConnectionFlow {
    window: i64,
    blocked: Option<Timestamp>,
    /// How many streams have something to send.
    wanting: usize,
    blocked_streams: BTreeSet<u32>,
}

impl ConnectionFlow {
    pub(super) const fn new() -> Self {
        Self {
            window: INITIAL_CONNECTION_WINDOW,
            blocked: None,
            wanting: 0,
            blocked_streams: BTreeSet::new(),
        }
    }

    /// A stream is gone.
    pub(super) fn forget(&mut self, id: u32, flow: &StreamFlow) {
        self.wanting -= usize::from(flow.wanting);
        if flow.blocked.is_some() {
            self.blocked_streams.remove(&id);
        }
    }
}

/// One sender's credit on a stream.
#[derive(Debug, Default)]
pub(super) struct StreamFlow {
    /// Credits minus DATA.
    balance: i64,
    blocked: Option<Timestamp>,
    /// Counted in [`ConnectionFlow::wanting`].
    wanting: bool,
}

impl Connection {
    /// What `sender` may still send, as far as this one window allows; none when the stream isn't
    /// open or one direction isn't followed any more.
    pub(super) fn window(&self, sender: Direction, stream: Option<u32>) -> Option<i64> {
        if Direction::BOTH.into_iter().any(|direction| self.is_lost(direction)) {
            return None;
        }
        match stream {
            None => Some(self.sides[sender].flow.window),
            Some(id) => self.streams.get(id).map(|stream| self.stream_window(sender, stream)),
        }
    }

    fn stream_window(&self, sender: Direction, stream: &Stream) -> i64 {
        let receiver = &self.sides[sender.opposite()].settings;
        i64::from(receiver.binding().initial_window) + stream.flow[sender].balance
    }

    /// Whether `sender` has something to send on this stream and no credit.
    pub(super) fn is_blocked(&self, sender: Direction, id: u32) -> bool {
        self.streams.get(id).is_some_and(|stream| {
            stream.wants(sender) != Wants::Nothing
                && (self.window(sender, Some(id)).is_some_and(|window| window <= 0)
                    || self.window(sender, None).is_some_and(|window| window <= 0))
        })
    }

    /// DATA is sent: its whole payload costs, padding included (§6.9.1).
    pub(super) fn charge(&mut self, header: &FrameHeader, out: &mut Output<'_>) {
        let sender = out.direction;
        let (id, cost) = (header.stream, i64::from(header.length));
        if self.is_lost(sender.opposite()) || cost == 0 {
            return;
        }
        let connection = self.sides[sender].flow.window;
        self.sides[sender].flow.window -= cost;
        if cost > connection {
            let breach = Breach::connection("RFC 9113 §6.9.1", overdraft(cost, connection, None));
            self.report(Some(id), breach, out);
        }
        let Some(stream) = self.streams.get(id) else { return };
        let window = self.stream_window(sender, stream);
        if let Some(stream) = self.streams.get_mut(id) {
            stream.flow[sender].balance -= cost;
        }
        if cost > window {
            let breach = Breach::stream("RFC 9113 §6.9.1", overdraft(cost, window, Some(id)));
            self.report(Some(id), breach, out);
        }
    }

    /// HEADERS or DATA are sent: is the sender stuck now?
    pub(super) fn note_sent(&mut self, id: u32, out: &mut Output<'_>) {
        let sender = out.direction;
        if self.is_lost(sender.opposite()) {
            return;
        }
        let wants = self.streams.get(id).map_or(Wants::Nothing, |stream| stream.wants(sender));
        let wanted_bytes = match wants {
            Wants::Bytes(bytes) => Some(bytes),
            Wants::Nothing | Wants::Some => None,
        };
        let window = self.window(sender, Some(id));
        if let Some(stream) = self.streams.get_mut(id) {
            let (stream, connection) = (&mut stream.flow[sender], &mut self.sides[sender].flow);
            connection.wanting -= usize::from(stream.wanting);
            stream.wanting = wants != Wants::Nothing;
            connection.wanting += usize::from(stream.wanting);
            if let Some(window @ ..=0) = window
                && stream.wanting
                && stream.blocked.is_none()
            {
                stream.blocked = Some(out.now);
                connection.blocked_streams.insert(id);
                let scope = Scope::Stream;
                out.control(Some(id), ControlKind::FlowBlock { scope, wanted_bytes, window });
            }
        }
        let connection = &mut self.sides[sender].flow;
        if connection.window <= 0 && connection.wanting > 0 && connection.blocked.is_none() {
            connection.blocked = Some(out.now);
            let (scope, window) = (Scope::Connection, connection.window);
            out.control(None, ControlKind::FlowBlock { scope, wanted_bytes, window });
        }
    }

    /// WINDOW_UPDATE from the receiver of DATA; `id` is 0 for the connection (§6.9).
    pub(super) fn credit(&mut self, id: u32, delta: u32, out: &mut Output<'_>) {
        let sender = out.direction.opposite();
        let stream = (id != 0).then_some(id);
        if delta == 0 {
            let what = "WINDOW_UPDATE adds 0 bytes; it adds at least 1";
            let breach = match stream {
                None => Breach::connection("RFC 9113 §6.9", what),
                Some(_) => Breach::stream("RFC 9113 §6.9", what),
            };
            self.report(stream, breach, out);
        }
        let surest = i64::from(self.sides[out.direction].settings.lowest_window());
        let (window, surest) = match stream {
            None => {
                let window = &mut self.sides[sender].flow.window;
                let surest = *window + i64::from(delta);
                *window = surest.min(MAX_WINDOW);
                (*window, surest)
            }
            Some(id) => match self.streams.get_mut(id) {
                // A closed stream takes no more DATA.
                None => (0, 0),
                Some(stream) => {
                    let balance = &mut stream.flow[sender].balance;
                    let surest = surest + *balance + i64::from(delta);
                    *balance = (*balance + i64::from(delta)).min(MAX_WINDOW);
                    (self.window(sender, Some(id)).unwrap_or_default(), surest)
                }
            },
        };
        out.control(stream, ControlKind::WindowUpdate { delta, window });
        if surest > MAX_WINDOW && !self.is_lost(sender) {
            let what = format!("WINDOW_UPDATE of {delta} takes the window beyond 2147483647");
            let breach = match stream {
                None => Breach::connection("RFC 9113 §6.9.1", what),
                Some(_) => Breach::stream("RFC 9113 §6.9.1", what),
            };
            self.report(stream, breach, out);
        }
        match stream {
            None => self.resume_connection(sender, out),
            Some(id) => self.resume_stream(sender, id, out),
        }
    }

    fn resume_connection(&mut self, sender: Direction, out: &mut Output<'_>) {
        let connection = &mut self.sides[sender].flow;
        if connection.window > 0
            && let Some(since) = connection.blocked.take()
        {
            resumed(sender, None, since, out);
        }
    }

    fn resume_stream(&mut self, sender: Direction, id: u32, out: &mut Output<'_>) {
        if self.window(sender, Some(id)).is_some_and(|window| window > 0)
            && let Some(stream) = self.streams.get_mut(id)
            && let Some(since) = stream.flow[sender].blocked.take()
        {
            self.sides[sender].flow.blocked_streams.remove(&id);
            resumed(sender, Some(id), since, out);
        }
    }

    /// INITIAL_WINDOW_SIZE grew: some streams may go on.
    pub(super) fn resume_streams(&mut self, sender: Direction, out: &mut Output<'_>) {
        let blocked: Vec<u32> = self.sides[sender].flow.blocked_streams.iter().copied().collect();
        for id in blocked {
            self.resume_stream(sender, id, out);
        }
    }
}

fn overdraft(cost: i64, window: i64, stream: Option<u32>) -> String {
    match stream {
        None => format!("DATA of {cost} bytes with {window} bytes of credit on the connection"),
        Some(id) => format!("DATA of {cost} bytes with {window} bytes of credit on stream {id}"),
    }
}

fn resumed(sender: Direction, stream: Option<u32>, since: Timestamp, out: &mut Output<'_>) {
    let scope = if stream.is_some() { Scope::Stream } else { Scope::Connection };
    let kind = ControlKind::FlowResume { scope, blocked: out.now.since(since) };
    out.control_of(sender, stream, kind);
}
