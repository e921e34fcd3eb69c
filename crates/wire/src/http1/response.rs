//! The upstream's direction: responses, matched to the requests that wait for one.
//!
//! ```text
//!        first byte          head                end, or the end of the connection
//! Idle ─────────────▶ Head ────────▶ Content ───────────────────────────────────▶ Idle
//!   ▲                  ├─ interim, no content ──▶ Idle
//!   │                  └─ 101, 2xx to CONNECT ──▶ Tunnel
//! any ── cannot be followed ──▶ Lost
//! ```

use std::borrow::Cow;

use super::body::{Body, BodyProgress};
use super::exchange::{Exchanges, Outstanding};
use super::foreign::{Opening, inspect, shown};
use super::framing::{self, Facts, Length, Message, Method};
use super::head::{self, StatusLine};
use super::lane::{Break, Lane, Sink};
use super::rules::{self, Fatal, Notes};
use super::section::{Collected, Section};
use crate::decoder::Severity;
use crate::http::{Event, ResponseHead, StreamId};
use crate::{Direction, Malformed};

/// Follows the upstream's bytes.
#[derive(Debug)]
pub(super) struct Responses {
    lane: Lane,
    state: State,
}

#[derive(Debug)]
enum State {
    /// Between responses.
    Idle,
    /// In a head that begins at `start`.
    Head { start: u64, section: Section },
    /// In a response's content; without a stream it belongs to no request and is skipped.
    Content { stream: Option<StreamId>, body: Body },
    /// In another protocol.
    Tunnel { stream: StreamId },
    /// Not followed.
    Lost,
}

impl Responses {
    pub(super) const fn new() -> Self {
        Self { lane: Lane::new(Direction::FromUpstream), state: State::Idle }
    }

