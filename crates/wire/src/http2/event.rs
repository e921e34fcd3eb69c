//! What the HTTP/2 decoder saw: HTTP messages, and what happened beneath them.

use std::borrow::Cow;
use std::time::Duration;

use crate::code::open_code;
use crate::{Direction, http};

/// One thing seen on an HTTP/2 connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event<'a> {
    /// A piece of an HTTP message.
    Http(http::Event<'a>),
    /// A control frame, or a fact about flow control drawn from the frames.
    Control(Control),
}

/// A control event; becomes one `h2ctl` record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Control {
    /// Who sent the frame; for flow-control facts the side that is kept from sending.
    pub direction: Direction,
    /// The stream, or none for the connection as a whole.
    pub stream: Option<u32>,
    /// What it was.
    pub kind: ControlKind,
}

/// The kinds of control events, with their facts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ControlKind {
    /// SETTINGS without ACK (RFC 9113 §6.5): each parameter it carries, in order.
    Settings {
        /// Old and new value of each parameter sent.
        changed: Vec<SettingChange>,
    },
    /// SETTINGS with ACK.
    SettingsAck,
    /// WINDOW_UPDATE (§6.9).
    WindowUpdate {
        /// Bytes of credit added.
        delta: u32,
        /// What the receiver of the frame may send after it; can be negative (§6.9.2).
        window: i64,
    },
    /// The sender has an unfinished message and no credit left.
    FlowBlock {
        /// Which of the two windows is empty. With [`Scope::Connection`] `stream` is none.
        scope: Scope,
        /// Bytes that the message still wants, where content-length or the gRPC prefix tells.
        wanted_bytes: Option<u64>,
        /// The empty window, zero or negative.
        window: i64,
    },
    /// Credit came back.
    FlowResume {
        /// Which window had been empty.
        scope: Scope,
        /// How long it had.
        blocked: Duration,
    },
    /// RST_STREAM (§6.4).
    RstStream {
        /// Why, in the sender's words.
        code: ErrorCode,
    },
    /// GOAWAY (§6.8).
    GoAway {
        /// Why, in the sender's words.
        code: ErrorCode,
        /// The highest stream that the sender might have acted on.
        last_stream_id: u32,
        /// Opaque data, capped at [`MAX_DEBUG_DATA`].
        debug_data: Vec<u8>,
    },
    /// PING without ACK (§6.7).
    Ping {
        /// Its eight bytes.
        opaque: [u8; 8],
    },
    /// PING with ACK.
    PingAck {
        /// Its eight bytes.
        opaque: [u8; 8],
        /// Time since the PING it answers passed here; none when no PING matches.
        rtt: Option<Duration>,
    },
    /// PUSH_PROMISE (§6.6).
    PushPromise {
        /// The stream that the push will use.
        promised: u32,
    },
    /// How one side opens its HTTP/2 connection: told once a direction, as soon as its opening
    /// frames are past.
    Fingerprint {
        /// SETTINGS, first connection WINDOW_UPDATE, PRIORITY frames, and (client only) the order
        /// of the request pseudo-header fields: `1:65536;3:1000;4:6291456|15663105|0|m,a,s,p`.
        h2fp: String,
    },
    /// A breach of the protocol.
    ProtocolError {
        /// What was found, and what is allowed.
        what: Cow<'static, str>,
        /// Where the rule stands.
        rfc_section: &'static str,
        /// Bytes of that direction before the offending frame.
        offset: u64,
        /// How far it reaches.
        severity: crate::decoder::Severity,
    },
}

/// How much GOAWAY debug data is kept, in bytes.
pub const MAX_DEBUG_DATA: usize = 4096;

/// Which flow-control window (RFC 9113 §6.9.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scope {
    /// The connection's own window.
    Connection,
    /// One stream's window.
    Stream,
}

/// One parameter of a SETTINGS frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SettingChange {
    /// Which parameter.
    pub setting: SettingId,
    /// The value that held before: the last one sent, or the initial value of RFC 9113 §6.5.2;
    /// none where there is no limit or the parameter is unknown.
    pub old: Option<u32>,
    /// The value sent.
    pub new: u32,
}

open_code! {
    /// A SETTINGS parameter (RFC 9113 §6.5.2, RFC 8441 §3, RFC 9218 §2.1).
    SettingId(u16) {
        /// 0x1
        HEADER_TABLE_SIZE = 1, "HEADER_TABLE_SIZE";
        /// 0x2
        ENABLE_PUSH = 2, "ENABLE_PUSH";
        /// 0x3
        MAX_CONCURRENT_STREAMS = 3, "MAX_CONCURRENT_STREAMS";
        /// 0x4
        INITIAL_WINDOW_SIZE = 4, "INITIAL_WINDOW_SIZE";
        /// 0x5
        MAX_FRAME_SIZE = 5, "MAX_FRAME_SIZE";
        /// 0x6
        MAX_HEADER_LIST_SIZE = 6, "MAX_HEADER_LIST_SIZE";
        /// 0x8
        ENABLE_CONNECT_PROTOCOL = 8, "ENABLE_CONNECT_PROTOCOL";
        /// 0x9
        NO_RFC7540_PRIORITIES = 9, "NO_RFC7540_PRIORITIES";
    }
}

open_code! {
    /// An HTTP/2 error code (RFC 9113 §7).
    ErrorCode(u32) {
        /// 0x0
        NO_ERROR = 0, "NO_ERROR";
        /// 0x1
        PROTOCOL_ERROR = 1, "PROTOCOL_ERROR";
        /// 0x2
        INTERNAL_ERROR = 2, "INTERNAL_ERROR";
        /// 0x3
        FLOW_CONTROL_ERROR = 3, "FLOW_CONTROL_ERROR";
        /// 0x4
        SETTINGS_TIMEOUT = 4, "SETTINGS_TIMEOUT";
        /// 0x5
        STREAM_CLOSED = 5, "STREAM_CLOSED";
        /// 0x6
        FRAME_SIZE_ERROR = 6, "FRAME_SIZE_ERROR";
        /// 0x7
        REFUSED_STREAM = 7, "REFUSED_STREAM";
        /// 0x8
        CANCEL = 8, "CANCEL";
        /// 0x9
        COMPRESSION_ERROR = 9, "COMPRESSION_ERROR";
        /// 0xa
        CONNECT_ERROR = 10, "CONNECT_ERROR";
        /// 0xb
        ENHANCE_YOUR_CALM = 11, "ENHANCE_YOUR_CALM";
        /// 0xc
        INADEQUATE_SECURITY = 12, "INADEQUATE_SECURITY";
        /// 0xd
        HTTP_1_1_REQUIRED = 13, "HTTP_1_1_REQUIRED";
    }
}
