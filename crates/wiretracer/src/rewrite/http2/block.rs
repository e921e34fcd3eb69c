//! Header blocks and the frames around them: taken apart, and written with other fields.
//!
//! ```text
//! HEADERS       [pad length] [priority] fragment [padding]     prefix, fragment, padding
//! CONTINUATION                          fragment
//! ```
//!
//! Nothing is known here of how the frames were collected, or of the dynamic table.

use std::borrow::Cow;

use wire::http::{Field, Fields};
use wire::http2::frame::{FrameHeader, HEADER_LENGTH, flag, header_block_fragment};
use wire::http2::hpack::Encoder;

/// Every receiver takes payloads of this length (SETTINGS_MAX_FRAME_SIZE, RFC 9113 §6.5.2).
const MAX_PAYLOAD: usize = 16_384;

/// The bytes of priority fields (RFC 9113 §6.2).
const PRIORITY_LENGTH: usize = 5;

/// The type of a CONTINUATION frame (RFC 9113 §6.10).
const CONTINUATION: u8 = 0x9;

/// The HEADERS frame that a block begins with, taken apart.
#[derive(Debug)]
pub(super) struct First<'a> {
    bytes: [u8; HEADER_LENGTH],
    header: FrameHeader,
    /// The length of the padding, and the priority fields.
    prefix: &'a [u8],
    fragment: &'a [u8],
    padding: &'a [u8],
}

impl<'a> First<'a> {
    /// Takes the first of these frames apart; none when it has less payload than its flags ask for.
    pub(super) fn split(frames: &'a [u8]) -> Option<Self> {
        let (&bytes, rest) = frames.split_first_chunk()?;
        let header = FrameHeader::parse(bytes);
        let payload = rest.get(..header.length as usize)?;
        let fragment = header_block_fragment(&header, payload)?;
        let pad_length = usize::from(header.has(flag::PADDED));
        let priority = if header.has(flag::PRIORITY) { PRIORITY_LENGTH } else { 0 };
        let (prefix, rest) = payload.split_at_checked(pad_length + priority)?;
        let padding = rest.get(fragment.len()..)?;
        Some(Self { bytes, header, prefix, fragment, padding })
    }

    /// The whole header block: this frame's fragment and the CONTINUATIONs' payloads.
    pub(super) fn block(&self, frames: &'a [u8]) -> Cow<'a, [u8]> {
        if self.header.has(flag::END_HEADERS) {
            return Cow::Borrowed(self.fragment);
        }
        let mut block = self.fragment.to_vec();
        let mut rest = &frames[HEADER_LENGTH + self.header.length as usize..];
        while let Some((&header, after)) = rest.split_first_chunk() {
            let length = FrameHeader::parse(header).length as usize;
            let (payload, after) = after.split_at(length.min(after.len()));
            block.extend_from_slice(payload);
            rest = after;
        }
        Cow::Owned(block)
    }

    /// Appends frames with another block in place of this one's.
    pub(super) fn write(&self, block: &[u8], out: &mut Vec<u8>) {
        let room = MAX_PAYLOAD - self.prefix.len() - self.padding.len();
        let (head, mut rest) = block.split_at(block.len().min(room));
        let [_, _, _, kind, flags, stream @ ..] = self.bytes;
        let end_headers = |rest: &[u8]| if rest.is_empty() { flag::END_HEADERS } else { 0 };
        let flags = flags & !flag::END_HEADERS | end_headers(rest);
        write_header(
            self.prefix.len() + head.len() + self.padding.len(),
            [kind, flags],
            stream,
            out,
        );
        out.extend_from_slice(self.prefix);
        out.extend_from_slice(head);
        out.extend_from_slice(self.padding);
        while !rest.is_empty() {
            let (fragment, after) = rest.split_at(rest.len().min(MAX_PAYLOAD));
            write_header(fragment.len(), [CONTINUATION, end_headers(after)], stream, out);
            out.extend_from_slice(fragment);
            rest = after;
        }
    }
}

fn write_header(length: usize, [kind, flags]: [u8; 2], stream: [u8; 4], out: &mut Vec<u8>) {
    let [.., l0, l1, l2] = length.to_be_bytes();
    out.extend_from_slice(&[l0, l1, l2, kind, flags]);
    out.extend_from_slice(&stream);
}

/// Appends the fields of a block as literals, with another authority if it is a request's head.
pub(super) fn encode(fields: &Fields, authority: &[u8], block: &mut Vec<u8>) {
    if !wants_authority(fields) {
        return Encoder::encode_literals(fields, block);
    }
    let names_authority = fields.iter().any(|field| matches!(field.name, b":authority" | b"host"));
    let mut missing = !names_authority;
    for field in fields.iter() {
        if missing && !field.name.starts_with(b":") {
            missing = false;
            encode_authority(authority, block);
        }
        match field.name {
            b":authority" | b"host" => {
                Encoder::encode_literal(Field { value: authority, ..field }, block);
            }
            _ => Encoder::encode_literal(field, block),
        }
    }
    if missing {
        encode_authority(authority, block);
    }
}

fn encode_authority(authority: &[u8], block: &mut Vec<u8>) {
    let field = Field { name: b":authority", value: authority, never_indexed: false };
    Encoder::encode_literal(field, block);
}

/// Trailers name nobody, and a CONNECT names where its tunnel leads (RFC 9113 §8.5), except an
/// extended one, which has `:protocol` (RFC 8441 §4).
fn wants_authority(fields: &Fields) -> bool {
    match fields.get(":method") {
        None => false,
        Some(b"CONNECT") => fields.get(":protocol").is_some(),
        Some(_) => true,
    }
}
