//! One direction of an observed connection.
//!
//! ```text
//! Opening ──(two bytes of TLS)──► Reading ──(nonsense, or a message over the limit)──► Ignored
//!    └──────(anything else)──────────────────────────────────────────────────────────►
//! ```

use std::borrow::Cow;

use super::event::{Alert, Event, Totals};
use crate::decoder::Severity;
use crate::tls::certificate::{chain, key_exchange_group};
use crate::tls::handshake::{Assembler, MAX_MESSAGE, Step};
use crate::tls::opening::{Opening, Verdict};
use crate::tls::record::{Piece, RecordHeader, RecordReader};
use crate::tls::{
    AlertDescription, AlertLevel, Broken, CertificateRequest, CipherSuite, ClientHello,
    ContentType, HandshakeType, ProtocolVersion, ServerHello,
};
use crate::{Direction, Lost, Malformed};

/// What the ServerHello decided, and the reading of both directions depends on.
#[derive(Clone, Copy, Debug)]
pub(super) struct Negotiated {
    version: ProtocolVersion,
    suite: CipherSuite,
}

#[derive(Clone, Debug, Default)]
pub(super) struct Flight {
    state: State,
    totals: Totals,
}

#[derive(Clone, Debug)]
enum State {
    Opening(Opening),
    Reading(Box<Reading>),
    Ignored,
}

impl Default for State {
    fn default() -> Self {
        Self::Opening(Opening::default())
    }
}

#[derive(Clone, Debug)]
struct Reading {
    records: RecordReader,
    handshake: Assembler,
    /// Bytes before the record in which the message at hand began.
    message_at: u64,
    /// The first byte of an alert whose second is not here yet.
    alert_level: Option<AlertLevel>,
    protection: Protection,
}

/// Whether handshake messages and alerts of this direction can be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Protection {
    /// Yes: they are in the clear.
    Clear,
    /// No, and the next handshake record is Finished.
    Changed,
    /// No.
    Encrypted,
}

/// Nothing of this direction can be followed any more.
struct Stop;

impl Flight {
    pub(super) const fn totals(&self) -> Totals {
        self.totals
    }

    pub(super) fn feed(
        &mut self,
        direction: Direction,
        mut bytes: &[u8],
        negotiated: &mut Option<Negotiated>,
        sink: &mut impl FnMut(Event),
    ) {
        self.totals.bytes += bytes.len() as u64;
        let totals = &mut self.totals;
        let end = match &mut self.state {
            State::Ignored => return,
            State::Reading(reading) => {
                Watch { direction, negotiated, totals, sink }.read(reading, bytes)
            }
            State::Opening(opening) => match opening.feed(&mut bytes) {
                Verdict::NeedMore => Ok(()),
                Verdict::NotTls(what) => {
                    sink(Event::NotTls { direction, what });
                    Err(Stop)
                }
                Verdict::Tls => {
                    let mut reading = Box::new(Reading::new());
                    let mut watch = Watch { direction, negotiated, totals, sink };
                    let end = watch
                        .read(&mut reading, opening.taken())
                        .and_then(|()| watch.read(&mut reading, bytes));
                    self.state = State::Reading(reading);
                    end
                }
            },
        };
        if end.is_err() {
            self.state = State::Ignored;
        }
    }

    pub(super) fn finish(&mut self, direction: Direction, sink: &mut impl FnMut(Event)) {
        match std::mem::replace(&mut self.state, State::Ignored) {
            State::Ignored => {}
            State::Opening(opening) => {
                if let Some(what) = opening.at_end() {
                    sink(Event::NotTls { direction, what });
                }
            }
            State::Reading(reading) => {
                if let Some((offset, what)) = reading.unfinished() {
                    sink(Event::Malformed(Malformed {
                        direction,
                        stream: None,
                        offset,
                        what: what.into(),
                        rfc_section: "RFC 8446 §6.1",
                        severity: Severity::Connection,
                    }));
                }
            }
        }
    }
}

