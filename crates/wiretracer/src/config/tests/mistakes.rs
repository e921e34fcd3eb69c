//! Every rule, by the exact line that tells of its mistake.

use super::{mistakes, with};

/// For lines that stand below a good listener, in line 5 and after.
fn one(lines: &str, expected: &str) {
    assert_eq!(mistakes(&with(lines)), [expected], "{lines}");
}

#[test]
fn all_mistakes_at_once_in_the_order_of_the_file() {
    let text = "\
listeners:
  - name: a
    listen: 9100
    upstream: { addr: h, verify: yes please }
    policy:
      read_timout: 5
      idle_timeout: -1
    policy: {}
sotre: {}
";
    assert_eq!(
        mistakes(text),
        [
            "c.yaml:3:13: listeners[0].listen: found 9100 (integer), allowed: an IP address and a \
             port, such as 127.0.0.1:9100, 0.0.0.0:9100 or [::]:9100; a string that looks like \
             something else needs quotes",
            "c.yaml:4:23: listeners[0].upstream.addr: found 'h' (string), allowed: host:port, such \
             as 127.0.0.1:50052, db.internal:5432 or [::1]:443, or the word original_dst",
            "c.yaml:4:34: listeners[0].upstream.verify: found 'yes please' (string), allowed: true \
             or false",
            "c.yaml:6:7: listeners[0].policy.read_timout: unknown key; did you mean \
             'read_timeout'?",
            "c.yaml:7:21: listeners[0].policy.idle_timeout: found -1 (integer), allowed: a number \
             of seconds from 0 (off) to 2592000 (30 days)",
            "c.yaml:8:5: listeners[0].policy: duplicate key, first given at line 5",
            "c.yaml:9:1: sotre: unknown key; did you mean 'store'?",
        ]
    );
}

#[test]
fn the_file_as_a_whole() {
    let missing = "listeners: missing; a list with at least one listener";
    for (text, expected) in [
        ("", format!("c.yaml:1:1: {missing}")),
        ("# nothing\n", format!("c.yaml:1:1: {missing}")),
        ("store: {}", format!("c.yaml:1:1: {missing}")),
        (
            "listeners: []",
            "c.yaml:1:12: listeners: found an empty list, allowed: a list with at least one \
             listener"
                .into(),
        ),
        (
            "listeners: 7",
            "c.yaml:1:12: listeners: found 7 (integer), allowed: a list with at least one listener"
                .into(),
        ),
        (
            "- a",
            "c.yaml:1:1: found a list, allowed: a mapping with listeners, store, metrics".into(),
        ),
        (
            "listeners: [7]",
            "c.yaml:1:13: listeners[0]: found 7 (integer), allowed: a mapping with name, listen, \
             tls, upstream, policy, logging"
                .into(),
        ),
        (
            "a: 1\n---\nb: 2",
            "c.yaml:2:1: a second document begins: one file holds one configuration".into(),
        ),
        ("? [a]\n: 1", "c.yaml:1:3: a key is a word, not a collection".into()),
        ("a: !secret b", "c.yaml:1:4: tags other than !!str have no meaning here".into()),
    ] {
        let found = mistakes(text);
        assert_eq!(found, [expected], "{text}");
    }
}

#[test]
fn text_that_is_not_yaml_is_told_with_its_place() {
    let found = mistakes("listeners:\n  - name: \"a\n");
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].starts_with("c.yaml:"), "{found:?}");
    assert!(found[0].contains(": not YAML: "), "{found:?}");
    let mut ctx = super::Context::new(std::path::Path::new("c.yaml"));
    assert!(super::resolve(b"a: 1\nb: \xff", &mut ctx).is_none());
    let errors = ctx.finish(None, false).unwrap_err();
    assert_eq!(errors.to_string(), "c.yaml:2:4: not UTF-8 text");
}

