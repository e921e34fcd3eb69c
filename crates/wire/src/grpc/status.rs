//! How a call ended: `grpc-status` and `grpc-message`. Who is to blame isn't told here.

use crate::code::open_code;
use crate::text;

open_code! {
    /// A gRPC status code.
    Status(u32) {
        /// Success.
        OK = 0, "OK";
        /// Cancelled, typically by the caller.
        CANCELLED = 1, "CANCELLED";
        /// An error without a better code.
        UNKNOWN = 2, "UNKNOWN";
        /// The argument is wrong whatever the system's state.
        INVALID_ARGUMENT = 3, "INVALID_ARGUMENT";
        /// The deadline passed before the call was complete.
        DEADLINE_EXCEEDED = 4, "DEADLINE_EXCEEDED";
        /// The entity asked for does not exist.
        NOT_FOUND = 5, "NOT_FOUND";
        /// The entity to be created exists.
        ALREADY_EXISTS = 6, "ALREADY_EXISTS";
        /// The caller is known and may not do this.
        PERMISSION_DENIED = 7, "PERMISSION_DENIED";
        /// A quota or a size limit is used up.
        RESOURCE_EXHAUSTED = 8, "RESOURCE_EXHAUSTED";
        /// The system is not in the state that the call needs.
        FAILED_PRECONDITION = 9, "FAILED_PRECONDITION";
        /// Stopped by a conflict, such as a transaction's.
        ABORTED = 10, "ABORTED";
        /// Past the valid range.
        OUT_OF_RANGE = 11, "OUT_OF_RANGE";
        /// The method is not implemented or not enabled.
        UNIMPLEMENTED = 12, "UNIMPLEMENTED";
        /// An invariant of the system is broken.
        INTERNAL = 13, "INTERNAL";
        /// The service can't be reached now; trying again may help.
        UNAVAILABLE = 14, "UNAVAILABLE";
        /// Data were lost or corrupted for good.
        DATA_LOSS = 15, "DATA_LOSS";
        /// The caller's credentials are missing or wrong.
        UNAUTHENTICATED = 16, "UNAUTHENTICATED";
    }
}

impl Status {
    /// Reads a `grpc-status` value, decimal digits alone; `None` when it's anything else or doesn't
    /// fit 32 bits. Numbers without a name are kept.
    pub fn parse(value: &[u8]) -> Option<Self> {
        if value.is_empty() {
            return None;
        }
        value
            .iter()
            .try_fold(0_u32, |number, &byte| {
                let digit = byte.is_ascii_digit().then(|| u32::from(byte - b'0'))?;
                number.checked_mul(10)?.checked_add(digit)
            })
            .map(Self)
    }
}

/// Takes the percent-encoding off a `grpc-message` ("Status-Message").
///
/// An invalid escape stands as it came, which is what the protocol asks of receivers; bytes that are
/// not UTF-8 afterwards are written `\xNN`.
pub fn decode_message(value: &[u8]) -> String {
    let mut bytes = Vec::with_capacity(value.len());
    let mut rest = value;
    while let Some((&first, tail)) = rest.split_first() {
        let escaped = match (first, tail) {
            (b'%', [high, low, ..]) => hex_digit(*high).zip(hex_digit(*low)),
            _ => None,
        };
        if let Some((high, low)) = escaped {
            bytes.push(high << 4 | low);
            rest = &tail[2..];
        } else {
            bytes.push(first);
            rest = tail;
        }
    }
    text::lossless(&bytes)
}

fn hex_digit(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).map(|digit| digit as u8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_is_decimal_digits() {
        for (value, expected) in [
            ("0", Some(Status::OK)),
            ("16", Some(Status::UNAUTHENTICATED)),
            ("05", Some(Status::NOT_FOUND)),
            ("17", Some(Status(17))),
            ("4294967295", Some(Status(u32::MAX))),
            ("4294967296", None),
            ("", None),
            ("+1", None),
            ("-1", None),
            (" 1", None),
            ("OK", None),
            ("1.0", None),
        ] {
            assert_eq!(Status::parse(value.as_bytes()), expected, "{value:?}");
        }
    }

    #[test]
    fn known_codes_have_names() {
        assert_eq!(Status(14).name(), Some("UNAVAILABLE"));
        assert_eq!(Status(4).to_string(), "DEADLINE_EXCEEDED");
        assert_eq!(Status(17).name(), None);
        assert!((0..=16).all(|number| Status(number).name().is_some()));
    }

    #[test]
    fn escapes_are_decoded_and_broken_ones_stand() {
        for (value, expected) in [
            (&b"no such user"[..], "no such user"),
            (b"a%20b%0Ac", "a b\nc"),
            (b"%D0%BA%d1%82%d0%be", "\u{43a}\u{442}\u{43e}"),
            (b"100%", "100%"),
            (b"100%2", "100%2"),
            (b"%zz%2g%", "%zz%2g%"),
            (b"%%41", "%A"),
            (b"%+1", "%+1"),
            (b"%ff.\xc3", "\\xff.\\xc3"),
            (b"", ""),
        ] {
            assert_eq!(decode_message(value), expected);
        }
    }
}
