//! What an `event` of protocol `websocket` says besides: its messages and how it was closed.

use std::collections::VecDeque;

use serde::{Deserialize, Serialize};

use super::common::Seconds;
use super::event::body_b64;
use crate::vocabulary::{Flow, Party};

/// A WebSocket connection (RFC 6455).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct WebSocket {
    /// Who sent the first Close frame; null when nobody did.
    pub close_from: Option<Party>,
    /// The code in it; null also when it had none (what an API calls 1005).
    pub close_code: Option<u16>,
    /// The sender's words in it.
    pub close_reason: Option<String>,
    /// Ping frames from the client.
    pub pings_in: u64,
    /// Ping frames from the upstream.
    pub pings_out: u64,
    /// Pong frames from the client.
    pub pongs_in: u64,
    /// Pong frames from the upstream.
    pub pongs_out: u64,
    /// The last messages, oldest first.
    pub messages: VecDeque<WebSocketMessage>,
    /// How many messages before them are not listed.
    pub messages_omitted: u64,
}

/// One message.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct WebSocketMessage {
    /// When it was complete.
    pub ts: Seconds,
    /// Who sent it.
    pub direction: Flow,
    /// `text` or `binary`.
    pub opcode: WebSocketOpcode,
    /// Payload bytes on the wire, all fragments together.
    pub length: u64,
    /// The content of a text, when bodies are captured.
    pub data: Option<String>,
    /// The content of anything else, when bodies are captured.
    #[serde(with = "body_b64")]
    pub data_b64: Option<Vec<u8>>,
    /// Whether the content went on past the capture.
    pub truncated: bool,
    /// Whether the content is still compressed, because it could not be inflated.
    pub compressed: bool,
}

/// The two types of messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum WebSocketOpcode {
    /// UTF-8.
    Text,
    /// Anything.
    Binary,
}

impl WebSocketMessage {
    /// Bytes of content that it holds.
    pub(crate) fn held(&self) -> usize {
        self.data.as_ref().map_or(0, String::len) + self.data_b64.as_ref().map_or(0, Vec::len)
    }
}

impl WebSocket {
    pub(super) fn weight(&self) -> usize {
        /// A message without its content.
        const FIXED: usize = 96;
        self.messages.iter().map(|message| FIXED + message.held()).sum()
    }
}
