//! Headers as tables: what they say, and which breach is told in which words.

use proptest::prelude::*;

use super::*;

fn header(bytes: &[u8]) -> Header {
    match parse(bytes) {
        Parsed::Header(header) => header,
        other => panic!("{other:?}"),
    }
}

fn malformed(bytes: &[u8]) -> String {
    match parse(bytes) {
        Parsed::Malformed(what) => what,
        other => panic!("{}: {other:?}", bytes.escape_ascii()),
    }
}

/// A v2 header with this command and family, addresses and vectors.
fn v2(command: u8, family: u8, addresses: &[u8], tlvs: &[u8]) -> Vec<u8> {
    let length = (addresses.len() + tlvs.len()) as u16;
    [&V2_SIGNATURE[..], &[command, family], &length.to_be_bytes(), addresses, tlvs].concat()
}

/// 10.0.0.1:4711 to 10.0.0.2:443.
const V4: &[u8] = &[10, 0, 0, 1, 10, 0, 0, 2, 0x12, 0x67, 0x01, 0xbb];

#[test]
fn the_first_different_byte_decides() {
    for (bytes, expected) in [
        (&b""[..], Parsed::NeedMore),
        (b"P", Parsed::NeedMore),
        (b"PROXY", Parsed::NeedMore),
        (b"PR", Parsed::NeedMore),
        (b"PRI", Parsed::NotProxy),
        (b"PROXY\t", Parsed::NotProxy),
        (b"PROXYING", Parsed::NotProxy),
        (b"proxy", Parsed::NotProxy),
        (b"G", Parsed::NotProxy),
        (b"\x16", Parsed::NotProxy),
        (b"\r", Parsed::NeedMore),
        (b"\r\n\r\n\0\r\nQUIT", Parsed::NeedMore),
        (b"\r\n\r\n\0\r\nQUIT\n", Parsed::NeedMore),
        (b"\r\n\r\n\0\r\nQUIT\r", Parsed::NotProxy),
        (b"\r\nGET", Parsed::NotProxy),
        (b"PROXY TCP", Parsed::NeedMore),
        (b"PROXY TCP4 1.2.3.4", Parsed::NeedMore),
        (b"PROXY UNKNOWN\r", Parsed::NeedMore),
    ] {
        assert_eq!(parse(bytes), expected, "{}", bytes.escape_ascii());
    }
}

#[test]
fn v1_headers() {
    for (line, source, destination, transport) in [
        ("TCP4 10.0.0.1 10.0.0.2 4711 443", "10.0.0.1:4711", "10.0.0.2:443", Transport::Stream),
        (
            "TCP4 255.255.255.255 0.0.0.0 65535 0",
            "255.255.255.255:65535",
            "0.0.0.0:0",
            Transport::Stream,
        ),
        ("TCP6 2001:db8::1 ::1 1 2", "[2001:db8::1]:1", "[::1]:2", Transport::Stream),
        ("TCP6 ::ffff:10.0.0.1 ::1 1 2", "[::ffff:10.0.0.1]:1", "[::1]:2", Transport::Stream),
        ("UNKNOWN", "unknown", "unknown", Transport::Unspecified),
        ("UNKNOWN 10.0.0.1 whatever 1 99999", "unknown", "unknown", Transport::Unspecified),
    ] {
        let bytes = format!("PROXY {line}\r\nGET / HTTP/1.1\r\n");
        let header = header(bytes.as_bytes());
        assert_eq!(header.version, Version::V1);
        assert_eq!(header.command, Command::Proxy);
        assert_eq!(header.transport, transport);
        assert_eq!(header.source.to_string(), source);
        assert_eq!(header.destination.to_string(), destination);
        assert_eq!(header.length, line.len() + 8);
        assert_eq!(header.tlvs, []);
    }
}

#[test]
fn v1_longest_line() {
    let addresses = "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff";
    let line = format!("PROXY UNKNOWN {addresses} {addresses} 65535 65535\r\n");
    assert_eq!(line.len(), MAX_V1_LENGTH);
    assert_eq!(header(line.as_bytes()).length, MAX_V1_LENGTH);
    let longer = line.replace("\r\n", " \r\n");
    assert_eq!(parse(&longer.as_bytes()[..106]), Parsed::NeedMore);
    assert_eq!(malformed(longer.as_bytes()), "PROXY v1: no CRLF within 107 bytes");
}

