//! The header before each frame's payload (RFC 6455 §5.2), put together from any cut.
//!
//! ```text
//!  0                1                 2        2, 4 or 10   +4
//!  FIN RSV1-3 opcode MASK length(7)   [length 16 or 64]     [masking key]
//! ```

use super::event::Opcode;

/// Two bytes, eight of extended length, four of masking key.
const MAX_HEADER: usize = 14;

/// A frame's header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct FrameHeader {
    pub(super) fin: bool,
    /// RSV1, RSV2 and RSV3, in the low three bits of this order.
    pub(super) rsv: u8,
    pub(super) opcode: Opcode,
    pub(super) mask: Option<[u8; 4]>,
    pub(super) length: u64,
    /// Whether the length is written in as few bytes as it fits in.
    pub(super) minimal: bool,
}

/// The bit of RSV1 in [`FrameHeader::rsv`].
pub(super) const RSV1: u8 = 0b100;

impl FrameHeader {
    pub(super) const fn rsv1(&self) -> bool {
        self.rsv & RSV1 != 0
    }
}

/// The bytes of a header that have come so far.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct HeaderBuffer {
    bytes: [u8; MAX_HEADER],
    filled: usize,
}

impl HeaderBuffer {
    /// How many bytes have come.
    pub(super) const fn filled(&self) -> usize {
        self.filled
    }

    /// Takes what belongs to the header from the start of `data`; gives the header when that
    /// completes it.
    pub(super) fn take(&mut self, data: &mut &[u8]) -> Option<FrameHeader> {
        loop {
            let needed = self.needed();
            if self.filled == needed {
                return Some(self.header());
            }
            if data.is_empty() {
                return None;
            }
            let taken = data.len().min(needed - self.filled);
            self.bytes[self.filled..self.filled + taken].copy_from_slice(&data[..taken]);
            self.filled += taken;
            *data = &data[taken..];
        }
    }

    /// The header's whole length, as far as the bytes so far tell.
    const fn needed(&self) -> usize {
        if self.filled < 2 {
            return 2;
        }
        self.extended() + if self.is_masked() { 4 } else { 0 }
    }

    /// Where the extended length ends.
    const fn extended(&self) -> usize {
        match self.bytes[1] & 0x7f {
            126 => 4,
            127 => 10,
            _ => 2,
        }
    }

    const fn is_masked(&self) -> bool {
        self.bytes[1] & 0x80 != 0
    }

    fn header(&self) -> FrameHeader {
        let end = self.extended();
        let big_endian = |bytes: &[u8]| bytes.iter().fold(0, |n, &byte| n << 8 | u64::from(byte));
        let (length, minimum) = match end {
            2 => (u64::from(self.bytes[1] & 0x7f), 0),
            4 => (big_endian(&self.bytes[2..4]), 126),
            _ => (big_endian(&self.bytes[2..10]), 0x1_0000),
        };
        let key = self.bytes[end..].first_chunk().copied();
        FrameHeader {
            fin: self.bytes[0] & 0x80 != 0,
            rsv: self.bytes[0] >> 4 & 0b111,
            opcode: Opcode(self.bytes[0] & 0x0f),
            mask: key.filter(|_| self.is_masked()),
            length,
            minimal: length >= minimum,
        }
    }
}

/// Appends `payload` to `out` with its mask taken off (RFC 6455 §5.3). `position` is where in the
/// frame's payload it begins.
pub(super) fn unmask(mask: Option<[u8; 4]>, position: u64, payload: &[u8], out: &mut Vec<u8>) {
    match mask {
        None => out.extend_from_slice(payload),
        Some(mut key) => {
            key.rotate_left((position & 3) as usize);
            out.reserve(payload.len());
            for chunk in payload.chunks(4) {
                out.extend(chunk.iter().zip(key).map(|(byte, key)| byte ^ key));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(mut bytes: &[u8]) -> Option<(FrameHeader, usize)> {
        let (mut buffer, all) = (HeaderBuffer::default(), bytes.len());
        buffer.take(&mut bytes).map(|header| (header, all - bytes.len()))
    }

    #[test]
    fn lengths_come_in_three_sizes() {
        for (bytes, length, minimal, size) in [
            (&b"\x81\x7d"[..], 125, true, 2),
            (b"\x81\x7e\0\x7e", 126, true, 4),
            (b"\x81\x7e\0\x7d", 125, false, 4),
            (b"\x81\x7f\0\0\0\0\0\x01\0\0", 65_536, true, 10),
            (b"\x81\x7f\0\0\0\0\0\0\xff\xff", 65_535, false, 10),
            (b"\x81\x80abcd", 0, true, 6),
            (b"\x81\xff\0\0\0\0\0\x01\0\0abcd", 65_536, true, 14),
        ] {
            let with_payload = [bytes, b"payload"].concat();
            let (header, taken) = parse(&with_payload).unwrap();
            assert_eq!((header.length, header.minimal, taken), (length, minimal, size));
            assert_eq!(parse(&bytes[..bytes.len() - 1]), None);
        }
    }

    #[test]
    fn bits_of_the_first_byte() {
        let header = parse(b"\xc2\x00").unwrap().0;
        assert!(header.fin && header.rsv1() && header.opcode == Opcode::BINARY);
        let header = parse(b"\x39\x80abcd").unwrap().0;
        assert!(!header.fin && !header.rsv1() && header.opcode == Opcode::PING);
        assert_eq!((header.rsv, header.mask), (0b011, Some(*b"abcd")));
    }

    #[test]
    fn the_mask_goes_round_from_the_frame_start() {
        let mut out = Vec::new();
        let masked = [0x37 ^ b'H', 0xfa ^ b'e', 0x21 ^ b'l', 0x3d ^ b'l', 0x37 ^ b'o', 0xfa ^ b'!'];
        let mask = Some([0x37, 0xfa, 0x21, 0x3d]);
        unmask(mask, 0, &masked[..3], &mut out);
        unmask(mask, 3, &masked[3..], &mut out);
        assert_eq!(out, b"Hello!");
    }
}
