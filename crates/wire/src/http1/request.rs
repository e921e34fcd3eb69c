//! The client's direction: requests, and what follows them in a tunnel.
//!
//! ```text
//!        first byte          head                 end
//! Idle ─────────────▶ Head ────────▶ Content ─────────────▶ Idle
//!   ▲                  └─ no content ───────────────────────▶ Idle
//!   │                                  └─ Upgrade, CONNECT ─▶ Held ── the response ──▶ Tunnel
//!   └────────────────────────────────────────────────────────────────────────────────┘ or Idle
//! any ── cannot be followed ──▶ Lost
//! ```

use std::borrow::Cow;

use super::MAX_HELD;
use super::body::{Body, BodyProgress};
use super::exchange::Exchanges;
use super::foreign::{Opening, inspect};
use super::framing::{self, Facts, Length, Message, Method};
use super::head::{self, RequestLine};
use super::lane::{Break, Lane, Sink};
use super::rules::{self, Fatal, Notes};
use super::section::{Collected, Section};
use super::target::absolute_form_authority;
use crate::Direction;
use crate::http::{Event, RequestHead, StreamId};

/// Follows the client's bytes.
#[derive(Debug)]
pub(super) struct Requests {
    lane: Lane,
    state: State,
}

#[derive(Debug)]
enum State {
    /// Between requests.
    Idle,
    /// In a head that begins at `start`.
    Head { stream: StreamId, start: u64, section: Section },
    /// In a request's content.
    Content { stream: StreamId, body: Body },
    /// After a request that asks for another protocol: what these bytes are is the response's to
    /// say.
    Held { stream: StreamId, bytes: Vec<u8> },
    /// In another protocol.
    Tunnel { stream: StreamId },
    /// Not followed.
    Lost,
}

impl Requests {
    pub(super) const fn new() -> Self {
        Self { lane: Lane::new(Direction::FromClient), state: State::Idle }
    }

    /// Takes all of `bytes`.
    pub(super) fn feed(
        &mut self,
        mut bytes: &[u8],
        exchanges: &mut Exchanges,
        sink: &mut Sink<'_>,
    ) {
        while !bytes.is_empty() {
            let used = self.advance(bytes, exchanges, sink);
            bytes = &bytes[used..];
        }
    }

    /// Goes on with held bytes when the upstream's direction has decided what they are.
    pub(super) fn release(&mut self, exchanges: &mut Exchanges, sink: &mut Sink<'_>) {
        let State::Held { stream, bytes } = &mut self.state else { return };
        if !exchanges.awaits_switch(*stream) {
            let bytes = std::mem::take(bytes);
            self.state = exchanges.tunnel().map_or(State::Idle, |stream| State::Tunnel { stream });
            self.feed(&bytes, exchanges, sink);
        } else if exchanges.is_lost(Direction::FromUpstream) && !bytes.is_empty() {
            self.stop("it is not known whether the upgrade succeeded", exchanges, sink);
        }
    }

    /// The client will send no more.
    pub(super) fn finish(&mut self, exchanges: &mut Exchanges, sink: &mut Sink<'_>) {
        if let State::Head { stream, start, section } = &mut self.state
            && let Err(fatal) = check_opening(section, true)
        {
            let (stream, at) = (*stream, *start);
            self.lose(stream, Break { at, fatal }, exchanges, sink);
        }
    }

    pub(super) const fn body_progress(&self) -> Option<BodyProgress> {
        match &self.state {
            State::Content { body, .. } => body.progress(),
            _ => None,
        }
    }

    /// One step; tells how much it took. Zero only when it changed the state.
    fn advance(&mut self, input: &[u8], exchanges: &mut Exchanges, sink: &mut Sink<'_>) -> usize {
        match &mut self.state {
            State::Idle => self.idle(input, exchanges, sink),
            State::Head { stream, start, section } => {
                let (stream, start) = (*stream, *start);
                let (used, outcome) = match section.collect(input) {
                    Collected::Complete { text, used } => {
                        self.lane.offset += used as u64;
                        self.head(&text, (stream, start), exchanges, sink);
                        return used;
                    }
                    Collected::Incomplete => (input.len(), check_opening(section, false)),
                    Collected::TooLarge { used } => {
                        let too_large = Err(Fatal::from(&rules::SECTION_TOO_LARGE));
                        (used, check_opening(section, false).and(too_large))
                    }
                };
                self.lane.offset += used as u64;
                if let Err(fatal) = outcome {
                    self.lose(stream, Break { at: start, fatal }, exchanges, sink);
                }
                used
            }
            State::Content { stream, body } => {
                let stream = *stream;
                match self.lane.content(body, Some(stream), input, sink) {
                    Ok(used) => {
                        if body.is_done() {
                            self.ended(stream, exchanges);
                        }
                        used
                    }
                    Err(broken) => {
                        self.lose(stream, broken, exchanges, sink);
                        input.len()
                    }
                }
            }
            State::Held { bytes, .. } => {
                if exchanges.is_lost(Direction::FromUpstream) {
                    self.stop("it is not known whether the upgrade succeeded", exchanges, sink);
                } else if bytes.len() + input.len() > MAX_HELD {
                    let why = "more than 64 KiB between a request for an upgrade and its response";
                    self.stop(why, exchanges, sink);
                } else {
                    bytes.extend_from_slice(input);
                }
                input.len()
            }
            State::Tunnel { stream } => {
                let (stream, direction) = (*stream, self.lane.direction);
                sink(Event::Tunnel { stream, direction, data: input });
                self.lane.offset += input.len() as u64;
                input.len()
            }
            State::Lost => input.len(),
        }
    }

