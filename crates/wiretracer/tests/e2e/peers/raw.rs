//! Protocols that the proxy does not know: bytes through `openssl s_client`, and a protocol in which
//! the server speaks first.

use std::process::Command;

use super::health::{check_connections, stop_after};
use crate::support::{ClientTls, Peer, Records, ServerTls, Setup, Upstream, tools};

/// Echoes lines until one says `quit`.
fn echo_lines(mut peer: Peer) {
    loop {
        let line = peer.read_until("\n");
        if line == b"quit\n" {
            break;
        }
        peer.write(line);
    }
    peer.half_close();
    peer.read_end();
}

#[test]
fn openssl_s_client() {
    if !tools::have("openssl") {
        return;
    }
    for (flag, version) in [("-tls1_2", "TLSv1.2"), ("-tls1_3", "TLSv1.3")] {
        let upstream = Upstream::start(echo_lines);
        let proxy = Setup::to(upstream.address).tls("").start();
        let mut command = Command::new("openssl");
        command
            .args(["s_client", "-quiet", flag, "-verify_return_error", "-CAfile", "ca.pem"])
            .args(["-servername", "localhost", "-connect", &proxy.address.to_string()])
            .current_dir(proxy.directory.path());
        let printed = tools::run_with_input(&mut command, b"~ hello\nworld\nquit\n").success();
        assert_eq!(printed, "~ hello\nworld\n");
        let records = stop_after(proxy, 1);
        check_connections(&records, 1);
        check_raw(&records, 19, 14);
        assert_eq!(records.tls("in")["tls"]["version"], version);
        assert_eq!(records.tls("in")["tls"]["sni"], "localhost");
    }
}

/// A server in Redis' manner that greets whoever comes, and its client.
#[test]
fn a_server_that_speaks_first() {
    let greet = |mut peer: Peer| {
        peer.write("+READY\r\n");
        while let Some(command) = peer.try_read_until("PING\r\n") {
            assert_eq!(command, b"*1\r\n$4\r\nPING\r\n");
            peer.write("+PONG\r\n");
        }
        peer.half_close();
    };
    let talk = |mut client: Peer| {
        assert_eq!(client.read_until("\r\n"), b"+READY\r\n");
        for _ in 0..100 {
            client.write("*1\r\n$4\r\nPING\r\n");
            assert_eq!(client.read_until("\r\n"), b"+PONG\r\n");
        }
        client.half_close();
        client.read_end();
    };
    let upstream = Upstream::start(greet);
    let proxy = Setup::to(upstream.address).start();
    talk(Peer::connect(proxy.address));
    let plaintext = stop_after(proxy, 1);
    let upstream = Upstream::tls(ServerTls::default(), greet);
    let proxy = Setup::to(upstream.address).tls("").upstream_tls("").start();
    talk(Peer::connect_tls(proxy.address, ClientTls::default()));
    for records in [plaintext, stop_after(proxy, 1)] {
        check_connections(&records, 1);
        check_raw(&records, 1_400, 708);
    }
}

fn check_raw(records: &Records, bytes_in: u64, bytes_out: u64) {
    let event = records.event();
    assert_eq!(event["protocol"], "raw", "{event:#}");
    assert_eq!((&event["bytes_in"], &event["bytes_out"]), (&bytes_in.into(), &bytes_out.into()));
}
