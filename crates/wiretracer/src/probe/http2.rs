//! HTTP/2 up to the point where a request would come (RFC 9113 §3.4), and `GET /` if wished.
//!
//! ```text
//! we        preface SETTINGS            ACK PING [HEADERS]             GOAWAY
//! upstream                  SETTINGS ACK                  PING-ACK [HEADERS]
//! ```
//!
//! Our frames are written here, the upstream's are read by the decoder that watches traffic. What is
//! not HTTP/2 is kept as bytes.

use std::time::Duration;

use analysis::record::{Millis, Text};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::time::timeout;
use wire::decoder::Severity;
use wire::http::Fields;
use wire::http2::frame::flag;
use wire::http2::hpack::Encoder;
use wire::http2::{Control, ControlKind, Decoder, Event, PREFACE, SettingChange};
use wire::{Direction, Timestamp, http};

use super::application::{MAX_FIRST, Stop};
use super::report::{Ended, GoAway, Http2, Response, Setting};
use crate::clock::Clock;

/// Parameters and breaches that are kept; more of them say nothing more.
const MAX_KEPT: usize = 32;

/// The type bytes of the frames that are sent (RFC 9113 §6).
const HEADERS: u8 = 0x1;
const SETTINGS: u8 = 0x4;
const PING: u8 = 0x6;
const GOAWAY: u8 = 0x7;

/// ENABLE_PUSH = 0: nobody would take what is pushed.
const OUR_SETTINGS: &[u8] = &[0, 2, 0, 0, 0, 0];

/// The eight bytes of our PING.
const OPAQUE: &[u8; 8] = b"wiretrac";

/// What `GET /` needs to know.
#[derive(Clone, Debug)]
pub(super) struct Request {
    pub(super) scheme: &'static str,
    pub(super) authority: String,
}

/// What came back.
#[derive(Debug)]
pub(super) struct Heard {
    /// None when no SETTINGS came.
    pub(super) http2: Option<Http2>,
    /// The first bytes.
    pub(super) first: Vec<u8>,
    pub(super) response: Option<Response>,
    pub(super) stop: Option<Stop>,
}

/// Opens a connection and sees what the upstream says; `greeting` is what it said already.
pub(super) async fn converse<S>(
    stream: &mut S,
    greeting: Vec<u8>,
    ask: Option<Request>,
    limit: Duration,
) -> Heard
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let mut conversation = Conversation::new(ask);
    let stop = match timeout(limit, conversation.run(stream, &greeting)).await {
        Ok(stop) => stop,
        Err(_) => Some(Stop::Ended(Ended::Timeout)),
    };
    let Notes { http2, has_settings, response, .. } = conversation.notes;
    Heard { http2: has_settings.then_some(http2), first: conversation.first, response, stop }
}

struct Conversation {
    decoder: Decoder,
    clock: Clock,
    ask: Option<Request>,
    first: Vec<u8>,
    has_pinged: bool,
    notes: Notes,
}

/// What the decoder told of the upstream.
#[derive(Default)]
struct Notes {
    http2: Http2,
    has_settings: bool,
    /// SETTINGS that want an ACK.
    unacknowledged: usize,
    /// PINGs that want one.
    pings: Vec<[u8; 8]>,
    is_lost: bool,
    asked: Option<Timestamp>,
    response: Option<Response>,
}

impl Conversation {
    fn new(ask: Option<Request>) -> Self {
        Self {
            decoder: Decoder::new(),
            clock: Clock::start(),
            ask,
            first: Vec::new(),
            has_pinged: false,
            notes: Notes::default(),
        }
    }

