//! How connections end: who closed, why, what was seen of it, and what the other side got to see.
//!
//! Each story is told twice: in plaintext and over TLS on both sides.

use serde_json::Value;

use crate::support::records::{assert_close, assert_flags, assert_says};
use crate::support::upstream;
use crate::support::{ClientTls, End, Peer, Proxy, Records, ServerTls, Setup, Upstream};

const GET: &str = "GET /x HTTP/1.1\r\nhost: localhost\r\n\r\n";
const POST: &str = "POST /x HTTP/1.1\r\nhost: localhost\r\ncontent-length: 10\r\n\r\n";

/// By this the client learns how far the upstream has read.
const INTERIM: &str = "HTTP/1.1 100 Continue\r\n\r\n";

/// A client before an upstream with a script; the same over TLS on both sides.
fn joined<T: Send + 'static>(
    tls: bool,
    script: impl Fn(Peer) -> T + Clone + Send + 'static,
) -> (Peer, Proxy, Upstream<T>) {
    let upstream = Upstream::start(move |peer| {
        script(if tls { peer.tls_server(ServerTls::default()).unwrap() } else { peer })
    });
    let setup = Setup::to(upstream.address);
    let setup = if tls { setup.tls("").upstream_tls("") } else { setup };
    let proxy = setup.start();
    let client = Peer::connect(proxy.address);
    let client = if tls { client.tls_client(ClientTls::default()).unwrap() } else { client };
    (client, proxy, upstream)
}

/// Waits for the end of the connection; all records.
fn ended(proxy: Proxy) -> Records {
    proxy.wait_close();
    proxy.stop()
}

#[test]
fn completed_when_either_side_leaves_after_the_answer() {
    for tls in [false, true] {
        let (mut client, proxy, upstream) = joined(tls, upstream::echo_paths);
        client.write(GET);
        client.read_until("\r\n\r\n/x");
        client.half_close();
        assert_eq!(client.read_end(), (vec![], End::Fin));
        upstream.result();
        let records = ended(proxy);
        assert_close(records.close(), "client", "completed");
        assert_flags(records.close(), &["client_fin", "upstream_fin"]);
        assert_eq!(records.close()["path"], "/x");
        assert_eq!(records.event()["error"], Value::Null);

        let (mut client, proxy, _upstream) = joined(tls, |mut peer| {
            peer.read_head();
            peer.write("HTTP/1.1 204 No Content\r\nconnection: close\r\n\r\n");
            peer.half_close();
            peer.read_end()
        });
        client.write(GET);
        client.read_until("\r\n\r\n");
        assert_eq!(client.read_end(), (vec![], End::Fin));
        client.half_close();
        let records = ended(proxy);
        assert_close(records.close(), "upstream", "completed");
    }
}

#[test]
fn client_fin_while_the_answer_is_due() {
    for tls in [false, true] {
        let (mut client, proxy, upstream) = joined(tls, |mut peer| {
            let seen = peer.read_end();
            peer.half_close();
            seen
        });
        client.write(GET);
        client.half_close();
        assert_eq!(upstream.result(), (GET.into(), End::Fin));
        let records = ended(proxy);
        assert_close(records.close(), "client", "client_fin");
        assert_says(&records.close()["detail"], "1 exchange was in flight");
        assert_flags(records.close(), &["client_fin", "upstream_fin"]);
        assert_eq!(records.event()["error"], "client_fin before the response");
        assert_flags(records.event(), &["cut"]);
    }
}

#[test]
fn upstream_fin_in_the_middle_of_the_answer() {
    for tls in [false, true] {
        let answer = "HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nabc";
        let (mut client, proxy, _upstream) = joined(tls, move |mut peer| {
            peer.read_head();
            peer.write(answer);
            peer.half_close();
            peer.read_end()
        });
        client.write(GET);
        assert_eq!(client.read_end(), (answer.into(), End::Fin));
        client.half_close();
        let records = ended(proxy);
        assert_close(records.close(), "upstream", "upstream_fin");
        assert_says(&records.event()["error"], "in the middle of the response");
        assert_eq!(records.event()["bytes_out"], 3);
    }
}

#[test]
fn a_reset_by_the_client_reaches_the_upstream_as_a_reset() {
    for tls in [false, true] {
        let (mut client, proxy, upstream) = joined(tls, |mut peer| {
            peer.read_until("half");
            peer.write(INTERIM);
            peer.read_end().1
        });
        client.write([POST, "half"].concat());
        client.read_until(INTERIM);
        client.reset();
        assert_eq!(upstream.result(), End::Rst);
        let records = ended(proxy);
        assert_close(records.close(), "client", "client_rst");
        assert_flags(records.close(), &["client_rst"]);
        assert_eq!(records.event()["error"], "client_rst in the middle of the request");
    }
}

#[test]
fn a_reset_by_the_upstream_reaches_the_client_as_a_reset() {
    for tls in [false, true] {
        let (mut client, proxy, _upstream) = joined(tls, |mut peer| {
            peer.read_head();
            peer.reset();
        });
        client.write(GET);
        assert_eq!(client.read_end().1, End::Rst);
        let records = ended(proxy);
        assert_close(records.close(), "upstream", "upstream_rst");
        assert_flags(records.close(), &["upstream_rst"]);
        assert_eq!(records.event()["error"], "upstream_rst before the response");
    }
}

