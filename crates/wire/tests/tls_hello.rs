//! ClientHellos of real clients: what is read from them, and their fingerprints.
//!
//! The expected JA3 values in `fixtures/tls/fingerprints.tsv` are Wireshark's; the JA4 values were
//! computed outside of this project from Wireshark's dissection of the same bytes.

#![expect(clippy::panic, reason = "a helper that finds no hello fails its test")]

mod tls_support;

use proptest::prelude::*;
use tls_support::{fixture, unhex};
use wire::tls::{
    CipherSuite, ClientHello, Ech, ExtensionType, HelloProgress, HelloReader, NamedGroup,
    ProtocolVersion, SignatureScheme, Transport,
};

const HANDSHAKE: u8 = 22;

/// An extension's type and data.
type Extension = (u16, Vec<u8>);

fn hello(bytes: &[u8]) -> ClientHello {
    match HelloReader::new().feed(bytes) {
        HelloProgress::Hello(hello) => *hello,
        other => panic!("{other:?}"),
    }
}

fn captured(name: &str) -> Vec<u8> {
    unhex(&fixture(&format!("{name}.hex")))
}

/// The message in records of `size` bytes of content each.
fn records(message: &[u8], size: usize) -> Vec<u8> {
    let record = |content: &[u8]| {
        let length = (content.len() as u16).to_be_bytes();
        [&[HANDSHAKE, 3, 1], &length[..], content].concat()
    };
    message.chunks(size).flat_map(record).collect()
}

fn vec8(content: &[u8]) -> Vec<u8> {
    [&[content.len() as u8], content].concat()
}

fn vec16(content: &[u8]) -> Vec<u8> {
    [&(content.len() as u16).to_be_bytes()[..], content].concat()
}

fn u16s(codes: &[u16]) -> Vec<u8> {
    codes.iter().flat_map(|code| code.to_be_bytes()).collect()
}

/// A client_hello message.
fn message(suites: &[u16], extensions: &[Extension]) -> Vec<u8> {
    let extensions: Vec<u8> = extensions
        .iter()
        .flat_map(|(kind, data)| [kind.to_be_bytes().to_vec(), vec16(data)].concat())
        .collect();
    let body = [
        vec![3, 3],
        vec![7; 32],
        vec8(&[9; 32]),
        vec16(&u16s(suites)),
        vec8(&[0]),
        vec16(&extensions),
    ]
    .concat();
    let length = (body.len() as u32).to_be_bytes();
    [&[1], &length[1..], &body].concat()
}

fn with_extensions(extensions: &[Extension]) -> ClientHello {
    hello(&records(&message(&[0x1301], extensions), 1 << 14))
}

/// The hello behind the example in JA4's description: Chrome, GREASE, a post-quantum key share.
fn chrome() -> Vec<u8> {
    let name = b"www.example.com";
    let sni = vec16(&[&[0][..], &vec16(name)].concat());
    let share = |group: u16, size: usize| [u16s(&[group]), vec16(&vec![5; size])].concat();
    let shares = [share(0x2a2a, 1), share(0x11ec, 1216), share(0x001d, 32)].concat();
    let schemes = [0x0403, 0x0804, 0x0401, 0x0503, 0x0805, 0x0501, 0x0806, 0x0601];
    message(
        &[
            0x3a3a, 0x1301, 0x1302, 0x1303, 0xc02b, 0xc02f, 0xc02c, 0xc030, 0xcca9, 0xcca8, 0xc013,
            0xc014, 0x009c, 0x009d, 0x002f, 0x0035,
        ],
        &[
            (0x4a4a, vec![]),
            (0x0033, vec16(&shares)),
            (0x002b, vec8(&u16s(&[0x5a5a, 0x0304, 0x0303]))),
            (0x0010, vec16(&[vec8(b"h2"), vec8(b"http/1.1")].concat())),
            (0x0012, vec![]),
            (0x0000, sni),
            (0x000d, vec16(&u16s(&schemes))),
            (0x4469, vec16(&vec8(b"h2"))),
            (0x0005, vec![1, 0, 0, 0, 0]),
            (0x0023, vec![]),
            (0xff01, vec![0]),
            (0x001b, vec![2, 0, 2]),
            (0x000b, vec![1, 0]),
            (0x0017, vec![]),
            (0x000a, vec16(&u16s(&[0x2a2a, 0x11ec, 0x001d, 0x0017, 0x0018]))),
            (0x002d, vec![1, 1]),
            (0x0015, vec![0; 20]),
            (0x1a1a, vec![0]),
        ],
    )
}

