//! HTTP/2 (RFC 9113): streams interleaved frame by frame, with padding, CONTINUATION, interim
//! responses, trailers, PINGs and frames of unknown types between them.

use std::collections::VecDeque;

use super::duplex::Script;
use super::random::Random;
use super::{Content, Conversation, Exchange};
use crate::support::h2;

/// Credit for more than is ever sent.
const WINDOW: u32 = (1 << 31) - 1;
const MAX_FRAME: usize = 1 << 14;
const MAX_FRAME_EXTENDED: usize = 1 << 17;
const PADDED: u8 = 0x8;

/// An exchange, before it is cut into frames.
pub(super) struct Call {
    pub(super) path: String,
    pub(super) request: Vec<(&'static str, String)>,
    /// Field sections: interim responses and the final one.
    pub(super) responses: Vec<Vec<(&'static str, &'static str)>>,
    pub(super) response_trailers: Option<Vec<(&'static str, &'static str)>>,
    /// Whether the response may begin before the request's end.
    pub(super) may_overlap: bool,
    pub(super) exchange: Exchange,
}

pub(super) fn conversation(random: &mut Random) -> Conversation {
    let count = random.below(20) + 5;
    let calls = (0..count).map(|number| call(random, number)).collect();
    interleave(random, calls, "http2")
}

fn call(random: &mut Random, number: usize) -> Call {
    let path = format!("/{number}?{}", random.below(1_000_000));
    let method = random.pick(&["GET", "POST", "PUT"]);
    let status = random.pick(&["200", "204", "404"]);
    let mut content = |empty: bool| {
        let length = if empty { 0 } else { random.size(1 << 20) };
        random.bytes(length)
    };
    let exchange = Exchange {
        status: Some(status.parse().unwrap()),
        content: Content::Whole {
            request: content(method == "GET"),
            response: content(status == "204"),
        },
        messages_in: 0,
        messages_out: 0,
    };
    let hints = vec![(":status", "103"), ("link", "</style.css>")];
    let head = vec![(":status", status), ("x-dup", "1"), ("x-dup", "2"), ("x-empty", "")];
    let has_hints = random.one_in(3);
    let response_trailers = random.one_in(3).then(|| vec![("x-sum", "7")]);
    Call {
        request: vec![
            (":method", method.to_owned()),
            (":scheme", "https".to_owned()),
            (":path", path.clone()),
            (":authority", "localhost".to_owned()),
            ("x-long", "v".repeat(random.size(9_000))),
        ],
        path,
        responses: if has_hints { vec![hints, head] } else { vec![head] },
        response_trailers: response_trailers.filter(|_| status != "204"),
        may_overlap: random.one_in(2),
        exchange,
    }
}

/// Cuts calls into frames and mixes them.
pub(super) fn interleave(
    random: &mut Random,
    calls: Vec<Call>,
    protocol: &'static str,
) -> Conversation {
    let (mut client, mut upstream) = (Script::default(), Script::default());
    open(random, &mut client, &mut upstream);
    let mut streams: Vec<_> =
        (0..).zip(&calls).map(|(n, call)| (n, request_frames(random, 2 * n + 1, call))).collect();
    // Where the head and the end of each request stand in what the client says.
    let mut marks = vec![(0, 0); calls.len()];
    let mut begun = 0;
    while !streams.is_empty() {
        noise(random, &mut client, 1);
        // Streams are opened in the order of their numbers (§5.1.1).
        let at = random.below(streams.len().min(begun + 1));
        let (number, frames) = &mut streams[at];
        let index = *number as usize;
        client.say_after(0, frames.pop_front().unwrap());
        if marks[index].0 == 0 {
            marks[index].0 = client.said();
            begun += 1;
        }
        marks[index].1 = client.said();
        if frames.is_empty() {
            streams.remove(at);
            begun -= 1;
        }
    }
    let mut answers: Vec<_> = calls
        .iter()
        .zip(&marks)
        .zip(0..)
        .map(|((call, &(head, end)), number)| {
            let after = if call.may_overlap { head } else { end };
            (after, response_frames(random, 2 * number + 1, call))
        })
        .collect();
    while !answers.is_empty() {
        let at = random.below(answers.len());
        let (after, frames) = &mut answers[at];
        let after = *after;
        upstream.say_after(after, frames.pop_front().unwrap());
        if frames.is_empty() {
            answers.remove(at);
        }
        noise(random, &mut upstream, after);
    }
    client.say_after(upstream.said(), h2::goaway(0, 0, "bye"));
    let exchanges = calls.into_iter().map(|call| (call.path, call.exchange)).collect();
    Conversation { client, upstream, alpn: &["h2"], protocol, exchanges }
}

/// Prefaces, SETTINGS and their acknowledgements.
fn open(random: &mut Random, client: &mut Script, upstream: &mut Script) {
    let settings =
        [(h2::INITIAL_WINDOW_SIZE, WINDOW), (h2::MAX_FRAME_SIZE, MAX_FRAME_EXTENDED as u32)];
    let opening = [h2::settings(&settings), h2::window_update(0, WINDOW - 65_535)].concat();
    client.say_after(0, [h2::PREFACE, &opening].concat());
    // Some servers speak before the preface has come.
    let first = if random.one_in(2) { 0 } else { client.said() };
    upstream.say_after(first, opening);
    upstream.say_after(client.said(), h2::settings_ack());
    client.say_after(upstream.said() - h2::settings_ack().len(), h2::settings_ack());
}

/// Now and then what belongs to no request.
fn noise(random: &mut Random, script: &mut Script, after: usize) {
    match random.below(12) {
        0 => script.say_after(after, h2::ping(*b"whatever", false)),
        1 => {
            let payload = random.bytes(77);
            script.say_after(after, h2::frame(0xfa, 0xff, 0, &payload));
        }
        _ => {}
    }
}

fn request_frames(random: &mut Random, stream: u32, call: &Call) -> VecDeque<Vec<u8>> {
    let fields: Vec<_> = call.request.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let content = call.exchange.content.request();
    let mut frames = VecDeque::from([head(random, stream, &fields, content.is_empty())]);
    if !content.is_empty() {
        data(random, &mut frames, stream, content, true);
    }
    frames
}

fn response_frames(random: &mut Random, stream: u32, call: &Call) -> VecDeque<Vec<u8>> {
    let (content, trailers) = (call.exchange.content.response(), &call.response_trailers);
    let ends_at_head = content.is_empty() && trailers.is_none();
    let mut frames = VecDeque::new();
    for (index, fields) in call.responses.iter().enumerate() {
        let is_last = index + 1 == call.responses.len();
        frames.push_back(head(random, stream, fields, ends_at_head && is_last));
    }
    if !content.is_empty() {
        data(random, &mut frames, stream, content, trailers.is_none());
    }
    if let Some(fields) = trailers {
        frames.push_back(head(random, stream, fields, true));
    }
    frames
}

/// HEADERS, perhaps padded, perhaps with CONTINUATION; nothing may come between them (§6.10).
fn head(random: &mut Random, stream: u32, fields: &[(&str, &str)], ends: bool) -> Vec<u8> {
    let block = h2::block(fields);
    let ends = if ends { h2::END_STREAM } else { 0 };
    if random.one_in(2) && block.len() <= MAX_FRAME - 9 {
        let payload = padded(random, &block);
        return h2::frame(h2::HEADERS, ends | h2::END_HEADERS | PADDED, stream, &payload);
    }
    let pieces = random.cut(&block, 1 + block.len() / 2, false);
    let mut frames = Vec::new();
    for (index, piece) in pieces.iter().enumerate() {
        let (kind, flags) = if index == 0 { (h2::HEADERS, ends) } else { (h2::CONTINUATION, 0) };
        let end_headers = if index + 1 == pieces.len() { h2::END_HEADERS } else { 0 };
        frames.extend(h2::frame(kind, flags | end_headers, stream, piece));
    }
    frames
}

/// DATA: empty, tiny and huge ones, some padded.
fn data(
    random: &mut Random,
    frames: &mut VecDeque<Vec<u8>>,
    stream: u32,
    content: &[u8],
    ends: bool,
) {
    let mut pieces = random.cut(content, MAX_FRAME_EXTENDED - 256, true);
    if random.one_in(3) {
        pieces.push(&[]);
    }
    for (index, piece) in pieces.iter().enumerate() {
        let end = if ends && index + 1 == pieces.len() { h2::END_STREAM } else { 0 };
        frames.push_back(if random.one_in(3) {
            h2::frame(h2::DATA, end | PADDED, stream, &padded(random, piece))
        } else {
            h2::frame(h2::DATA, end, stream, piece)
        });
    }
}

fn padded(random: &mut Random, content: &[u8]) -> Vec<u8> {
    let padding = random.below(9);
    [&[padding as u8], content, &[0; 9][..padding]].concat()
}