    /// One step; tells how much of a non-empty `input` it took. Zero only when it changed the state.
    pub(super) fn advance(
        &mut self,
        input: &[u8],
        exchanges: &mut Exchanges,
        sink: &mut Sink<'_>,
    ) -> usize {
        match &mut self.state {
            State::Idle => self.idle(input, exchanges, sink),
            State::Head { start, section } => {
                let start = *start;
                let (used, outcome) = match section.collect(input) {
                    Collected::Complete { text, used } => {
                        self.lane.offset += used as u64;
                        self.head(&text, start, exchanges, sink);
                        return used;
                    }
                    Collected::Incomplete => {
                        (input.len(), check_opening(section, false, exchanges))
                    }
                    Collected::TooLarge { used } => {
                        let too_large = Err(Fatal::from(&rules::SECTION_TOO_LARGE));
                        (used, check_opening(section, false, exchanges).and(too_large))
                    }
                };
                self.lane.offset += used as u64;
                if let Err(fatal) = outcome {
                    self.lose(Break { at: start, fatal }, exchanges, sink);
                }
                used
            }
            State::Content { stream, body } => {
                let stream = *stream;
                match self.lane.content(body, stream, input, sink) {
                    Ok(used) => {
                        if body.is_done() {
                            self.ended(stream, exchanges);
                        }
                        used
                    }
                    Err(broken) => {
                        self.lose(broken, exchanges, sink);
                        input.len()
                    }
                }
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

    /// The upstream will send no more.
    pub(super) fn finish(&mut self, exchanges: &mut Exchanges, sink: &mut Sink<'_>) {
        match &mut self.state {
            State::Content { stream, body: Body::UntilClose } => {
                let stream = *stream;
                if let Some(stream) = stream {
                    sink(Event::End { stream, direction: self.lane.direction });
                }
                self.ended(stream, exchanges);
            }
            State::Head { start, section } => {
                let at = *start;
                if let Err(fatal) = check_opening(section, true, exchanges) {
                    self.lose(Break { at, fatal }, exchanges, sink);
                }
            }
            _ => {}
        }
    }

    pub(super) const fn body_progress(&self) -> Option<BodyProgress> {
        match &self.state {
            State::Content { stream: Some(_), body } => body.progress(),
            _ => None,
        }
    }

    fn idle(&mut self, input: &[u8], exchanges: &mut Exchanges, sink: &mut Sink<'_>) -> usize {
        let empty = input.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
        if empty > 0 {
            let stream = exchanges.front().map(|request| request.stream);
            self.lane.tell(self.lane.offset, stream, &rules::EMPTY_LINE_BEFORE_RESPONSE, sink);
            self.lane.offset += empty as u64;
            return empty;
        }
        let at = self.lane.offset;
        if exchanges.front().is_none() && exchanges.is_lost(Direction::FromClient) {
            self.state = State::Lost;
            exchanges.lose(self.lane.direction);
            let why = "the request that this answers was not followed";
            self.lane.stop(at, Cow::Borrowed(why), sink);
        } else {
            self.state = State::Head { start: at, section: Section::default() };
        }
        0
    }

    fn head(&mut self, text: &[u8], start: u64, exchanges: &mut Exchanges, sink: &mut Sink<'_>) {
        let mut notes = Notes::default();
        let parsed = check_first_bytes(text, true, exchanges)
            .and_then(|()| head::response(text, &mut notes));
        let (line, fields) = match parsed {
            Ok(parsed) => parsed,
            Err(fatal) => return self.lose(Break { at: start, fatal }, exchanges, sink),
        };
        let facts = Facts::of(&fields);
        let request = exchanges.front();
        let to = request.map_or(Method::Other, |request| request.method);
        let message = Message::Response { status: line.status, to };
        let length = framing::length(message, &facts);
        let Some(request) = request else {
            return self.unsolicited(&line, length, start, exchanges, sink);
        };
        facts.check(message, line.version, &mut notes);
        let protocol = if line.status == 101 { facts.switched_to() } else { None };
        if line.status == 101 && !request.asks_switch {
            notes.add(0, &rules::SWITCH_NOT_ASKED);
        } else if line.status == 101 && protocol.is_none() {
            notes.add(0, &rules::SWITCH_NOT_NAMED);
        }
        let content_length = facts.content_length();
        let head = ResponseHead {
            version: line.version,
            status: line.status,
            fields,
            content_length,
            is_whole: length == Length::Empty,
        };
        let stream = request.stream;
        let interim = head.is_interim();
        sink(Event::ResponseHead { stream, head });
        self.lane.tell_all(start, Some(stream), &notes, sink);
        self.state = State::Idle;
        if !interim {
            exchanges.answer();
            self.answer(request, (length, protocol), start, exchanges, sink);
        }
    }

    /// Goes on after the head of a final response.
    fn answer(
        &mut self,
        Outstanding { stream, .. }: Outstanding,
        (length, protocol): (Length, Option<Vec<u8>>),
        start: u64,
        exchanges: &mut Exchanges,
        sink: &mut Sink<'_>,
    ) {
        match (Body::of(length), length) {
            (Some(body), _) => self.state = State::Content { stream: Some(stream), body },
            (None, Length::Unknown(rule)) => {
                self.lose(Break { at: start, fatal: Fatal::from(rule) }, exchanges, sink);
            }
            (None, Length::Tunnel) => {
                exchanges.open_tunnel(stream);
                self.state = State::Tunnel { stream };
                sink(Event::TunnelOpened { stream, protocol });
            }
            (None, _) => {
                sink(Event::End { stream, direction: self.lane.direction });
                self.ended(Some(stream), exchanges);
            }
        }
    }

    /// Skips a response that no request waits for (RFC 9112 §9.2).
    fn unsolicited(
        &mut self,
        line: &StatusLine<'_>,
        length: Length,
        start: u64,
        exchanges: &mut Exchanges,
        sink: &mut Sink<'_>,
    ) {
        let status = line.status;
        let separator = if line.reason.is_empty() { "" } else { " " };
        let reason = shown(line.reason);
        let hint = if status == 408 { ": servers send it on an idle connection" } else { "" };
        let what = format!("a response without a request ({status}{separator}{reason}){hint}");
        sink(Event::Malformed(Malformed {
            direction: self.lane.direction,
            stream: None,
            offset: start,
            what: Cow::Owned(what),
            rfc_section: "RFC 9112 §9.2",
            severity: Severity::Warning,
        }));
        match (Body::of(length), length) {
            (Some(body), _) => self.state = State::Content { stream: None, body },
            (None, Length::Unknown(rule)) => {
                self.lose(Break { at: start, fatal: Fatal::from(rule) }, exchanges, sink);
            }
            (None, _) => self.state = State::Idle,
        }
    }

    fn ended(&mut self, stream: Option<StreamId>, exchanges: &mut Exchanges) {
        self.state = State::Idle;
        if stream.is_some() {
            exchanges.complete();
        }
    }

    fn lose(&mut self, broken: Break, exchanges: &mut Exchanges, sink: &mut Sink<'_>) {
        let stream = match &self.state {
            State::Content { stream, .. } => *stream,
            _ => exchanges.front().map(|request| request.stream),
        };
        self.state = State::Lost;
        exchanges.lose(self.lane.direction);
        self.lane.lose(stream, broken, sink);
    }

    #[cfg(test)]
    pub(super) fn buffered(&self) -> usize {
        match &self.state {
            State::Head { section, .. } => section.so_far().len(),
            State::Content { body, .. } => body.buffered(),
            _ => 0,
        }
    }
}

/// Refuses what cannot become a response, as early as it shows.
fn check_opening(section: &mut Section, ended: bool, exchanges: &Exchanges) -> Result<(), Fatal> {
    check_first_bytes(section.so_far(), ended, exchanges)?;
    match section.take_first_line() {
        Some(line) => StatusLine::parse(line).map(|_| ()),
        None => Ok(()),
    }
}

fn check_first_bytes(bytes: &[u8], ended: bool, exchanges: &Exchanges) -> Result<(), Fatal> {
    let Opening::Foreign(thing) = inspect(Direction::FromUpstream, bytes, ended) else {
        return Ok(());
    };
    Err(match exchanges.front() {
        None if exchanges.any_answered() => Fatal::quoting(
            format!(
                "after the end of a response the upstream sent {thing} (so it looks when \
                 Content-Length is too small, or when a response without content has some)"
            ),
            "RFC 9112 §9.2",
        ),
        _ => Fatal::quoting(format!("the upstream answered with {thing}"), "RFC 9112 §4"),
    })
}