#[test]
fn v1_breaches_say_what_is_wrong() {
    const NOT_FOUR: &str = "is not a source, a destination and two ports with one space between";
    const NOT_PORT: &str = "is not a number from 0 to 65535 without leading zeros";
    for (line, expected) in [
        ("TCP5 1 2 3 4\r\n", "'TCP5' is not TCP4, TCP6 or UNKNOWN".to_owned()),
        ("tcp4", "'tcp4' is not TCP4, TCP6 or UNKNOWN".to_owned()),
        (" TCP4", "' TCP4' is not TCP4, TCP6 or UNKNOWN".to_owned()),
        ("\x1bTCP4", "'\\u{1b}TCP4' is not TCP4, TCP6 or UNKNOWN".to_owned()),
        ("UNKNOWNS\r\n", "'UNKNOWNS' is not TCP4, TCP6 or UNKNOWN".to_owned()),
        ("TCP4 1.2.3.4 5.6.7.8 1 2\n", "the line ends with LF alone, expected CRLF".to_owned()),
        ("TCP4 1.2.3.4 5.6.7.8 1 2\rX", "a CR without LF, expected CRLF".to_owned()),
        ("TCP4 1.2.3.4 5.6.7.8 1\r\n", format!("'TCP4 1.2.3.4 5.6.7.8 1' {NOT_FOUR}")),
        ("TCP4 1.2.3.4 5.6.7.8 1 2 \r\n", format!("'TCP4 1.2.3.4 5.6.7.8 1 2 ' {NOT_FOUR}")),
        ("TCP4  1.2.3.4 5.6.7.8 1 2\r\n", format!("'TCP4  1.2.3.4 5.6.7.8 1 2' {NOT_FOUR}")),
        ("TCP4 1.2.3 5.6.7.8 1 2\r\n", "the source '1.2.3' is not an IPv4 address".to_owned()),
        (
            "TCP4 1.2.3.04 5.6.7.8 1 2\r\n",
            "the source '1.2.3.04' is not an IPv4 address".to_owned(),
        ),
        ("TCP4 ::1 5.6.7.8 1 2\r\n", "the source '::1' is not an IPv4 address".to_owned()),
        ("TCP6 ::1 1.2.3.4 1 2\r\n", "the destination '1.2.3.4' is not an IPv6 address".to_owned()),
        ("TCP4 1.2.3.4 5.6.7.8 01 2\r\n", format!("the source port '01' {NOT_PORT}")),
        ("TCP4 1.2.3.4 5.6.7.8 1 65536\r\n", format!("the destination port '65536' {NOT_PORT}")),
        ("TCP4 1.2.3.4 5.6.7.8 +1 2\r\n", format!("the source port '+1' {NOT_PORT}")),
    ] {
        let bytes = format!("PROXY {line}");
        assert_eq!(malformed(bytes.as_bytes()), format!("PROXY v1: {expected}"), "{line:?}");
    }
}

#[test]
fn v2_addresses() {
    let v6 = [&[0; 15][..], &[1], &[0xfe; 16], &[0x12, 0x67, 0x01, 0xbb]].concat();
    let mut unix = [0; 216];
    unix[..9].copy_from_slice(b"/run/a.so");
    unix[108..113].copy_from_slice(b"\0side");
    for (family, addresses, source, destination, transport) in [
        (0x11, V4, "10.0.0.1:4711", "10.0.0.2:443", Transport::Stream),
        (0x12, V4, "10.0.0.1:4711", "10.0.0.2:443", Transport::Datagram),
        (0x10, V4, "10.0.0.1:4711", "10.0.0.2:443", Transport::Unspecified),
        (
            0x21,
            &v6,
            "[::1]:4711",
            "[fefe:fefe:fefe:fefe:fefe:fefe:fefe:fefe]:443",
            Transport::Stream,
        ),
        (0x31, &unix, "unix:/run/a.so", "unix:@side", Transport::Stream),
        (0x00, b"", "unknown", "unknown", Transport::Unspecified),
        (0x00, b"\xff\xff\xff", "unknown", "unknown", Transport::Unspecified),
    ] {
        let bytes = v2(0x21, family, addresses, b"");
        let header = header(&[&bytes[..], b"GET /"].concat());
        assert_eq!(header.version, Version::V2);
        assert_eq!(header.command, Command::Proxy);
        assert_eq!(header.transport, transport);
        assert_eq!(header.source.to_string(), source);
        assert_eq!(header.destination.to_string(), destination);
        assert_eq!(header.length, bytes.len());
        assert_eq!(header.tlvs, []);
    }
}

#[test]
fn v2_local_ignores_what_it_carries() {
    for (family, payload) in [(0x00, &b""[..]), (0x11, V4), (0xff, b"junk")] {
        let bytes = v2(0x20, family, payload, b"");
        let header = header(&bytes);
        assert_eq!(header.command, Command::Local);
        assert_eq!(header.source, Address::Unknown);
        assert_eq!(header.length, bytes.len());
    }
}

