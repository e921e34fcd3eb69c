//! HTTP/2 frames written and read by hand (RFC 9113).

use wire::http::Fields;
use wire::http2::hpack::Encoder;

use super::Peer;

/// What a client's connection opens with (§3.4).
pub(crate) const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/// Frame types (§6).
pub(crate) const DATA: u8 = 0;
pub(crate) const HEADERS: u8 = 1;
pub(crate) const RST_STREAM: u8 = 3;
pub(crate) const SETTINGS: u8 = 4;
pub(crate) const PUSH_PROMISE: u8 = 5;
pub(crate) const PING: u8 = 6;
pub(crate) const GOAWAY: u8 = 7;
pub(crate) const WINDOW_UPDATE: u8 = 8;
pub(crate) const CONTINUATION: u8 = 9;

/// Flags (§6).
pub(crate) const ACK: u8 = 0x1;
pub(crate) const END_STREAM: u8 = 0x1;
pub(crate) const END_HEADERS: u8 = 0x4;

/// Settings (§6.5.2).
pub(crate) const INITIAL_WINDOW_SIZE: u16 = 4;
pub(crate) const MAX_FRAME_SIZE: u16 = 5;

/// A frame that was read.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Frame {
    pub(crate) kind: u8,
    pub(crate) flags: u8,
    pub(crate) stream: u32,
    pub(crate) payload: Vec<u8>,
}

/// A frame.
pub(crate) fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
    let mut frame = vec![length[1], length[2], length[3], kind, flags];
    frame.extend_from_slice(&stream.to_be_bytes());
    frame.extend_from_slice(payload);
    frame
}

/// SETTINGS.
pub(crate) fn settings(values: &[(u16, u32)]) -> Vec<u8> {
    let mut payload = Vec::new();
    for (setting, value) in values {
        payload.extend_from_slice(&setting.to_be_bytes());
        payload.extend_from_slice(&value.to_be_bytes());
    }
    frame(SETTINGS, 0, 0, &payload)
}

/// SETTINGS with ACK.
pub(crate) fn settings_ack() -> Vec<u8> {
    frame(SETTINGS, ACK, 0, &[])
}

/// HEADERS in one frame.
pub(crate) fn headers(stream: u32, fields: &[(&str, &str)], end_stream: bool) -> Vec<u8> {
    let flags = END_HEADERS | if end_stream { END_STREAM } else { 0 };
    frame(HEADERS, flags, stream, &block(fields))
}

/// A field block without indexing.
pub(crate) fn block(fields: &[(&str, &str)]) -> Vec<u8> {
    let mut block = Vec::new();
    Encoder::encode_literals(&Fields::from_iter(fields.iter().copied()), &mut block);
    block
}

/// DATA.
pub(crate) fn data(stream: u32, payload: &[u8], end_stream: bool) -> Vec<u8> {
    frame(DATA, if end_stream { END_STREAM } else { 0 }, stream, payload)
}

/// RST_STREAM.
pub(crate) fn rst_stream(stream: u32, code: u32) -> Vec<u8> {
    frame(RST_STREAM, 0, stream, &code.to_be_bytes())
}

/// GOAWAY.
pub(crate) fn goaway(last_stream: u32, code: u32, debug: &str) -> Vec<u8> {
    let mut payload = last_stream.to_be_bytes().to_vec();
    payload.extend_from_slice(&code.to_be_bytes());
    payload.extend_from_slice(debug.as_bytes());
    frame(GOAWAY, 0, 0, &payload)
}

/// WINDOW_UPDATE.
pub(crate) fn window_update(stream: u32, increment: u32) -> Vec<u8> {
    frame(WINDOW_UPDATE, 0, stream, &increment.to_be_bytes())
}

/// PING.
pub(crate) fn ping(opaque: [u8; 8], ack: bool) -> Vec<u8> {
    frame(PING, if ack { ACK } else { 0 }, 0, &opaque)
}

/// A GET request.
pub(crate) fn get(stream: u32, path: &str) -> Vec<u8> {
    let fields = request_fields("GET", path);
    headers(stream, &fields, true)
}

fn request_fields<'a>(method: &'a str, path: &'a str) -> [(&'a str, &'a str); 4] {
    [(":method", method), (":scheme", "https"), (":authority", "localhost"), (":path", path)]
}

impl Peer {
    /// Reads a frame.
    pub(crate) fn read_frame(&mut self) -> Frame {
        self.try_read_frame().expect("a frame, not the end")
    }

    /// Reads a frame; none if the other end has left.
    pub(crate) fn try_read_frame(&mut self) -> Option<Frame> {
        let head = self.try_read_exact(9)?;
        let length = u32::from_be_bytes([0, head[0], head[1], head[2]]) as usize;
        let stream = u32::from_be_bytes([head[5], head[6], head[7], head[8]]);
        let payload = self.try_read_exact(length)?;
        Some(Frame { kind: head[3], flags: head[4], stream, payload })
    }

    /// Reads frames until one of that type comes, on that stream.
    pub(crate) fn read_frame_of(&mut self, kind: u8, stream: u32) -> Frame {
        loop {
            let frame = self.read_frame();
            if (frame.kind, frame.stream) == (kind, stream) {
                return frame;
            }
        }
    }

    /// Reads through the next PING and acknowledges it; false when the other end has left.
    pub(crate) fn next_ping(&mut self) -> bool {
        let is_ping = |frame: &Frame| frame.kind == PING && frame.flags & ACK == 0;
        loop {
            match self.try_read_frame() {
                Some(found) if is_ping(&found) => {
                    self.write(frame(PING, ACK, 0, &found.payload));
                    return true;
                }
                Some(_) => {}
                None => return false,
            }
        }
    }

    /// A client's opening.
    pub(crate) fn h2_begin(&mut self, values: &[(u16, u32)]) {
        self.write([PREFACE, &settings(values)].concat());
    }

    /// A server's opening: reads the preface and SETTINGS, and answers with its own.
    pub(crate) fn h2_accept(&mut self, values: &[(u16, u32)]) {
        assert_eq!(self.read_exact(PREFACE.len()), PREFACE);
        self.read_frame_of(SETTINGS, 0);
        self.write([settings(values), settings_ack()].concat());
    }
}
