//! HTTP/1 transcripts.

use analysis::session::Application::{Http1, Unknown};

use super::super::Rewrite;
use super::{transcript, unchanged};

#[test]
fn the_host_line_keeps_its_place_and_spelling() {
    for (client, upstream) in [
        (
            "GET / HTTP/1.1\r\nAccept: */*\r\nHost: proxy:8443\r\nA: b\r\n\r\n",
            "GET / HTTP/1.1\r\nAccept: */*\r\nHost: example.org\r\nA: b\r\n\r\n",
        ),
        (
            "GET / HTTP/1.1\r\nhOST:\t p \t\r\n\r\n",
            "GET / HTTP/1.1\r\nhOST:\t example.org \t\r\n\r\n",
        ),
        ("GET / HTTP/1.1\r\nHost:p\r\n\r\n", "GET / HTTP/1.1\r\nHost:example.org\r\n\r\n"),
        ("GET / HTTP/1.1\r\nHost:\r\n\r\n", "GET / HTTP/1.1\r\nHost:example.org\r\n\r\n"),
        ("GET / HTTP/1.1\r\nHost: \r\n\r\n", "GET / HTTP/1.1\r\nHost: example.org\r\n\r\n"),
        ("GET / HTTP/1.1\nHost: p\nA: b\n\n", "GET / HTTP/1.1\nHost: example.org\nA: b\n\n"),
        ("GET / HTTP/1.1\r\nHost : p\r\n\r\n", "GET / HTTP/1.1\r\nHost : example.org\r\n\r\n"),
        (
            "GET / HTTP/1.1\r\nHost: p\r\nHost: q\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: example.org\r\nHost: example.org\r\n\r\n",
        ),
        (
            "GET / HTTP/1.1\r\nHost: p\r\n q\r\n\tr\r\nA: b\r\n c\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: example.org\r\nA: b\r\n c\r\n\r\n",
        ),
        (
            "GET / HTTP/1.1\r\n Host: folded\r\nX-Host: p\r\nHosts: p\r\nHost: p\r\n\r\n",
            "GET / HTTP/1.1\r\n Host: folded\r\nX-Host: p\r\nHosts: p\r\nHost: example.org\r\n\r\n",
        ),
    ] {
        transcript(Http1, client, upstream);
    }
}

#[test]
fn a_missing_host_is_added_after_the_request_line() {
    transcript(
        Http1,
        "GET / HTTP/1.1\r\nA: b\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: example.org\r\nA: b\r\n\r\n",
    );
    transcript(Http1, "GET / HTTP/1.0\n\n", "GET / HTTP/1.0\nHost: example.org\n\n");
}

#[test]
fn a_target_of_the_absolute_form_is_changed_too() {
    for (client, upstream) in [
        ("http://proxy:8443/a?u=http://proxy:8443/", "http://example.org/a?u=http://proxy:8443/"),
        ("https://proxy", "https://example.org"),
        ("http://me:secret@proxy/", "http://me:secret@example.org/"),
        ("/http://proxy/", "/http://proxy/"),
        ("*", "*"),
        ("http:///a", "http:///a"),
    ] {
        transcript(
            Http1,
            format!("GET {client} HTTP/1.1\r\nHost: proxy:8443\r\n\r\n"),
            format!("GET {upstream} HTTP/1.1\r\nHost: example.org\r\n\r\n"),
        );
    }
}

#[test]
fn content_is_left_alone_and_the_next_head_is_found() {
    let contents = [
        ("Content-Length: 24\r\n", "GET / HTTP/1.1\r\nHost: x\n\r"),
        (
            "Transfer-Encoding: gzip, chunked\r\n",
            "12;x=y\r\nHost: a\r\n\r\nHost: b\r\n0\r\nHost: trailer\r\n\r\n",
        ),
        ("Content-Length: 0\r\n", ""),
        ("", "\r\n\r\n"),
    ];
    let mut client = String::new();
    let mut upstream = String::new();
    for (framing, content) in contents {
        client += &format!("POST / HTTP/1.1\r\nHost: p\r\n{framing}\r\n{content}");
        upstream += &format!("POST / HTTP/1.1\r\nHost: example.org\r\n{framing}\r\n{content}");
    }
    transcript(Http1, &client, &upstream);
    transcript(Unknown, client, upstream);
}

