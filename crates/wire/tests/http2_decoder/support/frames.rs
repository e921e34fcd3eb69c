//! Frames built by hand, byte for byte as RFC 9113 §4.1 and §6 have them.

use wire::http::Fields;
use wire::http2::hpack::Encoder;

pub(crate) const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

pub(crate) const END_STREAM: u8 = 0x1;
pub(crate) const ACK: u8 = 0x1;
pub(crate) const END_HEADERS: u8 = 0x4;
pub(crate) const PADDED: u8 = 0x8;
pub(crate) const PRIORITY: u8 = 0x20;

/// A whole HEADERS frame that ends its stream.
pub(crate) const WHOLE: u8 = END_HEADERS | END_STREAM;

pub(crate) fn header(length: usize, kind: u8, flags: u8, stream: u32) -> Vec<u8> {
    let length = (length as u32).to_be_bytes();
    [&length[1..], &[kind, flags], &stream.to_be_bytes()].concat()
}

pub(crate) fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    [&header(payload.len(), kind, flags, stream), payload].concat()
}

/// A header block of literals.
pub(crate) fn block(fields: &[(&str, &str)]) -> Vec<u8> {
    let mut out = Vec::new();
    Encoder::encode_literals(&fields.iter().copied().collect::<Fields>(), &mut out);
    out
}

pub(crate) fn headers(stream: u32, flags: u8, fields: &[(&str, &str)]) -> Vec<u8> {
    frame(1, flags, stream, &block(fields))
}

/// A GET request, complete.
pub(crate) fn get(stream: u32) -> Vec<u8> {
    headers(stream, WHOLE, &request("GET"))
}

/// A request whose content follows.
pub(crate) fn post(stream: u32, more: &[(&str, &str)]) -> Vec<u8> {
    headers(stream, END_HEADERS, &[&request("POST")[..], more].concat())
}

/// The pseudo-header fields of a request.
pub(crate) fn request(method: &str) -> [(&str, &str); 4] {
    [(":method", method), (":scheme", "https"), (":authority", "a.test"), (":path", "/x")]
}

/// The head of a response.
pub(crate) fn response(stream: u32, flags: u8, status: &str, more: &[(&str, &str)]) -> Vec<u8> {
    headers(stream, flags, &[&[(":status", status)], more].concat())
}

pub(crate) fn data(stream: u32, flags: u8, payload: &[u8]) -> Vec<u8> {
    frame(0, flags, stream, payload)
}

pub(crate) fn settings(parameters: &[(u16, u32)]) -> Vec<u8> {
    let payload: Vec<u8> = parameters
        .iter()
        .flat_map(|(id, value)| [&id.to_be_bytes()[..], &value.to_be_bytes()[..]].concat())
        .collect();
    frame(4, 0, 0, &payload)
}

pub(crate) fn settings_ack() -> Vec<u8> {
    frame(4, ACK, 0, &[])
}

pub(crate) fn ping(flags: u8, opaque: &[u8; 8]) -> Vec<u8> {
    frame(6, flags, 0, opaque)
}

pub(crate) fn goaway(last: u32, code: u32, debug: &[u8]) -> Vec<u8> {
    frame(7, 0, 0, &[&last.to_be_bytes()[..], &code.to_be_bytes()[..], debug].concat())
}

pub(crate) fn rst_stream(stream: u32, code: u32) -> Vec<u8> {
    frame(3, 0, stream, &code.to_be_bytes())
}

pub(crate) fn window_update(stream: u32, delta: u32) -> Vec<u8> {
    frame(8, 0, stream, &delta.to_be_bytes())
}

pub(crate) fn push_promise(
    stream: u32,
    flags: u8,
    promised: u32,
    fields: &[(&str, &str)],
) -> Vec<u8> {
    frame(5, flags, stream, &[&promised.to_be_bytes()[..], &block(fields)].concat())
}

/// A gRPC message with its prefix.
pub(crate) fn grpc(message: &[u8]) -> Vec<u8> {
    [&[0][..], &(message.len() as u32).to_be_bytes(), message].concat()
}
