//! Conversations as transcripts: bytes in, events out, however the bytes are cut.
//!
//! Each transcript runs whole, cut at every position and byte by byte.

mod framing;
mod heads;
mod limits;
mod messages;
mod split;
mod syntax;
mod tunnel;
mod wrong_protocol;

use std::fmt::Write;

use super::fuzzing::{Seen, Turn, seen};
use crate::Direction;
use crate::decoder::Severity;
use crate::http::{Event, Fields, RequestHead, ResponseHead, Version};

const CLIENT: Direction = Direction::FromClient;
const UPSTREAM: Direction = Direction::FromUpstream;

/// Asserts what a conversation, finished at both ends, is decoded to: one event a line.
#[track_caller]
fn transcript(turns: &[(Direction, &str)], expected: &str) {
    let turns: Vec<Turn<'_>> = turns.iter().map(|(way, text)| (*way, text.as_bytes())).collect();
    let whole = seen(&turns, usize::MAX);
    let expected: Vec<&str> =
        expected.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let found = render(&whole);
    assert_eq!(found.lines().collect::<Vec<_>>(), expected, "\n{found}");
    same_however_cut(&turns, &whole);
}

/// Asserts that every cut of every turn, and single bytes, give the same events.
#[track_caller]
fn same_however_cut(turns: &[Turn<'_>], whole: &[Seen]) {
    assert_eq!(render(&seen(turns, 1)), render(whole), "byte by byte");
    for (index, (direction, bytes)) in turns.iter().enumerate() {
        for at in 1..bytes.len() {
            let mut cut = turns[..index].to_vec();
            cut.push((*direction, &bytes[..at]));
            cut.push((*direction, &bytes[at..]));
            cut.extend_from_slice(&turns[index + 1..]);
            assert_eq!(render(&seen(&cut, usize::MAX)), render(whole), "turn {index} cut at {at}");
        }
    }
}

/// One line an event.
fn render(seen: &[Seen]) -> String {
    let mut out = String::new();
    for one in seen {
        let line = match one {
            Seen::Data { tunnel, stream, direction, data } => {
                let kind = if *tunnel { "tunnel" } else { "body" };
                format!("{kind} {stream} {} {}", side(*direction), data.escape_ascii())
            }
            Seen::Other(event) => other(event),
        };
        writeln!(out, "{line}").expect("a string takes all");
    }
    out
}

fn other(event: &Event<'_>) -> String {
    match event {
        Event::RequestBegan { stream } => format!("began {stream}"),
        Event::RequestHead { stream, head } => format!("request {stream} {}", request(head)),
        Event::ResponseHead { stream, head } => format!("response {stream} {}", response(head)),
        Event::Trailers { stream, direction, fields: lines } => {
            format!("trailers {stream} {}{}", side(*direction), fields(lines))
        }
        Event::End { stream, direction } => format!("end {stream} {}", side(*direction)),
        Event::TunnelOpened { stream, protocol } => {
            let protocol = protocol.as_deref().unwrap_or(b"-").escape_ascii();
            format!("tunnel opened {stream} {protocol}")
        }
        Event::Malformed(malformed) => {
            let severity = match malformed.severity {
                Severity::Warning => "warning",
                Severity::Stream => "broken",
                Severity::Connection => "fatal",
            };
            let stream = malformed.stream.map_or("-".to_owned(), |stream| stream.to_string());
            format!("{severity} {stream} {} {malformed}", side(malformed.direction))
        }
        Event::Lost(lost) => format!("lost {} at {}", side(lost.direction), lost.offset),
        unexpected => format!("{unexpected:?}"),
    }
}

fn side(direction: Direction) -> &'static str {
    match direction {
        Direction::FromClient => "client",
        Direction::FromUpstream => "upstream",
    }
}

fn request(head: &RequestHead) -> String {
    let mut out =
        format!("{} {} {}", head.method.escape_ascii(), head.path.escape_ascii(), v(head.version));
    if let Some(authority) = &head.authority {
        write!(out, " for {}", authority.escape_ascii()).expect("a string takes all");
    }
    if let Some(protocol) = &head.protocol {
        write!(out, " to {}", protocol.escape_ascii()).expect("a string takes all");
    }
    out + &length(head.content_length) + &fields(&head.fields)
}

fn response(head: &ResponseHead) -> String {
    format!("{} {}", head.status, v(head.version))
        + &length(head.content_length)
        + &fields(&head.fields)
}

fn v(version: Version) -> &'static str {
    match version {
        Version::Http10 => "1.0",
        Version::Http11 => "1.1",
        Version::Http2 => "2",
    }
}

fn length(length: Option<u64>) -> String {
    length.map_or(String::new(), |length| format!(" length {length}"))
}

fn fields(fields: &Fields) -> String {
    fields
        .iter()
        .map(|field| {
            let line = format!(" | {}: {}", field.name.escape_ascii(), field.value.escape_ascii());
            line.trim_end().to_owned()
        })
        .collect()
}
