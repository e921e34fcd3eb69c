//! The demo as a whole, played in this process.

use analysis::record::Record;

use super::*;

async fn play(print: Print, filter: Option<&str>) -> String {
    let filter = filter.map(|filter| Filter::parse(filter).unwrap());
    let mut output = Vec::new();
    perform(Options { headless: true, print, filter }, &mut output).await.unwrap();
    String::from_utf8(output).unwrap()
}

/// With runs of spaces as one, so that columns do not matter.
fn squeezed(text: &str) -> String {
    let words = |line: &str| line.split_whitespace().collect::<Vec<_>>().join(" ");
    text.lines().map(words).collect::<Vec<_>>().join("\n")
}

/// What each scene must show, each in one line.
const SHOWN: &[(Scene, &[&str])] = &[
    (
        Scene::Healthy,
        &[
            "conn open open -> 127.0.0.1:",
            "tls ok in h2 TLSv1.3",
            "tls ok out h2 TLSv1.3",
            "grpc 0 OK POST /demo.Shop/GetPrice",
            "grpc 0 OK POST /demo.Shop/Watch",
            "grpc 0 OK POST /demo.Shop/Upload",
            "grpc 0 OK POST /demo.Shop/Chat",
            "close client:completed",
            "the client was told Watch: OK, 3 messages",
            "the client was told Chat: OK, 2 messages",
        ],
    ),
    (
        Scene::Statuses,
        &[
            "POST /demo.Shop/FindProduct — grpc-status 5 NOT_FOUND: no product 'grüner Tee'",
            "POST /demo.Shop/Reserve — grpc-status 14 UNAVAILABLE: the warehouse is closed",
            "10/0 B trailers_only",
            "the client was told FindProduct: 5 NOT_FOUND: no product 'grüner Tee'",
        ],
    ),
    (
        Scene::Reset,
        &["upstream RST_STREAM stream=1 INTERNAL_ERROR(2)", "upstream_reset", "was told Reset: "],
    ),
    (
        Scene::Hang,
        &[
            "client_reset,deadline_exceeded",
            "downstream RST_STREAM stream=1 CANCEL(8)",
            "the client was told Hang: 4 DEADLINE_EXCEEDED",
        ],
    ),
    (
        Scene::Stall,
        &[
            "upstream FLOW_BLOCK stream=1 wants",
            "upstream FLOW_RESUME stream=1 blocked",
            "grpc 0 OK POST /demo.Shop/Stall",
            "flow_blocked",
        ],
    ),
    (Scene::NoStatus, &["POST /demo.Shop/NoStatus — gRPC response without grpc-status"]),
    (
        Scene::GoAway,
        &[
            "downstream PING",
            "upstream PING_ACK rtt",
            "upstream GOAWAY ENHANCE_YOUR_CALM(11) last=1 \"too_many_pings\"",
            "close upstream:upstream_fin",
        ],
    ),
    (
        Scene::Pages,
        &[
            "http1 200 GET /",
            "http1 200 POST /echo",
            "http1 200 GET /chunked",
            "http1 200 GET /slow",
            "http1 503 GET /status/503 — HTTP status 503",
            "close client:completed",
        ],
    ),
    (
        Scene::Cut,
        &["GET /cut — upstream_fin in the middle of the response", "upstream_no_close_notify"],
    ),
    (Scene::UnknownCa, &["tls fail in unknown_ca [unknown_ca |", "close client:tls_in_fail"]),
    (Scene::NotTls, &["tls fail in not_tls", "the client was told empty reply from server"]),
    (Scene::OldTls, &["strict", "tls fail in protocol_version", "close proxy:tls_in_fail"]),
    (
        Scene::NoCommonProtocol,
        &["tls fail in no_application_protocol", "close proxy:alpn_mismatch", "offers mqtt"],
    ),
    (
        Scene::ExpiredUpstream,
        &[
            "tls fail out cert_verify_failed [expired | certificate has expired]",
            "close proxy:tls_out_fail",
        ],
    ),
    (Scene::ClosedUpstream, &["tls fail out connect_refused", "close proxy:upstream_connect_fail"]),
];

#[tokio::test]
async fn every_scene_shows_its_lesson_and_the_summary_counts_it() {
    let output = squeezed(&play(Print::Text, None).await);
    let (scenes, summary) = output.split_once("\n\nsummary\n").unwrap();
    let scenes: Vec<_> = scenes.split("\n\n").collect();
    assert_eq!(scenes.len(), Scene::ALL.len(), "{output}");
    for (index, (text, scene)) in scenes.iter().zip(Scene::ALL).enumerate() {
        let heading = format!("{}. {}", index + 1, scene.title());
        assert_eq!(text.trim_start().lines().next(), Some(heading.as_str()));
        assert!(text.ends_with(&format!("the wire says {}", scene.lesson())), "{text}");
        let (_, shown) = SHOWN.iter().find(|(known, _)| *known == scene).unwrap();
        for piece in *shown {
            assert!(text.lines().any(|line| line.contains(piece)), "{piece} is not in\n{text}");
        }
    }
    for line in [
        "15 connections, 19 requests, 10 of them failed",
        "1 grpc-status 5 NOT_FOUND",
        "1 grpc-status 14 UNAVAILABLE",
        "1 stream reset by the upstream",
        "1 the client's own deadline was over",
        "1 gRPC response without grpc-status",
        "1 cut by the end of the connection after GOAWAY ENHANCE_YOUR_CALM",
        "3 cut by the end of the connection",
        "1 HTTP status 503",
        "1 TLS with the client: unknown_ca [unknown_ca]",
        "1 TLS with the client: not_tls",
        "1 TLS with the client: protocol_version",
        "1 TLS with the client: no_application_protocol",
        "1 TLS with the upstream: cert_verify_failed [expired]",
        "1 TLS with the upstream: connect_refused",
    ] {
        assert!(summary.lines().any(|shown| shown == line), "{line} is not in\n{summary}");
    }
    for (filter, _) in summary::LOOK_AT {
        assert!(summary.contains(filter), "{filter} finds nothing in\n{output}");
    }
}

#[tokio::test]
async fn json_is_records_alone_those_that_the_filter_lets_through() {
    let output = play(Print::Json, Some("kind=tls outcome=fail")).await;
    let records: Vec<Record> =
        output.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(records.len(), 6, "{output}");
    assert!(records.iter().all(|record| record.kind() == "tls"));
}

#[tokio::test]
async fn a_filter_hides_records_and_not_what_they_amount_to() {
    let output = play(Print::Nothing, Some("kind=tls")).await;
    assert!(output.starts_with("summary\n  15 connections, 19 requests, 10"), "{output}");
}

#[tokio::test]
async fn a_reader_that_leaves_is_no_failure() {
    struct Gone;
    impl Write for Gone {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(io::ErrorKind::BrokenPipe.into())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    for print in [Print::Text, Print::Json] {
        let options = Options { headless: true, print, filter: None };
        let error = perform(options, Gone).await.unwrap_err();
        assert!(is_reader_gone(&error), "{error:?}");
    }
    // A socket's broken pipe is another matter.
    assert!(!is_reader_gone(&io::Error::from(io::ErrorKind::BrokenPipe).into()));
}
