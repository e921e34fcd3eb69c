//! Who ended it, at which stage, how: the only home of blame.
//!
//! [`judge`] turns the [`Facts`] that a connection's session gathered into the words of its `conn
//! close` record; [`cut`] words the error of an exchange that the end of the connection interrupted.
//!
//! ```text
//! timeout, shutdown, handshake … ──────────────────────────────► what was decided
//! breach of the protocol, or GOAWAY that complains of one ─────► {culprit}_protocol_error
//! RST ─────────────────────────────────────────────────────────► {ender}_rst
//! FIN ─┬─ something was in flight ─────────────────────────────► {ender}_fin
//!      └─ nothing was ─────────────────────────────────────────► completed
//! ```

mod facts;
#[cfg(test)]
mod tests;

use wire::Direction;

use crate::vocabulary::{CloseReason, Party};
pub use facts::{Facts, Goaway, Violation};

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
    let Some((ender, ending)) = facts.first() else {
        return Judgement { closed_by: Party::Proxy, reason: CloseReason::Completed, detail: None };
    };
    let closed_by = Party::from(ender);
    if let Some((culprit, detail)) = facts.breach() {
        return Judgement { closed_by, reason: protocol_error(culprit), detail: Some(detail) };
    }
    let reason = match ending {
        Ending::Rst => rst(ender),
        _ if facts.is_interrupted() => fin(ender),
        _ => CloseReason::Completed,
    };
    Judgement { closed_by, reason, detail: circumstances(ending, facts) }
}

/// What a person should know besides the reason.
fn circumstances(ending: Ending, facts: &Facts) -> Option<String> {
    let mut parts = Vec::new();
    match facts.cut {
        0 => {}
        1 => parts.push("1 exchange was in flight".to_owned()),
        many => parts.push(format!("{many} exchanges were in flight")),
    }
    parts.extend(facts.unopened.map(ToOwned::to_owned));
    if facts.cut > 0 && ending == Ending::FinWithoutCloseNotify {
        parts.push("TLS ended without close_notify".to_owned());
    }
    if let Some(goaway) = facts.goaway_error() {
        parts.push(goaway.to_string());
    }
    (!parts.is_empty()).then(|| parts.join("; "))
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
    /// A byte stream: a tunnel, or a protocol that is not understood.
    Bytes,
    /// A WebSocket on which nobody had sent a Close frame: what its API calls code 1006.
    WebSocket,
}

impl Stage {
    const fn words(self) -> &'static str {
        match self {
            Self::Request => "in the middle of the request",
            Self::BeforeResponse => "before the response",
            Self::Response => "in the middle of the response",
            Self::Bytes => "in the middle of the byte stream",
            Self::WebSocket => "without a close frame (1006)",
        }
    }
}

/// Words the error of an exchange that the end of its connection cut: `upstream_rst before the
/// response`; with the GOAWAY that came before, if one did.
pub fn cut(judgement: &Judgement, stage: Stage, facts: &Facts) -> String {
    let stage = stage.words();
    let cut = match judgement.reason {
        CloseReason::Completed => format!("connection closed by {} {stage}", judgement.closed_by),
        reason => format!("{reason} {stage}"),
    };
    match facts.goaway() {
        Some(goaway) => format!("{cut}, after {goaway}"),
        None => cut,
    }
}
