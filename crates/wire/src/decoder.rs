//! The contract that every decoder keeps.
//!
//! A decoder watches **both** directions of one connection (or one direction, where the protocol
//! allows it) and is called in this order:
//!
//! 1. `feed(direction, bytes, now, sink)`, any number of times, with the bytes of that direction in
//!    order. How they are cut into calls makes no difference: any split of the same bytes gives the
//!    same events (body data may be cut differently, its concatenation is the same).
//! 2. `finish(direction, now, sink)`, at most once a direction, when that direction ended.
//!
//! What a decoder promises:
//!
//! * it never fails and never panics: what breaks the protocol is an event ([`Malformed`]), what it
//!   can't follow any further is one too ([`Lost`]), after which that direction is ignored;
//! * memory is bounded by named constants, whatever the peer sends;
//! * no I/O, no clock, no lock: time is an argument.

use std::borrow::Cow;
use std::fmt;

/// Which way bytes travel, told by who sent them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Direction {
    /// Sent by the client, towards the upstream.
    FromClient,
    /// Sent by the upstream, towards the client.
    FromUpstream,
}

impl Direction {
    /// Both directions, the client's first.
    pub const BOTH: [Self; 2] = [Self::FromClient, Self::FromUpstream];

    /// The other way.
    #[must_use]
    pub const fn opposite(self) -> Self {
        match self {
            Self::FromClient => Self::FromUpstream,
            Self::FromUpstream => Self::FromClient,
        }
    }

    /// 0 for the client's bytes, 1 for the upstream's: for a pair of per-direction states.
    pub const fn index(self) -> usize {
        match self {
            Self::FromClient => 0,
            Self::FromUpstream => 1,
        }
    }
}

/// One value for each [`Direction`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PerDirection<T>(pub [T; 2]);

impl<T> std::ops::Index<Direction> for PerDirection<T> {
    type Output = T;

    fn index(&self, direction: Direction) -> &T {
        &self.0[direction.index()]
    }
}

impl<T> std::ops::IndexMut<Direction> for PerDirection<T> {
    fn index_mut(&mut self, direction: Direction) -> &mut T {
        &mut self.0[direction.index()]
    }
}

/// A breach of the protocol: what was expected, what was found, where it is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Malformed {
    /// Who sent the offending bytes.
    pub direction: Direction,
    /// The stream (HTTP/2) or the ordinal of the exchange (HTTP/1) it belongs to, if to one.
    pub stream: Option<u64>,
    /// Bytes of that direction before the offending element (decoder's own count from 0).
    pub offset: u64,
    /// One sentence: what was found, and what is allowed.
    pub what: Cow<'static, str>,
    /// Where the rule stands: `"RFC 9113 §6.5"`.
    pub rfc_section: &'static str,
    /// What a conforming receiver does about it.
    pub severity: Severity,
}

/// How far a breach reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Frowned upon; receivers commonly accept it.
    Warning,
    /// The message or the stream is broken.
    Stream,
    /// The connection is broken: a conforming receiver closes it.
    Connection,
}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({}, byte {})", self.what, self.rfc_section, self.offset)
    }
}

/// A decoder stopped following one direction. The bytes still flow; only the understanding ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lost {
    /// Whose bytes are no longer followed.
    pub direction: Direction,
    /// Bytes of that direction that were still understood.
    pub offset: u64,
    /// Why: the limit crossed, or the element that made no sense.
    pub why: Cow<'static, str>,
}
