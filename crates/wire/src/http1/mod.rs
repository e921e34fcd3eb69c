//! HTTP/1.0 and HTTP/1.1 (RFC 9112) as seen from the middle: both directions of one connection.
//!
//! ```text
//! client's bytes ────▶ request  ┐        ┌▶ section  collects a head or trailers
//!                        │      ├─ use ──┼▶ head     parses its lines
//!                     exchange  │        ├▶ framing  decides which length the content has
//!                        │      │        ├▶ body     takes the framing off the content
//! upstream's bytes ──▶ response ┘        └▶ foreign  names what is not HTTP/1
//! ```
//!
//! A conversation and what the decoder says:
//!
//! ```text
//! client    GET /a HTTP/1.1␍␊Host: h␍␊␍␊          RequestBegan 1, RequestHead 1, End 1 (client)
//! upstream  HTTP/1.1 100 Continue␍␊␍␊             ResponseHead 1 (interim)
//! upstream  HTTP/1.1 200 OK␍␊Content-Length: 2…   ResponseHead 1, Body 1, End 1 (upstream)
//! ```
//!
//! After a 101 or a 2xx to CONNECT come `TunnelOpened` and `Tunnel` events and no `End`: a tunnel
//! ends with the connection.
//!
//! [`Heads`] is for whoever passes a client's bytes on and wants the heads out of them.
//!
//! Not here: what is inside a tunnel or a body, content codings, and the HTTP/2 preface answered by
//! an HTTP/1 server (the HTTP/2 decoder tells that).

mod body;
mod exchange;
mod foreign;
mod framing;
mod fuzzing;
mod head;
mod heads;
mod lane;
mod request;
mod response;
mod rules;
mod section;
mod target;
#[cfg(test)]
mod tests;

pub use body::BodyProgress;
#[doc(hidden)]
pub use fuzzing::fuzz;
pub use heads::{HeadText, Heads, Piece};
pub use target::absolute_form_authority;

use crate::http::Event;
use crate::{Direction, Timestamp};
use exchange::Exchanges;
use request::Requests;
use response::Responses;

/// A head, or a trailer section, is at most so many bytes.
pub const MAX_HEAD: usize = 256 * 1024;

/// At most so many requests wait for a response.
pub const MAX_PIPELINED: usize = 1024;

/// At most so many bytes of the client are kept between a request for an upgrade and its response.
pub const MAX_HELD: usize = 64 * 1024;

/// Passive decoder of one HTTP/1 connection. See [`crate::decoder`] for the contract.
///
/// ```
/// use wire::http::Event;
/// use wire::{Direction, Timestamp, http1};
///
/// let mut decoder = http1::Decoder::new();
/// let mut paths = Vec::new();
/// let request = b"GET /a HTTP/1.1\r\nHost: example.org\r\n\r\n";
/// decoder.feed(Direction::FromClient, request, Timestamp::default(), &mut |event| {
///     if let Event::RequestHead { head, .. } = event {
///         paths.push(head.path);
///     }
/// });
/// assert_eq!(paths, [b"/a"]);
/// ```
#[derive(Debug)]
pub struct Decoder {
    requests: Requests,
    responses: Responses,
    exchanges: Exchanges,
}

impl Default for Decoder {
    fn default() -> Self {
        Self::new()
    }
}

impl Decoder {
    /// A decoder at the start of a connection.
    pub fn new() -> Self {
        Self {
            requests: Requests::new(),
            responses: Responses::new(),
            exchanges: Exchanges::default(),
        }
    }

    /// Takes the next bytes of a direction.
    pub fn feed(
        &mut self,
        direction: Direction,
        bytes: &[u8],
        _now: Timestamp,
        sink: &mut dyn FnMut(Event<'_>),
    ) {
        match direction {
            Direction::FromClient => self.requests.feed(bytes, &mut self.exchanges, sink),
            Direction::FromUpstream => {
                let mut rest = bytes;
                while !rest.is_empty() {
                    let used = self.responses.advance(rest, &mut self.exchanges, sink);
                    rest = &rest[used..];
                    self.requests.release(&mut self.exchanges, sink);
                }
            }
        }
    }

    /// A direction ended. This completes content that only the end of the connection ends; what was
    /// cut gets no `End`.
    pub fn finish(
        &mut self,
        direction: Direction,
        _now: Timestamp,
        sink: &mut dyn FnMut(Event<'_>),
    ) {
        match direction {
            Direction::FromClient => self.requests.finish(&mut self.exchanges, sink),
            Direction::FromUpstream => {
                self.responses.finish(&mut self.exchanges, sink);
                self.requests.release(&mut self.exchanges, sink);
            }
        }
    }

    /// Whether the connection carries another protocol since an `Upgrade` or `CONNECT`.
    pub fn in_tunnel(&self) -> bool {
        self.exchanges.tunnel().is_some()
    }

    /// How far the content of the message in progress has come; none between messages, in a head,
    /// and in a tunnel.
    pub fn body_progress(&self, direction: Direction) -> Option<BodyProgress> {
        match direction {
            Direction::FromClient => self.requests.body_progress(),
            Direction::FromUpstream => self.responses.body_progress(),
        }
    }
}
