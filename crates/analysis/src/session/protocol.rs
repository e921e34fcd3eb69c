//! Which decoder reads the connection, and how that is found out.

use wire::decoder::PerDirection;
use wire::sniff::{Sniff, sniff};
use wire::{Direction, Timestamp, http1, http2};

use super::{Session, Sink};

/// What the connection carries, as far as the handshake told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Application {
    /// ALPN agreed on HTTP/2.
    Http2,
    /// ALPN agreed on HTTP/1.1.
    Http1,
    /// ALPN agreed on something else, or the bytes are not to be decoded.
    Raw,
    /// The first bytes tell.
    Unknown,
}

impl Application {
    /// What an ALPN identifier stands for (RFC 7301; registry of IANA).
    pub fn from_alpn(alpn: Option<&[u8]>) -> Self {
        match alpn {
            None => Self::Unknown,
            Some(b"h2") => Self::Http2,
            Some(b"http/1.1" | b"http/1.0") => Self::Http1,
            Some(_) => Self::Raw,
        }
    }
}

/// The decoder at work.
#[derive(Debug, Default)]
pub(super) enum Decoding {
    /// Not begun, or over.
    #[default]
    Off,
    /// The first bytes are awaited; what came so far is held (a copy: the bytes flow).
    Detecting(Box<PerDirection<Vec<u8>>>),
    /// HTTP/1.
    Http1(Box<http1::Decoder>),
    /// HTTP/2.
    Http2(Box<http2::Decoder>),
    /// Not understood: counted and captured as one exchange.
    Raw,
}

/// Bytes held while the protocol is not known, per direction.
const MAX_HELD: usize = 64 << 10;

impl Decoding {
    pub(super) fn new(application: Application) -> Self {
        match application {
            Application::Http2 => Self::Http2(Box::new(http2::Decoder::new())),
            Application::Http1 => Self::Http1(Box::new(http1::Decoder::new())),
            Application::Raw => Self::Raw,
            Application::Unknown => Self::Detecting(Box::default()),
        }
    }
}

/// What the bytes held so far say; `None` = more are needed.
fn detect(held: &PerDirection<Vec<u8>>) -> Option<Application> {
    let (client, upstream) = (&held[Direction::FromClient], &held[Direction::FromUpstream]);
    if client.is_empty() {
        // An HTTP/2 server may send its SETTINGS before it has read the client's preface; whoever
        // else speaks first is not HTTP.
        let may_be_settings =
            upstream.iter().zip([0, 0]).all(|(found, expected)| *found == expected)
                && upstream.get(3).is_none_or(|kind| *kind == 4);
        return (!may_be_settings).then_some(Application::Raw);
    }
    match sniff(client) {
        Sniff::NeedMore if client.len() < MAX_HELD => None,
        Sniff::Http2Preface => Some(Application::Http2),
        Sniff::Http1Request => Some(Application::Http1),
        _ => Some(Application::Raw),
    }
}

impl Session {
    pub(super) fn decode(
        &mut self,
        direction: Direction,
        bytes: &[u8],
        now: Timestamp,
        sink: &mut dyn Sink,
    ) {
        if self.given_up {
            return;
        }
        // The decoder is taken out while its events change the session.
        match std::mem::take(&mut self.decoding) {
            Decoding::Off => {}
            Decoding::Detecting(mut held) => {
                let room = MAX_HELD.saturating_sub(held[direction].len());
                held[direction].extend_from_slice(&bytes[..bytes.len().min(room)]);
                let full = held[direction].len() == MAX_HELD;
                match detect(&held).or(full.then_some(Application::Raw)) {
                    None => self.decoding = Decoding::Detecting(held),
                    Some(application) => self.replay(application, &held, now, sink),
                }
            }
            Decoding::Http1(mut decoder) => {
                decoder.feed(direction, bytes, now, &mut |event| {
                    self.http_event(event, now, sink);
                });
                self.decoding = Decoding::Http1(decoder);
            }
            Decoding::Http2(mut decoder) => {
                decoder.feed(direction, bytes, now, &mut |event| {
                    self.http2_event(event, now, sink);
                });
                self.decoding = Decoding::Http2(decoder);
            }
            Decoding::Raw => {
                self.raw_bytes(direction, bytes, now);
                self.decoding = Decoding::Raw;
            }
        }
    }

    fn replay(
        &mut self,
        application: Application,
        held: &PerDirection<Vec<u8>>,
        now: Timestamp,
        sink: &mut dyn Sink,
    ) {
        self.decoding = Decoding::new(application);
        for direction in Direction::BOTH {
            if !held[direction].is_empty() {
                self.decode(direction, &held[direction], now, sink);
            }
        }
    }

    /// Tells the decoder that one direction ended.
    pub(super) fn finish_decoding(
        &mut self,
        direction: Direction,
        now: Timestamp,
        sink: &mut dyn Sink,
    ) {
        match std::mem::take(&mut self.decoding) {
            Decoding::Detecting(held) if held.0.iter().any(|bytes| !bytes.is_empty()) => {
                self.replay(Application::Raw, &held, now, sink);
                self.raw_end(now);
            }
            Decoding::Http1(mut decoder) => {
                decoder.finish(direction, now, &mut |event| self.http_event(event, now, sink));
                self.decoding = Decoding::Http1(decoder);
            }
            Decoding::Http2(mut decoder) => {
                decoder.finish(direction, now, &mut |event| self.http2_event(event, now, sink));
                self.decoding = Decoding::Http2(decoder);
            }
            Decoding::Raw => {
                self.decoding = Decoding::Raw;
                self.raw_end(now);
            }
            other => self.decoding = other,
        }
    }

    /// Nothing more will come: what is still being detected is taken for raw.
    pub(super) fn settle_decoding(&mut self, now: Timestamp, sink: &mut dyn Sink) {
        if let Decoding::Detecting(held) = std::mem::take(&mut self.decoding)
            && held.0.iter().any(|bytes| !bytes.is_empty())
        {
            self.replay(Application::Raw, &held, now, sink);
        }
    }
}