#[test]
fn content_goes_on_as_it_comes() {
    let mut rewrite = Rewrite::new("example.org", Http1);
    let mut out = Vec::new();
    rewrite.feed(b"PUT / HTTP/1.1\r\nHost: p\r\nContent-Length: 9\r\n\r", &mut out);
    assert_eq!(out, b"", "a head goes on whole");
    rewrite.feed(b"\nsome", &mut out);
    assert!(out.ends_with(b"\r\n\r\nsome"));
}

#[test]
fn a_head_cut_by_the_end_goes_on_as_it_is() {
    unchanged(Http1, "GET / HTTP/1.1\r\nHost: p\r\n");
}

#[test]
fn what_follows_a_connect_is_a_tunnel() {
    unchanged(
        Http1,
        "CONNECT db:5432 HTTP/1.1\r\nHost: db:5432\r\n\r\nGET / HTTP/1.1\r\nHost: p\r\n\r\n",
    );
}

const UPGRADE: &str = "Host: p\r\nConnection: Upgrade\r\nUpgrade: ";
const UPGRADED: &str = "Host: example.org\r\nConnection: Upgrade\r\nUpgrade: ";

#[test]
fn what_follows_an_upgrade_to_the_unknown_is_left_alone() {
    let rest = "\r\n\r\nGET / HTTP/1.1\r\nHost: typed into a remote shell\r\n\r\n";
    transcript(
        Http1,
        format!("GET / HTTP/1.1\r\n{UPGRADE}tcp{rest}"),
        format!("GET / HTTP/1.1\r\n{UPGRADED}tcp{rest}"),
    );
}

#[test]
fn websocket_frames_are_left_alone() {
    let frames = b"\x82\x8e\x01\x02\x03\x04GET / HTTP/1.1\x81\x80\x01\x03\x02\x05";
    let with_frames = |head: &str| [head.as_bytes(), b"\r\n\r\n", frames].concat();
    transcript(
        Http1,
        with_frames(&format!("GET / HTTP/1.1\r\n{UPGRADE}websocket")),
        with_frames(&format!("GET / HTTP/1.1\r\n{UPGRADED}websocket")),
    );
}

#[test]
fn a_request_after_a_declined_upgrade_is_one_more() {
    let first = "\r\nContent-Length: 2\r\n\r\nhi";
    transcript(
        Http1,
        format!("PUT / HTTP/1.1\r\n{UPGRADE}h2c{first}GET /b HTTP/1.1\r\nHost: p\r\n\r\n"),
        format!(
            "PUT / HTTP/1.1\r\n{UPGRADED}h2c{first}GET /b HTTP/1.1\r\nHost: example.org\r\n\r\n"
        ),
    );
}

#[test]
fn what_is_not_http_goes_on_as_it_is() {
    let request = "GET / HTTP/1.1\r\nHost: p\r\n\r\n";
    for broken in [
        "\0\0\x06".to_owned(),
        format!("GET /\r\n{request}"),
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_owned(),
    ] {
        unchanged(Http1, format!("{broken}{request}"));
        transcript(
            Http1,
            format!("{request}{broken}{request}"),
            format!("GET / HTTP/1.1\r\nHost: example.org\r\n\r\n{broken}{request}"),
        );
    }
}

#[test]
fn without_a_known_length_the_rest_goes_on_as_it_is() {
    for (framing, content) in [
        ("Content-Length: 1, 2", "abc"),
        ("Transfer-Encoding: gzip", "abc"),
        ("Transfer-Encoding: chunked", "5\r\nhello, world\r\n"),
        ("Transfer-Encoding: chunked", "zz\r\n"),
        ("Transfer-Encoding: chunked", "3x"),
    ] {
        let rest = format!("{framing}\r\n\r\n{content}GET / HTTP/1.1\r\nHost: p\r\n\r\n");
        transcript(
            Http1,
            format!("PUT / HTTP/1.1\r\nHost: p\r\n{rest}"),
            format!("PUT / HTTP/1.1\r\nHost: example.org\r\n{rest}"),
        );
    }
}

#[test]
fn a_head_without_end_goes_on_as_it_is() {
    let endless = "A: b\r\n".repeat(wire::http1::MAX_HEAD / 6 + 9);
    let client = format!("GET / HTTP/1.1\r\nHost: p\r\n{endless}\r\n");
    let mut rewrite = Rewrite::new("example.org", Http1);
    let mut out = Vec::new();
    rewrite.feed(client.as_bytes(), &mut out);
    assert!(out == client.as_bytes());
    super::fuzz(client.as_bytes());
}