impl Reading {
    const fn new() -> Self {
        Self {
            records: RecordReader::new(),
            handshake: Assembler::new(MAX_MESSAGE),
            message_at: 0,
            alert_level: None,
            protection: Protection::Clear,
        }
    }

    /// What the end of the direction cut short, and where that began.
    fn unfinished(&self) -> Option<(u64, String)> {
        if let Some(message) = self.handshake.unfinished() {
            let (kind, received) = (message.kind, message.received);
            let what = match message.announced {
                Some(announced) => format!("partial {kind}: {received} of {announced} bytes"),
                None => format!("partial {kind}: {received} bytes"),
            };
            return Some((self.message_at, what));
        }
        if let Some((RecordHeader { content_type, length }, came)) = self.records.unfinished() {
            let what = format!("partial {content_type} record: {came} of {length} bytes");
            return Some((self.records.header_offset(), what));
        }
        self.records.unfinished_header().map(|at| (at, "ended inside a record header".to_owned()))
    }
}

/// What the reading of one direction acts upon.
struct Watch<'a, S> {
    direction: Direction,
    negotiated: &'a mut Option<Negotiated>,
    totals: &'a mut Totals,
    sink: &'a mut S,
}

impl<S: FnMut(Event)> Watch<'_, S> {
    fn read(&mut self, reading: &mut Reading, mut input: &[u8]) -> Result<(), Stop> {
        loop {
            match reading.records.next(&mut input) {
                Ok(None) => return Ok(()),
                Ok(Some(Piece::Header(header))) => self.record(reading, header),
                Ok(Some(Piece::Content(content_type, content))) => {
                    if reading.protection != Protection::Clear {
                        continue;
                    }
                    match content_type {
                        ContentType::HANDSHAKE => self.handshake(reading, content)?,
                        ContentType::ALERT => self.alert(reading, content),
                        _ => {}
                    }
                }
                Err(what) => {
                    let offset = reading.records.header_offset();
                    self.malformed(offset, what.clone(), "RFC 8446 §5.1");
                    return self.lost(offset, what);
                }
            }
        }
    }

    /// A record begins.
    fn record(
        &mut self,
        reading: &mut Reading,
        RecordHeader { content_type, length }: RecordHeader,
    ) {
        let direction = self.direction;
        let at = reading.records.header_offset();
        self.totals.records += 1;
        self.totals.last_record = Some((content_type, length));
        if reading.handshake.is_idle() {
            reading.message_at = at;
        }
        match content_type {
            ContentType::CHANGE_CIPHER_SPEC => {
                (self.sink)(Event::ChangeCipherSpec { direction });
                let encrypts =
                    self.negotiated.is_some_and(|it| it.version < ProtocolVersion::TLSV1_3);
                if encrypts && reading.protection == Protection::Clear {
                    reading.protection = Protection::Changed;
                    reading.handshake.release();
                }
            }
            ContentType::APPLICATION_DATA => {
                if self.totals.application_records == 0 {
                    (self.sink)(Event::ApplicationData { direction, bytes: length });
                    reading.handshake.release();
                }
                self.totals.application_records += 1;
                self.totals.application_bytes += u64::from(length);
            }
            ContentType::ALERT if reading.protection != Protection::Clear => {
                (self.sink)(Event::Alert { direction, alert: None });
            }
            ContentType::HANDSHAKE if reading.protection == Protection::Changed => {
                reading.protection = Protection::Encrypted;
                (self.sink)(Event::Handshake {
                    direction,
                    message: HandshakeType::FINISHED,
                    length: length.into(),
                });
            }
            ContentType::HANDSHAKE | ContentType::ALERT if length == 0 => {
                let what = format!("{content_type} record without content");
                self.malformed(at, what, "RFC 8446 §5.1");
            }
            _ => {}
        }
    }

    fn alert(&mut self, reading: &mut Reading, content: &[u8]) {
        for byte in content {
            match reading.alert_level.take() {
                None => reading.alert_level = Some(AlertLevel(*byte)),
                Some(level) => (self.sink)(Event::Alert {
                    direction: self.direction,
                    alert: Some(Alert { level, description: AlertDescription(*byte) }),
                }),
            }
        }
    }

    fn handshake(&mut self, reading: &mut Reading, mut content: &[u8]) -> Result<(), Stop> {
        while let Some(step) = reading.handshake.next(&mut content) {
            let at = std::mem::replace(&mut reading.message_at, reading.records.header_offset());
            match step {
                Step::Message(kind, body) => self.message(kind, body, at),
                Step::TooLong(kind, length) => {
                    let why = format!("{kind} of {length} bytes; at most {MAX_MESSAGE} are read");
                    return self.lost(at, why);
                }
            }
        }
        Ok(())
    }

    fn message(&mut self, kind: HandshakeType, body: &[u8], at: u64) {
        if sender(kind).is_some_and(|sender| sender != self.direction) {
            let who = match self.direction {
                Direction::FromClient => "client",
                Direction::FromUpstream => "upstream",
            };
            self.malformed(at, format!("{kind} sent by the {who}"), "RFC 8446 §4");
            return;
        }
        match self.decode(kind, body) {
            Ok(event) => (self.sink)(event),
            Err(Broken { what, rfc_section }) => self.malformed(at, what, rfc_section),
        }
    }

    fn decode(&mut self, kind: HandshakeType, body: &[u8]) -> Result<Event, Broken> {
        let direction = self.direction;
        Ok(match (kind, *self.negotiated) {
            (HandshakeType::CLIENT_HELLO, _) => {
                Event::ClientHello(Box::new(ClientHello::parse(body)?))
            }
            (HandshakeType::SERVER_HELLO, _) => {
                let hello = ServerHello::parse(body)?;
                let (version, suite) = (hello.version, hello.cipher_suite);
                *self.negotiated = Some(Negotiated { version, suite });
                Event::ServerHello(Box::new(hello))
            }
            (HandshakeType::CERTIFICATE, _) => {
                Event::Certificate { direction, chain: chain(body)? }
            }
            (HandshakeType::CERTIFICATE_REQUEST, Some(negotiated)) => {
                Event::CertificateRequest(CertificateRequest::parse(body, negotiated.version)?)
            }
            (HandshakeType::SERVER_KEY_EXCHANGE, Some(negotiated))
                if let Some(group) = key_exchange_group(body, negotiated.suite) =>
            {
                Event::KeyExchange { group }
            }
            (message, _) => Event::Handshake { direction, message, length: body.len() + 4 },
        })
    }

    fn malformed(
        &mut self,
        offset: u64,
        what: impl Into<Cow<'static, str>>,
        rfc_section: &'static str,
    ) {
        (self.sink)(Event::Malformed(Malformed {
            direction: self.direction,
            stream: None,
            offset,
            what: what.into(),
            rfc_section,
            severity: Severity::Connection,
        }));
    }

    fn lost(&mut self, offset: u64, why: String) -> Result<(), Stop> {
        (self.sink)(Event::Lost(Lost { direction: self.direction, offset, why: why.into() }));
        Err(Stop)
    }
}

/// Who alone may send a message (RFC 5246 §7.3, RFC 8446 §2).
const fn sender(kind: HandshakeType) -> Option<Direction> {
    match kind {
        HandshakeType::CLIENT_HELLO | HandshakeType::CLIENT_KEY_EXCHANGE => {
            Some(Direction::FromClient)
        }
        HandshakeType::HELLO_REQUEST
        | HandshakeType::SERVER_HELLO
        | HandshakeType::SERVER_KEY_EXCHANGE
        | HandshakeType::SERVER_HELLO_DONE
        | HandshakeType::CERTIFICATE_REQUEST
        | HandshakeType::CERTIFICATE_STATUS => Some(Direction::FromUpstream),
        _ => None,
    }
}
