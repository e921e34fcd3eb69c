//! One stream: its state (RFC 9113 §5.1) and how far its two messages have come (§8.1).
//!
//! Which streams there are is in [`super::streams`]; what they may send in [`super::flow`].

use super::flow::StreamFlow;
use super::frame::Kind;
use crate::Direction;
use crate::decoder::PerDirection;
use crate::grpc::Prefixes;

/// The state of a stream, as both ends see it once all frames have arrived.
///
/// ```text
///            PUSH_PROMISE            HEADERS (client)
///   Reserved ◄────────── (idle) ──────────────► Open
///      │                                         │
///      │ HEADERS (upstream)                      │ END_STREAM from D
///      │                                         ▼
///      └──────────► HalfClosed(FromClient)  HalfClosed(D)
///                             │                  │ END_STREAM from the other
///                             └────────┬─────────┘
///                                      ▼
///   any ── RST_STREAM from either ─► Closed
/// ```
///
/// Idle streams have no value of this type. From the middle RFC 9113's "local" and "remote" are the
/// client and the upstream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    /// Promised by the upstream; its response hasn't begun.
    Reserved,
    /// Both may send.
    Open,
    /// This direction has ended.
    HalfClosed(Direction),
    /// Nothing more is due.
    Closed,
}

impl State {
    /// HEADERS or DATA were sent.
    #[must_use]
    pub(super) const fn after_send(self, sender: Direction) -> Self {
        match (self, sender) {
            (Self::Reserved, Direction::FromUpstream) => Self::HalfClosed(Direction::FromClient),
            (state, _) => state,
        }
    }

    /// END_STREAM was sent.
    #[must_use]
    pub(super) fn after_end(self, sender: Direction) -> Self {
        match self.after_send(sender) {
            Self::Open => Self::HalfClosed(sender),
            Self::HalfClosed(ended) if ended == sender => self,
            Self::HalfClosed(_) | Self::Closed => Self::Closed,
            Self::Reserved => Self::Reserved,
        }
    }

    /// Whether this direction has sent all it will.
    pub(super) fn has_ended(self, sender: Direction) -> bool {
        match self {
            Self::Open => false,
            Self::HalfClosed(ended) => ended == sender,
            Self::Reserved => sender == Direction::FromClient,
            Self::Closed => true,
        }
    }

    /// Why a frame of this type may not be sent now, if so. RST_STREAM, PRIORITY and WINDOW_UPDATE
    /// may be in every state but idle.
    pub(super) fn refuses(self, kind: Kind, sender: Direction) -> Option<&'static str> {
        if !matches!(kind, Kind::Data | Kind::Headers) {
            return None;
        }
        match (self, sender) {
            (Self::Reserved, Direction::FromClient) => Some("that the upstream has reserved"),
            (Self::Reserved, Direction::FromUpstream) if kind == Kind::Data => {
                Some("that is reserved: HEADERS come first")
            }
            (state, _) if state != Self::Reserved && state.has_ended(sender) => {
                Some("that the sender has ended with END_STREAM")
            }
            _ => None,
        }
    }
}

/// How far a message has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Phase {
    /// Its (final) head is still to come.
    #[default]
    Head,
    /// DATA, then perhaps trailers.
    Content,
    /// Only END_STREAM is missing.
    Trailers,
}

/// How much content a message has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Length {
    /// Until END_STREAM.
    #[default]
    Unknown,
    /// `content-length`.
    Exactly(u64),
    /// A response to HEAD, a 204 or 304: none, whatever content-length says.
    None,
}

/// What a sender still has to send of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wants {
    /// Nothing that is known of.
    Nothing,
    /// Something.
    Some,
    /// So many bytes.
    Bytes(u64),
}

/// One of a stream's two messages.
#[derive(Debug, Default)]
pub(super) struct Message {
    pub(super) phase: Phase,
    pub(super) length: Length,
    /// Content bytes so far.
    pub(super) received: u64,
    /// Where in a gRPC body we are.
    pub(super) grpc: Option<Prefixes>,
}

impl Message {
    /// Bytes still due of a message that has begun.
    pub(super) fn remaining(&self) -> Option<u64> {
        if self.phase != Phase::Content {
            return None;
        }
        match (&self.grpc, self.length) {
            // Within a prefix at least its length is due.
            (Some(grpc), _) => Some(grpc.remaining().unwrap_or(1)),
            (None, Length::Exactly(length)) => Some(length.saturating_sub(self.received)),
            (None, _) => None,
        }
    }

    /// What is still to be sent. At the boundary of two gRPC messages nothing is: a quiet
    /// subscription is not a blocked one. Before the first message something is due.
    pub(super) fn wants(&self) -> Wants {
        if self.phase != Phase::Content {
            return Wants::Nothing;
        }
        if let Some(grpc) = &self.grpc {
            return match grpc.remaining() {
                Some(0) if grpc.messages() > 0 => Wants::Nothing,
                Some(0) | None => Wants::Some,
                Some(bytes) => Wants::Bytes(bytes),
            };
        }
        match self.length {
            Length::None => Wants::Nothing,
            Length::Unknown => Wants::Some,
            Length::Exactly(length) => match length.saturating_sub(self.received) {
                0 => Wants::Nothing,
                bytes => Wants::Bytes(bytes),
            },
        }
    }
}

/// What the request asks for, as far as the response's framing depends on it.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) enum Asked {
    /// Any other method.
    #[default]
    Content,
    /// HEAD: the response has no content.
    Head,
    /// CONNECT: a 2xx response opens a tunnel, for this `:protocol` if it is an extended CONNECT.
    Tunnel(Option<Vec<u8>>),
    /// The tunnel is open.
    Tunnelled,
}

/// A stream that isn't closed.
#[derive(Debug)]
pub(super) struct Stream {
    pub(super) state: State,
    pub(super) messages: PerDirection<Message>,
    pub(super) flow: PerDirection<StreamFlow>,
    pub(super) asked: Asked,
}

impl Stream {
    pub(super) fn new(state: State) -> Self {
        Self {
            state,
            messages: PerDirection::default(),
            flow: PerDirection::default(),
            asked: Asked::default(),
        }
    }

    /// What this direction still has to send.
    pub(super) fn wants(&self, sender: Direction) -> Wants {
        if self.state.has_ended(sender) { Wants::Nothing } else { self.messages[sender].wants() }
    }
}
