//! What must hold for any bytes: the entry of the fuzz targets, run on seeds by the unit tests.

use super::{Prefix, Prefixes, Status, decode_message, is_grpc, parse_timeout, split_path};

/// A body cut anywhere has the same prefixes, and the state tells as many bytes as it skipped; the
/// readers of fields take any value.
pub fn fuzz(data: &[u8]) {
    let (whole, whole_end) = run(std::iter::once(data));
    let (bytes, bytes_end) = run(data.chunks(1));
    assert_eq!(whole, bytes);
    assert_eq!(whole_end, bytes_end);
    assert_eq!(whole.len() as u64, whole_end.messages());

    let announced: u64 = whole.iter().map(|prefix| 5 + u64::from(prefix.length)).sum();
    if let Some(remaining) = whole_end.remaining() {
        assert_eq!(announced, data.len() as u64 + remaining);
    }

    if let Some(status) = Status::parse(data) {
        assert_eq!(Status::parse(status.0.to_string().as_bytes()), Some(status));
    }
    if let Some((service, method)) = split_path(data) {
        assert_eq!([b"/", service, b"/", method].concat(), data);
    }
    assert!(decode_message(data).len() <= 4 * data.len());
    is_grpc(data);
    parse_timeout(data);
}

fn run<'a>(pieces: impl Iterator<Item = &'a [u8]>) -> (Vec<Prefix>, Prefixes) {
    let (mut seen, mut prefixes) = (Vec::new(), Prefixes::new());
    for piece in pieces {
        prefixes.feed(piece, |prefix| seen.push(prefix));
    }
    (seen, prefixes)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    #[test]
    fn seeds() {
        for seed in [
            &b""[..],
            b"\0\0\0\0\x02hi\x01\0\0\0\0\0\0",
            b"\0\0\0\0\0\0\0\0\0\0",
            b"<html>",
            b"/pkg.Service/Method",
            b"99999999H",
            b"16",
            b"%ff%",
        ] {
            super::fuzz(seed);
        }
    }

    proptest! {
        #[test]
        fn any_bytes(data in proptest::collection::vec(prop_oneof![3 => 0_u8..4, 1 => any::<u8>()], 0..96)) {
            super::fuzz(&data);
        }
    }
}
