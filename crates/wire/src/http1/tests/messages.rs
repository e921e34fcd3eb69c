//! Well-formed messages: keep-alive, pipelining, interim responses, early responses.

use super::{CLIENT, UPSTREAM, transcript};

#[test]
fn two_exchanges_on_one_connection() {
    transcript(
        &[
            (CLIENT, "GET /a HTTP/1.1\r\nHost: h\r\nX-Dup: 1\r\nx-dup:2  \r\n\r\n"),
            (UPSTREAM, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"),
            (CLIENT, "POST /b HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc"),
            (UPSTREAM, "HTTP/1.1 404\r\nContent-Length: 0\r\nEmpty:\r\n\r\n"),
        ],
        "
        began 1
        request 1 GET /a 1.1 for h | Host: h | X-Dup: 1 | x-dup: 2
        end 1 client
        response 1 200 1.1 length 5 | Content-Length: 5
        body 1 upstream hello
        end 1 upstream
        began 2
        request 2 POST /b 1.1 for h length 3 | Host: h | Content-Length: 3
        body 2 client abc
        end 2 client
        response 2 404 1.1 length 0 | Content-Length: 0 | Empty:
        end 2 upstream
        ",
    );
}

#[test]
fn pipelined_requests_are_matched_by_order_and_method() {
    transcript(
        &[
            (
                CLIENT,
                "HEAD /1 HTTP/1.1\r\nHost: h\r\n\r\n\r\nGET /2 HTTP/1.1\r\nHost: h\r\n\r\n\
                 GET /3 HTTP/1.1\r\nHost: h\r\n\r\nGET /4 HTTP/1.1\r\nHost: h\r\n\r\n",
            ),
            (
                UPSTREAM,
                "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n\
                 HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n\
                 HTTP/1.1 204 No Content\r\n\r\n\
                 HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n4",
            ),
        ],
        "
        began 1
        request 1 HEAD /1 1.1 for h | Host: h
        end 1 client
        began 2
        request 2 GET /2 1.1 for h | Host: h
        end 2 client
        began 3
        request 3 GET /3 1.1 for h | Host: h
        end 3 client
        began 4
        request 4 GET /4 1.1 for h | Host: h
        end 4 client
        response 1 200 1.1 length 9 | Content-Length: 9
        end 1 upstream
        response 2 304 1.1 length 9 | Content-Length: 9
        end 2 upstream
        response 3 204 1.1
        end 3 upstream
        response 4 200 1.1 length 1 | Content-Length: 1
        body 4 upstream 4
        end 4 upstream
        ",
    );
}

#[test]
fn interim_responses_leave_room_for_the_final_one() {
    transcript(
        &[
            (
                CLIENT,
                "PUT /u HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n",
            ),
            (
                UPSTREAM,
                "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: <a>\r\n\r\n",
            ),
            (CLIENT, "ok"),
            (UPSTREAM, "HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n"),
        ],
        "
        began 1
        request 1 PUT /u 1.1 for h length 2 | Host: h | Expect: 100-continue | Content-Length: 2
        response 1 100 1.1
        response 1 103 1.1 | Link: <a>
        body 1 client ok
        end 1 client
        response 1 201 1.1 length 0 | Content-Length: 0
        end 1 upstream
        ",
    );
}

#[test]
fn a_response_may_come_before_the_request_ends() {
    transcript(
        &[
            (CLIENT, "POST /big HTTP/1.1\r\nHost: h\r\nContent-Length: 6\r\n\r\nabc"),
            (UPSTREAM, "HTTP/1.1 413 Too Large\r\nContent-Length: 2\r\n\r\nno"),
            (CLIENT, "defGET /next HTTP/1.1\r\nHost: h\r\n\r\n"),
            (UPSTREAM, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"),
        ],
        "
        began 1
        request 1 POST /big 1.1 for h length 6 | Host: h | Content-Length: 6
        body 1 client abc
        response 1 413 1.1 length 2 | Content-Length: 2
        body 1 upstream no
        end 1 upstream
        body 1 client def
        end 1 client
        began 2
        request 2 GET /next 1.1 for h | Host: h
        end 2 client
        response 2 200 1.1 length 0 | Content-Length: 0
        end 2 upstream
        ",
    );
}

#[test]
fn a_response_in_the_middle_of_a_request_head_belongs_to_it() {
    transcript(
        &[
            (CLIENT, "GET /slow HTTP/1.1\r\nHo"),
            (UPSTREAM, "HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n"),
            (CLIENT, "st: h\r\n\r\n"),
        ],
        "
        began 1
        response 1 408 1.1 length 0 | Content-Length: 0
        end 1 upstream
        request 1 GET /slow 1.1 for h | Host: h
        end 1 client
        ",
    );
}

#[test]
fn http_1_0_and_content_until_close() {
    transcript(
        &[
            (CLIENT, "GET / HTTP/1.0\r\n\r\n"),
            (UPSTREAM, "HTTP/1.0 200 OK\r\nConnection: close\r\n\r\nall\r\n\r\nof it"),
        ],
        "
        began 1
        request 1 GET / 1.0
        end 1 client
        response 1 200 1.0 | Connection: close
        body 1 upstream all\\r\\n\\r\\nof it
        end 1 upstream
        ",
    );
}

#[test]
fn what_is_cut_has_no_end() {
    transcript(
        &[
            (CLIENT, "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\nab"),
            (UPSTREAM, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nab"),
        ],
        "
        began 1
        request 1 POST / 1.1 for h length 4 | Host: h | Content-Length: 4
        body 1 client ab
        response 1 200 1.1 | Transfer-Encoding: chunked
        body 1 upstream ab
        ",
    );
    transcript(&[(CLIENT, "GET / HTTP/1.1\r\nHost: h\r\n"), (UPSTREAM, "HTTP/1.")], "began 1");
}

#[test]
fn authority_comes_from_the_target_or_else_from_host() {
    for (line, authority) in [
        ("GET http://a.example:81/x?y HTTP/1.1", "a.example:81"),
        ("GET http://a.example?y HTTP/1.1", "a.example"),
        ("GET http:///x HTTP/1.1", "h"),
        ("OPTIONS * HTTP/1.1", "h"),
        ("GET /?u=http://b/ HTTP/1.1", "h"),
        ("CONNECT c.example:443 HTTP/1.1", "c.example:443"),
    ] {
        let target = line.split(' ').nth(1).expect("a target");
        let method = line.split(' ').next().expect("a method");
        transcript(
            &[(CLIENT, &format!("{line}\r\nHost: h\r\n\r\n"))],
            &format!(
                "began 1\nrequest 1 {method} {target} 1.1 for {authority} | Host: h\nend 1 client"
            ),
        );
    }
}

#[test]
fn a_response_without_a_request_is_told_and_skipped() {
    transcript(
        &[
            (CLIENT, "GET / HTTP/1.1\r\nHost: h\r\n\r\n"),
            (
                UPSTREAM,
                "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n\
                 HTTP/1.1 408 Request Timeout\r\nContent-Length: 3\r\n\r\nbye",
            ),
            (CLIENT, "GET /2 HTTP/1.1\r\nHost: h\r\n\r\n"),
            (UPSTREAM, "HTTP/1.1 500\r\nContent-Length: 0\r\n\r\nHTTP/1.1 200 OK\r\n\r\nrest"),
        ],
        "
        began 1
        request 1 GET / 1.1 for h | Host: h
        end 1 client
        response 1 200 1.1 length 0 | Content-Length: 0
        end 1 upstream
        warning - upstream a response without a request (408 Request Timeout): servers send it on \
        an idle connection (RFC 9112 §9.2, byte 38)
        began 2
        request 2 GET /2 1.1 for h | Host: h
        end 2 client
        response 2 500 1.1 length 0 | Content-Length: 0
        end 2 upstream
        warning - upstream a response without a request (200 OK) (RFC 9112 §9.2, byte 127)
        ",
    );
}