#[test]
fn what_a_listener_must_have() {
    assert_eq!(
        mistakes("listeners:\n  - name: a"),
        [
            "c.yaml:2:5: listeners[0].listen: missing; an IP address and a port, such as \
             127.0.0.1:9100, 0.0.0.0:9100 or [::]:9100",
            "c.yaml:2:5: listeners[0].upstream: missing; a section with at least addr: host:port",
        ]
    );
    one(
        "upstream: {}",
        "c.yaml:5:15: listeners[0].upstream.addr: missing; host:port, such as 127.0.0.1:50052, \
         db.internal:5432 or [::1]:443, or the word original_dst",
    );
    one(
        "tls:",
        "c.yaml:5:8: listeners[0].tls: is empty; allowed: tls: {} for minted certificates, or no \
         tls key for plaintext",
    );
}

#[test]
fn keys_that_are_elsewhere_or_nowhere() {
    one(
        "policy: { verify: false }",
        "c.yaml:5:15: listeners[0].policy.verify: unknown key here; it belongs to \
         listeners[].upstream",
    );
    one(
        "upstream: { addr: \"h:1\", store: 1 }",
        "c.yaml:5:30: listeners[0].upstream.store: unknown key here; it belongs to the top of the \
         file",
    );
    one(
        "tls: { ciphers: [] }",
        "c.yaml:5:12: listeners[0].tls.ciphers: unknown key; allowed: mode, cert, key, \
         require_client_cert, client_ca, client_crl, alpn, min_version",
    );
}

#[test]
fn words_of_closed_lists() {
    one(
        "tls: { min_version: TLSv1.2 }",
        "c.yaml:5:25: listeners[0].tls.min_version: found 'TLSv1.2' (string), allowed: TLS1.2 or \
         TLS1.3; did you mean 'TLS1.2'?",
    );
    one(
        "tls: { mode: relay }",
        "c.yaml:5:18: listeners[0].tls.mode: found 'relay' (string), allowed: terminate or \
         passthrough",
    );
    one(
        "logging: { jsonl_path: x, jsonl_on_full: wait }",
        "c.yaml:5:46: listeners[0].logging.jsonl_on_full: found 'wait' (string), allowed: drop or \
         block",
    );
}

#[test]
fn numbers_and_lists() {
    for (lines, expected) in [
        (
            "policy: { max_connections: 0 }",
            "c.yaml:5:32: listeners[0].policy.max_connections: found 0 (integer), allowed: a whole \
             number from 1 to 1000000",
        ),
        (
            "policy: { max_connections: 2.5 }",
            "c.yaml:5:32: listeners[0].policy.max_connections: found 2.5 (number), allowed: a whole \
             number from 1 to 1000000",
        ),
        (
            "policy: { read_timeout: .inf }",
            "c.yaml:5:29: listeners[0].policy.read_timeout: found .inf (number), allowed: a number \
             of seconds from 0 (off) to 2592000 (30 days)",
        ),
        (
            "policy: { read_timeout: 30s }",
            "c.yaml:5:29: listeners[0].policy.read_timeout: found '30s' (string), allowed: a number \
             of seconds from 0 (off) to 2592000 (30 days)",
        ),
        (
            "policy: { read_timeout: null }",
            "c.yaml:5:29: listeners[0].policy.read_timeout: found null, allowed: a number of seconds \
             from 0 (off) to 2592000 (30 days)",
        ),
        (
            "policy: { allowlist: [\"10.0.0.0/8\", \"10.0.0.0/33\"] }",
            "c.yaml:5:41: listeners[0].policy.allowlist[1]: found '10.0.0.0/33' (string), allowed: a \
             network, such as 10.0.0.0/8, fd00::/8 or 192.0.2.7",
        ),
        (
            "policy: { allowlist: 10.0.0.0/8 }",
            "c.yaml:5:26: listeners[0].policy.allowlist: found '10.0.0.0/8' (string), allowed: a \
             list of networks, such as [\"10.0.0.0/8\", \"fd00::/8\"]",
        ),
        (
            "logging: { sample_rate: 1.5 }",
            "c.yaml:5:29: listeners[0].logging.sample_rate: found 1.5 (number), allowed: a number \
             from 0.0 to 1.0",
        ),
        (
            "logging: { body_max_bytes: 8 parsecs }",
            "c.yaml:5:32: listeners[0].logging.body_max_bytes: found '8 parsecs' (string), allowed: \
             a number of bytes from 0 to 1099511627776, or with a unit, such as 256MiB",
        ),
        (
            "logging: { redact_headers: [\"cookie:\"] }",
            "c.yaml:5:33: listeners[0].logging.redact_headers[0]: found 'cookie:' (string), \
             allowed: a header name, without a colon behind it",
        ),
        (
            "tls: { alpn: [h2, h2] }",
            "c.yaml:5:23: listeners[0].tls.alpn[1]: found 'h2' (string) twice, allowed: once",
        ),
        (
            "tls: { alpn: [\"\"] }",
            "c.yaml:5:19: listeners[0].tls.alpn[0]: found '' (string), allowed: a protocol name of \
             1 to 255 bytes",
        ),
    ] {
        one(lines, expected);
    }
}

