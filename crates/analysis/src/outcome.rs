//! Who ended it, at which stage, how: the only home of blame.
//!
//! [`judge`] turns the facts that a connection's session gathered into the words of its `conn close`
//! record; [`cut`] words the error of an exchange that the end of the connection interrupted.

use wire::Direction;

use crate::vocabulary::{CloseReason, Party};

/// How one party stopped sending.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// An orderly end: FIN, over TLS after close_notify.
    Fin,
    /// FIN over TLS without close_notify (RFC 8446 §6.1): possibly a truncation.
    FinWithoutCloseNotify,
    /// TCP RST.
    Rst,
}

/// What ended the connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cause {
    /// The two parties themselves, as the session saw it.
    Parties,
    /// A decision or a failure that the session cannot see: a timeout, a handshake, the allowlist.
    Decided {
        /// The word for it.
        reason: CloseReason,
        /// Who ended it.
        closed_by: Party,
        /// What a person needs to understand it.
        detail: String,
    },
}

/// What the session saw of the end.
#[derive(Clone, Debug, Default)]
pub struct Facts {
    /// Who stopped first, and how.
    pub first: Option<(Direction, Ending)>,
    /// Exchanges that the end interrupted.
    pub cut: usize,
    /// The first breach of the protocol that breaks a connection: by whom, and what.
    pub violation: Option<(Direction, String)>,
    /// The first GOAWAY with an error code: by whom, and what it says.
    pub goaway_error: Option<(Direction, String)>,
}

/// The words of a `conn close` record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Judgement {
    /// Who ended it.
    pub closed_by: Party,
    /// Why.
    pub reason: CloseReason,
    /// What a person needs to understand it.
    pub detail: Option<String>,
}

/// Decides who ended a connection and why.
///
/// The first cause wins: a party that leaves after the other broke the protocol did not cause the
/// end, and an RST after a FIN is its consequence.
pub fn judge(cause: Cause, facts: &Facts) -> Judgement {
    match cause {
        Cause::Decided { reason, closed_by, detail } => {
            Judgement { closed_by, reason, detail: Some(detail) }
        }
        Cause::Parties => judge_parties(facts),
    }
}

fn judge_parties(facts: &Facts) -> Judgement {
    let Some((ender, ending)) = facts.first else {
        return Judgement { closed_by: Party::Proxy, reason: CloseReason::Completed, detail: None };
    };
    let closed_by = Party::from(ender);
    if let Some((culprit, detail)) = breach(facts, ender) {
        return Judgement { closed_by, reason: protocol_error(culprit), detail: Some(detail) };
    }
    let (reason, detail) = match (ending, facts.cut) {
        (Ending::Rst, 0) => (rst(ender), None),
        (Ending::Rst, cut) => (rst(ender), Some(in_flight(cut))),
        (_, 0) => (CloseReason::Completed, None),
        (_, cut) => (fin(ender), Some(in_flight(cut))),
    };
    Judgement { closed_by, reason, detail }
}

/// The breach that explains the end, if one does: it was seen here, or the other party complained
/// of it in a GOAWAY, and something was cut or the other party left.
fn breach(facts: &Facts, ender: Direction) -> Option<(Direction, String)> {
    if let Some((culprit, what)) = &facts.violation {
        let complained = facts.goaway_error.as_ref().is_some_and(|(by, _)| by != culprit);
        if complained || facts.cut > 0 || ender != *culprit {
            return Some((*culprit, what.clone()));
        }
    }
    let (by, text) = facts.goaway_error.as_ref()?;
    text.contains("PROTOCOL_ERROR")
        .then(|| (by.opposite(), format!("{} sent {text}", Party::from(*by))))
}

fn in_flight(cut: usize) -> String {
    match cut {
        1 => "1 exchange was in flight".to_owned(),
        many => format!("{many} exchanges were in flight"),
    }
}

const fn fin(direction: Direction) -> CloseReason {
    match direction {
        Direction::FromClient => CloseReason::ClientFin,
        Direction::FromUpstream => CloseReason::UpstreamFin,
    }
}

const fn rst(direction: Direction) -> CloseReason {
    match direction {
        Direction::FromClient => CloseReason::ClientRst,
        Direction::FromUpstream => CloseReason::UpstreamRst,
    }
}

const fn protocol_error(direction: Direction) -> CloseReason {
    match direction {
        Direction::FromClient => CloseReason::ClientProtocolError,
        Direction::FromUpstream => CloseReason::UpstreamProtocolError,
    }
}

/// How far an exchange had come when it was cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// The request was not complete.
    Request,
    /// The request was complete, nothing of the response had come.
    BeforeResponse,
    /// The response had begun.
    Response,
}

/// Words the error of an exchange that the end of its connection cut: `upstream_rst before the
/// response`.
pub fn cut(judgement: &Judgement, stage: Stage) -> String {
    let stage = match stage {
        Stage::Request => "in the middle of the request",
        Stage::BeforeResponse => "before the response",
        Stage::Response => "in the middle of the response",
    };
    match judgement.reason {
        CloseReason::Completed => format!("connection closed by {} {stage}", judgement.closed_by),
        reason => format!("{reason} {stage}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts(first: (Direction, Ending), cut: usize) -> Facts {
        Facts { first: Some(first), cut, ..Facts::default() }
    }

    #[test]
    fn a_fin_is_completed_unless_something_was_in_flight() {
        use Direction::{FromClient, FromUpstream};
        for (first, cut, reason) in [
            ((FromClient, Ending::Fin), 0, CloseReason::Completed),
            ((FromUpstream, Ending::FinWithoutCloseNotify), 0, CloseReason::Completed),
            ((FromClient, Ending::Fin), 1, CloseReason::ClientFin),
            ((FromUpstream, Ending::Fin), 2, CloseReason::UpstreamFin),
            ((FromClient, Ending::Rst), 0, CloseReason::ClientRst),
            ((FromUpstream, Ending::Rst), 1, CloseReason::UpstreamRst),
        ] {
            let judged = judge(Cause::Parties, &facts(first, cut));
            assert_eq!((judged.reason, judged.closed_by), (reason, Party::from(first.0)));
        }
    }

    #[test]
    fn who_leaves_after_the_other_broke_the_protocol_is_not_the_cause() {
        let mut facts = facts((Direction::FromClient, Ending::Rst), 1);
        facts.violation = Some((Direction::FromUpstream, "DATA on stream 0".to_owned()));
        let judged = judge(Cause::Parties, &facts);
        assert_eq!(judged.closed_by, Party::Client);
        assert_eq!(judged.reason, CloseReason::UpstreamProtocolError);
    }

    #[test]
    fn a_breach_that_nobody_minded_does_not_spoil_an_orderly_end() {
        let mut facts = facts((Direction::FromUpstream, Ending::Fin), 0);
        facts.violation = Some((Direction::FromUpstream, "PING of 9 bytes".to_owned()));
        assert_eq!(judge(Cause::Parties, &facts).reason, CloseReason::Completed);
    }

    #[test]
    fn a_complaint_in_goaway_counts_as_a_breach() {
        let mut facts = facts((Direction::FromUpstream, Ending::Fin), 1);
        facts.goaway_error = Some((Direction::FromUpstream, "GOAWAY PROTOCOL_ERROR(1)".to_owned()));
        let judged = judge(Cause::Parties, &facts);
        assert_eq!(judged.reason, CloseReason::ClientProtocolError);
    }
}
