//! Bytes to typed events.
//!
//! `wire` says what the bytes are, and nothing more: no sockets, no clock, no opinion about whose
//! fault something is. The contract of every decoder stands in [`decoder`].
//!
//! ```text
//! first bytes ── sniff ──┬─ proxy_protocol   a PROXY v1/v2 header
//!                        ├─ tls              ClientHello, ServerHello, alerts, fingerprints
//!                        ├─ http1            messages over one connection, both directions
//!                        ├─ http2            frames, HPACK, streams, flow control, both directions
//!                        │    └─ grpc        length-prefixed messages inside bodies
//!                        └─ websocket        frames after an upgrade
//! ```
//!
//! HTTP/1 and HTTP/2 speak the same [`http::Event`] vocabulary, so whoever follows exchanges needs
//! to know only one of it.

mod code;
pub mod cursor;
pub mod decoder;
pub mod grpc;
pub mod http;
pub mod http1;
pub mod http2;
pub mod proxy_protocol;
pub mod sniff;
mod text;
pub mod time;
pub mod tls;
pub mod websocket;

pub use decoder::{Direction, Lost, Malformed};
pub use time::Timestamp;
