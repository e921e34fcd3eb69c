//! What good texts become.

use std::time::Duration;

use super::super::{
    BODY_HARD_CAP, Identity, Inbound, Listener, MinVersion, OnFull, Roots, TlsIn, TlsOut,
    UpstreamAddr, UpstreamTls, WarningKind, quick,
};
use super::{good, with};

fn listener(lines: &str) -> Listener {
    let config = good(&with(lines));
    assert_eq!(config.warnings, [], "{lines}");
    Listener::clone(&config.listeners[0])
}

fn warnings(lines: &str) -> Vec<String> {
    let config = good(&with(lines));
    assert!(config.warnings.iter().all(|warning| warning.kind == WarningKind::NoEffect));
    config.warnings.iter().map(ToString::to_string).collect()
}

#[test]
fn the_least_that_can_be_written() {
    let config = good("listeners:\n- listen: 127.0.0.1:1\n  upstream:\n    addr: h:2\n");
    let listener = &config.listeners[0];
    assert_eq!(&*listener.name, "127.0.0.1:1");
    assert_eq!(listener.inbound, Inbound::Plaintext);
    assert_eq!(listener.upstream.tls, UpstreamTls::Plain);
    let policy = &listener.policy;
    let seconds = |n| Some(Duration::from_secs(n));
    assert!(policy.allowlist.is_empty());
    assert_eq!(policy.max_connections, 200);
    assert_eq!(policy.upstream_connect_timeout, seconds(5));
    assert_eq!(policy.upstream_handshake_timeout, seconds(10));
    assert_eq!(policy.client_handshake_timeout, seconds(10));
    assert_eq!(policy.read_timeout, seconds(30));
    assert_eq!(policy.idle_timeout, seconds(120));
    assert_eq!(policy.maxconn_wait_warn, Duration::from_millis(200));
    let logging = &listener.logging;
    assert!(logging.log_headers && !logging.log_body && !logging.h2_control_events);
    assert_eq!(logging.body_max_bytes, BODY_HARD_CAP);
    assert_eq!(logging.redact_headers, ["authorization", "cookie", "x-api-key"]);
    assert!((logging.sample_rate - 1.0).abs() < f64::EPSILON);
    assert_eq!((&logging.jsonl_path, logging.jsonl_on_full), (&None, OnFull::Drop));
    assert_eq!(config.store.max_records, 50_000);
    assert_eq!(config.store.max_bytes, 256 << 20);
    assert_eq!(config.store.closed_connections, 2000);
    assert_eq!(config.metrics.listen, None);
}

#[test]
fn tls_sections() {
    let minted = TlsIn {
        identity: Identity::Minted,
        client_auth: None,
        alpn: vec![b"h2".to_vec(), b"http/1.1".to_vec()],
        min_version: MinVersion::Tls12,
    };
    assert_eq!(listener("tls: {}").inbound, Inbound::Terminate(minted.clone()));
    assert_eq!(listener("tls: null").inbound, Inbound::Plaintext);
    let strict = TlsIn { alpn: Vec::new(), min_version: MinVersion::Tls13, ..minted };
    assert_eq!(
        listener("tls: { alpn: [], min_version: TLS1.3 }").inbound,
        Inbound::Terminate(strict)
    );
    assert_eq!(listener("tls: { mode: passthrough, cert: null }").inbound, Inbound::Passthrough);
}

#[test]
fn upstream_sections() {
    let upstream = listener(
        "upstream: { addr: \"[::1]:443\", tls: true, server_name: x.test, verify: false, \
         alpn: [h2], authority: \"x.test:1\", so_mark: 0x10 }",
    )
    .upstream;
    assert_eq!(upstream.addr.to_string(), "[::1]:443");
    assert_eq!(upstream.authority.as_deref(), Some("x.test:1"));
    assert_eq!(upstream.so_mark, Some(16));
    let tls = TlsOut {
        server_name: Some("x.test".into()),
        verify: false,
        roots: Roots::System,
        alpn: vec![b"h2".to_vec()],
        client: None,
        crl: Vec::new(),
    };
    assert_eq!(upstream.tls, UpstreamTls::Tls(tls));
    let redirected = listener("upstream: { addr: original_dst }").upstream.addr;
    assert_eq!(redirected, UpstreamAddr::OriginalDst);
    assert_eq!(redirected.to_string(), "original_dst");
}

