//! Pipelined HTTP/1.1 requests and their responses (RFC 9112), framed in every way there is.

use std::collections::BTreeMap;

use super::duplex::Script;
use super::random::Random;
use super::{Content, Conversation, Exchange};

pub(super) fn conversation(random: &mut Random) -> Conversation {
    let (mut client, mut upstream) = (Script::default(), Script::default());
    let mut exchanges = BTreeMap::new();
    for number in 0..random.below(20) + 5 {
        let path = format!("/{number}?{}", random.below(1_000_000));
        let method = random.pick(&["GET", "POST", "PUT", "HEAD", "PURGE"]);
        let content = match method {
            "GET" | "HEAD" => None,
            _ => Some(content(random)),
        };
        let begin = format!("{method} {path} HTTP/1.1\r\nHoSt: localhost\r\n");
        client.say_after(0, begin + &fields(random));
        let (head, request) = say_content(random, &mut client, 0, content);
        // The answer may begin as soon as the request's head is there.
        let after = if random.one_in(3) { head } else { client.said() };
        let (status, response) = respond(random, &mut upstream, after, method);
        exchanges.insert(path, {
            let content = Content::Whole { request, response };
            Exchange { status: Some(status), content, messages_in: 0, messages_out: 0 }
        });
    }
    Conversation { client, upstream, alpn: &["http/1.1"], protocol: "http1", exchanges }
}

fn respond(
    random: &mut Random,
    upstream: &mut Script,
    after: usize,
    method: &str,
) -> (u16, Vec<u8>) {
    if random.one_in(4) {
        let hint = "HTTP/1.1 103 Early Hints\r\nlink: </style.css>; rel=preload\r\n\r\n";
        upstream.say_after(after, hint);
    }
    let status: u16 = random.pick(&[200, 200, 201, 204, 304, 404, 451]);
    let reason = random.pick(&["OK", "", "Sp\u{e4}ter vielleicht"]);
    upstream.say_after(after, format!("HTTP/1.1 {status} {reason}\r\n{}", fields(random)));
    if matches!(status, 204 | 304) {
        upstream.say_after(after, "\r\n");
        return (status, Vec::new());
    }
    if method == "HEAD" {
        // What a GET would have been answered with.
        upstream.say_after(after, format!("content-length: {}\r\n\r\n", random.below(1 << 30)));
        return (status, Vec::new());
    }
    let content = Some(content(random));
    (status, say_content(random, upstream, after, content).1)
}

fn content(random: &mut Random) -> Vec<u8> {
    let length = random.size(1 << 20);
    random.bytes(length)
}

/// Ends a head, and says the content behind it. Gives where the head ends, and the content.
fn say_content(
    random: &mut Random,
    script: &mut Script,
    after: usize,
    content: Option<Vec<u8>>,
) -> (usize, Vec<u8>) {
    let Some(content) = content else {
        script.say_after(after, "\r\n");
        return (script.said(), Vec::new());
    };
    if random.one_in(2) {
        script.say_after(after, format!("Content-Length:{}\r\n\r\n", content.len()));
        let head = script.said();
        script.say_after(after, content.clone());
        return (head, content);
    }
    script.say_after(after, "Transfer-Encoding: chunked\r\ntrailer: x-sum\r\n\r\n");
    let head = script.said();
    let mut chunked = Vec::new();
    for chunk in random.cut(&content, 60_000, false) {
        let length = chunk.len();
        let line = match random.below(4) {
            0 => format!("{length:X}"),
            1 => format!("000{length:x}"),
            2 => format!("{length:x};name=\"quo;ted\""),
            _ => format!("{length:x}"),
        };
        chunked.extend_from_slice(line.as_bytes());
        chunked.extend_from_slice(b"\r\n");
        chunked.extend_from_slice(chunk);
        chunked.extend_from_slice(b"\r\n");
    }
    let trailers = random.pick(&["0\r\n\r\n", "0\r\nX-Sum: 7\r\nx-sum: 8\r\n\r\n"]);
    chunked.extend_from_slice(trailers.as_bytes());
    script.say_after(after, chunked);
    (head, content)
}

/// Field lines as no client library writes them, and every one must pass on.
fn fields(random: &mut Random) -> String {
    const LINES: [&str; 6] = [
        "X-Odd:   spaces around   \r\n",
        "x-dup: 1\r\nX-DUP: 2\r\nx-dup: 1\r\n",
        "x-empty:\r\n",
        "x-latin: \u{e9}\u{fc}\r\n",
        "cookie: a=b; c=d\r\n",
        "!#$%&'*+-.^_`|~: every tchar\r\n",
    ];
    (0..random.below(5)).map(|_| random.pick(&LINES)).collect()
}
