//! gRPC over HTTP/2: messages that begin and end anywhere in the DATA frames, both ways at once.

use super::http2::{Call, interleave};
use super::random::Random;
use super::{Content, Conversation, Exchange};

pub(super) fn conversation(random: &mut Random) -> Conversation {
    let count = random.below(12) + 3;
    let calls = (0..count).map(|number| call(random, number)).collect();
    interleave(random, calls, "grpc")
}

fn call(random: &mut Random, number: usize) -> Call {
    let path = format!("/pkg.Service/Method{number}");
    let (messages_in, messages_out) = (random.below(20), random.below(20));
    let request = messages(random, messages_in);
    let response = messages(random, messages_out);
    let values = [
        (":method", "POST"),
        (":scheme", "https"),
        (":path", path.as_str()),
        (":authority", "localhost"),
        ("te", "trailers"),
        ("content-type", "application/grpc+proto"),
        ("grpc-timeout", "1H"),
        ("bin-bin", "AAEC"),
    ];
    let ok = vec![("grpc-status", "0"), ("grpc-message", "")];
    let head = vec![(":status", "200"), ("content-type", "application/grpc+proto")];
    // Trailers-Only: head and status in one.
    let trailers_only = messages_out == 0;
    let responses = vec![if trailers_only { [head, ok.clone()].concat() } else { head }];
    Call {
        request: values.iter().map(|(name, value)| (*name, (*value).to_owned())).collect(),
        path,
        responses,
        response_trailers: (!trailers_only).then_some(ok),
        may_overlap: !trailers_only,
        exchange: Exchange {
            status: Some(200),
            content: Content::Whole { request, response },
            messages_in: messages_in as u64,
            messages_out: messages_out as u64,
        },
    }
}

fn messages(random: &mut Random, count: usize) -> Vec<u8> {
    let mut messages = Vec::new();
    for _ in 0..count {
        let length = random.size(200_000);
        messages.push(0);
        messages.extend_from_slice(&(length as u32).to_be_bytes());
        messages.extend(random.bytes(length));
    }
    messages
}