#[test]
fn fingerprints_of_real_clients() {
    let table = fixture("fingerprints.tsv");
    let rows: Vec<Vec<&str>> = table
        .lines()
        .filter(|line| !line.starts_with('#'))
        .map(|line| line.split('\t').collect())
        .collect();
    assert_eq!(rows.len(), 8);
    for row in rows {
        let [name, ja3_raw, ja3, ja4_raw, ja4] = row[..] else { panic!("{row:?}") };
        let hello = hello(&captured(name));
        assert_eq!(hello.ja3().raw, ja3_raw, "{name}");
        assert_eq!(hello.ja3().hash, ja3, "{name}");
        assert_eq!(hello.ja4(Transport::Tcp).raw, ja4_raw, "{name}");
        assert_eq!(hello.ja4(Transport::Tcp).hash, ja4, "{name}");
        assert_eq!(hello.faults, [""; 0], "{name}");
    }
}

#[test]
fn the_published_ja4_example() {
    let ja4 = hello(&records(&chrome(), 1 << 14)).ja4(Transport::Tcp);
    assert_eq!(ja4.hash, "t13d1516h2_8daaf6152771_e5627efa2ab1");
    assert_eq!(
        ja4.raw,
        "t13d1516h2_002f,0035,009c,009d,1301,1302,1303,c013,c014,c02b,c02c,c02f,c030,cca8,cca9_\
         0005,000a,000b,000d,0012,0015,0017,001b,0023,002b,002d,0033,4469,ff01_\
         0403,0804,0401,0503,0805,0501,0806,0601"
    );
    let quic = hello(&records(&chrome(), 1 << 14)).ja4(Transport::Quic);
    assert_eq!(quic.hash, "q13d1516h2_8daaf6152771_e5627efa2ab1");
}

#[test]
fn ja3_leaves_grease_out() {
    assert_eq!(
        hello(&records(&chrome(), 1 << 14)).ja3().raw,
        "771,4865-4866-4867-49195-49199-49196-49200-52393-52392-49171-49172-156-157-47-53,\
         51-43-16-18-0-13-17513-5-35-65281-27-11-23-10-45-21,4588-29-23-24,0"
    );
}

#[test]
fn ja4_of_the_alpn_and_of_empty_lists() {
    let table: &[(&[u8], &str)] = &[
        (b"h", "hh"),
        (b"http/1.1", "h1"),
        (b"\xab", "ab"),
        (b"\xab\xcd", "ad"),
        (b"0\xab", "3b"),
        (b"01\xab\xcd", "3d"),
        (b"0\xab\xcd1", "01"),
    ];
    for (protocol, tail) in table {
        let ja4 = with_extensions(&[(16, vec16(&vec8(protocol)))]).ja4(Transport::Tcp).hash;
        assert_eq!(ja4, format!("t12i0101{tail}_0f2cb44170f4_000000000000"), "{protocol:?}");
    }
    let bare = hello(&records(&message(&[], &[]), 99)).ja4(Transport::Tcp);
    assert_eq!(bare.hash, "t12i000000_000000000000_000000000000");
    let many: Vec<u16> = (0..120).collect();
    let many = hello(&records(&message(&many, &[]), 999)).ja4(Transport::Tcp);
    assert!(many.hash.starts_with("t12i990000_"), "{}", many.hash);
}

