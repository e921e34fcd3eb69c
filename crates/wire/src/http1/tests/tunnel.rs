//! `Upgrade` and `CONNECT`: what becomes a tunnel, and what does not.

use super::{CLIENT, UPSTREAM, transcript};

const UPGRADE: &str =
    "GET /ws HTTP/1.1\r\nHost: h\r\nConnection: keep-alive, Upgrade\r\nUpgrade: WebSocket\r\n\r\n";
const UPGRADING: &str = "began 1\nrequest 1 GET /ws 1.1 for h to websocket | Host: h | Connection: keep-alive, Upgrade | Upgrade: WebSocket\nend 1 client\n";

#[test]
fn an_upgrade_that_succeeds_is_a_tunnel() {
    transcript(
        &[
            (CLIENT, UPGRADE),
            (CLIENT, "early"),
            (UPSTREAM, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: WebSocket\r\n\r\nGET"),
            (CLIENT, "POST / HTTP/1.1\r\n\r\n"),
            (UPSTREAM, "\r\nHTTP/1.1"),
        ],
        &(UPGRADING.to_owned()
            + "response 1 101 1.1 | Upgrade: WebSocket
            tunnel opened 1 websocket
            tunnel 1 client early
            tunnel 1 upstream GET
            tunnel 1 client POST / HTTP/1.1\\r\\n\\r\\n
            tunnel 1 upstream \\r\\nHTTP/1.1"),
    );
}

#[test]
fn after_a_refused_upgrade_held_bytes_are_the_next_request() {
    transcript(
        &[
            (CLIENT, UPGRADE),
            (CLIENT, "GET /2 HTTP/1.1\r\nHost: h\r\n\r\nGET /3 "),
            (
                UPSTREAM,
                "HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\na",
            ),
            (CLIENT, "HTTP/1.1\r\nHost: h\r\n\r\n"),
            (UPSTREAM, "HTTP/1.1 204 No Content\r\n\r\n"),
        ],
        &(UPGRADING.to_owned()
            + "response 1 103 1.1
            response 1 200 1.1 length 1 | Content-Length: 1
            began 2
            request 2 GET /2 1.1 for h | Host: h
            end 2 client
            began 3
            body 1 upstream a
            end 1 upstream
            request 3 GET /3 1.1 for h | Host: h
            end 3 client
            response 2 204 1.1
            end 2 upstream"),
    );
}

#[test]
fn connect_tunnels_with_any_2xx_only() {
    let connect = "CONNECT c:443 HTTP/1.1\r\nHost: c:443\r\n\r\n";
    let connecting = "began 1\nrequest 1 CONNECT c:443 1.1 for c:443 | Host: c:443\nend 1 client\n";
    transcript(
        &[
            (CLIENT, connect),
            (CLIENT, "\x16\x03\x01"),
            (UPSTREAM, "HTTP/1.1 200 Connection established\r\nContent-Length: 3\r\n\r\nabcd"),
        ],
        &(connecting.to_owned()
            + "response 1 200 1.1 length 3 | Content-Length: 3
            tunnel opened 1 -
            tunnel 1 client \\x16\\x03\\x01
            tunnel 1 upstream abcd"),
    );
    transcript(
        &[
            (CLIENT, connect),
            (UPSTREAM, "HTTP/1.1 407 Auth\r\nContent-Length: 1\r\n\r\na"),
            (CLIENT, "GET / HTTP/1.1\r\nHost: h\r\n\r\n"),
        ],
        &(connecting.to_owned()
            + "response 1 407 1.1 length 1 | Content-Length: 1
            body 1 upstream a
            end 1 upstream
            began 2
            request 2 GET / 1.1 for h | Host: h
            end 2 client"),
    );
}

#[test]
fn a_tunnel_begins_for_the_client_after_its_request() {
    transcript(
        &[
            (
                CLIENT,
                "POST / HTTP/1.1\r\nHost: h\r\nConnection: upgrade\r\nUpgrade: x/2, y\r\nContent-Length: 3\r\n\r\na",
            ),
            (UPSTREAM, "HTTP/1.1 101\r\nUpgrade: X/2\r\n\r\nnew"),
            (CLIENT, "bcNEW"),
        ],
        "
        began 1
        request 1 POST / 1.1 for h to x/2 length 3 | Host: h | Connection: upgrade | Upgrade: x/2, y | Content-Length: 3
        body 1 client a
        response 1 101 1.1 | Upgrade: X/2
        tunnel opened 1 x/2
        tunnel 1 upstream new
        body 1 client bc
        end 1 client
        tunnel 1 client NEW
        ",
    );
}

#[test]
fn upgrade_without_connection_asks_for_nothing() {
    transcript(
        &[
            (CLIENT, "GET / HTTP/1.1\r\nHost: h\r\nUpgrade: websocket\r\n\r\nGET /2 HTTP/1.1\r\n"),
            (UPSTREAM, "HTTP/1.1 101\r\n\r\nframes"),
        ],
        "
        began 1
        request 1 GET / 1.1 for h | Host: h | Upgrade: websocket
        end 1 client
        began 2
        response 1 101 1.1
        broken 1 upstream 101 Switching Protocols to a request that did not ask for an upgrade (RFC 9110 §15.2.2, byte 0)
        tunnel opened 1 -
        tunnel 1 upstream frames
        ",
    );
}

#[test]
fn a_switch_to_nothing_is_told() {
    transcript(
        &[(CLIENT, UPGRADE), (UPSTREAM, "HTTP/1.1 101\r\n\r\n")],
        &(UPGRADING.to_owned()
            + "response 1 101 1.1
            broken 1 upstream 101 Switching Protocols without an Upgrade field to name the protocol (RFC 9110 §7.8, byte 0)
            tunnel opened 1 -"),
    );
}

#[test]
fn bytes_after_an_upgrade_mean_nothing_when_its_response_is_lost() {
    transcript(
        &[(CLIENT, UPGRADE), (CLIENT, "abc"), (UPSTREAM, "HTTP/1.1 what\r\n")],
        &(UPGRADING.to_owned()
            + "fatal 1 upstream the status line \"HTTP/1.1 what\" has no version and three-digit status (RFC 9112 §4, byte 0)
            lost upstream at 0
            lost client at 82"),
    );
    transcript(
        &[(CLIENT, UPGRADE), (UPSTREAM, "HTTP/1.1 what\r\n"), (CLIENT, "def")],
        &(UPGRADING.to_owned()
            + "fatal 1 upstream the status line \"HTTP/1.1 what\" has no version and three-digit status (RFC 9112 §4, byte 0)
            lost upstream at 0
            lost client at 82"),
    );
}

#[test]
fn a_switch_nobody_asked_for_settles_a_later_upgrade_too() {
    transcript(
        &[
            (CLIENT, "GET / HTTP/1.1\r\nHost: h\r\n\r\n"),
            (CLIENT, "CONNECT c:1 HTTP/1.1\r\nHost: c:1\r\n\r\nheld"),
            (UPSTREAM, "HTTP/1.1 101\r\nUpgrade: x\r\n\r\n"),
        ],
        "
        began 1
        request 1 GET / 1.1 for h | Host: h
        end 1 client
        began 2
        request 2 CONNECT c:1 1.1 for c:1 | Host: c:1
        end 2 client
        response 1 101 1.1 | Upgrade: x
        broken 1 upstream 101 Switching Protocols to a request that did not ask for an upgrade (RFC 9110 §15.2.2, byte 0)
        tunnel opened 1 x
        tunnel 1 client held
        ",
    );
}

#[test]
fn an_upgrade_that_was_answered_before_it_was_whole_holds_nothing() {
    let (first, rest) = UPGRADE.split_at(20);
    transcript(
        &[
            (CLIENT, first),
            (UPSTREAM, "HTTP/1.1 400\r\nContent-Length: 2\r\n\r\n"),
            (CLIENT, rest),
            (CLIENT, "GET /2"),
            (UPSTREAM, "no"),
        ],
        "
        began 1
        response 1 400 1.1 length 2 | Content-Length: 2
        request 1 GET /ws 1.1 for h to websocket | Host: h | Connection: keep-alive, Upgrade | Upgrade: WebSocket
        end 1 client
        began 2
        body 1 upstream no
        end 1 upstream
        ",
    );
}

#[test]
fn http_1_0_cannot_upgrade() {
    transcript(
        &[(CLIENT, "GET / HTTP/1.0\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\nGET /2")],
        "
        began 1
        request 1 GET / 1.0 | Connection: upgrade | Upgrade: x
        end 1 client
        began 2
        ",
    );
}
