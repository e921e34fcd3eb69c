//! The first bytes of a direction: TLS, or what else.
//!
//! ```text
//! 16 03 ..           TLS
//! "GET "             HTTP/1.1 request
//! 80 2e 01 03 01     SSLv2 ClientHello
//! ```
//!
//! As few bytes are looked at as decide the question, one after the other, so that the answer does
//! not depend on how the network cut them.

/// Stands in [`KNOWN`] for "any byte"; no pattern there has a real `0xff`.
const ANY: u8 = 0xff;

/// The most bytes that a decision takes: as many as the longest pattern has.
const LONGEST: usize = 14;

/// What people send to a port where TLS was due.
const KNOWN: &[(&[u8], &str)] = &[
    (b"PRI * HTTP/2.0", "HTTP/2 connection preface"),
    (b"GET ", "HTTP/1.1 request"),
    (b"HEAD ", "HTTP/1.1 request"),
    (b"POST ", "HTTP/1.1 request"),
    (b"PUT ", "HTTP/1.1 request"),
    (b"DELETE ", "HTTP/1.1 request"),
    (b"CONNECT ", "HTTP/1.1 request"),
    (b"OPTIONS ", "HTTP/1.1 request"),
    (b"TRACE ", "HTTP/1.1 request"),
    (b"PATCH ", "HTTP/1.1 request"),
    (b"PROPFIND ", "HTTP/1.1 request"),
    (b"HTTP/1.1", "HTTP/1.1 response"),
    (b"HTTP/1.0", "HTTP/1.0 response"),
    (&[0, 0, ANY, 4, 0, 0, 0, 0, 0], "HTTP/2 SETTINGS frame"),
    (b"PROXY ", "PROXY protocol v1 header"),
    (b"\r\n\r\n\0\r\nQUIT\n", "PROXY protocol v2 header"),
    (b"SSH-", "SSH"),
    (b"220 ", "SMTP or FTP greeting"),
    (b"220-", "SMTP or FTP greeting"),
    (b"* OK", "IMAP greeting"),
    (b"+OK", "POP3 greeting"),
    (b"RFB ", "VNC"),
    (b"AMQP", "AMQP"),
    (&[0x10, ANY, 0, 4, b'M', b'Q', b'T', b'T'], "MQTT"),
    (&[0, 0, 0, 8, 4, 0xd2, 0x16, 0x2f], "PostgreSQL SSLRequest"),
    (&[0, 0, 0, ANY, 0, 3, 0, 0], "PostgreSQL startup message"),
    (&[3, 0, 0], "RDP"),
    (&[5, ANY, 0], "SOCKS5"),
];

/// The first bytes of a direction, as long as they are not decided.
#[derive(Clone, Debug, Default)]
pub(super) struct Opening {
    bytes: [u8; LONGEST],
    len: usize,
}

/// What the first bytes are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Too few to tell.
    NeedMore,
    /// A TLS record begins here.
    Tls,
    /// Something else, by name.
    NotTls(String),
}

impl Opening {
    /// Takes from `input` until the question is decided. After [`Verdict::Tls`] the bytes taken,
    /// [`Opening::taken`], belong in front of what is left of `input`.
    pub(super) fn feed(&mut self, input: &mut &[u8]) -> Verdict {
        while let Some((byte, rest)) = input.split_first() {
            self.bytes[self.len] = *byte;
            self.len += 1;
            *input = rest;
            match judge(self.taken()) {
                Verdict::NeedMore if self.len < LONGEST => {}
                Verdict::NeedMore => return Verdict::NotTls(unrecognised(self.taken())),
                decided => return decided,
            }
        }
        Verdict::NeedMore
    }

    /// The bytes taken so far.
    pub(super) fn taken(&self) -> &[u8] {
        &self.bytes[..self.len]
    }

    /// What to say when the direction ended before the question was decided; none when not a byte
    /// of it came.
    pub(super) fn at_end(&self) -> Option<String> {
        (self.len > 0).then(|| unrecognised(self.taken()))
    }
}

