//! WebSocket (RFC 6455) after an upgrade: frames and messages of both directions, unmasked, and
//! inflated where permessage-deflate (RFC 7692) was agreed upon.
//!
//! ```
//! use wire::Direction;
//! use wire::websocket::{Decoder, Event, Extensions};
//!
//! let mut decoder = Decoder::new(&Extensions::from_response([]));
//! let mut messages = Vec::new();
//! decoder.feed(Direction::FromUpstream, b"\x81\x02hi", &mut |event| {
//!     if let Event::Message { data, .. } = event {
//!         messages.push(data);
//!     }
//! });
//! assert_eq!(messages, [b"hi".to_vec()]);
//! ```
//!
//! Memory is bounded: of a message [`MAX_CAPTURE`] bytes are kept, and inflating stops after
//! [`MAX_INFLATED`] bytes. The opening handshake is HTTP and not looked at here, apart from the
//! extensions that it agreed upon.

mod control;
mod decoder;
mod event;
mod extensions;
mod frame;
mod fuzzing;
mod half;
mod inflate;
mod message;
#[cfg(test)]
mod tests;

pub use decoder::Decoder;
pub use event::{CloseCode, Event, Form, MessageKind, Opcode};
pub use extensions::{Deflate, DeflateParams, Extensions};
#[doc(hidden)]
pub use fuzzing::fuzz;
pub use half::MAX_BREACHES;
pub use inflate::MAX_INFLATED;
pub use message::MAX_CAPTURE;
