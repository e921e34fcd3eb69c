//! A field that is redacted is redacted everywhere its value is told.

use std::sync::Arc;

use analysis::outcome::Cause;
use analysis::record::ConnId;
use analysis::session::{Application, Identity, Options, Session};
use wire::Direction::{FromClient, FromUpstream};

use crate::bytes::{bytes, tokens};
use crate::play::Collected;
use crate::script::time;

/// The records of one exchange, as text.
fn records(redact: &[&str], application: Application, pieces: [&[u8]; 2]) -> String {
    let conn = ConnId("01890a5d-ac96-774b-bcce-b302099a8057".parse().unwrap());
    let identity = Identity::new(conn, "test".into(), "10.0.0.5:4242".parse().unwrap(), time("0"));
    let options = Options {
        headers: true,
        redact: redact.iter().map(|&name| name.to_owned()).collect(),
        body: None,
        control_events: true,
        memory: Arc::default(),
    };
    let mut session = Session::new(identity, Arc::new(options));
    let mut sink = Collected::default();
    session.begin(application);
    for (direction, piece) in [FromClient, FromUpstream].into_iter().zip(pieces) {
        session.observe(direction, piece, time("1"), &mut sink);
    }
    session.close(Cause::Parties, time("2"), &mut sink);
    assert_eq!(sink.0[..].iter().filter(|record| record["kind"] == "event").count(), 1);
    serde_json::to_string(&sink.0).unwrap()
}

fn call(redact: &[&str]) -> String {
    let frames = |lines: &[&str]| -> Vec<u8> {
        lines.iter().flat_map(|line| bytes(FromClient, &tokens(line))).collect()
    };
    let request = frames(&[
        "h2 PREFACE",
        "h2 HEADERS 1 END :method=POST :scheme=https :authority=secret.host :path=/secret.Svc/secret content-type=application/grpc te=trailers",
    ]);
    let response = frames(&[
        "h2 SETTINGS",
        "h2 HEADERS 1 END :status=200 content-type=application/grpc grpc-status=5 grpc-message=secret%20words",
    ]);
    records(redact, Application::Http2, [&request, &response])
}

#[test]
fn what_is_derived_from_a_field_is_redacted_with_it() {
    for authority in ["host", ":authority"] {
        let told = call(&[authority, ":path", "grpc-message"]);
        assert!(!told.contains("secret"), "{told}");
        assert!(told.contains("grpc-status 5 NOT_FOUND: ***"), "{told}");
    }
    assert_eq!(call(&[]).matches("secret.host").count(), 2, "the field and the authority");
}

#[test]
fn a_target_that_tells_the_authority_is_redacted_with_it() {
    let response = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
    for request in [
        &b"GET / HTTP/1.1\r\nHost: secret.host\r\n\r\n"[..],
        b"GET http://secret.host/x HTTP/1.1\r\nHost: secret.host\r\n\r\n",
        b"CONNECT secret.host:443 HTTP/1.1\r\nHost: secret.host:443\r\n\r\n",
    ] {
        let told = records(&[":authority"], Application::Http1, [request, response]);
        assert!(!told.contains("secret"), "{told}");
    }
}
