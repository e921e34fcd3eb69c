//! The rewriter on transcripts: what the client sends, what the upstream gets.

mod http1;
mod http2;
mod properties;
mod said_once;

use analysis::session::Application;

use super::fuzzing::rewritten;
use super::{Rewrite, fuzz};

/// Asserts what goes on, whole and cut at every position.
#[track_caller]
fn transcript(application: Application, client: impl AsRef<[u8]>, upstream: impl AsRef<[u8]>) {
    let (client, upstream) = (client.as_ref(), upstream.as_ref());
    let whole = rewritten(application, client, usize::MAX);
    assert_eq!(whole.escape_ascii().to_string(), upstream.escape_ascii().to_string());
    for at in 1..client.len() {
        assert!(pieces(application, &[&client[..at], &client[at..]]) == whole, "cut at {at}");
    }
    fuzz(client);
}

/// Asserts that all goes on as it is.
#[track_caller]
fn unchanged(application: Application, client: impl AsRef<[u8]>) {
    transcript(application, &client, &client);
}

/// What goes on before the client's direction ends.
fn pieces(application: Application, pieces: &[&[u8]]) -> Vec<u8> {
    let mut rewrite = Rewrite::new("example.org", application);
    let mut out = Vec::new();
    for piece in pieces {
        rewrite.feed(piece, &mut out);
    }
    let so_far = out.len();
    rewrite.finish(&mut out);
    if out.len() > so_far {
        // Only what can't be passed on sooner may come at the end.
        let mut again = Rewrite::new("example.org", application);
        let mut early = Vec::new();
        again.feed(&pieces.concat(), &mut early);
        assert_eq!(early.len(), so_far, "more was held than for the whole");
    }
    out
}

#[test]
fn raw_bytes_are_not_looked_at() {
    unchanged(Application::Raw, "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
}

#[test]
fn the_first_bytes_tell_the_protocol() {
    unchanged(Application::Unknown, "SSH-2.0-OpenSSH_9.6\r\nHost: a\r\n\r\n");
    unchanged(Application::Unknown, b"\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03");
    unchanged(Application::Unknown, "GE");
    unchanged(Application::Unknown, "PRI * HTTP/2.0\r\n");
    transcript(
        Application::Unknown,
        "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: example.org\r\n\r\n",
    );
}