#[test]
fn upstream_addresses() {
    for (addr, allowed) in [
        ("http://h:1/x", "host:port without 'http://' and without a path ('h:1')"),
        ("::1", "an IPv6 address in brackets with a port, such as [::1]:443"),
        ("h:0", "a port from 1 to 65535 behind the last colon"),
        ("h:65536", "a port from 1 to 65535 behind the last colon"),
    ] {
        one(
            &format!("upstream: {{ addr: \"{addr}\" }}"),
            &format!(
                "c.yaml:5:23: listeners[0].upstream.addr: found '{addr}' (string), allowed: \
                 {allowed}"
            ),
        );
    }
    for addr in [":1", "h", "a b:1", "[::1:1", "[h]:1", "приём:1"] {
        let found = mistakes(&with(&format!("upstream: {{ addr: \"{addr}\" }}")));
        assert!(found[0].contains("allowed: host:port"), "{found:?}");
    }
}

#[test]
fn an_upstream_that_is_the_listener_itself() {
    for (listen, addr) in [
        ("127.0.0.1:9100", "127.0.0.1:9100"),
        ("127.0.0.1:9100", "localhost:9100"),
        ("0.0.0.0:9100", "127.0.0.1:9100"),
        ("127.0.0.1:9100", "0.0.0.0:9100"),
        ("[::]:9100", "127.0.0.1:9100"),
        ("[::1]:9100", "[::1]:9100"),
    ] {
        let text =
            format!("listeners:\n  - listen: \"{listen}\"\n    upstream: {{ addr: \"{addr}\" }}\n");
        assert_eq!(
            mistakes(&text),
            [format!(
                "c.yaml:3:23: listeners[0].upstream.addr: {addr} is this listener itself ({listen})"
            )]
        );
    }
}

