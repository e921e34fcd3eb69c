//! What the WebSocket decoder saw.

use std::borrow::Cow;

use crate::code::open_code;
use crate::{Direction, Lost, Malformed};

open_code! {
    /// What a frame is (RFC 6455 §5.2).
    Opcode(u8) {
        /// The next fragment of a message.
        CONTINUATION = 0x0, "CONTINUATION";
        /// The first or only fragment of a text message.
        TEXT = 0x1, "TEXT";
        /// The first or only fragment of a binary message.
        BINARY = 0x2, "BINARY";
        /// The sender is done.
        CLOSE = 0x8, "CLOSE";
        /// Are you there?
        PING = 0x9, "PING";
        /// The answer to a ping, or a heartbeat of its own accord.
        PONG = 0xa, "PONG";
    }
}

impl Opcode {
    /// Whether this is a control frame, which may stand between the fragments of a message.
    pub const fn is_control(self) -> bool {
        self.0 & 0x8 != 0
    }
}

open_code! {
    /// Why a side closed (RFC 6455 §7.4 and the IANA registry).
    CloseCode(u16) {
        /// The purpose is fulfilled.
        NORMAL_CLOSURE = 1000, "Normal Closure";
        /// The server goes down or the page was left.
        GOING_AWAY = 1001, "Going Away";
        /// The protocol was broken.
        PROTOCOL_ERROR = 1002, "Protocol Error";
        /// Data of a kind that can't be accepted, such as binary.
        UNSUPPORTED_DATA = 1003, "Unsupported Data";
        /// Never on the wire: there was no code.
        NO_STATUS_RECEIVED = 1005, "No Status Received";
        /// Never on the wire: there was no Close frame.
        ABNORMAL_CLOSURE = 1006, "Abnormal Closure";
        /// The content doesn't fit the message's type, such as text that isn't UTF-8.
        INVALID_PAYLOAD = 1007, "Invalid frame payload data";
        /// A policy was broken; the code for want of a better one.
        POLICY_VIOLATION = 1008, "Policy Violation";
        /// The message is too big.
        MESSAGE_TOO_BIG = 1009, "Message Too Big";
        /// The client misses an extension.
        MANDATORY_EXTENSION = 1010, "Mandatory Extension";
        /// Something unexpected on the server.
        INTERNAL_ERROR = 1011, "Internal Error";
        /// The server restarts.
        SERVICE_RESTART = 1012, "Service Restart";
        /// The server is overloaded.
        TRY_AGAIN_LATER = 1013, "Try Again Later";
        /// A gateway got a bad answer from upstream.
        BAD_GATEWAY = 1014, "Bad Gateway";
        /// Never on the wire: the TLS handshake failed.
        TLS_HANDSHAKE = 1015, "TLS handshake";
    }
}

impl CloseCode {
    /// Whether an endpoint may put this code into a Close frame (RFC 6455 §7.4).
    pub const fn may_be_sent(self) -> bool {
        matches!(self.0, 1000..=1003 | 1007..=1014 | 3000..=4999)
    }
}

/// The two types of messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MessageKind {
    /// UTF-8.
    Text,
    /// Anything.
    Binary,
}

/// How a message's data relate to what was on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Form {
    /// The payload was not compressed.
    Plain,
    /// The payload was compressed, the data are inflated.
    Inflated,
    /// The payload was compressed and couldn't be inflated: the data are the deflated bytes.
    Compressed,
}

/// One thing seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// A frame's header is complete; its payload follows.
    FrameHeader {
        /// Who sent it.
        direction: Direction,
        /// Whether it is the last fragment.
        fin: bool,
        /// The first reserved bit: with permessage-deflate, whether the message is compressed.
        rsv1: bool,
        /// What it is.
        opcode: Opcode,
        /// Whether the payload is masked, as a client's has to be.
        masked: bool,
        /// The payload's length in bytes.
        length: u64,
    },
    /// A message is complete.
    Message {
        /// Who sent it.
        direction: Direction,
        /// Text or binary.
        opcode: MessageKind,
        /// The content, at most [`MAX_CAPTURE`](super::MAX_CAPTURE) bytes.
        data: Vec<u8>,
        /// What the content is.
        form: Form,
        /// Whether the content goes on behind `data`.
        truncated: bool,
        /// Payload bytes on the wire, all fragments together.
        length: u64,
    },
    /// A ping.
    Ping {
        /// Who sent it.
        direction: Direction,
        /// Its payload, at most 125 bytes.
        data: Vec<u8>,
    },
    /// A pong.
    Pong {
        /// Who sent it.
        direction: Direction,
        /// Its payload, at most 125 bytes.
        data: Vec<u8>,
    },
    /// A Close frame.
    Close {
        /// Who sent it.
        direction: Direction,
        /// Why; `None` when the frame has no payload.
        code: Option<CloseCode>,
        /// The sender's words; bytes that are not UTF-8 are written `\xNN`.
        reason: String,
    },
    /// Messages of this direction are not inflated any more, because the context that they refer to
    /// is lost. Framing is still followed.
    InflateStopped {
        /// Whose messages.
        direction: Direction,
        /// Why: the limit crossed, or what was wrong with the data.
        why: Cow<'static, str>,
    },
    /// A breach of the protocol.
    Malformed(Malformed),
    /// One direction is not followed any further.
    Lost(Lost),
}
