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

use crate::sniff::{Sniff, sniff};

/// Stands in [`ALSO_SEEN`] for "any byte"; no pattern there has a real `0xff`.
const ANY: u8 = 0xff;

/// The most bytes that are looked at: more than [`sniff`] and the patterns take.
const LONGEST: usize = 64;

/// What comes to a port where TLS was due, or back from one, beyond what [`sniff`] knows.
const ALSO_SEEN: &[(&[u8], &str)] = &[
    (b"HTTP/1.1", "HTTP/1.1 response"),
    (b"HTTP/1.0", "HTTP/1.0 response"),
    (&[0, 0, ANY, 4, 0, 0, 0, 0, 0], "HTTP/2 SETTINGS frame"),
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
#[derive(Clone, Debug)]
pub(super) struct Opening {
    bytes: [u8; LONGEST],
    len: usize,
}

impl Default for Opening {
    fn default() -> Self {
        Self { bytes: [0; LONGEST], len: 0 }
    }
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
    let not_tls = |name: &str| Verdict::NotTls(name.to_owned());
    let mut undecided = false;
    match (prefix, sniff(prefix)) {
        // sniff wants a handshake record; an upstream may begin with an alert.
        ([20..=24, 3, ..], _) | (_, Sniff::Tls) => return Verdict::Tls,
        ([20..=24], _) | (_, Sniff::NeedMore) => undecided = true,
        (_, Sniff::ProxyHeader) => return not_tls("PROXY protocol header"),
        (_, Sniff::Sslv2Hello) => return not_tls("SSLv2 ClientHello"),
        (_, Sniff::Http2Preface) => return not_tls("HTTP/2 connection preface"),
        (_, Sniff::Http1Request) => return not_tls("HTTP/1.1 request"),
        (_, Sniff::Ssh) => return not_tls("SSH"),
        (_, Sniff::Other) => {}
    }
    for (pattern, name) in ALSO_SEEN {
        let fits = prefix.iter().zip(*pattern).all(|(byte, want)| byte == want || *want == ANY);
        match fits {
            true if prefix.len() >= pattern.len() => return not_tls(name),
            true => undecided = true,
            false => {}
        }
    }
    match undecided {
        true => Verdict::NeedMore,
        false => Verdict::NotTls(unrecognised(prefix)),
    }
}

fn unrecognised(prefix: &[u8]) -> String {
    format!("unrecognised bytes \"{}\"", prefix.escape_ascii())
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
            (b"\x81\x43\x02\x03\x01", r#"unrecognised bytes "\x81C\x02""#),
            (b"SSH-2.0-OpenSSH_9.2\r\n", "SSH"),
            (b"PROXY TCP4 1.2.3.4", "PROXY protocol header"),
            (b"PROPHET\r\n", r#"unrecognised bytes "PROPHET\r""#),
            (b"\x16\x02\x00", r#"unrecognised bytes "\x16\x02""#),
            (b"{\"json\":1}", r#"unrecognised bytes "{""#),
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
    fn what_never_gets_decided_ends_where_the_room_does() {
        let endless = [b'a'; LONGEST * 2];
        assert!(matches!(whole(&endless), Verdict::NotTls(_)));
        assert_eq!(byte_by_byte(&endless), whole(&endless));
    }
}
