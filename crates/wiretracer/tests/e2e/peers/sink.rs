//! An HTTP/1.1 upstream that swallows what is posted, however much, and answers with its length.

use crate::support::Peer;

/// Answers requests until the client leaves.
pub(super) fn sink(mut peer: Peer) {
    while let Some(head) = peer.try_read_until("\r\n\r\n") {
        let head = String::from_utf8(head).unwrap().to_ascii_lowercase();
        let field = |name: &str| {
            let line = head.lines().find_map(|line| line.strip_prefix(name));
            line.map(|value| value.trim_start_matches(':').trim())
        };
        if field("expect") == Some("100-continue") {
            peer.write("HTTP/1.1 100 Continue\r\n\r\n");
        }
        let length = match field("transfer-encoding") {
            Some(_) => skip_chunks(&mut peer),
            None => {
                let length = field("content-length").map_or(0, |length| length.parse().unwrap());
                peer.skip(length);
                length
            }
        };
        let body = length.to_string();
        peer.write(format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{body}", body.len()));
    }
    peer.half_close();
}

fn skip_chunks(peer: &mut Peer) -> u64 {
    let mut length = 0;
    loop {
        let line = String::from_utf8(peer.read_until("\r\n")).unwrap();
        let chunk = u64::from_str_radix(line.trim_end(), 16).unwrap();
        peer.skip(chunk);
        peer.read_until("\r\n");
        if chunk == 0 {
            return length;
        }
        length += chunk;
    }
}
