//! Which decoder reads the connection.

use wire::decoder::PerDirection;
use wire::http1::BodyProgress;
use wire::{Direction, Timestamp, http1, http2};

use super::detect::Detecting;
use super::{Session, Sink};
use crate::outcome::Ending;

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
    /// The first bytes are awaited.
    Detecting(Box<Detecting>),
    /// HTTP/1.
    Http1(Box<http1::Decoder>),
    /// HTTP/2.
    Http2(Box<http2::Decoder>),
    /// Not understood: counted and captured as one exchange.
    Raw,
}

impl Decoding {
    pub(super) fn new(application: Application) -> Self {
        match application {
            Application::Http2 => Self::Http2(Box::default()),
            Application::Http1 => Self::Http1(Box::default()),
            Application::Raw => Self::Raw,
            Application::Unknown => Self::Detecting(Box::default()),
        }
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
        if bytes.is_empty() {
            return;
        }
        // The decoder is taken out while its events change the session.
        match std::mem::take(&mut self.decoding) {
            Decoding::Off => {}
            Decoding::Detecting(mut detecting) => match detecting.push(direction, bytes, now) {
                None => self.decoding = Decoding::Detecting(detecting),
                Some(application) => {
                    self.unopened_tls = detecting.is_tls;
                    self.replay(application, &detecting, sink);
                    self.decode(direction, bytes, now, sink);
                }
            },
            Decoding::Http1(mut decoder) => {
                if direction == Direction::FromUpstream
                    && let Some((_, next)) = self.exchanges.iter_mut().next()
                {
                    next.note_first_byte(now);
                }
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
        if self.lost == PerDirection([true; 2]) {
            self.decoding = Decoding::Off;
        }
    }

    /// Feeds what was held to the decoder that it is for, in the order in which it came; an HTTP/1
    /// request before what answers it.
    fn replay(&mut self, application: Application, detecting: &Detecting, sink: &mut dyn Sink) {
        self.begin(application);
        let mut order = Direction::BOTH;
        if application != Application::Http1 {
            order.sort_by_key(|direction| detecting.began[*direction]);
        }
        for direction in order {
            if let Some(began) = detecting.began[direction] {
                self.decode(direction, &detecting.held[direction], began, sink);
            }
        }
    }

    /// Tells the decoder that one direction ended in an orderly way.
    pub(super) fn finish_decoding(
        &mut self,
        direction: Direction,
        ending: Ending,
        now: Timestamp,
        sink: &mut dyn Sink,
    ) {
        match std::mem::take(&mut self.decoding) {
            Decoding::Detecting(detecting) if !detecting.is_empty() => {
                self.replay(Application::Raw, &detecting, sink);
                self.raw_end(now);
            }
            Decoding::Http1(mut decoder) => {
                // Without close_notify nobody can know whether that was all (RFC 9112 §9.8).
                let truncated = ending == Ending::FinWithoutCloseNotify
                    && decoder.body_progress(direction) == Some(BodyProgress::UntilClose);
                if !truncated {
                    decoder.finish(direction, now, &mut |event| self.http_event(event, now, sink));
                }
                self.decoding = Decoding::Http1(decoder);
                self.finish_tunnel(direction, now);
            }
            Decoding::Http2(mut decoder) => {
                decoder.finish(direction, now, &mut |event| self.http2_event(event, now, sink));
                self.decoding = Decoding::Http2(decoder);
                self.finish_websockets(direction);
            }
            Decoding::Raw => {
                self.decoding = Decoding::Raw;
                self.raw_end(now);
            }
            other => self.decoding = other,
        }
    }

    /// Nothing more will come: what is still being detected is taken for raw.
    pub(super) fn settle_decoding(&mut self, sink: &mut dyn Sink) {
        if let Decoding::Detecting(detecting) = std::mem::take(&mut self.decoding)
            && !detecting.is_empty()
        {
            self.replay(Application::Raw, &detecting, sink);
        }
    }
}