#[test]
fn v2_vectors_have_names_and_values() {
    let tlvs = b"\x01\0\x02h2\x02\0\x0bexample.com\x04\0\0\x05\0\x02\xab\xcd\
                 \x20\0\x0f\x07\0\0\0\0\x21\0\x07TLSv1.3\xe4\0\x01\x09";
    let header = header(&v2(0x21, 0x11, V4, tlvs));
    let shown: Vec<_> = header.tlvs.iter().map(ToString::to_string).collect();
    assert_eq!(
        shown,
        [
            "ALPN h2",
            "AUTHORITY example.com",
            "NOOP ",
            "UNIQUE_ID ab cd",
            "SSL 07 00 00 00 00 21 00 07 54 4c 53 76 31 2e 33",
            "0x00e4 09",
        ]
    );
    let inside = header.tlvs[4].inside_ssl();
    assert_eq!(inside.iter().map(ToString::to_string).collect::<Vec<_>>(), ["SSL_VERSION TLSv1.3"]);
    assert_eq!(header.tlvs[0].inside_ssl(), []);
}

#[test]
fn v2_checksum_is_verified() {
    // The sum was computed bit by bit, independently of the table.
    let tlvs = b"\x03\0\x04\x30\x7b\x4b\xda\x04\0\x01x";
    let mut bytes = v2(0x21, 0x11, V4, tlvs);
    assert_eq!(header(&bytes).tlvs[0].kind, TlvKind::CRC32C);

    bytes[38] = b'y';
    let what = malformed(&bytes);
    assert!(what.starts_with("PROXY v2: the CRC32C is 307b4bda, but the header's is "), "{what}");

    let short = v2(0x21, 0x11, V4, b"\x03\0\x03abc");
    assert_eq!(malformed(&short), "PROXY v2: the CRC32C TLV has 3 bytes, expected 4");
}

#[test]
fn v2_breaches_say_what_is_wrong() {
    let too_long = [&V2_SIGNATURE[..], &[0x21, 0x11, 0x10, 0x01]].concat();
    for (bytes, expected) in [
        (v2(0x11, 0x11, V4, b""), "version 1 after the signature, expected 2"),
        (v2(0x22, 0x11, V4, b""), "command 2 is unassigned, expected 0 (LOCAL) or 1 (PROXY)"),
        (
            v2(0x21, 0x41, V4, b""),
            "address family 4 is reserved, expected 0 (unspecified), 1 (IPv4), 2 (IPv6) or 3 (UNIX)",
        ),
        (
            v2(0x21, 0x13, V4, b""),
            "transport 3 is reserved, expected 0 (unspecified), 1 (stream) or 2 (datagram)",
        ),
        (v2(0x21, 0x11, &V4[..11], b""), "announces 11 bytes, too few for the addresses"),
        (v2(0x21, 0x21, V4, b""), "announces 12 bytes, too few for the addresses"),
        (too_long, "announces 4097 bytes, at most 4096 are accepted"),
        (
            v2(0x21, 0x11, V4, b"\x04\0\0\x02\0\x05abc"),
            "the TLV at byte 3 of the vectors is cut short: bytes missing: 2",
        ),
        (
            v2(0x21, 0x11, V4, b"\x02\0"),
            "the TLV at byte 0 of the vectors is cut short: bytes missing: 1",
        ),
    ] {
        assert_eq!(malformed(&bytes), format!("PROXY v2: {expected}"));
    }
}

#[test]
fn a_bad_start_is_not_waited_upon() {
    assert!(matches!(parse(&[&V2_SIGNATURE[..], &[0x31]].concat()), Parsed::Malformed(_)));
    assert!(matches!(parse(b"PROXY HTTP"), Parsed::Malformed(_)));
}

#[test]
fn seeds() {
    for seed in [
        &b"PROXY TCP4 10.0.0.1 10.0.0.2 4711 443\r\nGET"[..],
        b"PROXY UNKNOWN\r\n",
        b"PROXY TCP4 \n",
        &[V1_PREFIX, b"TCP4 ", &[b'1'; 200]].concat(),
        &v2(0x21, 0x11, V4, b"\x04\0\x01x\x03\0\x04abcd"),
        &v2(0x20, 0xff, V4, b"\xff\xff\xff"),
        &v2(0x21, 0x31, &[b'\x1b'; 216], b"\x02\0\x01\x1b"),
        &[&V2_SIGNATURE[..], &[0x21, 0x11, 0xff, 0xff]].concat(),
    ] {
        fuzz(seed);
    }
}

proptest! {
    #[test]
    fn any_v1(rest in "(TCP4|TCP6|UNKNOWN|TC)( |1|0|[.]|:|ff|65535|10.0.0.1|\r|\n|\r\n){0,24}") {
        fuzz(format!("PROXY {rest}").as_bytes());
    }

    #[test]
    fn any_v2(
        command in prop_oneof![Just(0x20_u8), Just(0x21), any::<u8>()],
        family in prop_oneof![Just(0x11_u8), Just(0x21), Just(0x00), any::<u8>()],
        length in 0_u16..80,
        payload in proptest::collection::vec(prop_oneof![0_u8..6, any::<u8>()], 0..100),
    ) {
        fuzz(&[&V2_SIGNATURE[..], &[command, family], &length.to_be_bytes(), &payload].concat());
    }

    #[test]
    fn any_bytes(data in proptest::collection::vec(any::<u8>(), 0..40)) {
        fuzz(&data);
    }
}