#[test]
fn what_curl_says() {
    let bytes = captured("curl_h2");
    let hello = hello(&bytes);
    assert_eq!(hello.sni.as_deref(), Some("shop.example.com"));
    assert_eq!(hello.alpn, [&b"h2"[..], b"http/1.1"]);
    assert_eq!(hello.legacy_version, ProtocolVersion::TLSV1_2);
    assert_eq!(hello.versions, [0x0304, 0x0303, 0x0302, 0x0301].map(ProtocolVersion));
    assert_eq!(hello.cipher_suites[0], CipherSuite::TLS_AES_256_GCM_SHA384);
    assert_eq!(
        hello.cipher_suites.last().unwrap().to_string(),
        "TLS_EMPTY_RENEGOTIATION_INFO_SCSV"
    );
    assert_eq!(hello.groups[..2], [NamedGroup::X25519, NamedGroup::SECP256R1]);
    assert_eq!(hello.key_shares, [NamedGroup::X25519]);
    assert_eq!(hello.signature_schemes[0], SignatureScheme::ECDSA_SECP256R1_SHA256);
    assert_eq!(hello.compression, [0]);
    assert_eq!(hello.session_id.len(), 32);
    assert_eq!(hello.length, bytes.len() - 5);
    assert!(!hello.offers_resumption() && !hello.psk && hello.ech.is_none() && !hello.esni);
}

#[test]
fn a_client_without_tls13_or_sni() {
    let hello = hello(&captured("openssl_tls12"));
    assert_eq!(hello.sni, None);
    assert_eq!(hello.versions, [ProtocolVersion::TLSV1_2]);
    assert_eq!(hello.session_ticket, Some(0));
    assert_eq!((hello.alpn.len(), hello.key_shares.len()), (0, 0));
}

#[test]
fn ech_esni_and_resumption() {
    let hello = with_extensions(&[(0xfe0d, vec![0; 200]), (0xffce, vec![1])]);
    assert_eq!(hello.ech, Some(Ech { outer: true, len: 200 }));
    assert!(hello.esni);
    assert_eq!(with_extensions(&[(0xfe0d, vec![1])]).ech, Some(Ech { outer: false, len: 1 }));

    let tls13 = (43, vec8(&u16s(&[0x0304])));
    assert!(with_extensions(&[]).offers_resumption(), "a session id in TLS 1.2");
    assert!(!with_extensions(std::slice::from_ref(&tls13)).offers_resumption(), "camouflage");
    assert!(with_extensions(&[tls13.clone(), (41, vec![0])]).offers_resumption());
    assert!(with_extensions(&[tls13.clone(), (35, vec![8; 64])]).offers_resumption());
    assert!(with_extensions(&[tls13, (42, vec![])]).early_data);
}

#[test]
fn a_broken_extension_is_a_fault_and_no_more() {
    let name = |name: &[u8]| vec16(&[&[0][..], &vec16(name)].concat());
    let table: &[(&[Extension], &str)] = &[
        (&[(0, vec![0, 9, 0])], "malformed extension server_name of 3 bytes"),
        (&[(0, name(b"10.0.0.1"))], "server_name 10.0.0.1 is an IP address, not a host name"),
        (&[(0, name(b"a.example."))], "server_name a.example. ends with a dot"),
        (&[(0, name(b"\xff"))], "server_name \"\u{fffd}\" is no host name"),
        (&[(0, name(b"\x1b[1m."))], "server_name \"\\u{1b}[1m.\" is no host name"),
        (&[(10, vec![0, 3, 0, 29, 0])], "malformed extension supported_groups of 5 bytes"),
        (&[(43, vec![2, 3])], "malformed extension supported_versions of 2 bytes"),
        (&[(51, vec![0, 3, 0, 29, 9])], "malformed extension key_share of 5 bytes"),
        (
            &[(16, vec![0, 1, 0])],
            "malformed extension application_layer_protocol_negotiation of 3 bytes",
        ),
        (&[(23, vec![]), (23, vec![])], "extension extended_master_secret is there more than once"),
        (&[(41, vec![]), (23, vec![])], "pre_shared_key is not the last extension"),
    ];
    for (extensions, fault) in table {
        let hello = with_extensions(extensions);
        assert_eq!(hello.faults, [*fault]);
        assert_eq!(hello.extensions.len(), extensions.len());
        assert_eq!(hello.cipher_suites, [CipherSuite::TLS_AES_128_GCM_SHA256]);
    }
    let unknown = with_extensions(&[(0x7777, vec![1, 2, 3])]);
    assert_eq!((unknown.extensions, unknown.faults), (vec![ExtensionType(0x7777)], vec![]));
}

