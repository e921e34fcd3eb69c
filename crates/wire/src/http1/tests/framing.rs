//! Where messages end: chunked coding, trailers, lengths that contradict each other.

use super::{CLIENT, UPSTREAM, transcript};
use crate::http1::{BodyProgress, Decoder};
use crate::{Direction, Timestamp};

const GET: &str = "GET / HTTP/1.1\r\nHost: h\r\n\r\n";
const GOT: &str = "began 1\nrequest 1 GET / 1.1 for h | Host: h\nend 1 client\n";

/// Asserts what is told of a response to a GET.
#[track_caller]
fn response(text: &str, expected: &str) {
    transcript(&[(CLIENT, GET), (UPSTREAM, text)], &(GOT.to_owned() + expected));
}

/// Asserts what is told of a request, after its beginning.
#[track_caller]
fn request(text: &str, expected: &str) {
    transcript(&[(CLIENT, text)], &("began 1\n".to_owned() + expected));
}

#[test]
fn chunks_with_extensions_and_trailers() {
    response(
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, Chunked\r\n\r\n\
         5\r\nhello\r\n00A;name=\"v\";x\r\n, world.\r\n\r\n1 \r\n!\r\n0;last\r\nDigest: d\r\nX:\r\n\r\n\
         HTTP/1.1 400 Bad\r\n",
        "
        response 1 200 1.1 | Transfer-Encoding: gzip, Chunked
        body 1 upstream hello, world.\\r\\n!
        trailers 1 upstream | Digest: d | X:
        end 1 upstream
        ",
    );
}

#[test]
fn a_chunked_request_and_the_next() {
    request(
        "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding:\r\n chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n\
         GET / HTTP/1.1\r\nHost: h\r\n\r\n",
        "
        request 1 POST / 1.1 for h | Host: h | Transfer-Encoding: chunked
        warning 1 client a field value folded over two lines (obs-fold); only message/http may do \
        that (RFC 9112 §5.2, byte 46)
        body 1 client ab
        end 1 client
        began 2
        request 2 GET / 1.1 for h | Host: h
        end 2 client
        ",
    );
}

#[test]
fn doubtful_trailers_are_told_where_they_are() {
    response(
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nA: b\r\noops\r\n\r\n",
        "
        response 1 200 1.1 | Transfer-Encoding: chunked
        trailers 1 upstream | A: b
        broken 1 upstream a field line without a colon; it is name, colon, value (RFC 9112 §5, byte 56)
        end 1 upstream
        ",
    );
}

#[test]
fn broken_chunks_end_the_understanding() {
    let head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    for (chunks, body, what, at) in [
        ("g\r\n", "", "the chunk size is not a hexadecimal number", 0),
        ("\r\n", "", "the chunk size is not a hexadecimal number", 0),
        ("-1\r\n", "", "the chunk size is not a hexadecimal number", 0),
        ("1_0\r\n", "", "the chunk size is not a hexadecimal number", 1),
        ("1\r\na\r\n0x1\r\n", "a", "the chunk size is not a hexadecimal number", 7),
        ("fffffffffffffffff\r\n", "", "the chunk size does not fit in 64 bits", 16),
        ("1\rX", "", "CR without LF in a chunk-size line", 2),
        ("1;a\r\r\n", "", "CR without LF in a chunk-size line", 4),
        (
            "2\r\nabc\r\n",
            "ab",
            "no CRLF after the chunk's data: the chunk is longer or shorter than its size says",
            5,
        ),
        (
            "1\r\na\rb",
            "a",
            "no CRLF after the chunk's data: the chunk is longer or shorter than its size says",
            5,
        ),
    ] {
        let at = head.len() + at;
        let body = if body.is_empty() { String::new() } else { format!("body 1 upstream {body}") };
        response(
            &format!("{head}{chunks}"),
            &format!(
                "response 1 200 1.1 | Transfer-Encoding: chunked
                {body}
                fatal 1 upstream {what} (RFC 9112 §7.1, byte {at})
                lost upstream at {at}"
            ),
        );
    }
}

#[test]
fn the_largest_chunk_size_is_no_overflow() {
    response(
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0ffffffffffffffff\r\nabc",
        "response 1 200 1.1 | Transfer-Encoding: chunked\nbody 1 upstream abc",
    );
}

#[test]
fn transfer_encoding_wins_over_content_length() {
    let what = "both Transfer-Encoding and Content-Length; Transfer-Encoding wins, and whoever \
                reads it otherwise sees other messages (request smuggling) (RFC 9112 §6.1, byte 0)";
    request(
        "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 50\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        &format!(
            "request 1 POST / 1.1 for h length 50 | Host: h | Content-Length: 50 | \
             Transfer-Encoding: chunked
            broken 1 client {what}
            end 1 client"
        ),
    );
    response(
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n1\r\na\r\n0\r\n\r\n",
        &format!(
            "response 1 200 1.1 length 1 | Transfer-Encoding: chunked | Content-Length: 1
            broken 1 upstream {what}
            body 1 upstream a
            end 1 upstream"
        ),
    );
}