#[test]
fn what_two_listeners_must_not_share() {
    let text = "\
listeners:
  - { name: a, listen: \"0.0.0.0:1\", upstream: { addr: \"h:1\" } , logging: { jsonl_path: /x/y } }
  - name: a
    listen: 127.0.0.1:1
    upstream: { addr: \"h:1\", nonsense: 1 }
    logging: { jsonl_path: /x/./y, jsonl_on_full: block }
  - { name: c, listen: \"[::]:1\", upstream: { addr: \"h:1\" } }
metrics:
  listen: 127.0.0.2:1
";
    assert_eq!(
        mistakes(text),
        [
            "c.yaml:3:11: listeners[1].name: found 'a' (string) again, already the name of \
             listeners[0]",
            "c.yaml:4:13: listeners[1].listen: 127.0.0.1:1 is already taken by listeners[0] \
             (0.0.0.0:1, which is every address)",
            "c.yaml:5:30: listeners[1].upstream.nonsense: unknown key; allowed: addr, tls, \
             server_name, verify, ca, crl, alpn, client_cert, client_key, client_key_password, \
             authority, so_mark",
            "c.yaml:6:51: listeners[1].logging.jsonl_on_full: /x/y is shared with listeners[0], \
             where jsonl_on_full is drop; allowed: the same in both",
            "c.yaml:7:24: listeners[2].listen: [::]:1 is already taken by listeners[0] (0.0.0.0:1, \
             which is every address)",
            "c.yaml:9:11: metrics.listen: 127.0.0.2:1 is already taken by listeners[0] (0.0.0.0:1, \
             which is every address)",
        ]
    );
}

#[test]
fn settings_that_need_each_other() {
    let upstream = |keys: &str| format!("upstream: {{ addr: \"h:1\", tls: true, {keys} }}");
    one(
        "tls: { require_client_cert: true }",
        "c.yaml:5:33: listeners[0].tls.require_client_cert: found true without client_ca; allowed: \
         true beside a client_ca",
    );
    one(
        "tls: { cert: x.pem }",
        "c.yaml:5:18: listeners[0].tls.cert: given without 'key'; give both, or neither for minted \
         certificates",
    );
    one(
        "tls: { key: x.pem }",
        "c.yaml:5:17: listeners[0].tls.key: given without 'cert'; give both, or neither for minted \
         certificates",
    );
    one(
        &upstream("client_cert: x"),
        "c.yaml:5:54: listeners[0].upstream.client_cert: given without 'client_key'; give both or \
         neither",
    );
    one(
        &upstream("client_key: x"),
        "c.yaml:5:53: listeners[0].upstream.client_key: given without 'client_cert'; give both or \
         neither",
    );
    one(
        &upstream("client_key_password: x"),
        "c.yaml:5:62: listeners[0].upstream.client_key_password: given without 'client_key'",
    );
}

#[test]
fn passthrough_takes_nothing_that_needs_tls_to_end_here() {
    let lines = "\
tls: { mode: passthrough, alpn: [h2], min_version: TLS1.3 }
upstream: { addr: \"h:1\", tls: true, authority: h }
";
    let why = "where TLS is not ended here";
    assert_eq!(
        mistakes(&with(lines)),
        [
            format!(
                "c.yaml:5:37: listeners[0].tls.alpn: cannot be obeyed with mode: passthrough, {why}"
            ),
            format!(
                "c.yaml:5:56: listeners[0].tls.min_version: cannot be obeyed with mode: \
                 passthrough, {why}"
            ),
            format!(
                "c.yaml:6:35: listeners[0].upstream.tls: cannot be obeyed with tls.mode: \
                 passthrough, {why}"
            ),
            format!(
                "c.yaml:6:52: listeners[0].upstream.authority: cannot be obeyed with tls.mode: \
                 passthrough, {why}"
            ),
        ]
    );
}

#[test]
fn a_password_is_never_shown() {
    let lines = "upstream: { addr: \"h:1\", tls: true, client_key_password: 123456 }";
    let found = mistakes(&with(lines)).join("\n");
    assert!(found.contains("allowed: a password in quotes, env:NAME or file:PATH"), "{found}");
    assert!(!found.contains("123456"), "{found}");
}

#[test]
fn quick_mistakes_name_the_option() {
    let errors = super::super::quick("8443", "h").unwrap_err().to_string();
    assert_eq!(
        errors,
        "command line: --listen: found '8443', allowed: an IP address and a port, such as \
         127.0.0.1:9100, 0.0.0.0:9100 or [::]:9100\ncommand line: --upstream: found 'h', allowed: \
         host:port, such as 127.0.0.1:50052, db.internal:5432 or [::1]:443, or the word \
         original_dst"
    );
    let errors = super::super::quick("127.0.0.1:1", "localhost:1").unwrap_err().to_string();
    assert_eq!(
        errors,
        "command line: --upstream: localhost:1 is the listener itself (127.0.0.1:1)"
    );
}