    /// Gives the reason if it ended too early.
    async fn run<S>(&mut self, stream: &mut S, greeting: &[u8]) -> Option<Stop>
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        let mut opening = PREFACE.to_vec();
        frame(SETTINGS, 0, 0, OUR_SETTINGS, &mut opening);
        self.send(stream, &opening).await;
        let mut buffer = vec![0; 16 * 1024];
        let mut received = greeting.len();
        buffer[..received].copy_from_slice(greeting);
        loop {
            let reply = self.take(&buffer[..received]);
            self.send(stream, &reply).await;
            if self.is_done() {
                let mut farewell = Vec::new();
                frame(GOAWAY, 0, 0, &[0; 8], &mut farewell);
                self.send(stream, &farewell).await;
                // The upstream may be gone already.
                let _ = stream.shutdown().await;
                return None;
            }
            received = match stream.read(&mut buffer).await {
                Ok(0) => return Some(Stop::Ended(Ended::Closed)),
                Ok(length) => length,
                Err(error) => return Some(Stop::from_error(&error)),
            };
        }
    }

    /// An upstream that does not take what is sent says why to whoever reads.
    async fn send<S: AsyncWrite + Unpin>(&mut self, stream: &mut S, bytes: &[u8]) {
        if bytes.is_empty() {
            return;
        }
        self.decoder.feed(Direction::FromClient, bytes, self.clock.now(), &mut |_| {});
        let _ = stream.write_all(bytes).await;
        let _ = stream.flush().await;
    }

    /// Takes what the upstream sent; gives what is to be answered.
    fn take(&mut self, bytes: &[u8]) -> Vec<u8> {
        let now = self.clock.now();
        let room = MAX_FIRST - self.first.len();
        self.first.extend_from_slice(&bytes[..bytes.len().min(room)]);
        let (notes, started) = (&mut self.notes, self.clock.started());
        let had_settings = notes.has_settings;
        self.decoder.feed(Direction::FromUpstream, bytes, now, &mut |event| {
            notes.take(event, now);
        });
        if notes.has_settings && !had_settings {
            notes.http2.settings_ms = Some(Millis(now.since(started)));
        }
        let mut reply = Vec::new();
        for _ in 0..std::mem::take(&mut notes.unacknowledged) {
            frame(SETTINGS, flag::ACK, 0, &[], &mut reply);
        }
        for opaque in notes.pings.drain(..) {
            frame(PING, flag::ACK, 0, &opaque, &mut reply);
        }
        if notes.has_settings && !self.has_pinged {
            self.has_pinged = true;
            frame(PING, 0, 0, OPAQUE, &mut reply);
            if let Some(ask) = &self.ask {
                notes.asked = Some(now);
                frame(HEADERS, flag::END_STREAM | flag::END_HEADERS, 1, &ask.block(), &mut reply);
            }
        }
        reply
    }

    fn is_done(&self) -> bool {
        let notes = &self.notes;
        let is_answered =
            notes.http2.ping_rtt_ms.is_some() && (self.ask.is_none() || notes.response.is_some());
        notes.is_lost || notes.http2.goaway.is_some() || (notes.has_settings && is_answered)
    }
}

impl Notes {
    fn take(&mut self, event: Event<'_>, now: Timestamp) {
        match event {
            Event::Control(Control { direction: Direction::FromUpstream, stream, kind }) => {
                self.control(stream, kind);
            }
            Event::Http(http::Event::ResponseHead { head, .. }) if !head.is_interim() => {
                let duration_ms = Millis(now.since(self.asked.unwrap_or(now)));
                self.response = Some(Response { status: head.status, duration_ms });
            }
            Event::Http(http::Event::Lost(lost)) if lost.direction == Direction::FromUpstream => {
                self.is_lost = true;
            }
            _ => {}
        }
    }

    fn control(&mut self, stream: Option<u32>, kind: ControlKind) {
        match kind {
            ControlKind::Settings { changed } => {
                self.has_settings = true;
                self.unacknowledged += 1;
                changed.into_iter().for_each(|change| self.setting(change));
            }
            ControlKind::WindowUpdate { window, .. } if stream.is_none() => {
                self.http2.window = Some(window);
            }
            ControlKind::Ping { opaque } => self.pings.push(opaque),
            ControlKind::PingAck { rtt, .. } => self.http2.ping_rtt_ms = rtt.map(Millis),
            ControlKind::GoAway { code, debug_data, .. } => {
                self.http2.goaway = Some(GoAway {
                    error_name: code.to_string(),
                    debug_data: Text::from_vec(debug_data),
                });
            }
            ControlKind::RstStream { code } => {
                self.breach(format!("GET / was answered with RST_STREAM {code}"));
                self.is_lost = true;
            }
            ControlKind::ProtocolError { what, rfc_section, severity, .. }
                if severity != Severity::Warning =>
            {
                self.breach(format!("{what} ({rfc_section})"));
            }
            _ => {}
        }
    }

    /// The last value counts.
    fn setting(&mut self, change: SettingChange) {
        let (setting, value) = (change.setting.to_string(), change.new);
        let settings = &mut self.http2.settings;
        if let Some(known) = settings.iter_mut().find(|known| known.setting == setting) {
            known.value = value;
        } else if settings.len() < MAX_KEPT {
            settings.push(Setting { setting, value });
        }
    }

    fn breach(&mut self, what: String) {
        if self.http2.breaches.len() < MAX_KEPT {
            self.http2.breaches.push(what);
        }
    }
}

impl Request {
    /// The header block (RFC 9113 §8.3.1).
    fn block(&self) -> Vec<u8> {
        let agent = concat!("wiretracer/", env!("CARGO_PKG_VERSION"));
        let fields = Fields::from_iter([
            (":method", "GET"),
            (":scheme", self.scheme),
            (":authority", &self.authority),
            (":path", "/"),
            ("user-agent", agent),
        ]);
        let mut block = Vec::new();
        Encoder::encode_literals(&fields, &mut block);
        block
    }
}

/// Appends a frame (RFC 9113 §4.1).
fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8], out: &mut Vec<u8>) {
    let [_, length @ ..] = (payload.len() as u32).to_be_bytes();
    out.extend_from_slice(&length);
    out.extend_from_slice(&[kind, flags]);
    out.extend_from_slice(&stream.to_be_bytes());
    out.extend_from_slice(payload);
}
