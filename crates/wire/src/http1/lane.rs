//! One direction's place in its bytes, and the telling of what was found there.
//!
//! Requests and responses differ in their heads ([`super::request`], [`super::response`]); offsets,
//! breaches and content are the same for both and stand here.

use std::borrow::Cow;

use super::body::{Body, Step};
use super::head;
use super::rules::{self, Fatal, Notes, Rule};
use crate::decoder::Severity;
use crate::http::{Event, StreamId};
use crate::{Direction, Lost, Malformed};

/// Who gets the events.
pub(super) type Sink<'s> = dyn for<'e> FnMut(Event<'e>) + 's;

/// A direction and how far it was read.
#[derive(Debug)]
pub(super) struct Lane {
    pub(super) direction: Direction,
    /// Bytes taken so far.
    pub(super) offset: u64,
    bare_lf_told: bool,
    empty_line_told: bool,
}

/// A direction cannot be followed from `at` on.
pub(super) struct Break {
    pub(super) at: u64,
    pub(super) fatal: Fatal,
}

impl Lane {
    pub(super) const fn new(direction: Direction) -> Self {
        Self { direction, offset: 0, bare_lf_told: false, empty_line_told: false }
    }

    /// Tells of a broken rule; of the two commonest only once a direction.
    pub(super) fn tell(
        &mut self,
        at: u64,
        stream: Option<StreamId>,
        rule: &'static Rule,
        sink: &mut Sink<'_>,
    ) {
        let told = if *rule == rules::BARE_LF {
            std::mem::replace(&mut self.bare_lf_told, true)
        } else if *rule == rules::EMPTY_LINE_BEFORE_RESPONSE {
            std::mem::replace(&mut self.empty_line_told, true)
        } else {
            false
        };
        if !told {
            sink(Event::Malformed(Malformed {
                direction: self.direction,
                stream,
                offset: at,
                what: Cow::Borrowed(rule.what),
                rfc_section: rule.section,
                severity: rule.severity,
            }));
        }
    }

    /// Tells of all rules that a section broke which begins at `start`.
    pub(super) fn tell_all(
        &mut self,
        start: u64,
        stream: Option<StreamId>,
        notes: &Notes,
        sink: &mut Sink<'_>,
    ) {
        for (at, rule) in notes.iter() {
            self.tell(start + at as u64, stream, rule, sink);
        }
    }

    /// Tells that the peer broke the protocol, and that this direction is not followed any further.
    pub(super) fn lose(&self, stream: Option<StreamId>, broken: Break, sink: &mut Sink<'_>) {
        let Break { at, fatal: Fatal { what, section } } = broken;
        sink(Event::Malformed(Malformed {
            direction: self.direction,
            stream,
            offset: at,
            what: what.clone(),
            rfc_section: section,
            severity: Severity::Connection,
        }));
        self.stop(at, what, sink);
    }

    /// Tells that this direction is not followed any further.
    pub(super) fn stop(&self, at: u64, why: Cow<'static, str>, sink: &mut Sink<'_>) {
        sink(Event::Lost(Lost { direction: self.direction, offset: at, why }));
    }

    /// Takes one piece of content, and the message's end where it is reached. Without a stream it is
    /// skipped. Tells how much of `input` was taken.
    pub(super) fn content(
        &mut self,
        body: &mut Body,
        stream: Option<StreamId>,
        input: &[u8],
        sink: &mut Sink<'_>,
    ) -> Result<usize, Break> {
        let direction = self.direction;
        let start = self.offset;
        let (used, step) = body.step(input);
        self.offset += used as u64;
        match (step, stream) {
            (Step::Broken(rule), _) => {
                return Err(Break { at: self.offset, fatal: Fatal::from(rule) });
            }
            (Step::BareLf, Some(_)) => self.tell(self.offset - 1, stream, &rules::BARE_LF, sink),
            (Step::Data(data), Some(stream)) => sink(Event::Body { stream, direction, data }),
            (Step::Trailers(text), Some(stream)) => {
                let start = start + used as u64 - text.len() as u64;
                self.trailers(&text, stream, start, sink);
            }
            (Step::Framing, _) | (_, None) => {}
        }
        if let Some(stream) = stream
            && body.is_done()
        {
            sink(Event::End { stream, direction });
        }
        Ok(used)
    }

    fn trailers(&mut self, text: &[u8], stream: StreamId, start: u64, sink: &mut Sink<'_>) {
        let mut notes = Notes::default();
        let fields = head::trailers(text, &mut notes);
        if !fields.is_empty() {
            sink(Event::Trailers { stream, direction: self.direction, fields });
        }
        self.tell_all(start, Some(stream), &notes, sink);
    }
}
