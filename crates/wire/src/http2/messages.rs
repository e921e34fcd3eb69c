//! From field sections to the events of a message (RFC 9113 §8.1).
//!
//! ```text
//! client    HEADERS ─► RequestHead ─► Body … ─► Trailers ─► End
//! upstream  HEADERS(1xx) … HEADERS ─► ResponseHead ─► Body … ─► Trailers ─► End
//! upstream  PUSH_PROMISE ─► RequestBegan, PushPromise, RequestHead, End{FromClient}
//! ```

use super::breach::Breach;
use super::connection::{Connection, Output};
use super::event::ControlKind;
use super::frame::Kind;
use super::stream::{Asked, Length, Phase};
use super::validate::{self, Section};
use crate::Direction;
use crate::grpc::{Prefixes, is_grpc};
use crate::http::{Event, Fields, RequestHead, ResponseHead, Version};

/// How much of `:protocol` is kept until the response, in bytes; registered names are far shorter.
const MAX_PROTOCOL: usize = 64;

impl Connection {
    /// The field section of a HEADERS frame, with its CONTINUATION frames.
    pub(super) fn message(
        &mut self,
        id: u32,
        end_stream: bool,
        fields: Fields,
        out: &mut Output<'_>,
    ) {
        let sender = out.direction;
        let Some(stream) = self.streams.get_mut(id) else { return };
        // Already told when the frame began.
        if stream.state.refuses(Kind::Headers, sender).is_some() {
            return;
        }
        stream.state = stream.state.after_send(sender);
        let interim = match (stream.messages[sender].phase, sender) {
            (Phase::Head, Direction::FromClient) => self.request(id, fields, out),
            (Phase::Head, Direction::FromUpstream) => self.response(id, end_stream, fields, out),
            (Phase::Content | Phase::Trailers, _) => self.trailers(id, end_stream, fields, out),
        };
        if end_stream {
            if interim {
                let what = "an interim response with END_STREAM; a final one is due";
                self.report(Some(id), Breach::stream("RFC 9113 §8.1", what), out);
            }
            self.end_message(id, out);
        }
        self.note_sent(id, out);
    }

    fn validate(&mut self, id: u32, section: Section, fields: &Fields, out: &mut Output<'_>) {
        validate::check(section, fields, &mut |breach| self.report(Some(id), breach, out));
    }

    fn request(&mut self, id: u32, fields: Fields, out: &mut Output<'_>) -> bool {
        self.validate(id, Section::Request, &fields, out);
        let client = &mut self.sides[Direction::FromClient];
        let fingerprint = match out.direction {
            Direction::FromClient => client.fingerprint.tell(Some(&fields)),
            Direction::FromUpstream => None,
        };
        let head = request_head(fields);
        self.check_protocol(id, &head, out);
        if let Some(stream) = self.streams.get_mut(id) {
            let message = &mut stream.messages[Direction::FromClient];
            message.phase = Phase::Content;
            message.length = head.content_length.map_or(Length::Unknown, Length::Exactly);
            message.grpc = grpc(&head.fields);
            stream.asked = match head.method.as_slice() {
                b"HEAD" => Asked::Head,
                b"CONNECT" => {
                    (message.grpc, message.length) = (None, Length::Unknown);
                    Asked::Tunnel(head.protocol.as_deref().map(|name| {
                        name.iter().take(MAX_PROTOCOL).map(u8::to_ascii_lowercase).collect()
                    }))
                }
                _ => Asked::Content,
            };
        }
        out.http(Event::RequestHead { stream: u64::from(id), head });
        if let Some(h2fp) = fingerprint {
            out.control(None, ControlKind::Fingerprint { h2fp });
        }
        false
    }

    /// An extended CONNECT needs the upstream's consent (RFC 8441 §3).
    fn check_protocol(&mut self, id: u32, head: &RequestHead, out: &mut Output<'_>) {
        let upstream = &self.sides[Direction::FromUpstream];
        let allowed = upstream.settings.binding().extended_connect || upstream.lost;
        if head.protocol.is_some() && !allowed {
            let what = ":protocol, and the upstream's SETTINGS_ENABLE_CONNECT_PROTOCOL is not 1";
            self.report(Some(id), Breach::stream("RFC 8441 §3", what), out);
        }
    }

