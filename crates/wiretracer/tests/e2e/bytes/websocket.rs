//! WebSocket (RFC 6455): an upgrade, then fragmented messages with control frames between their
//! fragments, both ways at once.

use std::collections::BTreeMap;

use super::duplex::Script;
use super::random::Random;
use super::{Content, Conversation, Exchange};

const FIN: u8 = 0x80;
const CONTINUATION: u8 = 0;
const BINARY: u8 = 2;
const CLOSE: u8 = 8;
const PING: u8 = 9;

pub(super) fn conversation(random: &mut Random) -> Conversation {
    let (mut client, mut upstream) = (Script::default(), Script::default());
    client.say_after(
        0,
        "GET /socket HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n",
    );
    // The key and its answer are those of §1.3.
    upstream.say_after(
        client.said(),
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n",
    );
    let (to_client, to_upstream) = (client.said(), upstream.said());
    let messages_in = say_messages(random, &mut client, to_upstream, true);
    let messages_out = say_messages(random, &mut upstream, to_client, false);
    client.say_after(to_upstream, frame(random, FIN | CLOSE, &[3, 232], true));
    let closing = client.said();
    upstream.say_after(closing, frame(random, FIN | CLOSE, &[3, 232], false));
    let (bytes_in, bytes_out) = (client.said() - to_client, upstream.said() - to_upstream);
    let content = Content::Sizes { bytes_in, bytes_out };
    let exchange = Exchange { status: Some(101), content, messages_in, messages_out };
    let exchanges = BTreeMap::from([("/socket".to_owned(), exchange)]);
    Conversation { client, upstream, alpn: &["http/1.1"], protocol: "websocket", exchanges }
}

/// Says messages, and how many.
fn say_messages(random: &mut Random, script: &mut Script, after: usize, masked: bool) -> u64 {
    let count = random.below(30) + 1;
    for _ in 0..count {
        let length = random.size(300_000);
        let content = random.bytes(length);
        let mut fragments = random.cut(&content, 1 + length / 2, true);
        if fragments.is_empty() {
            fragments.push(&[]);
        }
        for (index, fragment) in fragments.iter().enumerate() {
            let opcode = if index == 0 { BINARY } else { CONTINUATION };
            let fin = if index + 1 == fragments.len() { FIN } else { 0 };
            script.say_after(after, frame(random, fin | opcode, fragment, masked));
            if random.one_in(6) {
                script.say_after(after, frame(random, FIN | PING, b"still there?", masked));
            }
        }
    }
    count as u64
}

fn frame(random: &mut Random, first: u8, payload: &[u8], masked: bool) -> Vec<u8> {
    let mask_bit = if masked { 0x80 } else { 0 };
    let mut frame = vec![first];
    match payload.len() {
        length @ 0..126 => frame.push(mask_bit | length as u8),
        length @ 126..65_536 => {
            frame.push(mask_bit | 126);
            frame.extend_from_slice(&(length as u16).to_be_bytes());
        }
        length => {
            frame.push(mask_bit | 127);
            frame.extend_from_slice(&(length as u64).to_be_bytes());
        }
    }
    if !masked {
        frame.extend_from_slice(payload);
        return frame;
    }
    let mask = random.bytes(4);
    frame.extend_from_slice(&mask);
    frame.extend(payload.iter().zip(mask.iter().cycle()).map(|(byte, mask)| byte ^ mask));
    frame
}
