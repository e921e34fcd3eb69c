//! The rules that every frame has to keep (RFC 6455 §5), by itself and in its place.

use super::{FrameHeader, Half, MAX_CONTROL, Opcode, Sink};
use crate::Direction;
use crate::websocket::frame::RSV1;

impl Half {
    /// What is wrong with a frame by itself.
    pub(super) fn check_form(&mut self, header: &FrameHeader, start: u64, sink: Sink<'_>) {
        let opcode = header.opcode;
        let must_mask = self.direction == Direction::FromClient;
        if header.mask.is_some() != must_mask && !std::mem::replace(&mut self.told.mask, true) {
            let what = if must_mask {
                "a frame from the client is not masked"
            } else {
                "a frame from the server is masked"
            };
            self.breach(start, what.into(), "RFC 6455 §5.1", sink);
        }
        let meaningless = header.rsv & !self.meaningful_bits(opcode);
        if meaningless != 0 && !std::mem::replace(&mut self.told.reserved_bits, true) {
            let what = format!("reserved bits {meaningless:03b} on a {opcode} frame, expected 000");
            self.breach(start, what.into(), "RFC 6455 §5.2", sink);
        }
        if !header.minimal {
            let what = format!("the length {} takes more bytes than it needs", header.length);
            self.breach(start, what.into(), "RFC 6455 §5.2", sink);
        }
        if opcode.is_control() && !header.fin {
            let what = format!("a fragmented {opcode} frame; control frames are whole");
            self.breach(start, what.into(), "RFC 6455 §5.5", sink);
        }
        if opcode.is_control() && header.length > MAX_CONTROL as u64 {
            let length = header.length;
            let what = format!("a {opcode} frame of {length} bytes, at most {MAX_CONTROL} allowed");
            self.breach(start, what.into(), "RFC 6455 §5.5", sink);
        }
    }

    /// The reserved bits that an extension may have given a meaning on such a frame.
    const fn meaningful_bits(&self, opcode: Opcode) -> u8 {
        match opcode {
            _ if self.unknown_extension => 0b111,
            // Compression is marked on the first fragment alone (RFC 7692 §6).
            Opcode::TEXT | Opcode::BINARY if self.deflate => RSV1,
            _ => 0,
        }
    }

    /// What is wrong with a frame in this place.
    pub(super) fn check_order(&mut self, header: &FrameHeader, start: u64, sink: Sink<'_>) {
        let opcode = header.opcode;
        if opcode.is_control() {
            return;
        }
        if self.closed && !std::mem::replace(&mut self.told.after_close, true) {
            let what = format!("a {opcode} frame after a CLOSE frame");
            self.breach(start, what.into(), "RFC 6455 §5.5.1", sink);
        }
        let what = match (opcode, self.messages.is_fragmented()) {
            (Opcode::CONTINUATION, false) => "a CONTINUATION frame without a message to continue",
            (Opcode::TEXT, true) => "a TEXT frame before the last fragment of a message",
            (Opcode::BINARY, true) => "a BINARY frame before the last fragment of a message",
            _ => return,
        };
        self.breach(start, what.into(), "RFC 6455 §5.4", sink);
    }
}

/// Why these bytes can't be a frame's header at all, so that what follows isn't worth following.
pub(super) fn impossible(header: &FrameHeader) -> Option<String> {
    let Opcode(number) = header.opcode;
    if header.opcode.name().is_none() {
        Some(format!("opcode {number:#x} is reserved, expected 0x0 to 0x2 or 0x8 to 0xa"))
    } else if header.length >> 63 != 0 {
        Some(format!("the length {:#x} has its most significant bit set", header.length))
    } else {
        None
    }
}
