//! The upstream's faults, and the rows that are due.

use super::Server::{self, Node, Openssl, Python, Refusing, Rustls, Script, Silent};
use crate::case::{ANY, BOTH, Case, FAILED, Row, V12, V13};
use crate::support::{Peer, ServerTls};

/// Verification says no, and the upstream is told so by an alert.
const fn refused(
    category: &'static str,
    alert: &'static str,
    says: &'static [&'static str],
) -> Row {
    Row {
        reason: Some("cert_verify_failed"),
        category: Some(category),
        verify_result: Some(category),
        alert: Some((alert, "proxy")),
        says,
        ..FAILED
    }
}

/// The upstream's alert says no.
const fn alerted(
    reason: &'static str,
    category: Option<&'static str>,
    says: &'static [&'static str],
) -> Row {
    Row {
        reason: Some(reason),
        category,
        alert: Some((reason, "upstream")),
        says,
        close: ("upstream", "tls_out_fail"),
        ..FAILED
    }
}

/// It ended without a word of TLS.
const fn silent(
    reason: &'static str,
    says: &'static [&'static str],
    close: (&'static str, &'static str),
) -> Row {
    Row { reason: Some(reason), says, close, ..FAILED }
}

const EXPIRED: Row =
    refused("expired", "certificate_expired", &["certificate has expired", "2001-01-01T00:00:00Z"]);
const NO_NAME: Row = refused(
    "hostname_mismatch",
    "bad_certificate",
    &["Hostname mismatch", "relies on the Common Name (localhost), has no SAN"],
);
const UNKNOWN: Row =
    refused("unknown_ca", "unknown_ca", &["unable to get local issuer certificate", "Other CA"]);
const NONE_SENT: &[&str] = &["it had asked for a client certificate and was sent none"];
/// The keys of old certificates are too short for the security level that OpenSSL has by itself.
const LAX: &[&str] = &["-cipher", "DEFAULT@SECLEVEL=0"];
const ASKING: &[&str] = &["-CAfile", "ca.pem", "-Verify", "1", "-verify_return_error"];

