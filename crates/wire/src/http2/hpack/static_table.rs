//! The static table (RFC 7541 appendix A): the fields that every connection knows, indices 1 to 61.
//!
//! ```text
//! index  2 ─► (":method", "GET")      index 1 ─► (":authority", "")
//! ```
//!
//! Not here: the dynamic table, which goes on from index 62.

/// The number of entries, and so the last static index.
pub(super) const LENGTH: u32 = ENTRIES.len() as u32;

/// The entry of a static index, 1 to [`LENGTH`].
pub(super) fn get(index: u32) -> Option<(&'static [u8], &'static [u8])> {
    let (name, value) = ENTRIES.get((index as usize).checked_sub(1)?)?;
    Some((name.as_bytes(), value.as_bytes()))
}

/// The first index of a name.
pub(super) fn index_of_name(name: &[u8]) -> Option<u32> {
    let position = ENTRIES.iter().position(|(entry, _)| entry.as_bytes() == name)?;
    Some(position as u32 + 1)
}

#[rustfmt::skip]
static ENTRIES: [(&str, &str); 61] = [
    (":authority", ""),
    (":method", "GET"),
    (":method", "POST"),
    (":path", "/"),
    (":path", "/index.html"),
    (":scheme", "http"),
    (":scheme", "https"),
    (":status", "200"),
    (":status", "204"),
    (":status", "206"),
    (":status", "304"),
    (":status", "400"),
    (":status", "404"),
    (":status", "500"),
    ("accept-charset", ""),
    ("accept-encoding", "gzip, deflate"),
    ("accept-language", ""),
    ("accept-ranges", ""),
    ("accept", ""),
    ("access-control-allow-origin", ""),
    ("age", ""),
    ("allow", ""),
    ("authorization", ""),
    ("cache-control", ""),
    ("content-disposition", ""),
    ("content-encoding", ""),
    ("content-language", ""),
    ("content-length", ""),
    ("content-location", ""),
    ("content-range", ""),
    ("content-type", ""),
    ("cookie", ""),
    ("date", ""),
    ("etag", ""),
    ("expect", ""),
    ("expires", ""),
    ("from", ""),
    ("host", ""),
    ("if-match", ""),
    ("if-modified-since", ""),
    ("if-none-match", ""),
    ("if-range", ""),
    ("if-unmodified-since", ""),
    ("last-modified", ""),
    ("link", ""),
    ("location", ""),
    ("max-forwards", ""),
    ("proxy-authenticate", ""),
    ("proxy-authorization", ""),
    ("range", ""),
    ("referer", ""),
    ("refresh", ""),
    ("retry-after", ""),
    ("server", ""),
    ("set-cookie", ""),
    ("strict-transport-security", ""),
    ("transfer-encoding", ""),
    ("user-agent", ""),
    ("vary", ""),
    ("via", ""),
    ("www-authenticate", ""),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn indices_count_from_one() {
        assert_eq!(get(0), None);
        assert_eq!(get(1), Some((&b":authority"[..], &b""[..])));
        assert_eq!(get(16), Some((&b"accept-encoding"[..], &b"gzip, deflate"[..])));
        assert_eq!(get(LENGTH), Some((&b"www-authenticate"[..], &b""[..])));
        assert_eq!(get(LENGTH + 1), None);
    }

    #[test]
    fn a_name_is_found_at_its_first_index() {
        assert_eq!(index_of_name(b":status"), Some(8));
        assert_eq!(index_of_name(b"te"), None);
    }
}
