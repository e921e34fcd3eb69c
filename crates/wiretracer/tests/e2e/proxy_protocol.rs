//! The PROXY protocol on input: who the client is, and the same header to the upstream.

use crate::support::records::{assert_close, assert_flags, assert_says};
use crate::support::{ClientTls, Peer, Proxy, Records, ServerTls, Setup, Upstream};

const V1: &[u8] = b"PROXY TCP4 192.0.2.7 198.51.100.1 4242 443\r\n";
const UNKNOWN: &[u8] = b"PROXY UNKNOWN ffff::1 whatever 1 2\r\n";
const SIGNATURE: &[u8] = b"\r\n\r\n\0\r\nQUIT\n";

/// A v2 header: version and command, family, the rest.
fn v2(command: u8, family: u8, rest: &[u8]) -> Vec<u8> {
    let length = u16::try_from(rest.len()).unwrap().to_be_bytes();
    [SIGNATURE, &[command, family], &length, rest].concat()
}

/// PROXY, TCP over IPv6, from [2001:db8::7]:4242 to [2001:db8::1]:443, and a TLV.
fn v2_tcp6() -> Vec<u8> {
    let mut rest = [0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7].to_vec();
    rest.extend([0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]);
    rest.extend([0x10, 0x92, 0x01, 0xbb]);
    rest.extend([0x02, 0, 4]);
    rest.extend(b"host");
    v2(0x21, 0x21, &rest)
}

/// Sends a header and a request; what the upstream got before the request, and the records.
fn through(header: &[u8], tls_in: bool, tls_out: bool) -> (Vec<u8>, Records, u16) {
    let length = header.len();
    let upstream = Upstream::start(move |mut peer| {
        let header = peer.read_ahead(length);
        if tls_out {
            peer = peer.tls_server(ServerTls::default()).unwrap();
        }
        assert_eq!(peer.read_end().0, b"hello");
        peer.half_close();
        header
    });
    let setup = Setup::to(upstream.address);
    let setup = if tls_in { setup.tls("") } else { setup };
    let proxy = if tls_out { setup.upstream_tls("") } else { setup }.start();
    let mut client = Peer::connect(proxy.address);
    let port = client.local().port();
    client.write(header);
    if tls_in {
        client = client.tls_client(ClientTls::default()).unwrap();
    }
    client.write("hello");
    client.half_close();
    let header = upstream.result();
    proxy.wait_close();
    (header, proxy.stop(), port)
}

#[test]
fn a_header_names_the_client_and_reaches_the_upstream_unchanged() {
    let tcp6 = v2_tcp6();
    for (header, version, ip, source, destination) in [
        (V1, "v1", "192.0.2.7", "192.0.2.7:4242", "198.51.100.1:443"),
        (&tcp6, "v2", "2001:db8::7", "[2001:db8::7]:4242", "[2001:db8::1]:443"),
    ] {
        for (tls_in, tls_out) in [(false, false), (true, true), (true, false), (false, true)] {
            let (forwarded, records, _) = through(header, tls_in, tls_out);
            assert_eq!(forwarded, header);
            for record in &records.0 {
                assert_eq!(
                    (&record["client_ip"], &record["client_port"]),
                    (&ip.into(), &4242.into())
                );
            }
            let close = records.close();
            assert_close(close, "client", "completed");
            assert_eq!(close["proxy_version"], version);
            assert_eq!(close["proxy_src"], source);
            assert_eq!(close["proxy_dst"], destination);
        }
    }
}

#[test]
fn a_header_without_addresses_leaves_the_client_as_it_is() {
    // LOCAL is a health check of the one in front; UNKNOWN does not know.
    let local = v2(0x20, 0, b"");
    for (header, version) in [(UNKNOWN, "v1"), (&local, "v2")] {
        for tls in [false, true] {
            let (forwarded, records, port) = through(header, tls, tls);
            assert_eq!(forwarded, header);
            let close = records.close();
            assert_eq!(close["client_ip"], "127.0.0.1");
            assert_eq!(close["client_port"], port);
            assert_eq!(close["proxy_version"], version);
            assert_eq!(close["proxy_src"], serde_json::Value::Null);
        }
    }
}

#[test]
fn a_unix_socket_is_a_client_without_port() {
    let mut path = [0; 108];
    path[..9].copy_from_slice(b"/run/sock");
    let header = v2(0x21, 0x31, &[path, [0; 108]].concat());
    let (forwarded, records, _) = through(&header, false, false);
    assert_eq!(forwarded, header);
    let close = records.close();
    assert_eq!(close["client_ip"], "unix:/run/sock");
    assert_eq!(close["client_port"], serde_json::Value::Null);
}

#[test]
fn a_malformed_header_ends_the_connection() {
    let bad_version = v2(0x31, 0x11, &[0; 12]);
    let cut = v2(0x21, 0x11, &[0; 4]);
    for header in [b"PROXY TCP4 192.0.2.7 999 1 2\r\n".as_slice(), &bad_version, &cut] {
        for tls in [false, true] {
            let proxy = refusing(tls);
            let mut client = Peer::connect(proxy.address);
            client.write(header);
            assert_eq!(client.read_end().0, b"");
            proxy.wait_close();
            let records = proxy.stop();
            assert_close(records.close(), "proxy", "proxy_protocol_error");
            assert_eq!(records.close()["proxy_version"], "invalid");
            assert!(records.close()["detail"].as_str().is_some_and(|detail| !detail.is_empty()));
            assert_flags(records.close(), &[]);
        }
    }
}

#[test]
fn a_header_that_is_begun_and_not_finished_is_timed_out() {
    for tls in [false, true] {
        let upstream = Upstream::start(|mut peer| peer.read_end());
        let setup = Setup::to(upstream.address).policy("client_handshake_timeout: 2");
        let proxy = if tls { setup.tls("") } else { setup }.start();
        let mut client = Peer::connect(proxy.address);
        client.write("PROXY TCP4 192.0.2");
        client.read_end();
        proxy.wait_close();
        let records = proxy.stop();
        assert_close(records.close(), "proxy", "proxy_protocol_error");
        assert_says(&records.close()["detail"], "policy.client_handshake_timeout");
    }
}

#[test]
fn a_header_may_come_in_pieces() {
    let upstream = Upstream::start(|mut peer| {
        let seen = peer.read_end().0;
        peer.half_close();
        seen
    });
    let proxy = Setup::to(upstream.address).start();
    let mut client = Peer::connect(proxy.address);
    for part in V1.chunks(7) {
        client.write(part);
        assert!(client.is_silent_for(std::time::Duration::from_millis(5)));
    }
    client.write("hello");
    client.half_close();
    assert_eq!(upstream.result(), [V1, b"hello"].concat());
    assert_eq!(proxy.wait_close()["client_ip"], "192.0.2.7");
}

fn refusing(tls: bool) -> Proxy {
    let setup = Setup::to(crate::support::upstream::refusing());
    if tls { setup.tls("").start() } else { setup.start() }
}