pub(crate) const CASES: &[Case<Server>] = &[
    case("certificate expired", Openssl("expired", &[]), BOTH, EXPIRED),
    case("certificate expired", Python("expired", &[]), BOTH, EXPIRED),
    case("certificate expired", Node("expired", &[]), BOTH, EXPIRED),
    case(
        "certificate not yet valid",
        Openssl("not-yet-valid", &[]),
        BOTH,
        refused(
            "not_yet_valid",
            "certificate_expired",
            &["certificate is not yet valid", "2100-01-01T00:00:00Z"],
        ),
    ),
    case(
        "certificate for clients only (EKU)",
        Openssl("wrong-eku", &[]),
        BOTH,
        refused(
            "wrong_eku",
            "unsupported_certificate",
            &["unsuitable certificate purpose", "clientAuth"],
        ),
    ),
    case(
        "certificate for another name",
        Openssl("wrong-name", &[]),
        BOTH,
        refused(
            "hostname_mismatch",
            "bad_certificate",
            &["Hostname mismatch", "localhost", "other.test"],
        ),
    ),
    case(
        "certificate for another name",
        Rustls(showing("wrong-name")),
        BOTH,
        refused(
            "hostname_mismatch",
            "bad_certificate",
            &["Hostname mismatch", "localhost", "other.test"],
        ),
    ),
    case("name in the subject's CN only", Openssl("cn-only", &[]), BOTH, NO_NAME),
    case(
        "certificate signed by itself",
        Openssl("self-signed", &[]),
        BOTH,
        refused("self_signed", "unknown_ca", &["self-signed certificate", "self-signed"]),
    ),
    case(
        "self-signed root in the chain",
        Openssl("other-root", &[]),
        BOTH,
        refused(
            "self_signed",
            "unknown_ca",
            &["self-signed certificate in certificate chain", "Other CA"],
        ),
    ),
    case(
        "intermediate not sent",
        Openssl("missing-intermediate", &[]),
        BOTH,
        refused(
            "missing_intermediate",
            "unknown_ca",
            &[
                "unable to get local issuer certificate",
                "only the leaf was sent",
                "send the full chain",
            ],
        ),
    ),
    case(
        "intermediate not sent",
        Node("missing-intermediate", &[]),
        V13,
        refused(
            "missing_intermediate",
            "unknown_ca",
            &[
                "unable to get local issuer certificate",
                "only the leaf was sent",
                "send the full chain",
            ],
        ),
    ),
    case("CA unknown", Openssl("other-server", &[]), BOTH, UNKNOWN),
    case("CA unknown", Python("other-server", &[]), V12, UNKNOWN),
    case(
        "intermediate expired",
        Openssl("below-expired", &[]),
        BOTH,
        refused(
            "expired",
            "certificate_expired",
            &["certificate has expired", "expired-intermediate", "2001-01-01T00:00:00Z"],
        ),
    ),
    case(
        "signature broken",
        Openssl("bad-signature", &[]),
        BOTH,
        refused(
            "signature_failure",
            "decrypt_error",
            &["certificate signature failure", "was not made by the key of the root"],
        ),
    ),
    case(
        "RSA key of 1024 bits",
        Openssl("rsa1024", LAX),
        BOTH,
        refused(
            "weak_signature",
            "decrypt_error",
            &["EE certificate key too weak", "RSA key of 1024 bits"],
        ),
    ),
    case(
        "signed with SHA-1",
        Openssl("sha1", LAX),
        BOTH,
        refused(
            "weak_signature",
            "decrypt_error",
            &["CA signature digest algorithm too weak", "is signed with SHA-1"],
        ),
    ),
    case(
        "more CAs than the path length allows",
        Openssl("too-deep", &[]),
        BOTH,
        refused(
            "path_length",
            "certificate_unknown",
            &["path length constraint exceeded", "narrow", "allows 0 CAs below it"],
        ),
    ),
    case(
        "issuer is not a CA",
        Openssl("below-not-a-ca", &[]),
        BOTH,
        refused(
            "not_a_ca",
            "certificate_unknown",
            &["invalid CA certificate", "not-a-ca", "CA:FALSE"],
        ),
    ),
    with(
        "certificate revoked (`upstream.crl`)",
        Openssl("revoked", &[]),
        BOTH,
        "crl: ca.crl",
        refused("revoked", "certificate_revoked", &["certificate revoked", "2024-01-01"]),
    ),
    with(
        "certificate expired, `verify: false`",
        Openssl("expired", &[]),
        BOTH,
        "verify: false",
        TOLERATED,
    ),
    case(
        "asks for a certificate, we have none",
        Openssl("server", ASKING),
        V12,
        alerted("handshake_failure", Some("client_cert_missing"), NONE_SENT),
    ),
    case(
        "asks for a certificate, we have none",
        Openssl("server", ASKING),
        V13,
        alerted("certificate_required", Some("client_cert_missing"), NONE_SENT),
    ),
    case(
        "asks for a certificate, we have none",
        Python("server", &["ca.pem"]),
        V13,
        alerted("certificate_required", Some("client_cert_missing"), NONE_SENT),
    ),
    case(
        "asks for a certificate, we have none",
        Node("server", &["ca.pem"]),
        V13,
        alerted("certificate_required", Some("client_cert_missing"), NONE_SENT),
    ),
    with(
        "rejects our certificate: another CA",
        Openssl("server", ASKING),
        BOTH,
        OTHER_CLIENT,
        alerted(
            "unknown_ca",
            Some("client_cert_rejected"),
            &[
                "it was sent our certificate 'CN=other-client'",
                "it asks for one issued by CN=Test CA",
            ],
        ),
    ),
    with(
        "rejects our certificate: expired",
        Openssl("server", ASKING),
        BOTH,
        EXPIRED_CLIENT,
        alerted(
            "certificate_expired",
            Some("client_cert_rejected"),
            &[
                "our certificate is at fault: certificate has expired",
                "expired-client",
                "2001-01-01T00:00:00Z",
            ],
        ),
    ),
    with(
        "no protocol in common (ALPN)",
        Openssl("server", &["-alpn", "http/1.1"]),
        BOTH,
        "alpn: [h2]",
        Row {
            close: ("upstream", "alpn_mismatch"),
            ..alerted("no_application_protocol", None, &["it was offered h2"])
        },
    ),
    case(
        "knows no such server name",
        Openssl("server", OTHER_NAME),
        BOTH,
        alerted("unrecognized_name", None, &["upstream.server_name"]),
    ),
    case(
        "TLS 1.1 at most",
        Openssl("server", &["-tls1_1", "-cipher", "DEFAULT@SECLEVEL=0"]),
        ANY,
        alerted("protocol_version", None, &["neither TLS 1.2 nor 1.3"]),
    ),
    case(
        "answers in TLS 1.0",
        Script("scripted ServerHello", answer_tls10),
        ANY,
        Row {
            reason: Some("protocol_version"),
            alert: Some(("protocol_version", "proxy")),
            says: &["TLSv1", "TLS_RSA_WITH_AES_128_CBC_SHA"],
            ..FAILED
        },
    ),
    case(
        "no cipher suite in common",
        Openssl("server", &["-cipher", "ECDHE-ECDSA-AES128-SHA"]),
        V12,
        alerted(
            "handshake_failure",
            None,
            &["no cipher suite, group or signature scheme in common"],
        ),
    ),
    case(
        "no cipher suite in common",
        Openssl("server", &["-ciphersuites", "TLS_AES_128_CCM_SHA256"]),
        V13,
        alerted(
            "handshake_failure",
            None,
            &["no cipher suite, group or signature scheme in common"],
        ),
    ),
    case(
        "no group in common",
        Openssl("server", &["-groups", "X448"]),
        V13,
        alerted(
            "handshake_failure",
            None,
            &["no cipher suite, group or signature scheme in common"],
        ),
    ),
    case(
        "plaintext HTTP/1.1 port",
        Script("HTTP/1.1 server", answer_http1),
        ANY,
        silent(
            "not_tls",
            &["HTTP/1.1 400 Bad Request", "upstream.tls: false"],
            ("proxy", "tls_out_fail"),
        ),
    ),
    case(
        "plaintext HTTP/2 port",
        Script("HTTP/2 server", answer_http2),
        ANY,
        silent(
            "not_tls",
            &["an HTTP/2 SETTINGS frame", "upstream.tls: false"],
            ("proxy", "tls_out_fail"),
        ),
    ),
    case(
        "an SSH port",
        Script("SSH server", answer_ssh),
        ANY,
        silent("not_tls", &["an SSH banner", "upstream.tls: false"], ("proxy", "tls_out_fail")),
    ),
    case(
        "closes instead of answering",
        Script("FIN", answer_fin),
        ANY,
        silent(
            "eof",
            &["closed the connection in the middle of the handshake"],
            ("upstream", "tls_out_fail"),
        ),
    ),
    case(
        "resets instead of answering",
        Script("RST", answer_rst),
        ANY,
        silent(
            "rst",
            &["reset the connection in the middle of the handshake"],
            ("upstream", "tls_out_fail"),
        ),
    ),
    case(
        "does not answer",
        Silent,
        ANY,
        silent(
            "timeout",
            &["policy.upstream_handshake_timeout"],
            ("proxy", "upstream_handshake_timeout"),
        ),
    ),
    case(
        "nobody listens",
        Refusing,
        ANY,
        silent("connect_refused", &["connection refused"], ("proxy", "upstream_connect_fail")),
    ),
];