    fn response(
        &mut self,
        id: u32,
        end_stream: bool,
        fields: Fields,
        out: &mut Output<'_>,
    ) -> bool {
        self.validate(id, Section::Response, &fields, out);
        let head = ResponseHead {
            version: Version::Http2,
            status: status(&fields),
            content_length: content_length(&fields),
            fields,
            is_whole: end_stream,
        };
        let stream_id = u64::from(id);
        // In HTTP/2 even a 101 changes nothing, so it is interim too.
        if (100..200).contains(&head.status) {
            out.http(Event::ResponseHead { stream: stream_id, head });
            return true;
        }
        let mut tunnel = None;
        if let Some(stream) = self.streams.get_mut(id) {
            let message = &mut stream.messages[Direction::FromUpstream];
            message.phase = Phase::Content;
            message.length = match (&stream.asked, head.status, head.content_length) {
                (Asked::Head, ..) | (_, 204 | 304, _) => Length::None,
                (_, _, Some(length)) => Length::Exactly(length),
                (_, _, None) => Length::Unknown,
            };
            message.grpc = grpc(&head.fields).filter(|_| message.length != Length::None);
            if let (Asked::Tunnel(protocol), 200..=299) = (&mut stream.asked, head.status) {
                (message.grpc, message.length) = (None, Length::Unknown);
                tunnel = Some(protocol.take());
                stream.asked = Asked::Tunnelled;
            }
        }
        out.http(Event::ResponseHead { stream: stream_id, head });
        if let Some(protocol) = tunnel {
            out.http(Event::TunnelOpened { stream: stream_id, protocol });
        }
        false
    }

    fn trailers(
        &mut self,
        id: u32,
        end_stream: bool,
        fields: Fields,
        out: &mut Output<'_>,
    ) -> bool {
        self.validate(id, Section::Trailers, &fields, out);
        if !end_stream {
            let what = "trailers without END_STREAM; nothing can follow them";
            self.report(Some(id), Breach::stream("RFC 9113 §8.1", what), out);
        }
        let direction = out.direction;
        if let Some(stream) = self.streams.get_mut(id) {
            stream.messages[direction].phase = Phase::Trailers;
        }
        out.http(Event::Trailers { stream: u64::from(id), direction, fields });
        false
    }

    /// The field section of a PUSH_PROMISE frame: a request that the upstream makes up (§8.4). Its
    /// stream becomes an exchange like any other, with a request that is complete at once.
    pub(super) fn promise(
        &mut self,
        parent: u32,
        promised: u32,
        fields: Fields,
        out: &mut Output<'_>,
    ) {
        if !self.reserve(parent, promised, out) {
            return;
        }
        self.request(promised, fields, out);
        let (stream, direction) = (u64::from(promised), Direction::FromClient);
        out.http(Event::End { stream, direction });
    }
}

fn request_head(fields: Fields) -> RequestHead {
    let mut head = RequestHead {
        version: Version::Http2,
        method: Vec::new(),
        path: Vec::new(),
        authority: None,
        scheme: None,
        protocol: None,
        content_length: content_length(&fields),
        fields: Fields::new(),
    };
    let mut host = None;
    for field in fields.iter() {
        match field.name {
            b":method" => head.method = field.value.to_vec(),
            b":path" => head.path = field.value.to_vec(),
            b":authority" => head.authority = Some(field.value.to_vec()),
            b":scheme" => head.scheme = Some(field.value.to_vec()),
            b":protocol" => head.protocol = Some(field.value.to_vec()),
            b"host" if host.is_none() => host = Some(field.value),
            _ => {}
        }
    }
    if head.authority.is_none() {
        head.authority = host.map(<[u8]>::to_vec);
    }
    head.fields = fields;
    head
}

/// The status code; 0 when there is none or it isn't three digits.
fn status(fields: &Fields) -> u16 {
    match fields.get(":status") {
        Some(&[hundreds @ b'1'..=b'9', tens @ b'0'..=b'9', units @ b'0'..=b'9']) => {
            [hundreds, tens, units].iter().fold(0, |sum, digit| 10 * sum + u16::from(digit - b'0'))
        }
        _ => 0,
    }
}

fn content_length(fields: &Fields) -> Option<u64> {
    let mut values = fields.get_all("content-length");
    let value = values.next().filter(|_| values.next().is_none())?;
    let digits = value.iter().all(u8::is_ascii_digit);
    std::str::from_utf8(value).ok().filter(|_| digits)?.parse().ok()
}

fn grpc(fields: &Fields) -> Option<Prefixes> {
    fields.get("content-type").is_some_and(is_grpc).then(Prefixes::new)
}