#[test]
fn other_codings() {
    response(
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked, gzip\r\n\r\n1\r\n",
        "response 1 200 1.1 | Transfer-Encoding: chunked, gzip
        body 1 upstream 1\\r\\n
        end 1 upstream",
    );
    response(
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: identity\r\nContent-Length: 1\r\n\r\na",
        "response 1 200 1.1 length 1 | Transfer-Encoding: identity | Content-Length: 1
        body 1 upstream a
        end 1 upstream",
    );
    response(
        "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked;q=1\r\n\r\n0\r\n\r\n",
        "response 1 200 1.0 | Transfer-Encoding: chunked | Transfer-Encoding: chunked;q=1
        broken 1 upstream Transfer-Encoding in an HTTP/1.0 message; it begins with HTTP/1.1 (RFC 9112 §6.1, byte 0)
        broken 1 upstream chunked is applied more than once (RFC 9112 §6.1, byte 0)
        end 1 upstream",
    );
    request(
        "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: gzip\r\n\r\nxyz",
        "request 1 POST / 1.1 for h | Host: h | Transfer-Encoding: gzip
        fatal 1 client the request's last transfer coding is not chunked, so its length is unknown (RFC 9112 §6.3, byte 0)
        lost client at 0",
    );
}

#[test]
fn content_lengths() {
    response(
        "HTTP/1.1 200 OK\r\nContent-Length: 2, 2\r\n\r\nab",
        "response 1 200 1.1 length 2 | Content-Length: 2, 2
        warning 1 upstream Content-Length is repeated with the same value (RFC 9112 §6.3, byte 0)
        body 1 upstream ab
        end 1 upstream",
    );
    for (lines, shown, what) in [
        (
            "Content-Length: 2\r\nContent-Length: 3",
            "Content-Length: 2 | Content-Length: 3",
            "Content-Length has differing values",
        ),
        (
            "Content-Length: +2",
            "Content-Length: +2",
            "Content-Length is not a decimal number below 2^64",
        ),
        (
            "Content-Length: 18446744073709551616",
            "Content-Length: 18446744073709551616",
            "Content-Length is not a decimal number below 2^64",
        ),
        ("Content-Length:", "Content-Length:", "Content-Length is not a decimal number below 2^64"),
    ] {
        let rest = format!("fatal 1 upstream {what} (RFC 9112 §6.3, byte 0)\nlost upstream at 0");
        response(
            &format!("HTTP/1.1 200 OK\r\n{lines}\r\n\r\nab"),
            &format!("response 1 200 1.1 | {shown}\n{rest}"),
        );
    }
}

#[test]
fn a_204_with_a_length_has_no_content_all_the_same() {
    response(
        "HTTP/1.1 204 No Content\r\nContent-Length: 4\r\n\r\noops\r\n",
        "response 1 204 1.1 length 4 | Content-Length: 4
        warning 1 upstream Content-Length or Transfer-Encoding in a 1xx or 204 response, which has no content (RFC 9110 §8.6, byte 0)
        end 1 upstream
        fatal - upstream after the end of a response the upstream sent \"oops\", not an HTTP/1 status line \
        (so it looks when Content-Length is too small, or when a response without content has some) (RFC 9112 §9.2, byte 46)
        lost upstream at 46",
    );
}

#[test]
fn progress_tells_half_a_chunk_from_the_quiet_between_two() {
    let mut decoder = Decoder::new();
    let mut feed = |direction: Direction, bytes: &str| {
        decoder.feed(direction, bytes.as_bytes(), Timestamp::default(), &mut |_| {});
        (decoder.body_progress(CLIENT), decoder.body_progress(UPSTREAM))
    };
    let post = "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nab";
    let sized = Some(BodyProgress::Sized { got: 2, total: 5 });
    assert_eq!(feed(CLIENT, post), (sized, None));
    assert_eq!(feed(CLIENT, "cde"), (None, None));
    assert_eq!(feed(UPSTREAM, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n"), (None, None));
    let chunk = |left| (None, Some(BodyProgress::Chunk { left, size: 4 }));
    let between = (None, Some(BodyProgress::BetweenChunks));
    assert_eq!(feed(UPSTREAM, "\r\n"), between);
    assert_eq!(feed(UPSTREAM, "4\r\na"), chunk(3));
    assert_eq!(feed(UPSTREAM, "bcd"), chunk(0));
    assert_eq!(feed(UPSTREAM, "\r\n"), between);
    assert_eq!(feed(UPSTREAM, "0\r\n"), (None, Some(BodyProgress::Trailers)));
    assert_eq!(feed(UPSTREAM, "\r\n"), (None, None));
    assert_eq!(feed(CLIENT, GET), (None, None));
    let until_close = (None, Some(BodyProgress::UntilClose));
    assert_eq!(feed(UPSTREAM, "HTTP/1.1 200 OK\r\n\r\n"), until_close);
}
