//! A transcript: frames go in, one line an event comes out.
//!
//! ```text
//! 1 request GET https://a.test/x      an HTTP event: the exchange, then what happened
//! 1 C body "hello"                    … of the client's message (U: the upstream's)
//! C SETTINGS INITIAL_WINDOW_SIZE 65535→10
//! U RST_STREAM 1 CANCEL               a control event: who sent it, what, on which stream
//! ```

pub(crate) mod frames;

use std::time::Duration;

use wire::decoder::Severity;
use wire::http2::{Control, ControlKind, Decoder, Event};
use wire::{Timestamp, http};

pub(crate) use wire::Direction;
pub(crate) use wire::Direction::{FromClient, FromUpstream};

/// A connection under observation.
pub(crate) struct Wire {
    pub(crate) decoder: Decoder,
    now: Timestamp,
    lines: Vec<String>,
    /// The content that is still being put together: its label and bytes.
    content: Option<(String, Vec<u8>)>,
}

impl Wire {
    /// Nothing was sent yet.
    pub(crate) fn new() -> Self {
        let now = Timestamp::from_micros(1_000_000);
        Self { decoder: Decoder::new(), now, lines: Vec::new(), content: None }
    }

    /// Prefaces and empty SETTINGS of both sides were sent, and are not in the transcript.
    pub(crate) fn open() -> Self {
        Self::open_with(&[], &[])
    }

    /// The same, with the parameters of the client and the upstream, and their ACKs.
    pub(crate) fn open_with(client: &[(u16, u32)], upstream: &[(u16, u32)]) -> Self {
        let mut wire = Self::new();
        wire.client(&[frames::PREFACE, &frames::settings(client)].concat());
        wire.upstream(&[frames::settings(upstream), frames::settings_ack()].concat());
        wire.client(&frames::settings_ack());
        wire.lines.clear();
        wire
    }

    pub(crate) fn client(&mut self, bytes: &[u8]) -> &mut Self {
        self.feed(FromClient, bytes)
    }

    pub(crate) fn upstream(&mut self, bytes: &[u8]) -> &mut Self {
        self.feed(FromUpstream, bytes)
    }

    pub(crate) fn feed(&mut self, direction: Direction, bytes: &[u8]) -> &mut Self {
        let Self { decoder, now, lines, content } = self;
        decoder.feed(direction, bytes, *now, &mut |event| note(&event, lines, content));
        self
    }

    pub(crate) fn finish(&mut self, direction: Direction) -> &mut Self {
        let Self { decoder, now, lines, content } = self;
        decoder.finish(direction, *now, &mut |event| note(&event, lines, content));
        self
    }

    pub(crate) fn wait(&mut self, millis: u64) -> &mut Self {
        self.now = self.now.after(Duration::from_millis(millis));
        self
    }

    /// The lines since the last call.
    pub(crate) fn take(&mut self) -> Vec<String> {
        flush(&mut self.lines, &mut self.content);
        std::mem::take(&mut self.lines)
    }

    /// Asserts the lines since the last call.
    #[track_caller]
    pub(crate) fn expect(&mut self, expected: &[&str]) -> &mut Self {
        assert_eq!(self.take(), expected);
        self
    }

    /// Asserts that one breach of this severity was told, whose line has all of these words.
    #[track_caller]
    pub(crate) fn expect_breach(&mut self, severity: Severity, words: &[&str]) -> &mut Self {
        let lines = self.take();
        let breaches: Vec<_> = lines.iter().filter(|line| line.contains("BREACH")).collect();
        assert_eq!(breaches.len(), 1, "one breach is due: {lines:#?}");
        let breach = breaches[0];
        for word in words.iter().copied().chain([format!("{severity:?}").as_str()]) {
            assert!(breach.contains(word), "{word:?} is not in {breach:?}");
        }
        self
    }
}

fn flush(lines: &mut Vec<String>, content: &mut Option<(String, Vec<u8>)>) {
    if let Some((label, bytes)) = content.take() {
        let text = match bytes.len() {
            ..=40 => format!("\"{}\"", bytes.escape_ascii()),
            long => format!("of {long} bytes"),
        };
        lines.push(format!("{label} {text}"));
    }
}

