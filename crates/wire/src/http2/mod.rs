//! HTTP/2 (RFC 9113) as seen from the middle: both directions of one connection.

pub mod event;
pub mod hpack;

pub use event::{Control, ControlKind, ErrorCode, Event, Scope, SettingChange, SettingId};
