//! "It does not touch what it observes": whatever the protocol, each end gets byte for byte what the
//! other one sent, and the records tell what that was.
//!
//! ```text
//!  client script ──TLS? ──► proxy ──TLS? ──► upstream script
//!  sent == what the upstream got             sent == what the client got
//! ```
//!
//! The traffic is made from a seed: valid, in odd shapes, cut at odd places, both directions at
//! once. Each protocol runs with several seeds, and with them through every combination of
//! plaintext, TLS 1.2 and TLS 1.3.

mod duplex;
mod grpc;
mod http1;
mod http2;
mod random;
mod websocket;

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::peers::health;
use crate::support::Records;
use duplex::{Script, Sides};
use random::Random;

/// Runs of each protocol: every combination of sides twice.
const SEEDS: u64 = 2 * Sides::COMBINATIONS;

/// What both ends of a connection say, and what is to be recorded of it.
struct Conversation {
    client: Script,
    upstream: Script,
    alpn: &'static [&'static str],
    protocol: &'static str,
    /// By path; empty where the protocol has none.
    exchanges: BTreeMap<String, Exchange>,
}

/// What is to be recorded of an exchange.
struct Exchange {
    status: Option<u16>,
    content: Content,
    messages_in: u64,
    messages_out: u64,
}

/// What is to be recorded of the content.
enum Content {
    /// Every byte.
    Whole { request: Vec<u8>, response: Vec<u8> },
    /// How much there was.
    Sizes { bytes_in: usize, bytes_out: usize },
}

impl Content {
    fn request(&self) -> &[u8] {
        match self {
            Self::Whole { request, .. } => request,
            Self::Sizes { .. } => &[],
        }
    }

    fn response(&self) -> &[u8] {
        match self {
            Self::Whole { response, .. } => response,
            Self::Sizes { .. } => &[],
        }
    }
}

#[test]
fn http1() {
    check_all(http1::conversation);
}

#[test]
fn http2() {
    check_all(http2::conversation);
}

#[test]
fn grpc() {
    check_all(grpc::conversation);
}

#[test]
fn websocket() {
    check_all(websocket::conversation);
}

#[test]
fn raw() {
    check_all(|random| {
        let piece = |random: &mut Random| {
            let length = random.size(3 << 20);
            // No request line, no preface, no TLS record begins like this.
            [b"\0".as_slice(), &random.bytes(length)].concat()
        };
        let mut conversation = Conversation {
            client: Script::default(),
            upstream: Script::default(),
            alpn: &[],
            protocol: "raw",
            exchanges: BTreeMap::new(),
        };
        for _ in 0..random.below(8) + 2 {
            // Each waits for what the other has said so far, or does not.
            let (client, upstream) = (&mut conversation.client, &mut conversation.upstream);
            let heard = upstream.said() * random.below(2);
            client.say_after(heard, piece(random));
            let heard = client.said() * random.below(2);
            upstream.say_after(heard, piece(random));
        }
        let (bytes_in, bytes_out) = (conversation.client.said(), conversation.upstream.said());
        let content = Content::Sizes { bytes_in, bytes_out };
        let exchange = Exchange { status: None, content, messages_in: 0, messages_out: 0 };
        conversation.exchanges.insert(String::new(), exchange);
        conversation
    });
}

fn check_all(make: impl Fn(&mut Random) -> Conversation) {
    for seed in 0..SEEDS {
        let conversation = make(&mut Random::new(seed));
        let sides = Sides::combination(seed);
        let what = format!("{} with seed {seed}, {sides:?}", conversation.protocol);
        let records = duplex::converse(&conversation, sides, seed, &what);
        health::check_connections(&records, 1);
        check_events(&records, &conversation, &what);
    }
}

fn check_events(records: &Records, conversation: &Conversation, what: &str) {
    let close = records.close();
    assert_eq!(close["bytes_in"], conversation.client.said(), "{what}: {close:#}");
    assert_eq!(close["bytes_out"], conversation.upstream.said(), "{what}: {close:#}");
    for (path, exchange) in &conversation.exchanges {
        let is_it = |event: &Value| event["request"]["path"].as_str().unwrap_or_default() == path;
        let event = records.one("event", is_it);
        let context = || format!("{what}, {path}: {}", without_bodies(event));
        assert_eq!(event["protocol"], conversation.protocol, "{}", context());
        assert_eq!(event["response"]["status"], json!(exchange.status), "{}", context());
        assert_eq!(event["messages_in"], exchange.messages_in, "{}", context());
        assert_eq!(event["messages_out"], exchange.messages_out, "{}", context());
        let (request, response) = match &exchange.content {
            Content::Whole { request, response } => (request, response),
            Content::Sizes { bytes_in, bytes_out } => {
                assert_eq!(event["bytes_in"], *bytes_in, "{}", context());
                assert_eq!(event["bytes_out"], *bytes_out, "{}", context());
                continue;
            }
        };
        assert_eq!(event["bytes_in"], request.len(), "{}", context());
        assert_eq!(event["bytes_out"], response.len(), "{}", context());
        assert!(body(&event["request"]) == *request, "request body of {}", context());
        assert!(body(&event["response"]) == *response, "response body of {}", context());
    }
    let recorded = records.kind("event").len();
    assert_eq!(recorded, conversation.exchanges.len(), "{what}: events");
}

fn body(message: &Value) -> Vec<u8> {
    STANDARD.decode(message["body_b64"].as_str().unwrap_or_default()).unwrap()
}

fn without_bodies(event: &Value) -> Value {
    let mut event = event.clone();
    event["request"]["body_b64"].take();
    event["response"]["body_b64"].take();
    event
}
