//! The request target (RFC 9112 §3.2): where it names an authority.
//!
//! ```text
//! GET /where HTTP/1.1                     origin form, nobody named
//! GET http://example.org:80/where HTTP/1.1   absolute form
//!            └── authority ─┘
//! ```

use std::ops::Range;

/// Where the authority stands in a request target of the absolute form (RFC 9112 §3.2.2); none for
/// the other forms, and for an authority that is empty.
///
/// ```
/// assert_eq!(wire::http1::absolute_form_authority(b"http://a:81/b"), Some(7..11));
/// ```
pub fn absolute_form_authority(target: &[u8]) -> Option<Range<usize>> {
    // The origin form, by far the most frequent one, is told by its first byte.
    if !target.first().is_some_and(u8::is_ascii_alphabetic) {
        return None;
    }
    let scheme = target.windows(3).position(|window| window == b"://")?;
    let is_scheme = |byte: &u8| byte.is_ascii_alphanumeric() || b"+-.".contains(byte);
    if !target[..scheme].iter().all(is_scheme) {
        return None;
    }
    let start = scheme + 3;
    let end = target[start..].iter().position(|byte| matches!(byte, b'/' | b'?' | b'#'));
    let inside = start..end.map_or(target.len(), |length| start + length);
    (!inside.is_empty()).then_some(inside)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_absolute_form_names_an_authority() {
        let named = |target: &'static str| {
            absolute_form_authority(target.as_bytes()).map(|inside| &target[inside])
        };
        assert_eq!(named("http://a.example:81/x?y"), Some("a.example:81"));
        assert_eq!(named("coap+tcp://u@[::1]#f"), Some("u@[::1]"));
        assert_eq!(named("HTTPS://a"), Some("a"));
        for target in ["/", "*", "/?u=http://a/", "a?u=http://b/", "a:443", "http:///x", "://a"] {
            assert_eq!(named(target), None, "{target}");
        }
    }
}
