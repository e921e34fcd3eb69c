//! What a session saw of the end of its connection, in the order in which it was seen.

use std::fmt;

use wire::http2::ErrorCode;
use wire::{Direction, Timestamp};

use super::Ending;
use crate::vocabulary::Party;

/// What the session saw of the end.
#[derive(Clone, Debug, Default)]
pub struct Facts {
    /// Exchanges that the end interrupted.
    pub cut: usize,
    /// What of the opening never came, when the connection ended before anything could be in flight.
    pub unopened: Option<&'static str>,
    first: Option<(Direction, Ending, Timestamp)>,
    violation: Option<Violation>,
    goaway: Option<Goaway>,
    goaway_error: Option<Goaway>,
}

/// A breach of the protocol that breaks a connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// By whom.
    pub by: Direction,
    /// When.
    pub at: Timestamp,
    /// What was found, and what is allowed.
    pub what: String,
}

/// A GOAWAY frame (RFC 9113 §6.8).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Goaway {
    /// Who sent it.
    pub by: Direction,
    /// Why.
    pub code: ErrorCode,
    /// The last stream that its sender may have acted on.
    pub last_stream_id: u32,
    /// Its debug data as text, when there is some.
    pub debug: String,
}

impl Goaway {
    /// Whether it complains that the other party broke the protocol.
    pub fn complains(&self) -> bool {
        [
            ErrorCode::PROTOCOL_ERROR,
            ErrorCode::FLOW_CONTROL_ERROR,
            ErrorCode::STREAM_CLOSED,
            ErrorCode::FRAME_SIZE_ERROR,
            ErrorCode::COMPRESSION_ERROR,
        ]
        .contains(&self.code)
    }
}

/// `GOAWAY ENHANCE_YOUR_CALM(11) last=1 'too_many_pings' by upstream`
impl fmt::Display for Goaway {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { by, code, last_stream_id, debug } = self;
        write!(f, "GOAWAY {code}({}) last={last_stream_id}", code.0)?;
        if !debug.is_empty() {
            write!(f, " '{debug}'")?;
        }
        write!(f, " by {}", Party::from(*by))
    }
}

impl Facts {
    /// A direction ended. The first ending is the one that counts.
    pub fn note_ending(&mut self, direction: Direction, ending: Ending, now: Timestamp) {
        self.first.get_or_insert((direction, ending, now));
    }

    /// A breach was seen. The first one counts, unless it is a consequence: the other party had
    /// complained or left by then.
    pub fn note_violation(&mut self, violation: Violation) {
        let is_late = self.first.is_some_and(|(ender, ..)| ender != violation.by)
            || self.goaway_error.as_ref().is_some_and(Goaway::complains);
        if !is_late {
            self.violation.get_or_insert(violation);
        }
    }

    /// The breach that this party commits at this moment, if it counts.
    pub fn violation_at(&self, by: Direction, now: Timestamp) -> Option<&str> {
        let violation = self.violation.as_ref().filter(|found| found.by == by && found.at == now);
        violation.map(|violation| violation.what.as_str())
    }

    /// An exchange went well from `began` to its end: a breach before that broke nothing.
    pub fn note_success(&mut self, began: Timestamp) {
        if self.violation.as_ref().is_some_and(|violation| violation.at < began) {
            self.violation = None;
        }
    }

    /// A GOAWAY was seen: the latest is the one that holds, the first error the one that counts.
    pub fn note_goaway(&mut self, goaway: Goaway) {
        if goaway.code != ErrorCode::NO_ERROR && self.goaway_error.is_none() {
            self.goaway_error = Some(goaway.clone());
        }
        self.goaway = Some(goaway);
    }

    /// The breach that counts, if this party committed it.
    pub fn violation_by(&self, by: Direction) -> Option<&str> {
        let violation = self.violation.as_ref().filter(|found| found.by == by);
        violation.map(|violation| violation.what.as_str())
    }

    /// Whether the end took something from somebody.
    pub const fn is_interrupted(&self) -> bool {
        self.cut > 0 || self.unopened.is_some()
    }

    /// Who stopped first, and how.
    pub fn first(&self) -> Option<(Direction, Ending)> {
        self.first.map(|(direction, ending, _)| (direction, ending))
    }

    /// When this direction ended, if it was the first.
    pub fn left_first(&self, direction: Direction) -> Option<Timestamp> {
        self.first.filter(|(ender, ..)| *ender == direction).map(|(_, _, at)| at)
    }

    /// The GOAWAY with an error code that came first, or else the latest.
    pub fn goaway(&self) -> Option<&Goaway> {
        self.goaway_error.as_ref().or(self.goaway.as_ref())
    }

    /// The first GOAWAY with an error code.
    pub const fn goaway_error(&self) -> Option<&Goaway> {
        self.goaway_error.as_ref()
    }

    /// The breach that explains the end, if one does: it was seen here, or the other party
    /// complained of it in a GOAWAY, and something was cut or the other party left.
    pub(super) fn breach(&self) -> Option<(Direction, String)> {
        let complaint = self.goaway_error.as_ref().filter(|goaway| goaway.complains());
        if let Some(Violation { by: culprit, what, .. }) = &self.violation {
            let minded = complaint.is_some_and(|complaint| complaint.by != *culprit);
            if minded
                || self.is_interrupted()
                || self.first.is_some_and(|(ender, ..)| ender != *culprit)
            {
                return Some((*culprit, what.clone()));
            }
        }
        complaint.map(|complaint| (complaint.by.opposite(), complaint.to_string()))
    }
}