const TOLERATED: Row = Row {
    outcome: "ok",
    reason: None,
    category: None,
    verify_result: Some("expired"),
    says: &["certificate has expired", "2001-01-01T00:00:00Z"],
    close: ("upstream", "completed"),
    ..FAILED
};

const OTHER_CLIENT: &str = "client_cert: other-client.pem, client_key: other-client.key";
const EXPIRED_CLIENT: &str = "client_cert: expired-client.pem, client_key: expired-client.key";
const OTHER_NAME: &[&str] = &[
    "-servername",
    "other.test",
    "-servername_fatal",
    "-cert2",
    "wrong-name.pem",
    "-key2",
    "wrong-name.key",
];

const fn case(
    fault: &'static str,
    peer: Server,
    tls: &'static [crate::case::Tls],
    row: Row,
) -> Case<Server> {
    Case { fault, peer, tls, config: "", row }
}

const fn with(
    fault: &'static str,
    peer: Server,
    tls: &'static [crate::case::Tls],
    config: &'static str,
    row: Row,
) -> Case<Server> {
    Case { fault, peer, tls, config, row }
}

const fn showing(identity: &'static str) -> ServerTls {
    ServerTls { identity, ..DEFAULT }
}

const DEFAULT: ServerTls = ServerTls {
    identity: "server",
    alpn: &[],
    client_ca: None,
    client_required: true,
    versions: &[],
};

/// Reads the ClientHello, so that closing is not resetting.
fn read_hello(peer: &mut Peer) {
    let head = peer.read_exact(5);
    peer.read_exact(usize::from(u16::from_be_bytes([head[3], head[4]])));
}

fn answer(mut peer: Peer, bytes: &[u8]) {
    read_hello(&mut peer);
    peer.write(bytes);
    peer.half_close();
    peer.read_end();
}

fn answer_tls10(peer: Peer) {
    // Record and message headers, version, random, session, suite, compression.
    let mut hello = vec![0x16, 3, 1, 0, 42, 2, 0, 0, 38, 3, 1];
    hello.extend([7; 32]);
    hello.extend([0, 0, 0x2f, 0]);
    answer(peer, &hello);
}

fn answer_http1(peer: Peer) {
    answer(peer, b"HTTP/1.1 400 Bad Request\r\nconnection: close\r\n\r\n");
}

fn answer_http2(peer: Peer) {
    // SETTINGS, and GOAWAY for what is no preface.
    answer(peer, b"\0\0\0\x04\0\0\0\0\0\0\0\x08\x07\0\0\0\0\0\0\0\0\0\0\0\0\x01");
}

fn answer_ssh(peer: Peer) {
    answer(peer, b"SSH-2.0-OpenSSH_9.2p1\r\n");
}

fn answer_fin(peer: Peer) {
    answer(peer, b"");
}

fn answer_rst(mut peer: Peer) {
    read_hello(&mut peer);
    peer.reset();
}
