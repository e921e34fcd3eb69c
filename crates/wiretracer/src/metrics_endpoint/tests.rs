//! Asked over a socket, as Prometheus asks.

use std::collections::BTreeMap;

use analysis::metrics::Metric;
use analysis::vocabulary::{CloseReason, TlsCategory};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use super::*;

/// The status line and headers, and the body, of the answer.
async fn ask(metrics: Arc<Metrics>, request: &str) -> (String, String) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let server = tokio::spawn(serve(listener, metrics));
    let mut stream = TcpStream::connect(address).await.unwrap();
    let request = format!("{request} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    server.abort();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    (head.to_owned(), body.to_owned())
}

/// Every sample by name and labels; the format's rules are checked on the way.
fn parse(text: &str) -> BTreeMap<String, u64> {
    let text = text.strip_suffix("# EOF\n").expect("the end is marked");
    let (mut family, mut counter, mut samples) = (String::new(), false, BTreeMap::new());
    for line in text.lines() {
        if let Some(rest) = line.strip_prefix("# TYPE ") {
            let (name, kind) = rest.split_once(' ').unwrap();
            (family, counter) = (name.to_owned(), kind == "counter");
            assert!(counter || kind == "gauge", "{line}");
        } else if !line.starts_with("# HELP ") {
            let (name, value) = line.rsplit_once(' ').unwrap();
            let suffix = if counter { "_total{" } else { "{" };
            assert!(name.starts_with(&format!("{family}{suffix}")), "{line} in {family}");
            assert!(samples.insert(name.to_owned(), value.parse().unwrap()).is_none(), "{line}");
        }
    }
    samples
}

#[tokio::test]
async fn every_listener_s_metrics_are_told_with_labels() {
    let metrics = Arc::new(Metrics::new());
    let grpc = metrics.listener(&"grpc".into());
    let odd = metrics.listener(&"o\"dd".into());
    let _active = grpc.active();
    grpc.add(Metric::ConnectionsAccepted, 42);
    grpc.add(Metric::GrpcStatus(14), 8);
    grpc.add(Metric::GrpcStatus(99), 1);
    grpc.add(Metric::HttpStatus(204), 3);
    grpc.add(Metric::TlsFail(TlsCategory::Expired), 2);
    odd.add(Metric::Close(CloseReason::ClientRst), 5);
    let (head, body) = ask(metrics, "GET /metrics").await;
    assert!(head.starts_with("HTTP/1.1 200 OK\r\n"), "{head}");
    assert!(head.contains("content-type: application/openmetrics-text; version=1.0.0"), "{head}");
    let samples = parse(&body);
    let expected = [
        (r#"wiretracer_connections_active{listener="grpc"}"#, 1),
        (r#"wiretracer_connections_active{listener="o\"dd"}"#, 0),
        (r#"wiretracer_connections_accepted_total{listener="grpc"}"#, 42),
        (r#"wiretracer_grpc_status_total{listener="grpc",status="14"}"#, 8),
        (r#"wiretracer_grpc_status_total{listener="grpc",status="other"}"#, 1),
        (r#"wiretracer_http_status_total{listener="grpc",class="2xx"}"#, 3),
        (r#"wiretracer_tls_fail_total{listener="grpc",category="expired"}"#, 2),
        (r#"wiretracer_close_total{listener="o\"dd",reason="client_rst"}"#, 5),
    ];
    for (name, value) in expected {
        assert_eq!(samples.get(name), Some(&value), "{name} in {body}");
    }
    let fixed = Metric::all().filter(|metric| !metric.is_member()).count();
    assert_eq!(samples.len(), 2 * fixed + 5, "members that were never seen are not told");
}

#[tokio::test]
async fn there_is_nothing_else() {
    let cases = [
        ("GET /", "404 Not Found"),
        ("GET /metrics/", "404 Not Found"),
        ("POST /metrics", "405 Method Not Allowed"),
        ("HEAD /metrics", "200 OK"),
    ];
    for (request, status) in cases {
        let (head, _) = ask(Arc::default(), request).await;
        assert!(head.starts_with(&format!("HTTP/1.1 {status}\r\n")), "{request}: {head}");
    }
}