#[test]
fn what_is_no_hello() {
    let mut cut = message(&[0x1301], &[]);
    cut[3] = 40;
    cut.truncate(44);
    let table: &[(Vec<u8>, &str)] = &[
        (b"\x15\x03\x01\0\x02\x02\x28".to_vec(), "alert record where a ClientHello is due"),
        (records(b"\x02\0\0\x26", 99), "server_hello where a ClientHello is due"),
        (records(b"\x01\x01\0\0", 99), "ClientHello of 65540 bytes; at most 65536 are read"),
        (b"\x16\x03\x01\0\0".to_vec(), "handshake record without content"),
        (b"\x16\x03\x01\xff\xff".to_vec(), "record of 65535 bytes; at most 18432 are allowed"),
        (records(&cut, 99), "ClientHello ends inside its version, random or session id"),
    ];
    for (bytes, expected) in table {
        match HelloReader::new().feed(bytes) {
            HelloProgress::Malformed(malformed) => assert_eq!(malformed.what, *expected),
            other => panic!("{expected}: {other:?}"),
        }
    }
}

#[test]
fn the_answer_stays() {
    let mut reader = HelloReader::new();
    let first = reader.feed(&captured("python"));
    assert!(matches!(first, HelloProgress::Hello(_)));
    assert_eq!(reader.feed(b"more"), first);
    assert_eq!(reader.partial(), None);
}

#[test]
fn a_silent_client_left_this_much() {
    let bytes = records(&chrome(), 1 << 14);
    let mut reader = HelloReader::new();
    assert_eq!(reader.partial(), None);
    assert_eq!(reader.feed(&bytes[..517]), HelloProgress::NeedMore);
    let partial = reader.partial().unwrap();
    assert_eq!(
        partial.to_string(),
        format!("partial ClientHello: 512 of {} bytes", chrome().len())
    );
    assert!(matches!(reader.feed(&bytes[517..]), HelloProgress::Hello(_)));
}

#[test]
fn a_hello_in_many_records_is_the_same_hello() {
    let whole = captured("java_http");
    for size in [1, 3, 4, 5, 200] {
        assert_eq!(hello(&records(&whole[5..], size)), hello(&whole), "{size}");
    }
}

#[test]
fn the_largest_hello_is_read() {
    let fill = 65536 - message(&[0x1301], &[(21, vec![])]).len();
    let largest = message(&[0x1301], &[(21, vec![0; fill])]);
    assert_eq!(hello(&records(&largest, 1 << 14)).length, 65536);
}

#[test]
fn fuzz_seeds() {
    for name in ["openssl_tls13", "openssl_tls12", "node_h2"] {
        let bytes = captured(name);
        wire::tls::fuzzing::fuzz(&bytes);
        wire::tls::fuzzing::fuzz(&records(&bytes[5..], 7));
        for flipped in (0..bytes.len()).step_by(3) {
            let mut broken = bytes.clone();
            broken[flipped] ^= 0xff;
            wire::tls::fuzzing::fuzz(&broken);
        }
    }
    wire::tls::fuzzing::fuzz(b"PRI * HTTP/1");
    wire::tls::fuzzing::fuzz(b"");
}

proptest! {
    #[test]
    fn any_split_gives_the_same_hello(size in 1_usize..300, cuts in prop::collection::vec(1_usize..400, 0..20)) {
        let bytes = records(&captured("curl_h2")[5..], size);
        let expected = HelloReader::new().feed(&bytes);
        let (mut reader, mut rest) = (HelloReader::new(), &bytes[..]);
        for cut in cuts {
            let (piece, left) = rest.split_at(cut.min(rest.len()));
            reader.feed(piece);
            rest = left;
        }
        prop_assert_eq!(reader.feed(rest), expected);
    }

    #[test]
    fn any_bytes_do_no_harm(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        wire::tls::fuzzing::fuzz(&bytes);
        wire::tls::fuzzing::fuzz(&[&[HANDSHAKE, 3, 3, 0, 120, 1, 0, 0, 90], &bytes[..]].concat());
    }
}
