//! Heads that bend or break the grammar.

use super::{CLIENT, UPSTREAM, transcript};

#[test]
fn bare_lf_is_accepted_and_told_once_a_direction() {
    transcript(
        &[
            (CLIENT, "\n\r\nGET /a HTTP/1.1\nHost: h\n\nGET /b HTTP/1.1\nHost: h\r\n\n"),
            (
                UPSTREAM,
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;x\na\n0\nT: 1\n\n\
                 HTTP/1.1 200 OK\nContent-Length: 0\n\n",
            ),
        ],
        "
        began 1
        request 1 GET /a 1.1 for h | Host: h
        warning 1 client a line ends with LF alone; lines end with CRLF (RFC 9112 §2.2, byte 18)
        end 1 client
        began 2
        request 2 GET /b 1.1 for h | Host: h
        end 2 client
        response 1 200 1.1 | Transfer-Encoding: chunked
        warning 1 upstream a line ends with LF alone; lines end with CRLF (RFC 9112 §2.2, byte 50)
        body 1 upstream a
        trailers 1 upstream | T: 1
        end 1 upstream
        response 2 200 1.1 length 0 | Content-Length: 0
        end 2 upstream
        ",
    );
}

#[test]
fn folded_values_are_joined_with_one_space() {
    transcript(
        &[(CLIENT, "GET / HTTP/1.1\r\nHost: h\r\nA: one \r\n \t two\r\n \r\n\tthree\r\nB:\r\n x\r\n\r\n")],
        "
        began 1
        request 1 GET / 1.1 for h | Host: h | A: one two three | B: x
        warning 1 client a field value folded over two lines (obs-fold); only message/http may do that (RFC 9112 §5.2, byte 34)
        end 1 client
        ",
    );
}

#[test]
fn doubtful_field_lines_are_told_each_kind_once() {
    transcript(
        &[(
            CLIENT,
            "GET / HTTP/1.1\r\n lost\r\n too\r\nHost : h\r\nno colon\r\n folded\r\nno more\r\n: x\r\n\
             b d: 1\r\nC: \x01\r\nD: a\rb\r\n\r\n",
        )],
        "
        began 1
        request 1 GET / 1.1 for h | Host: h | : x | b d: 1 | C: \\x01 | D: a\\rb
        broken 1 client white space between the start line and the first field line (RFC 9112 §2.2, byte 16)
        broken 1 client white space between field name and colon; servers answer such a request with 400 (RFC 9112 §5.1, byte 33)
        broken 1 client a field line without a colon; it is name, colon, value (RFC 9112 §5, byte 39)
        broken 1 client an empty field name, or one with a byte that is not a token character (RFC 9110 §5.1, byte 67)
        broken 1 client a control byte in a field value (RFC 9110 §5.5, byte 82)
        end 1 client
        ",
    );
}

#[test]
fn white_space_before_a_colon_is_milder_in_a_response() {
    transcript(
        &[
            (CLIENT, "GET / HTTP/1.1\r\nHost: h\r\n\r\n"),
            (UPSTREAM, "\r\nHTTP/1.1 200\r\nContent-Length : 0\r\n\r\n"),
        ],
        "
        began 1
        request 1 GET / 1.1 for h | Host: h
        end 1 client
        warning 1 upstream an empty line before a status line; a response begins with its status line (RFC 9112 §2.2, byte 0)
        response 1 200 1.1 length 0 | Content-Length: 0
        warning 1 upstream white space between field name and colon; proxies remove it (RFC 9112 §5.1, byte 30)
        end 1 upstream
        ",
    );
}

#[test]
fn host_is_there_once() {
    transcript(
        &[(CLIENT, "GET / HTTP/1.1\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\nhost: b\r\n\r\n")],
        "
        began 1
        request 1 GET / 1.1
        warning 1 client an HTTP/1.1 request without Host; servers answer it with 400 (RFC 9112 §3.2, byte 0)
        end 1 client
        began 2
        request 2 GET / 1.1 for a | Host: a | host: b
        broken 2 client more than one Host field; servers answer such a request with 400 (RFC 9112 §3.2, byte 18)
        end 2 client
        ",
    );
}

#[test]
fn doubtful_targets() {
    transcript(
        &[(CLIENT, "GET /a b HTTP/1.1\r\nHost: h\r\n\r\nGET /é HTTP/1.9\r\nHost: h\r\n\r\n")],
        "
        began 1
        request 1 GET /a b 1.1 for h | Host: h
        broken 1 client white space or a control byte in the request target; it must be percent-encoded (RFC 9112 §3.2, byte 4)
        end 1 client
        began 2
        request 2 GET /\\xc3\\xa9 1.1 for h | Host: h
        warning 2 client a byte above 0x7f in the request target; it must be percent-encoded (RFC 9112 §3.2, byte 34)
        end 2 client
        ",
    );
}

#[test]
fn a_bad_request_line_ends_the_understanding_at_once() {
    for line in [
        "HELO example.org",
        "GET /",
        "GET / HTTP/2.0",
        "GET  HTTP/1.1",
        "GET / HTTP/1.1 ",
        "G{T / HTTP/1.1",
        "PRI * HTTP/2.0",
        "GET / http/1.1",
        "GET / HTTP/1.10",
    ] {
        let answer = "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\nHTTP/1.1 200 OK\r\n";
        transcript(
            &[(CLIENT, &format!("{line}\r\n")), (UPSTREAM, answer)],
            &format!(
                "
                began 1
                fatal 1 client the request line \"{line}\" is not a method, a target and HTTP/1.0 or HTTP/1.1 (RFC 9112 §3, byte 0)
                lost client at 0
                response 1 400 1.1 length 0 | Content-Length: 0
                end 1 upstream
                lost upstream at 47
                "
            ),
        );
    }
}

#[test]
fn a_bad_status_line_ends_the_understanding_at_once() {
    for line in [
        "HTTP/1.1",
        "HTTP/1.1 20",
        "HTTP/1.1 2000",
        "HTTP/1.1 0a0 x",
        "HTTP/1.x 200 OK",
        "HTTP/1.1 099",
    ] {
        transcript(
            &[
                (CLIENT, "GET / HTTP/1.1\r\nHost: h\r\n\r\n"),
                (UPSTREAM, &format!("{line}\r\n")),
                (CLIENT, "GET /2 HTTP/1.1\r\nHost: h\r\n\r\n"),
            ],
            &format!(
                "
                began 1
                request 1 GET / 1.1 for h | Host: h
                end 1 client
                fatal 1 upstream the status line \"{line}\" has no version and three-digit status (RFC 9112 §4, byte 0)
                lost upstream at 0
                began 2
                request 2 GET /2 1.1 for h | Host: h
                end 2 client
                "
            ),
        );
    }
}

#[test]
fn a_line_end_is_taken_off_once() {
    transcript(
        &[(CLIENT, "GET /\r\r\n\r\n")],
        "
        began 1
        fatal 1 client the request line \"GET /\\r\" is not a method, a target and HTTP/1.0 or HTTP/1.1 (RFC 9112 §3, byte 0)
        lost client at 0
        ",
    );
}
