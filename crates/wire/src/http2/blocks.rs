//! Header blocks: HEADERS and PUSH_PROMISE with their CONTINUATION frames, put together and decoded
//! (RFC 9113 §4.3).
//!
//! Every block is decoded, also one whose stream nobody knows, since each changes the HPACK table
//! for all that follow. A block in one frame is decoded where it lies.

use super::breach::Breach;
use super::connection::{Connection, Output};
use super::frame::payload;
use super::frame::{FrameHeader, flag};
use super::{hpack, rules};
use crate::http::Fields;

/// What a header block is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    /// HEADERS: a head or trailers.
    Message {
        /// END_STREAM is set.
        end_stream: bool,
    },
    /// PUSH_PROMISE: the request that the upstream answers without having been asked.
    Promise {
        /// The stream reserved for it.
        promised: u32,
    },
}

/// A header block that waits for the rest of its fragments.
#[derive(Debug)]
pub(super) struct Block {
    stream: u32,
    purpose: Purpose,
    fragments: Vec<u8>,
    /// Where its first frame begins.
    began_at: u64,
}

impl Block {
    pub(super) fn len(&self) -> usize {
        self.fragments.len()
    }

    pub(super) const fn stream(&self) -> u32 {
        self.stream
    }
}

/// A first guess of lines and of bytes after decompression, to spare growing.
const USUAL_LINES: usize = 16;

impl Connection {
    pub(super) fn headers(&mut self, header: &FrameHeader, payload: &[u8], out: &mut Output<'_>) {
        let purpose = Purpose::Message { end_stream: header.ends_stream() };
        match payload::headers(header, payload) {
            Some(fragment) => self.first_fragment(header, purpose, fragment, out),
            None => self.unreadable_block(header, out),
        }
    }

    pub(super) fn push_promise(
        &mut self,
        header: &FrameHeader,
        payload: &[u8],
        out: &mut Output<'_>,
    ) {
        match payload::push_promise(header, payload) {
            Some((promised, fragment)) => {
                self.first_fragment(header, Purpose::Promise { promised }, fragment, out);
            }
            None => self.unreadable_block(header, out),
        }
    }

    pub(super) fn continuation(
        &mut self,
        header: &FrameHeader,
        payload: &[u8],
        out: &mut Output<'_>,
    ) {
        let side = &mut self.sides[out.direction];
        let Some(block) = &mut side.block else { return };
        block.fragments.extend_from_slice(payload);
        if header.has(flag::END_HEADERS)
            && let Some(block) = side.block.take()
        {
            side.frame_at = block.began_at;
            self.block(block.stream, block.purpose, &block.fragments, out);
        }
    }

    fn unreadable_block(&mut self, header: &FrameHeader, out: &mut Output<'_>) {
        let what = format!("{} has less payload than its flags ask for", header.kind);
        let breach = Breach::connection(rules::section(header.kind), what);
        self.report(Some(header.stream), breach, out);
        self.lose("a header block is missing, HPACK can't be followed", out);
    }

    fn first_fragment(
        &mut self,
        header: &FrameHeader,
        purpose: Purpose,
        fragment: &[u8],
        out: &mut Output<'_>,
    ) {
        if header.has(flag::END_HEADERS) {
            return self.block(header.stream, purpose, fragment, out);
        }
        let side = &mut self.sides[out.direction];
        side.block = Some(Block {
            stream: header.stream,
            purpose,
            fragments: fragment.to_vec(),
            began_at: side.frame_at,
        });
    }

    /// A header block is complete.
    fn block(&mut self, stream: u32, purpose: Purpose, block: &[u8], out: &mut Output<'_>) {
        let mut fields = Fields::with_capacity(USUAL_LINES, 2 * block.len());
        let mut decoded = self.sides[out.direction].hpack.decode(block, &mut fields);
        if let Err(error @ hpack::Error::SizeUpdateMissing { .. }) = &decoded {
            // Stateless encoders forget it. Nothing was decoded so far, and indices count from the
            // newest entry: a table that is larger than the sender's gives the same fields.
            self.report(Some(stream), compression(error), out);
            decoded = self.sides[out.direction].hpack.decode(block, &mut fields);
        }
        if let Err(error) = decoded {
            return self.undecodable(stream, &error, out);
        }
        self.check_list_size(stream, &fields, out);
        match purpose {
            Purpose::Message { end_stream } => self.message(stream, end_stream, fields, out),
            Purpose::Promise { promised } => self.promise(stream, promised, fields, out),
        }
    }

    fn undecodable(&mut self, stream: u32, error: &hpack::Error, out: &mut Output<'_>) {
        if !error.is_own_limit() {
            self.report(Some(stream), compression(error), out);
        }
        self.lose(format!("HPACK: {error}"), out);
    }

    fn check_list_size(&mut self, stream: u32, fields: &Fields, out: &mut Output<'_>) {
        let receiver = out.direction.opposite();
        let limit = self.sides[receiver].settings.binding().header_list_size;
        let size = fields.list_size();
        if size > limit as usize && !self.is_lost(receiver) {
            let what = format!(
                "a header list of {size} bytes (each line counts 32 more than its text); the \
                 receiver's SETTINGS_MAX_HEADER_LIST_SIZE is {limit}"
            );
            self.report(Some(stream), Breach::warning("RFC 9113 §6.5.2", what), out);
        }
    }
}

fn compression(error: &hpack::Error) -> Breach {
    Breach::connection(error.rfc_section(), format!("{error} (COMPRESSION_ERROR)"))
}
