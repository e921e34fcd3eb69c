//! Every fault of a handshake that certificates made on the fly and real peers can show, and the row
//! that comes of it.
//!
//! ```text
//! inbound::CASES ──► openssl s_client, curl, Python, Node, rustls ──► proxy ──► an upstream
//! outbound::CASES    a client ──► proxy ──► openssl s_server, Python, Node, rustls, a script
//!        └─► table ──► docs/tls-failures.md, from the same data
//! ```
//!
//! `UPDATE_DOCS=1` writes that page instead of comparing it. Not here: what else happens on a
//! connection, see the end-to-end tests.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "a test that cannot go on fails, and one that cannot be made here says so"
)]

mod case;
mod inbound;
mod outbound;
mod page;
mod pki;
#[path = "../support/schema.rs"]
mod schema;
mod scripts;
#[expect(dead_code, unused_imports, reason = "the end-to-end tests need the rest of it")]
#[path = "../e2e/support/mod.rs"]
mod support;

use support::{ClientTls, Peer, Setup, Upstream};

#[test]
fn the_upstream_s_faults() {
    case::play_all(outbound::CASES);
}

#[test]
fn the_client_s_faults() {
    case::play_all(inbound::CASES);
}

/// A listener without a `tls` section passes a ClientHello on like any other bytes: the two ends may
/// want it so.
#[test]
fn tls_where_plaintext_is_due() {
    let upstream = Upstream::start(|mut peer| {
        peer.read_exact(5);
        peer.write("HTTP/1.1 400 Bad Request\r\nconnection: close\r\n\r\n");
        peer.half_close();
        peer.read_end();
    });
    let proxy = Setup::to(upstream.address).start();
    assert!(Peer::connect(proxy.address).tls_client(ClientTls::default()).is_err());
    proxy.wait_close();
    let records = proxy.stop();
    assert_eq!(records.event()["protocol"], "raw");
    assert!(records.kind("tls").is_empty(), "{records:#?}");
    assert_eq!(records.close()["close_reason"], "completed", "{records:#?}");
}

#[test]
fn there_are_enough() {
    let runs = case::runs(outbound::CASES) + case::runs(inbound::CASES);
    assert!(runs >= 40, "{runs} cases");
}

#[test]
fn the_page_has_the_same_data() {
    page::compare(&page::rows(inbound::CASES), &page::rows(outbound::CASES));
}
