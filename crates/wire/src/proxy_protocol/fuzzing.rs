//! What must hold for any bytes: the entry of the fuzz targets, run on seeds by the unit tests.

use std::mem::discriminant;

use super::{MAX_V1_LENGTH, MAX_V2_PAYLOAD, Parsed, parse};

/// The bytes that a header may need at most before there is an answer.
const MAX_NEEDED: usize =
    if MAX_V1_LENGTH > MAX_V2_PAYLOAD + 16 { MAX_V1_LENGTH } else { MAX_V2_PAYLOAD + 16 };

/// An answer stays the same when more bytes come, a header doesn't reach beyond the bytes it was
/// read from, and nothing waits for ever.
pub fn fuzz(data: &[u8]) {
    let mut answer = Parsed::NeedMore;
    for end in 0..=data.len() {
        let now = parse(&data[..end]);
        match (&answer, &now) {
            (Parsed::NeedMore, Parsed::Header(header)) => assert_eq!(header.length, end),
            (Parsed::NeedMore, _) => {}
            // The text may quote more of the line when there is more.
            (Parsed::Malformed(_), now) => assert_eq!(discriminant(&answer), discriminant(now)),
            (before, now) => assert_eq!(*before, *now),
        }
        answer = now;
    }
    assert!(answer != Parsed::NeedMore || data.len() < MAX_NEEDED);
    if let Parsed::Malformed(what) = &answer {
        assert!(!what.chars().any(char::is_control), "{what:?}");
    }
    if let Parsed::Header(header) = &answer {
        let kept: usize = header.tlvs.iter().map(|tlv| 3 + tlv.value.len()).sum();
        assert!(kept <= header.length);
        assert!(!header.source.to_string().chars().any(char::is_control));
        assert!(header.tlvs.iter().all(|tlv| !tlv.to_string().chars().any(char::is_control)));
        header.tlvs.iter().for_each(|tlv| drop(tlv.inside_ssl()));
    }
}
