//! Memory: neither how much passes through a connection nor how many lie idle makes it grow.
//!
//! Linux only, where `/proc` tells. The figures are printed; nothing is timed.

use std::fs;
use std::thread;

use crate::support::records::assert_close;
use crate::support::{ClientTls, Peer, Proxy, Setup, Upstream, h2, tools};

/// What the whole process may take, bodies being captured: 150 MB.
const MOST_KIB: u64 = 150_000_000 / 1024;
const DOWNLOAD: u64 = 2 << 30;
const IDLE: usize = 2_000;
/// Connections that are made at the same time.
const AT_ONCE: usize = 4;
const CAPTURE: &str = "log_body: true, body_max_bytes: 0";

#[test]
fn a_download_of_two_gigabytes_over_http1() {
    let upstream = Upstream::start(|mut peer| {
        peer.read_head();
        peer.write(format!("HTTP/1.1 200 OK\r\ncontent-length: {DOWNLOAD}\r\n\r\n"));
        let piece = vec![0x5a; 1 << 20];
        for _ in 0..DOWNLOAD >> 20 {
            peer.write(&piece);
        }
        peer.read_end();
    });
    let proxy = Setup::to(upstream.address).logging(CAPTURE).start();
    let mut client = Peer::connect(proxy.address);
    client.write("GET /two-gigabytes HTTP/1.1\r\nhost: localhost\r\n\r\n");
    client.read_head();
    client.skip(DOWNLOAD);
    finish_download(proxy, client);
}

#[test]
fn a_download_of_two_gigabytes_in_one_http2_stream() {
    const FRAME: u32 = 1 << 20;
    let upstream = Upstream::start(|mut peer| {
        peer.h2_accept(&[]);
        peer.read_frame_of(h2::HEADERS, 1);
        peer.write(h2::headers(1, &[(":status", "200")], false));
        let frame = h2::data(1, &vec![0x5a; FRAME as usize], false);
        for _ in 0..DOWNLOAD / u64::from(FRAME) {
            peer.write(&frame);
        }
        peer.write(h2::data(1, &[], true));
        peer.read_end();
    });
    let proxy = Setup::to(upstream.address).logging(CAPTURE).start();
    let mut client = Peer::connect(proxy.address);
    let most = (1 << 31) - 1;
    client.h2_begin(&[(h2::INITIAL_WINDOW_SIZE, most), (h2::MAX_FRAME_SIZE, FRAME)]);
    client.write(h2::window_update(0, most - 65_535));
    client.write(h2::get(1, "/two-gigabytes"));
    client.read_frame_of(h2::HEADERS, 1);
    client.skip(u64::from(FRAME) + 9);
    // 2 GiB are one byte more than the largest window.
    client.write([h2::window_update(0, FRAME), h2::window_update(1, FRAME)].concat());
    let frames = DOWNLOAD / u64::from(FRAME);
    client.skip((frames - 1) * (u64::from(FRAME) + 9) + 9);
    finish_download(proxy, client);
}

fn finish_download(proxy: Proxy, mut client: Peer) {
    check_memory(&proxy, "a download of 2 GiB");
    client.half_close();
    client.read_end();
    let records = proxy.stop();
    let event = records.event();
    assert_eq!(event["bytes_out"], DOWNLOAD);
    assert_eq!(event["error"], serde_json::Value::Null);
    assert_eq!(event["response"]["body_truncated"], true);
    assert_close(records.close(), "client", "completed");
}

#[test]
fn two_thousand_idle_connections() {
    // Both ends of each are in this process.
    if !tools::may_open(2 * IDLE as u64 + 500) {
        return;
    }
    let upstream = Upstream::start(crate::support::upstream::echo_paths);
    let proxy = Setup::to(upstream.address)
        .tls("")
        .policy(&format!("max_connections: {IDLE}"))
        .logging(CAPTURE)
        .start();
    let address = proxy.address;
    let config = ClientTls::default().config();
    let connect = move |number: usize| {
        let config = config.clone();
        thread::spawn(move || -> Vec<Peer> {
            (number..IDLE)
                .step_by(AT_ONCE)
                .map(|number| {
                    let name = "localhost".try_into().unwrap();
                    let tls = rustls::ClientConnection::new(config.clone(), name).unwrap();
                    let mut client = Peer::connect(address).tls_client_with(tls).unwrap();
                    client.write(format!("GET /{number} HTTP/1.1\r\nhost: localhost\r\n\r\n"));
                    client.read_head();
                    client.read_until(&format!("/{number}"));
                    client
                })
                .collect()
        })
    };
    let threads: Vec<_> = (0..AT_ONCE).map(connect).collect();
    let clients: Vec<Peer> =
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect();
    assert_eq!(clients.len(), IDLE);
    check_memory(&proxy, "2,000 idle connections");
    for mut client in clients {
        client.half_close();
    }
    proxy.wait_records("close of every connection", |records| {
        let closed = |record: &&serde_json::Value| record["close_reason"] == "completed";
        (records.kind("conn").into_iter().filter(closed).count() == IDLE).then_some(())
    });
    assert_eq!(proxy.stop().kind("event").len(), IDLE);
}

/// Says what the process takes and has taken at most, and that this is not too much.
fn check_memory(proxy: &Proxy, when: &str) {
    let status = fs::read_to_string(format!("/proc/{}/status", proxy.pid())).unwrap();
    let kib = |name: &str| -> u64 {
        let line = status.lines().find(|line| line.starts_with(name)).unwrap();
        line.split_whitespace().nth(1).unwrap().parse().unwrap()
    };
    let (most, now) = (kib("VmHWM:"), kib("VmRSS:"));
    println!("{when}: {now} KiB resident, {most} KiB at most");
    assert!(most < MOST_KIB, "{when}: {most} KiB");
}
