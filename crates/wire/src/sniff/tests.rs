//! First bytes as a table: which protocol, in which words, and how early.

use proptest::prelude::*;

use super::*;

#[test]
fn the_protocol_is_known_as_soon_as_it_is_certain() {
    use Sniff::*;
    for (bytes, expected) in [
        (&b""[..], NeedMore),
        (b"P", NeedMore),
        (b"PRO", NeedMore),
        (b"PROXY", NeedMore),
        (b"PROXY ", ProxyHeader),
        (b"\r\n\r\n\0\r\nQUIT", NeedMore),
        (b"\r\n\r\n\0\r\nQUIT\n", ProxyHeader),
        (b"\x16", NeedMore),
        (b"\x16\x03", Tls),
        (b"\x16\x04", Other),
        (b"\x15\x03\x01\0\x02\x02\x28", Other),
        (b"\x80\x2e\x01", NeedMore),
        (b"\x80\x2e\x01\x03\x01", Sslv2Hello),
        (b"\x80\x2e\x01\0\x02", Sslv2Hello),
        (b"\x80\x2e\x02", Other),
        (b"\x80\x2e\x01\0\x03", Other),
        (b"PRI ", NeedMore),
        (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r", NeedMore),
        (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0", Http2Preface),
        (b"PRI * HTTP/1.1", Http1Request),
        (b"GET", NeedMore),
        (b"GET ", Http1Request),
        (b"CONNECT example.com:443", Http1Request),
        (b"PROPFIND ", NeedMore),
        (b"PROPFIND /", Http1Request),
        (b"M-SEARCH *", Http1Request),
        (b"PURGE HTTP:/", NeedMore),
        (b"PURGE HTTP://h/", Http1Request),
        (b"EHLO e", Other),
        (b"get /x", Http1Request),
        (b"get foo", Other),
        (b"\r", NeedMore),
        (b"\r\n", NeedMore),
        (b"\r\nGET ", Http1Request),
        (b"\r\nG", NeedMore),
        (b"\nGET ", Http1Request),
        (b" GET /", Other),
        (b"GET\t/", Other),
        (b"G\0", Other),
        (b"ABCDEFGHIJKLMNOPQRSTUVWXYZABCDEF", NeedMore),
        (b"ABCDEFGHIJKLMNOPQRSTUVWXYZABCDEFG", Other),
        (b"SSH", NeedMore),
        (b"SSH-2.0-OpenSSH_9.6\r\n", Ssh),
        (b"HTTP/1.1 200 OK\r\n", Other),
        (b"\0\0\x12\x04\0\0\0\0\0", Other),
        (b"\xff\xfd\x18", Other),
    ] {
        assert_eq!(sniff(bytes), expected, "{}", bytes.escape_ascii());
    }
}

#[test]
fn first_bytes_in_words() {
    for (bytes, expected) in [
        (&b""[..], "no bytes"),
        (b"GET / HTTP/1.1\r\nHost: x\r\n", "an HTTP/1.1 request ('GET / HTTP/1.1')"),
        (b"GET / HTTP/1.0\r\n", "an HTTP/1.0 request ('GET / HTTP/1.0')"),
        (b"\r\nPOST /x HTT", "an HTTP request ('POST /x HTT')"),
        (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "an HTTP/2 preface ('PRI * HTTP/2.0')"),
        (b"SSH-2.0-OpenSSH_9.6\r\n", "an SSH banner"),
        (b"PROXY TCP4 1.2.3.4 5.6.7.8 1 2\r\n", "a PROXY v1 header"),
        (b"\r\n\r\n\0\r\nQUIT\n\x21\x11", "a PROXY v2 header"),
        (b"\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03", "a TLS ClientHello"),
        (b"\x16\x03\x03\0\x7a\x02", "a TLS ServerHello"),
        (b"\x16\x03\x01", "a TLS handshake record"),
        (b"\x15\x03\x03\0\x02\x02\x28", "a TLS alert (handshake_failure)"),
        (b"\x15\x03\x03\0\x02\x02\x46", "a TLS alert (protocol_version)"),
        (b"\x15\x03\x01\0\x02\x02\xfe", "a TLS alert (254)"),
        (b"\x15\x03\x01\0\x02", "a TLS alert"),
        (b"\x17\x03\x03\0\x20", "encrypted TLS data"),
        (b"\x80\x2e\x01\x03\x01\0", "an SSLv2 ClientHello"),
        (
            b"HTTP/1.1 400 Bad Request\r\nServer: nginx\r\n",
            "an HTTP/1.1 response ('HTTP/1.1 400 Bad Request')",
        ),
        (b"HTTP/1.0 407 ", "an HTTP/1.0 response ('HTTP/1.0 407 ')"),
        (b"\0\0\x12\x04\0\0\0\0\0\0\x03", "an HTTP/2 SETTINGS frame"),
        (b"\0\0\x08\x07\0\0\0\0\0", "an HTTP/2 GOAWAY frame"),
        (b"220 mail ESMTP\r\n250 x", "printable text '220 mail ESMTP'"),
        (b"<html>\t", "printable text '<html>\\t'"),
        ("привет".as_bytes(), "printable text 'привет'"),
        (b"a\x1b[2J", "binary bytes 61 1b 5b 32 4a"),
        (b"\0\x01\xfe", "binary bytes 00 01 fe"),
        (b"\r\n\r\n", "binary bytes 0d 0a 0d 0a"),
        (&[0xff; 40], "binary bytes ff ff ff ff ff ff ff ff ff ff ff ff ff ff ff ff …"),
    ] {
        assert_eq!(describe(bytes), expected, "{}", bytes.escape_ascii());
    }
}

#[test]
fn quotes_of_the_peer_are_cut_and_escaped() {
    let line = [b"GET /\x1b]0;x\x07".as_slice(), &[b'a'; 500], b" HTTP/1.1\r\n"].concat();
    let text = describe(&line);
    assert!(text.starts_with("an HTTP/1.1 request ('GET /\\u{1b}]0;x\\u{7}aaa"), "{text}");
    assert!(text.ends_with("aaa…')") && text.len() < 120, "{text}");
}

#[test]
fn seeds() {
    for seed in [
        &b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"[..],
        b"PROXY TCP4",
        b"\r\n\r\n\0\r\nQUIT\n",
        b"\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n",
        b"PURGE https://example.com/ HTTP/1.1\r\n",
        b"\x80\x2e\x01\x03\x01\0",
        b"\x15\x03\x01\0\x02\x02\x28",
        &[b'a'; 200],
        &[b'\n'; 200],
    ] {
        fuzz(seed);
    }
}

proptest! {
    #[test]
    fn any_bytes(data in proptest::collection::vec(any::<u8>(), 0..100)) {
        fuzz(&data);
    }

    #[test]
    fn any_text(data in "(\r\n|PR|PROXY |PRI \\*|GET|EHLO| |/|http://|SSH|-|\u{1b}){0,12}") {
        fuzz(data.as_bytes());
    }
}