#[test]
fn numbers_with_and_without_units() {
    let off = listener("policy: { read_timeout: 0, idle_timeout: 0.5, maxconn_wait_warn_ms: 0 }");
    assert_eq!(off.policy.read_timeout, None);
    assert_eq!(off.policy.idle_timeout, Some(Duration::from_millis(500)));
    assert_eq!(off.policy.maxconn_wait_warn, Duration::ZERO);
    for (text, bytes) in [("1", 1), ("8KiB", 8192), ("8 kib", 8192), ("2kB", 2000), ("3B", 3)] {
        let logging = listener(&format!("logging: {{ body_max_bytes: {text} }}")).logging;
        assert_eq!(logging.body_max_bytes, bytes, "{text}");
    }
}

#[test]
fn lists_are_put_in_order() {
    let listener = listener(
        "policy: { allowlist: [\"10.1.2.3/8\", \"::1\"] }\n\
         logging: { redact_headers: [\"X-Token\", \"x-token\"] }",
    );
    let networks: Vec<String> = listener.policy.allowlist.iter().map(ToString::to_string).collect();
    assert_eq!(networks, ["10.0.0.0/8", "::1/128"]);
    assert_eq!(listener.logging.redact_headers, ["x-token"]);
}

#[test]
fn paths_are_relative_to_the_file() {
    let mut ctx = super::Context::new(std::path::Path::new("/etc/wt/c.yaml"));
    let text = with("logging: { jsonl_path: out/records.jsonl }");
    let config = super::resolve(text.as_bytes(), &mut ctx);
    let config = ctx.finish(config, true).unwrap();
    let path = config.listeners[0].logging.jsonl_path.as_deref();
    assert_eq!(path, Some(std::path::Path::new("/etc/wt/out/records.jsonl")));
}

#[test]
fn settings_without_effect_are_said() {
    assert_eq!(
        warnings(
            "upstream: { addr: \"h:1\", tls: false, server_name: x, verify: false, alpn: [h2] }"
        ),
        [
            "c.yaml:5:55: listeners[0].upstream.server_name: has no effect while upstream.tls is \
             false",
            "c.yaml:5:66: listeners[0].upstream.verify: has no effect while upstream.tls is false",
            "c.yaml:5:79: listeners[0].upstream.alpn: has no effect while upstream.tls is false",
        ]
    );
    assert_eq!(
        warnings("logging: { jsonl_on_full: block, body_max_bytes: 11MiB }"),
        [
            "c.yaml:5:31: listeners[0].logging.jsonl_on_full: has no effect without jsonl_path",
            "c.yaml:5:54: listeners[0].logging.body_max_bytes: is more than the hard cap, 10485760 \
             (10 MiB), which applies",
        ]
    );
}

#[test]
fn different_listeners_may_share_a_section_and_a_file() {
    let text = "\
listeners:
  - name: a
    listen: 127.0.0.1:1
    upstream: { addr: \"h:1\" }
    policy: &shared { read_timeout: 5, idle_timeout: 6 }
    logging: { jsonl_path: x }
  - name: b
    listen: 127.0.0.2:1
    upstream: { addr: \"h:1\" }
    policy: { <<: *shared, idle_timeout: 7 }
    logging: { jsonl_path: ./x }
  - { name: c, listen: \"127.0.0.1:0\", upstream: { addr: \"h:1\" }, policy: *shared }
  - { name: d, listen: \"127.0.0.1:0\", upstream: { addr: \"127.0.0.1:1\" } }
";
    let listeners = good(text).listeners;
    let times = |index: usize| {
        let policy = &listeners[index].policy;
        (policy.read_timeout, policy.idle_timeout)
    };
    let seconds = |n| Some(Duration::from_secs(n));
    assert_eq!(times(0), (seconds(5), seconds(6)));
    assert_eq!(times(1), (seconds(5), seconds(7)));
    assert_eq!(times(2), times(0));
    assert_eq!(listeners[0].logging.jsonl_path, listeners[1].logging.jsonl_path);
}

#[test]
fn quick_takes_anything_and_verifies_nothing() {
    let config = quick("127.0.0.1:8443", "api.test:443").unwrap();
    let listener = &config.listeners[0];
    assert!(matches!(&listener.inbound, Inbound::Either(tls) if tls.identity == Identity::Minted));
    assert!(matches!(&listener.upstream.tls, UpstreamTls::Detect(tls) if !tls.verify));
    assert!(listener.logging.h2_control_events);
    assert_eq!(listener.upstream.addr.to_string(), "api.test:443");
    let file = good("listeners:\n- listen: 127.0.0.1:1\n  upstream: { addr: \"h:2\" }\n");
    assert_eq!(listener.policy, file.listeners[0].policy);
    assert_eq!(config.store, file.store);
}