    /// Skips empty lines before a request (RFC 9112 §2.2); begins it at its first byte.
    fn idle(&mut self, input: &[u8], exchanges: &mut Exchanges, sink: &mut Sink<'_>) -> usize {
        if let Some(stream) = exchanges.tunnel() {
            self.state = State::Tunnel { stream };
            return 0;
        }
        let empty = input.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
        self.lane.offset += empty as u64;
        if empty == input.len() {
            return empty;
        }
        match exchanges.begin() {
            Some(stream) => {
                sink(Event::RequestBegan { stream });
                let start = self.lane.offset;
                self.state = State::Head { stream, start, section: Section::default() };
            }
            None => self.stop("more than 1024 requests without a response", exchanges, sink),
        }
        empty
    }

    fn head(
        &mut self,
        text: &[u8],
        (stream, start): (StreamId, u64),
        exchanges: &mut Exchanges,
        sink: &mut Sink<'_>,
    ) {
        let mut notes = Notes::default();
        let parsed = check_first_bytes(text, true).and_then(|()| head::request(text, &mut notes));
        let (line, fields) = match parsed {
            Ok(parsed) => parsed,
            Err(fatal) => {
                return self.lose(stream, Break { at: start, fatal }, exchanges, sink);
            }
        };
        let facts = Facts::of(&fields);
        facts.check(Message::Request, line.version, &mut notes);
        let length = framing::length(Message::Request, &facts);
        let method = Method::of(line.method);
        let protocol = facts.upgrade(line.version);
        exchanges.request_head(stream, method, protocol.is_some() || method == Method::Connect);
        let authority = authority(&line, method, facts.host);
        let content_length = facts.content_length();
        let head = RequestHead {
            version: line.version,
            method: line.method.to_vec(),
            path: line.target.to_vec(),
            authority: authority.map(<[u8]>::to_vec),
            scheme: None,
            protocol,
            fields,
            content_length,
        };
        sink(Event::RequestHead { stream, head });
        self.lane.tell_all(start, Some(stream), &notes, sink);
        match (Body::of(length), length) {
            (Some(body), _) => self.state = State::Content { stream, body },
            (None, Length::Unknown(rule)) => {
                let broken = Break { at: start, fatal: Fatal::from(rule) };
                self.lose(stream, broken, exchanges, sink);
            }
            (None, _) => {
                sink(Event::End { stream, direction: self.lane.direction });
                self.ended(stream, exchanges);
            }
        }
    }

    fn ended(&mut self, stream: StreamId, exchanges: &Exchanges) {
        self.state = match exchanges.tunnel() {
            Some(stream) => State::Tunnel { stream },
            None if exchanges.awaits_switch(stream) => State::Held { stream, bytes: Vec::new() },
            None => State::Idle,
        };
    }

    fn lose(
        &mut self,
        stream: StreamId,
        broken: Break,
        exchanges: &mut Exchanges,
        sink: &mut Sink<'_>,
    ) {
        self.state = State::Lost;
        exchanges.lose(self.lane.direction);
        self.lane.lose(Some(stream), broken, sink);
    }

    fn stop(&mut self, why: &'static str, exchanges: &mut Exchanges, sink: &mut Sink<'_>) {
        self.state = State::Lost;
        exchanges.lose(self.lane.direction);
        self.lane.stop(self.lane.offset, Cow::Borrowed(why), sink);
    }

    #[cfg(test)]
    pub(super) fn buffered(&self) -> usize {
        match &self.state {
            State::Head { section, .. } => section.so_far().len(),
            State::Content { body, .. } => body.buffered(),
            State::Held { bytes, .. } => bytes.len(),
            _ => 0,
        }
    }
}

/// Refuses what cannot become a request, as early as it shows.
pub(super) fn check_opening(section: &mut Section, ended: bool) -> Result<(), Fatal> {
    check_first_bytes(section.so_far(), ended)?;
    match section.take_first_line() {
        Some(line) => RequestLine::parse(line).map(|_| ()),
        None => Ok(()),
    }
}

/// Refuses first bytes that are another protocol's.
pub(super) fn check_first_bytes(bytes: &[u8], ended: bool) -> Result<(), Fatal> {
    match inspect(Direction::FromClient, bytes, ended) {
        Opening::Http | Opening::Undecided => Ok(()),
        Opening::Foreign(what) => {
            Err(Fatal::quoting(format!("the client sent {what}"), "RFC 9112 §3"))
        }
    }
}

/// Whom the request is meant for (RFC 9112 §3.2, §3.3).
fn authority<'a>(
    line: &RequestLine<'a>,
    method: Method,
    host: Option<&'a [u8]>,
) -> Option<&'a [u8]> {
    if method == Method::Connect {
        return Some(line.target);
    }
    absolute_form_authority(line.target).map(|inside| &line.target[inside]).or(host)
}