#[test]
fn a_missing_close_notify_is_missing_on_the_other_side_too() {
    let (mut client, proxy, upstream) = joined(true, |mut peer| {
        let seen = peer.read_end();
        peer.half_close();
        seen
    });
    client.write("hello");
    client.truncate();
    assert_eq!(upstream.result(), (b"hello".to_vec(), End::NoCloseNotify));
    assert_eq!(client.read_end(), (vec![], End::Fin));
    let records = ended(proxy);
    assert_flags(records.close(), &["client_fin", "client_no_close_notify", "upstream_fin"]);

    let (mut client, proxy, upstream) = joined(true, |mut peer| {
        peer.write("hello");
        peer.truncate();
        peer.read_end()
    });
    assert_eq!(client.read_end(), (b"hello".to_vec(), End::NoCloseNotify));
    client.half_close();
    assert_eq!(upstream.result(), (vec![], End::Fin));
    let records = ended(proxy);
    assert_flags(records.close(), &["client_fin", "upstream_fin", "upstream_no_close_notify"]);
}

#[test]
fn who_has_sent_everything_may_still_listen() {
    for tls in [false, true] {
        let (mut client, proxy, upstream) = joined(tls, |mut peer| {
            let (asked, end) = peer.read_end();
            peer.write("answer after the end");
            peer.half_close();
            (asked, end)
        });
        client.write("everything");
        client.half_close();
        assert_eq!(upstream.result(), (b"everything".to_vec(), End::Fin));
        assert_eq!(client.read_end(), (b"answer after the end".to_vec(), End::Fin));
        assert_eq!(ended(proxy).event()["protocol"], "raw");

        let (mut client, proxy, upstream) = joined(tls, |mut peer| {
            peer.write("everything");
            peer.half_close();
            peer.read_end()
        });
        assert_eq!(client.read_end(), (b"everything".to_vec(), End::Fin));
        client.write("answer after the end");
        client.half_close();
        assert_eq!(upstream.result(), (b"answer after the end".to_vec(), End::Fin));
        let records = ended(proxy);
        assert_close(records.close(), "upstream", "completed");
    }
}

#[test]
fn a_server_may_speak_first() {
    for tls in [false, true] {
        let (mut client, proxy, upstream) = joined(tls, |mut peer| {
            peer.write("220 mail ready\r\n");
            let command = peer.read_until("\r\n");
            peer.write("250 hello\r\n");
            peer.read_end();
            command
        });
        client.read_until("220 mail ready\r\n");
        client.write("EHLO me\r\n");
        client.read_until("250 hello\r\n");
        client.half_close();
        assert_eq!(upstream.result(), b"EHLO me\r\n");
        let records = ended(proxy);
        let event = records.event();
        assert_eq!(event["protocol"], "raw");
        assert_eq!((&event["bytes_in"], &event["bytes_out"]), (&9.into(), &27.into()));
        assert_close(records.close(), "client", "completed");
    }
}

#[test]
fn an_upstream_that_refuses_is_told_as_such_and_the_call_is_in_the_list() {
    for tls in [false, true] {
        let setup = Setup::to(upstream::refusing());
        let proxy = if tls { setup.tls("").upstream_tls("") } else { setup }.start();
        let client = Peer::connect(proxy.address);
        let mut client =
            if tls { client.tls_client(ClientTls::default()).unwrap() } else { client };
        // It may be reset already.
        let _ = client.try_write(GET.as_bytes());
        assert_eq!(client.read_end().1, End::Rst);
        let records = ended(proxy);
        assert_close(records.close(), "proxy", "upstream_connect_fail");
        assert_says(&records.close()["detail"], "refused");
        // It never came to a handshake with the upstream.
        assert_flags(records.close(), &[]);
        if tls {
            assert_eq!(records.tls("out")["reason"], "connect_refused");
        }
        assert_eq!(records.event()["request"]["path"], "/x");
        assert_eq!(records.event()["error"], "upstream_connect_fail before the response");
    }
}

#[test]
fn a_head_beyond_the_cap_flows_and_is_no_longer_understood() {
    let long = format!("x: {}\r\n\r\n", "y".repeat(300 << 10));
    let request = format!("GET / HTTP/1.1\r\nhost: a\r\n{long}");
    let answer = format!("HTTP/1.1 200 OK\r\n{long}");
    let sent = answer.clone();
    let (mut client, proxy, upstream) = joined(false, move |mut peer| {
        let head = peer.read_head();
        peer.write(&sent);
        peer.half_close();
        head
    });
    client.write(&request);
    assert_eq!(upstream.result(), request);
    assert_eq!(client.read_end(), (answer.into(), End::Fin));
    client.half_close();
    let close = ended(proxy).close().clone();
    for flag in ["decoder_lost_in", "decoder_lost_out"] {
        assert!(close["flags"].as_array().unwrap().contains(&flag.into()), "{close:#}");
    }
}

#[test]
fn an_answer_that_is_no_http_is_the_upstreams_protocol_error() {
    let (mut client, proxy, _upstream) = joined(false, |mut peer| {
        peer.read_head();
        peer.write("+OK this is another protocol\r\n");
        peer.half_close();
        peer.read_end()
    });
    client.write(GET);
    assert_eq!(client.read_end().0, b"+OK this is another protocol\r\n");
    client.half_close();
    let records = ended(proxy);
    assert_close(records.close(), "upstream", "upstream_protocol_error");
    assert_flags(records.event(), &["decoder_lost", "malformed"]);
}
