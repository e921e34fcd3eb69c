//! `upstream.authority`: another name for the server in what goes from the client to the upstream.
//!
//! The only thing that ever changes bytes. It is for clients that were pointed at the proxy's own
//! name, while the upstream wants to be called by its own.
//!
//! ```text
//! GET / HTTP/1.1␍␊                     GET / HTTP/1.1␍␊
//! host:  localhost:8443␍␊       ──►    host:  example.org␍␊
//! ␍␊                                   ␍␊
//!
//! HEADERS 1 (:authority localhost)     HEADERS 1 (:authority example.org)
//! DATA 1                        ──►    DATA 1, byte for byte
//! ```
//!
//! What the names are replaced in, and how the rest is left as it was, is told in [`http1`] and
//! [`http2`]. What can't be followed goes on unchanged, and the log says so once. The authority that
//! a CONNECT asks a tunnel to is the client's own choice, and stays.
//!
//! Not here: the upstream's direction, which is never touched, and records, which tell what the
//! client sent.

mod fuzzing;
mod http1;
mod http2;
#[cfg(test)]
mod tests;

use analysis::session::Application;
use wire::sniff::{Sniff, sniff};

#[doc(hidden)]
pub use fuzzing::fuzz;

/// Rewrites the client's direction of one connection.
///
/// ```text
///              ┌─ request line ─► Http1 ─┬─ CONNECT, unknown Upgrade, not followed ─► PassThrough
/// Sniffing ────┼─ preface ──────► Http2 ─┼─ not followed ───────────────────────────► PassThrough
///    ▲         └─ other ─────────────────┼──────────────────────────────────────────► PassThrough
///    └──── Upgrade: websocket, h2c ──────┘
/// ```
///
/// ```
/// use analysis::session::Application;
/// use wiretracer::rewrite::Rewrite;
///
/// let mut rewrite = Rewrite::new("example.org", Application::Unknown);
/// let mut out = Vec::new();
/// rewrite.feed(b"GET / HTTP/1.1\r\nHost: local", &mut out);
/// rewrite.feed(b"host:8080\r\n\r\n", &mut out);
/// assert_eq!(out, b"GET / HTTP/1.1\r\nHost: example.org\r\n\r\n");
/// ```
#[derive(Debug)]
pub struct Rewrite {
    authority: Box<[u8]>,
    state: State,
}

#[derive(Debug)]
enum State {
    /// The next bytes tell; these are not enough.
    Sniffing(Vec<u8>),
    Http1(http1::Requests),
    Http2(Box<http2::Frames>),
    PassThrough,
}

/// What comes after the bytes that were just taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Next {
    /// More of the same protocol.
    Same,
    /// What the first bytes say.
    Sniff,
    /// Whatever it is, it goes on unchanged.
    PassThrough,
}

impl Rewrite {
    /// A rewriter at the start of a connection on which `application` was agreed; it will put
    /// `authority` (a host, perhaps with a port) in place of what the client says.
    pub fn new(authority: &str, application: Application) -> Self {
        let state = match application {
            Application::Http1 => State::Http1(http1::Requests::default()),
            Application::Http2 => State::Http2(Box::default()),
            Application::Raw => State::PassThrough,
            Application::Unknown => State::Sniffing(Vec::new()),
        };
        Self { authority: authority.as_bytes().into(), state }
    }

    /// Takes the client's next bytes, and appends to `out` what goes on to the upstream. An
    /// incomplete head is held back, whatever else came is passed on at once.
    pub fn feed(&mut self, chunk: &[u8], out: &mut Vec<u8>) {
        let mut rest = chunk;
        while !rest.is_empty() {
            let (used, next) = match &mut self.state {
                State::Sniffing(held) if held.is_empty() => self.sniff(rest),
                State::Sniffing(held) => {
                    let mut held = std::mem::take(held);
                    held.extend_from_slice(rest);
                    self.state = State::Sniffing(Vec::new());
                    // Doesn't come back here: nothing is held until the end of what is fed.
                    return self.feed(&held, out);
                }
                State::Http1(requests) => requests.advance(rest, &self.authority, out),
                State::Http2(frames) => frames.advance(rest, &self.authority, out),
                State::PassThrough => return out.extend_from_slice(rest),
            };
            rest = &rest[used..];
            match next {
                Next::Same => {}
                Next::Sniff => self.state = State::Sniffing(Vec::new()),
                Next::PassThrough => self.state = State::PassThrough,
            }
        }
    }

    /// The client will send no more: appends what is still held.
    pub fn finish(&mut self, out: &mut Vec<u8>) {
        out.extend_from_slice(self.held());
        self.state = State::PassThrough;
    }

    fn sniff(&mut self, bytes: &[u8]) -> (usize, Next) {
        self.state = match sniff(bytes) {
            Sniff::NeedMore => {
                self.state = State::Sniffing(bytes.to_vec());
                return (bytes.len(), Next::Same);
            }
            Sniff::Http1Request => State::Http1(http1::Requests::default()),
            Sniff::Http2Preface => State::Http2(Box::default()),
            _ => State::PassThrough,
        };
        (0, Next::Same)
    }

    fn held(&self) -> &[u8] {
        match &self.state {
            State::Sniffing(held) => held,
            State::Http1(requests) => requests.held(),
            State::Http2(frames) => frames.held(),
            State::PassThrough => &[],
        }
    }
}
