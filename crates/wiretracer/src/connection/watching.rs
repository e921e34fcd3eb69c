//! The relay's view of a connection: chunks go to the session, the clock is held against the policy.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use analysis::outcome::{Cause, Ending};
use analysis::session::Application;
use analysis::vocabulary::CloseReason;
use wire::{Direction, Timestamp};

use super::{Connection, decided};
use crate::config::Inbound;
use crate::relay::{Check, TICK, Watch};
use crate::rewrite::Rewrite;
use crate::tls::observed::HandshakeObserver;

/// Watches one connection's relay.
pub(super) struct Watching<'a> {
    connection: &'a mut Connection,
    rewrite: Option<Rewrite>,
    /// The handshake of the two others, where we do not end TLS.
    handshake: Option<HandshakeObserver>,
    rewritten: Vec<u8>,
    room: Option<Pin<Box<dyn Future<Output = ()> + Send>>>,
    /// When reading went on after it had waited for the records' writer: nobody is to blame for the
    /// silence before.
    resumed: Option<Timestamp>,
    /// Which timeout is over.
    pub(super) expired: Option<Cause>,
    /// The two others did not agree on TLS.
    pub(super) refused: Option<Cause>,
}

impl<'a> Watching<'a> {
    pub(super) fn new(connection: &'a mut Connection, application: Application) -> Self {
        let authority = connection.shared.config.upstream.authority.as_deref();
        let rewrite = authority.map(|authority| Rewrite::new(authority, application));
        let is_passthrough = connection.shared.config.inbound == Inbound::Passthrough;
        let handshake = is_passthrough.then(HandshakeObserver::default);
        Self {
            connection,
            rewrite,
            handshake,
            rewritten: Vec::new(),
            room: None,
            resumed: None,
            expired: None,
            refused: None,
        }
    }

    fn resume(&mut self) {
        if self.room.take().is_some() {
            self.resumed = Some(self.connection.clock.now());
        }
    }

    fn timeout(&self, unsent: [bool; 2]) -> Result<Duration, Cause> {
        let Connection { session, shared, clock, .. } = &*self.connection;
        let (policy, now) = (&shared.config.policy, clock.now());
        if self.room.is_some() {
            return Ok(TICK);
        }
        let heard = |at: Timestamp| self.resumed.map_or(at, |resumed| at.max(resumed));
        if let Some(limit) = policy.read_timeout {
            for direction in Direction::BOTH {
                // What it said is still with us: the other side does not take it.
                if unsent[direction.index()] {
                    continue;
                }
                if let Some(since) = session.stalled_since(direction)
                    && now.since(heard(since)) >= limit
                {
                    return Err(read_timeout(direction, limit));
                }
            }
        }
        let idle = now.since(heard(session.last_activity()));
        let left = match policy.idle_timeout {
            Some(limit) if idle >= limit => {
                return Err(idle_timeout(session.is_between_requests(), limit));
            }
            Some(limit) => (limit - idle).max(TICK),
            None => FAR,
        };
        Ok(if session.is_busy() { TICK } else { left })
    }
}

/// When nothing has to be looked at.
const FAR: Duration = Duration::from_secs(3600);

impl Watch for Watching<'_> {
    fn chunk<'b>(&'b mut self, direction: Direction, chunk: &'b [u8]) -> &'b [u8] {
        let now = self.connection.clock.now();
        let Connection { session, sink, .. } = &mut *self.connection;
        session.observe(direction, chunk, now, sink);
        let observed = self.handshake.as_mut().and_then(|it| it.feed(direction, chunk, now));
        if let Some(observed) = observed {
            self.refused = self.connection.record_observed(observed);
        }
        match &mut self.rewrite {
            Some(rewrite) if direction == Direction::FromClient => {
                self.rewritten.clear();
                rewrite.feed(chunk, &mut self.rewritten);
                &self.rewritten
            }
            _ => chunk,
        }
    }

    fn ended(&mut self, direction: Direction, ending: Ending) -> &[u8] {
        let now = self.connection.clock.now();
        let Connection { session, sink, .. } = &mut *self.connection;
        session.ended(direction, ending, now, sink);
        let rst = ending == Ending::Rst;
        let observed = self.handshake.as_mut().and_then(|it| it.end(direction, rst));
        if let Some(observed) = observed {
            self.refused = self.connection.record_observed(observed);
        }
        self.rewritten.clear();
        if let (Some(rewrite), Direction::FromClient) = (&mut self.rewrite, direction) {
            rewrite.finish(&mut self.rewritten);
        }
        &self.rewritten
    }

    fn poll_room(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        if self.connection.sink.has_room() {
            self.resume();
            return Poll::Ready(());
        }
        let sink = &self.connection.sink;
        let room = self.room.get_or_insert_with(|| {
            let sink = sink.clone();
            Box::pin(async move { sink.room().await })
        });
        let done = room.as_mut().poll(cx);
        if done.is_ready() {
            self.resume();
        }
        done
    }

    fn check(&mut self, unsent: [bool; 2]) -> Check {
        match self.timeout(unsent) {
            Ok(again) => Check::Again(again),
            Err(cause) => {
                self.expired = Some(cause);
                Check::Expired
            }
        }
    }

    fn is_busy(&self) -> bool {
        self.connection.session.is_busy()
    }
}

fn read_timeout(direction: Direction, limit: Duration) -> Cause {
    let (reason, who) = match direction {
        Direction::FromClient => (CloseReason::ClientReadTimeout, "client"),
        Direction::FromUpstream => (CloseReason::UpstreamReadTimeout, "upstream"),
    };
    let seconds = limit.as_secs_f64();
    decided(reason, format!("the {who}'s turn, and no byte for {seconds} s (policy.read_timeout)"))
}

fn idle_timeout(is_between_requests: bool, limit: Duration) -> Cause {
    let seconds = limit.as_secs_f64();
    let (reason, when) = if is_between_requests {
        (CloseReason::ClientIdleTimeout, "between two requests")
    } else {
        (CloseReason::ProxyIdleTimeout, "in either direction")
    };
    decided(reason, format!("no byte {when} for {seconds} s (policy.idle_timeout)"))
}
