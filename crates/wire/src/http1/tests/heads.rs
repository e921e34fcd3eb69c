//! The pieces of a client's bytes.

use super::super::MAX_HEAD;
use super::super::fuzzing::{PieceKind, fuzz, pieces};

const HEAD: PieceKind = PieceKind::Head { is_connect: false, upgrade: None };

/// Asserts the pieces, given in order; and that cuts change nothing.
#[track_caller]
fn cut(expected: &[(PieceKind, &str)]) {
    let client: String = expected.iter().map(|(_, text)| *text).collect();
    let found = pieces(client.as_bytes(), usize::MAX);
    let found: Vec<_> = found
        .iter()
        .map(|(kind, bytes)| (kind.clone(), std::str::from_utf8(bytes).unwrap()))
        .collect();
    assert_eq!(found, expected);
    fuzz(client.as_bytes());
}

#[test]
fn heads_are_told_from_content() {
    cut(&[
        (PieceKind::Other, "\r\n\n"),
        (HEAD, "GET / HTTP/1.1\r\nHost: a\r\n\r\n"),
        (HEAD, "PUT / HTTP/1.1\r\nContent-Length: 18\r\n\r\n"),
        (PieceKind::Other, "GET / HTTP/1.1\r\n\r\n"),
        (HEAD, "PUT / HTTP/1.1\nTransfer-Encoding: chunked\n\n"),
        (PieceKind::Other, "12\r\nGET / HTTP/1.1\r\n\r\n\r\n0\r\nA: b\r\n\r\n"),
        (HEAD, "GET / HTTP/1.0\n\n"),
        (PieceKind::Other, "GET / HTTP/1.1\r\nHo"),
    ]);
}

#[test]
fn what_a_head_asks_for_is_told() {
    let websocket = PieceKind::Head { is_connect: false, upgrade: Some(b"websocket".to_vec()) };
    cut(&[
        (websocket, "GET / HTTP/1.1\r\nConnection: upgrade\r\nUpgrade: WebSocket\r\n\r\n"),
        (HEAD, "GET / HTTP/1.1\r\nUpgrade: websocket\r\n\r\n"),
        (PieceKind::Head { is_connect: true, upgrade: None }, "CONNECT a:1 HTTP/1.1\r\n\r\n"),
    ]);
}

#[test]
fn what_cannot_be_followed_is_lost_with_all_after_it() {
    cut(&[(HEAD, "GET / HTTP/1.1\r\n\r\n"), (PieceKind::Lost, "\0GET / HTTP/1.1\r\n\r\n")]);
    cut(&[(PieceKind::Lost, "GET /\r\nGET / HTTP/1.1\r\n\r\n")]);
    cut(&[
        (HEAD, "GET / HTTP/1.1\r\nContent-Length: x\r\n\r\n"),
        (PieceKind::Lost, "GET / HTTP/1.1\r\n\r\n"),
    ]);
    cut(&[
        (HEAD, "PUT / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"),
        (PieceKind::Other, "5\r\nhello"),
        (PieceKind::Lost, ", world\r\nGET / HTTP/1.1\r\n\r\n"),
    ]);
}

#[test]
fn a_head_without_end_is_lost() {
    let client = format!("GET / HTTP/1.1\r\n{}", "A: b\r\n".repeat(MAX_HEAD / 6));
    let found = pieces(client.as_bytes(), usize::MAX);
    assert!(found == [(PieceKind::Lost, client.clone().into_bytes())]);
    fuzz(client.as_bytes());
}
