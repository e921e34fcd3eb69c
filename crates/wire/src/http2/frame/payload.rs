//! Payloads of the frames that are read whole (RFC 9113 §6.2–§6.9).
//!
//! The sizes of fixed-size frames are checked by [`super::super::rules`] before their payload is
//! collected; what is too short all the same gives `None` here. DATA is never collected: see the
//! reader.

use super::{FrameHeader, flag};
use crate::http2::event::{ErrorCode, MAX_DEBUG_DATA, SettingId};

/// How much of a GOAWAY frame is read: its fixed part and the debug data that is kept.
pub(in crate::http2) const GOAWAY_KEPT: usize = 8 + MAX_DEBUG_DATA;

/// The priority fields (§6.3), which RFC 9113 deprecates and fingerprints still want.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::http2) struct Priority {
    pub(in crate::http2) exclusive: bool,
    pub(in crate::http2) depends_on: u32,
    /// 1 to 256: one more than the byte on the wire.
    pub(in crate::http2) weight: u16,
}

impl Priority {
    pub(in crate::http2) fn parse(payload: &[u8]) -> Option<Self> {
        let (fixed, _) = payload.split_first_chunk::<5>()?;
        let [d0, d1, d2, d3, weight] = *fixed;
        let dependency = u32::from_be_bytes([d0, d1, d2, d3]);
        Some(Self {
            exclusive: dependency & 0x8000_0000 != 0,
            depends_on: dependency & 0x7fff_ffff,
            weight: u16::from(weight) + 1,
        })
    }
}

/// Takes the padding off (§6.1); `None` when it is longer than the payload.
fn unpad<'a>(header: &FrameHeader, payload: &'a [u8]) -> Option<&'a [u8]> {
    if !header.has(flag::PADDED) {
        return Some(payload);
    }
    let (&pad, rest) = payload.split_first()?;
    rest.get(..rest.len().checked_sub(usize::from(pad))?)
}

/// The header block fragment of a HEADERS frame (§6.2), without priority fields and padding; none
/// when the payload has less than the flags ask for.
pub fn headers<'a>(header: &FrameHeader, payload: &'a [u8]) -> Option<&'a [u8]> {
    let payload = unpad(header, payload)?;
    match header.has(flag::PRIORITY) {
        true => payload.get(5..),
        false => Some(payload),
    }
}

/// The promised stream and the header block fragment of a PUSH_PROMISE frame (§6.6).
pub(in crate::http2) fn push_promise<'a>(
    header: &FrameHeader,
    payload: &'a [u8],
) -> Option<(u32, &'a [u8])> {
    let (promised, fragment) = unpad(header, payload)?.split_first_chunk::<4>()?;
    Some((u32::from_be_bytes(*promised) & 0x7fff_ffff, fragment))
}

/// The parameters of a SETTINGS frame, in order (§6.5.1).
pub(in crate::http2) fn settings(
    payload: &[u8],
) -> impl ExactSizeIterator<Item = (SettingId, u32)> + '_ {
    payload.as_chunks::<6>().0.iter().map(|&[i0, i1, v0, v1, v2, v3]| {
        (SettingId(u16::from_be_bytes([i0, i1])), u32::from_be_bytes([v0, v1, v2, v3]))
    })
}

/// A GOAWAY frame (§6.8): last stream, code, debug data.
pub(in crate::http2) fn goaway(payload: &[u8]) -> Option<(u32, ErrorCode, &[u8])> {
    let (last, rest) = payload.split_first_chunk::<4>()?;
    let (code, debug) = rest.split_first_chunk::<4>()?;
    let last = u32::from_be_bytes(*last) & 0x7fff_ffff;
    Some((last, ErrorCode(u32::from_be_bytes(*code)), debug))
}

/// The 32 bits of an RST_STREAM frame (§6.4) or a WINDOW_UPDATE frame (§6.9).
pub(in crate::http2) fn word(payload: &[u8]) -> Option<u32> {
    payload.first_chunk::<4>().map(|word| u32::from_be_bytes(*word))
}
