//! How connections end: who closed, why, and what was seen of it.

use crate::support::records::{assert_close, assert_flags, assert_says};
use crate::support::upstream::{self, Unanswering};
use crate::support::{ClientTls, End, Peer, ServerTls, Setup, Upstream};

const GET: &str = "GET /x HTTP/1.1\r\nhost: localhost\r\n\r\n";

#[test]
fn completed_when_the_client_leaves_after_its_answer() {
    let upstream = Upstream::start(upstream::echo_paths);
    let proxy = Setup::to(upstream.address).start();
    let mut client = Peer::connect(proxy.address);
    client.write(GET);
    client.read_until("/x");
    client.half_close();
    assert_eq!(client.read_end(), (vec![], End::Fin));
    upstream.result();
    let records = proxy.stop();
    let close = records.close();
    assert_close(close, "client", "completed");
    assert_flags(close, &["client_fin", "upstream_fin"]);
    assert_eq!(close["path"], "/x");
    assert_eq!(records.event()["error"], serde_json::Value::Null);
}