fn note(event: &Event<'_>, lines: &mut Vec<String>, content: &mut Option<(String, Vec<u8>)>) {
    use http::Event::{Body, Tunnel};
    let (kind, stream, direction, data) = match event {
        Event::Http(Body { stream, direction, data }) => ("body", stream, direction, data),
        Event::Http(Tunnel { stream, direction, data }) => ("tunnel", stream, direction, data),
        Event::Http(event) => {
            flush(lines, content);
            return lines.push(http_line(event));
        }
        Event::Control(control) => {
            flush(lines, content);
            return lines.push(control_line(control));
        }
    };
    assert!(!data.is_empty(), "content is never empty");
    let label = format!("{stream} {} {kind}", letter(*direction));
    match content {
        Some((last, bytes)) if *last == label => bytes.extend_from_slice(data),
        _ => {
            flush(lines, content);
            *content = Some((label, data.to_vec()));
        }
    }
}

fn letter(direction: Direction) -> char {
    match direction {
        FromClient => 'C',
        FromUpstream => 'U',
    }
}

fn text(bytes: &[u8]) -> String {
    bytes.escape_ascii().to_string()
}

fn http_line(event: &http::Event<'_>) -> String {
    use http::Event;
    match event {
        Event::RequestBegan { stream } => format!("{stream} began"),
        Event::RequestHead { stream, head } => {
            let or = |value: &Option<Vec<u8>>| value.as_deref().map_or("-".to_owned(), text);
            let protocol = head.protocol.as_deref().map(|name| format!(" {}", text(name)));
            format!(
                "{stream} request {} {}://{}{}{}",
                text(&head.method),
                or(&head.scheme),
                or(&head.authority),
                text(&head.path),
                protocol.unwrap_or_default(),
            )
        }
        Event::ResponseHead { stream, head } => format!("{stream} response {}", head.status),
        Event::GrpcMessage { stream, direction, flag, length } => {
            format!("{stream} {} grpc flag={flag} length={length}", letter(*direction))
        }
        Event::Trailers { stream, direction, fields } => {
            let lines: Vec<_> = fields
                .iter()
                .map(|field| format!("{}={}", text(field.name), text(field.value)))
                .collect();
            format!("{stream} {} trailers {}", letter(*direction), lines.join(" "))
        }
        Event::End { stream, direction } => format!("{stream} {} end", letter(*direction)),
        Event::TunnelOpened { stream, protocol } => {
            format!("{stream} tunnel opened {}", protocol.as_deref().map_or("-".to_owned(), text))
        }
        Event::Lost(lost) => {
            format!("{} LOST at {}: {}", letter(lost.direction), lost.offset, lost.why)
        }
        other => format!("{other:?}"),
    }
}

fn control_line(control: &Control) -> String {
    let stream = control.stream.map(|stream| format!(" {stream}")).unwrap_or_default();
    let what = match &control.kind {
        ControlKind::Settings { changed } => {
            let changes = changed.iter().map(|change| {
                let old = change.old.map_or("-".to_owned(), |old| old.to_string());
                format!(" {} {old}→{}", change.setting, change.new)
            });
            format!("SETTINGS{}", changes.collect::<String>())
        }
        ControlKind::SettingsAck => "SETTINGS_ACK".to_owned(),
        ControlKind::WindowUpdate { delta, window } => {
            format!("WINDOW_UPDATE{stream} +{delta} ={window}")
        }
        ControlKind::FlowBlock { scope, wanted_bytes, window } => {
            let wanted = wanted_bytes.map_or("-".to_owned(), |bytes| bytes.to_string());
            format!("FLOW_BLOCK{stream} {scope:?} wanted={wanted} window={window}")
        }
        ControlKind::FlowResume { scope, blocked } => {
            format!("FLOW_RESUME{stream} {scope:?} {}ms", blocked.as_millis())
        }
        ControlKind::RstStream { code } => format!("RST_STREAM{stream} {code}"),
        ControlKind::GoAway { code, last_stream_id, debug_data } => {
            format!("GOAWAY {code} last={last_stream_id} {:?}", text(debug_data))
        }
        ControlKind::Ping { opaque } => format!("PING {}", text(opaque)),
        ControlKind::PingAck { opaque, rtt } => {
            let rtt = rtt.map_or("-".to_owned(), |rtt| format!("{}ms", rtt.as_millis()));
            format!("PING_ACK {} {rtt}", text(opaque))
        }
        ControlKind::PushPromise { promised } => format!("PUSH_PROMISE{stream} of {promised}"),
        ControlKind::Fingerprint { h2fp } => format!("FINGERPRINT {h2fp}"),
        ControlKind::ProtocolError { what, rfc_section, offset, severity } => {
            format!("BREACH{stream} {severity:?} at {offset}: {what} ({rfc_section})")
        }
    };
    format!("{} {what}", letter(control.direction))
}