fn judge(prefix: &[u8]) -> Verdict {
    let mut undecided = false;
    match prefix {
        [20..=24] => undecided = true,
        [20..=24, 3, ..] => return Verdict::Tls,
        _ => {}
    }
    match sslv2(prefix) {
        Some(true) => return Verdict::NotTls("SSLv2 ClientHello".to_owned()),
        Some(false) => {}
        None => undecided = true,
    }
    for (pattern, name) in KNOWN {
        let fits = prefix.iter().zip(*pattern).all(|(byte, want)| byte == want || *want == ANY);
        match fits {
            true if prefix.len() >= pattern.len() => return Verdict::NotTls((*name).to_owned()),
            true => undecided = true,
            false => {}
        }
    }
    match undecided {
        true => Verdict::NeedMore,
        false => Verdict::NotTls(unrecognised(prefix)),
    }
}

/// A ClientHello in SSLv2's record format, as clients once sent it to offer TLS too: a two-byte
/// length with the high bit set, message type 1, the version (RFC 5246 §E.2). None when more bytes
/// are needed.
fn sslv2(prefix: &[u8]) -> Option<bool> {
    let fits = |index: usize, good: fn(u8) -> bool| prefix.get(index).map(|byte| good(*byte));
    if !fits(0, |byte| byte & 0x80 != 0)? {
        return Some(false);
    }
    if !fits(2, |byte| byte == 1)? {
        return Some(false);
    }
    let [major, minor] = *prefix.get(3..5)? else { return None };
    Some(major == 3 || (major == 0 && minor == 2))
}

/// Names bytes that nothing is known about by the first of them: the rest may not be here yet.
fn unrecognised(prefix: &[u8]) -> String {
    let first = prefix.first().copied().unwrap_or_default();
    match first {
        0x20..0x7f => format!("unrecognised bytes, the first is '{}'", char::from(first)),
        _ => format!("unrecognised bytes, the first is {first:#04x}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn whole(bytes: &[u8]) -> Verdict {
        Opening::default().feed(&mut &bytes[..])
    }

    fn byte_by_byte(bytes: &[u8]) -> Verdict {
        let mut opening = Opening::default();
        bytes
            .iter()
            .map(|byte| opening.feed(&mut &[*byte][..]))
            .find(|verdict| *verdict != Verdict::NeedMore)
            .unwrap_or(Verdict::NeedMore)
    }

    #[test]
    fn names_what_came_instead_of_tls() {
        let table: &[(&[u8], &str)] = &[
            (b"GET / HTTP/1.1\r\n", "HTTP/1.1 request"),
            (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "HTTP/2 connection preface"),
            (b"PROPFIND /dav HTTP/1.1\r\n", "HTTP/1.1 request"),
            (b"HTTP/1.0 400 Bad Request\r\n", "HTTP/1.0 response"),
            (b"\0\0\x12\x04\0\0\0\0\0\0\x03", "HTTP/2 SETTINGS frame"),
            (b"\0\0\0\x04\0\0\0\0\0", "HTTP/2 SETTINGS frame"),
            (b"\0\0\0\x08\x04\xd2\x16\x2f", "PostgreSQL SSLRequest"),
            (b"\0\0\0\x54\0\x03\0\0user", "PostgreSQL startup message"),
            (b"\x80\x2e\x01\x00\x02\0\x15\0\0", "SSLv2 ClientHello"),
            (b"\x80\x43\x01\x03\x01\0\x2a\0\0", "SSLv2 ClientHello"),
            (b"\x81\x43\x02\x03\x01", "unrecognised bytes, the first is 0x81"),
            (b"SSH-2.0-OpenSSH_9.2\r\n", "SSH"),
            (b"PROXY TCP4 1.2.3.4", "PROXY protocol v1 header"),
            (b"PROPHET", "unrecognised bytes, the first is 'P'"),
            (b"\x16\x02\x00", "unrecognised bytes, the first is 0x16"),
            (b"{\"json\":1}", "unrecognised bytes, the first is '{'"),
        ];
        for (bytes, what) in table {
            let expected = Verdict::NotTls((*what).to_owned());
            assert_eq!(whole(bytes), expected, "{bytes:?}");
            assert_eq!(byte_by_byte(bytes), expected, "{bytes:?}");
        }
    }

    #[test]
    fn two_bytes_tell_a_tls_record() {
        assert_eq!(whole(b"\x16"), Verdict::NeedMore);
        assert_eq!(whole(b"\x16\x03"), Verdict::Tls);
        assert_eq!(whole(b"\x15\x03\x01\0\x02"), Verdict::Tls);
    }

    #[test]
    fn no_pattern_is_longer_than_the_room_for_it() {
        assert_eq!(KNOWN.iter().map(|(pattern, _)| pattern.len()).max(), Some(LONGEST));
    }
}
