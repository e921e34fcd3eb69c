//! The client's faults, and the rows that are due.

use super::Client::{self, Curl, Node, Openssl, Python, Rustls, Script, Silent};
use crate::case::{ANY, BOTH, Case, FAILED, Row, V12, V13};
use crate::support::{ClientTls, Peer};

const IN: Row = Row { close: ("client", "tls_in_fail"), ..FAILED };

/// The client's alert refuses our certificate.
const fn alerted(
    reason: &'static str,
    category: &'static str,
    says: &'static [&'static str],
) -> Row {
    Row {
        reason: Some(reason),
        category: Some(category),
        alert: Some((reason, "client")),
        says,
        ..IN
    }
}

/// We refuse the client, and say so by an alert.
const fn refused(
    reason: &'static str,
    category: Option<&'static str>,
    alert: &'static str,
    says: &'static [&'static str],
) -> Row {
    Row {
        reason: Some(reason),
        category,
        alert: Some((alert, "proxy")),
        says,
        close: ("proxy", "tls_in_fail"),
        ..FAILED
    }
}

/// It ended without a word of TLS.
const fn silent(
    reason: &'static str,
    says: &'static [&'static str],
    closed_by: &'static str,
) -> Row {
    Row { reason: Some(reason), says, close: (closed_by, "tls_in_fail"), ..FAILED }
}

const EXPIRED: &str = "cert: expired.pem, key: expired.key";
const EARLY: &str = "cert: not-yet-valid.pem, key: not-yet-valid.key";
const NAMED: &str = "cert: wrong-name.pem, key: wrong-name.key";
const PURPOSE: &str = "cert: wrong-eku.pem, key: wrong-eku.key";
const PARTIAL: &str = "cert: missing-intermediate.pem, key: missing-intermediate.key";
const MUTUAL: &str = "require_client_cert: true, client_ca: ca.pem";

const NOT_TRUSTED: &[&str] = &["nothing is wrong with our certificate itself", "Test CA"];
const OURS_EXPIRED: &[&str] =
    &["our certificate is at fault", "certificate has expired", "2001-01-01T00:00:00Z"];
const OURS_EARLY: &[&str] =
    &["our certificate is at fault", "certificate is not yet valid", "2100-01-01T00:00:00Z"];
const OURS_NAMED: &[&str] = &["our certificate is at fault", "Hostname mismatch", "other.test"];
const OURS_PURPOSE: &[&str] =
    &["our certificate is at fault", "unsuitable certificate purpose", "clientAuth"];
const OURS_PARTIAL: &[&str] =
    &["does not trust its issuer 'CN=intermediate'", "tls.cert holds it alone"];

const S_CA: &[&str] = &["-CAfile", "ca.pem"];
const S_OTHER: &[&str] = &["-CAfile", "other-ca.pem"];
const C_CA: &[&str] = &["--cacert", "ca.pem"];

/// Some clients look at the name only after the handshake.
const LEFT: Row = Row {
    outcome: "ok",
    says: &["left after the TLS handshake without sending a byte", "host name in our certificate"],
    close: ("client", "completed"),
    ..FAILED
};

const MISSING: Row = refused(
    "certificate_required",
    Some("client_cert_missing"),
    "certificate_required",
    &["peer did not return a certificate", "tls.require_client_cert"],
);
const HTTP1: &[u8] = b"GET /x HTTP/1.1\r\nhost: localhost\r\n\r\n";

pub(crate) const CASES: &[Case<Client>] = &[
    case(
        "does not trust our CA",
        Openssl(S_OTHER),
        BOTH,
        "",
        alerted("unknown_ca", "unknown_ca", NOT_TRUSTED),
    ),
    case(
        "does not trust our CA",
        Curl(&["--cacert", "other-ca.pem"]),
        BOTH,
        "",
        alerted("unknown_ca", "unknown_ca", NOT_TRUSTED),
    ),
    case(
        "does not trust our CA",
        Python(&["other-ca.pem"]),
        BOTH,
        "",
        alerted("unknown_ca", "unknown_ca", NOT_TRUSTED),
    ),
    case(
        "does not trust our CA",
        Rustls(ClientTls { ca: "other-ca", ..CLIENT }),
        BOTH,
        "",
        alerted("unknown_ca", "unknown_ca", NOT_TRUSTED),
    ),
    case(
        "does not trust our CA",
        Node(&["other-ca.pem"]),
        V13,
        "",
        silent("eof", NOT_TRUSTED, "client"),
    ),
    case(
        "our certificate has expired",
        Openssl(S_CA),
        BOTH,
        EXPIRED,
        alerted("certificate_expired", "expired", OURS_EXPIRED),
    ),
    case(
        "our certificate has expired",
        Curl(C_CA),
        BOTH,
        EXPIRED,
        alerted("certificate_expired", "expired", OURS_EXPIRED),
    ),
    case(
        "our certificate has expired",
        Rustls(CLIENT),
        V13,
        EXPIRED,
        alerted("certificate_expired", "expired", OURS_EXPIRED),
    ),
    case(
        "our certificate has expired",
        Node(&["ca.pem"]),
        V13,
        EXPIRED,
        silent("eof", OURS_EXPIRED, "client"),
    ),
    case(
        "our certificate is not yet valid",
        Openssl(S_CA),
        BOTH,
        EARLY,
        alerted("bad_certificate", "not_yet_valid", OURS_EARLY),
    ),
    case(
        "our certificate is not yet valid",
        Python(&["ca.pem"]),
        BOTH,
        EARLY,
        alerted("bad_certificate", "not_yet_valid", OURS_EARLY),
    ),
    case(
        "our certificate has another name",
        Openssl(S_CA),
        BOTH,
        NAMED,
        alerted("bad_certificate", "hostname_mismatch", OURS_NAMED),
    ),
    case(
        "our certificate has another name",
        Python(&["ca.pem"]),
        BOTH,
        NAMED,
        alerted("bad_certificate", "hostname_mismatch", OURS_NAMED),
    ),
    case(
        "our certificate has another name",
        Rustls(CLIENT),
        BOTH,
        NAMED,
        alerted("bad_certificate", "hostname_mismatch", OURS_NAMED),
    ),
    case("our certificate has another name", Curl(C_CA), BOTH, NAMED, LEFT),
    case("our certificate has another name", Node(&["ca.pem"]), V12, NAMED, LEFT),
    case(
        "our certificate has another name",
        Node(&["ca.pem"]),
        V13,
        NAMED,
        silent("eof", OURS_NAMED, "client"),
    ),
    case("does not trust our CA", Node(&["other-ca.pem"]), V12, "", LEFT),
    case(
        "our certificate is for clients only (EKU)",
        Openssl(S_CA),
        BOTH,
        PURPOSE,
        alerted("unsupported_certificate", "wrong_eku", OURS_PURPOSE),
    ),
    case(
        "our certificate is for clients only (EKU)",
        Curl(C_CA),
        BOTH,
        PURPOSE,
        alerted("unsupported_certificate", "wrong_eku", OURS_PURPOSE),
    ),
    case(
        "we do not send our intermediate",
        Openssl(S_CA),
        BOTH,
        PARTIAL,
        alerted("unknown_ca", "unknown_ca", OURS_PARTIAL),
    ),
    case("certificate required, none sent", Openssl(S_CA), BOTH, MUTUAL, MISSING),
    case("certificate required, none sent", Curl(C_CA), BOTH, MUTUAL, MISSING),
    case("certificate required, none sent", Node(&["ca.pem"]), V13, MUTUAL, MISSING),
    case(
        "client's certificate of another CA",
        Openssl(&["-CAfile", "ca.pem", "-cert", "other-client.pem", "-key", "other-client.key"]),
        BOTH,
        MUTUAL,
        refused(
            "cert_verify_failed",
            Some("unknown_ca"),
            "unknown_ca",
            &["unable to get local issuer certificate", "Other CA"],
        ),
    ),
    case(
        "client's certificate of another CA",
        Python(&["ca.pem", "other-client.pem", "other-client.key"]),
        BOTH,
        MUTUAL,
        refused(
            "cert_verify_failed",
            Some("unknown_ca"),
            "unknown_ca",
            &["unable to get local issuer certificate", "Other CA"],
        ),
    ),
    case(
        "client's certificate expired",
        Openssl(&[
            "-CAfile",
            "ca.pem",
            "-cert",
            "expired-client.pem",
            "-key",
            "expired-client.key",
        ]),
        BOTH,
        MUTUAL,
        refused(
            "cert_verify_failed",
            Some("expired"),
            "certificate_expired",
            &["certificate has expired", "2001-01-01T00:00:00Z"],
        ),
    ),
    case(
        "client's certificate is for servers only (EKU)",
        Openssl(&["-CAfile", "ca.pem", "-cert", "server.pem", "-key", "server.key"]),
        BOTH,
        MUTUAL,
        refused(
            "cert_verify_failed",
            Some("wrong_eku"),
            "unsupported_certificate",
            &["unsuitable certificate purpose", "serverAuth"],
        ),
    ),
    case(
        "client's certificate revoked (`tls.client_crl`)",
        Openssl(&[
            "-CAfile",
            "ca.pem",
            "-cert",
            "revoked-client.pem",
            "-key",
            "revoked-client.key",
        ]),
        BOTH,
        "require_client_cert: true, client_ca: ca.pem, client_crl: ca.crl",
        refused(
            "cert_verify_failed",
            Some("revoked"),
            "certificate_revoked",
            &["certificate revoked", "2024-01-01"],
        ),
    ),
    case(
        "no protocol in common (ALPN)",
        Openssl(&["-CAfile", "ca.pem", "-alpn", "spdy/3"]),
        BOTH,
        "",
        Row {
            close: ("proxy", "alpn_mismatch"),
            ..refused(
                "no_application_protocol",
                None,
                "no_application_protocol",
                &["the client offers spdy/3", "tls.alpn allows h2, http/1.1"],
            )
        },
    ),
    case(
        "TLS 1.1 at most",
        Openssl(&["-tls1_1", "-cipher", "DEFAULT@SECLEVEL=0"]),
        ANY,
        "",
        refused("protocol_version", None, "protocol_version", &["it offers TLSv1.1"]),
    ),
    case(
        "TLS 1.2 at most, `min_version: TLS1.3`",
        Openssl(S_CA),
        V12,
        "min_version: TLS1.3",
        refused(
            "protocol_version",
            None,
            "protocol_version",
            &["it offers TLSv1.2", "tls.min_version"],
        ),
    ),
    case(
        "no cipher suite in common",
        Openssl(&["-cipher", "ECDHE-ECDSA-AES128-SHA"]),
        V12,
        "",
        refused(
            "no_shared_cipher",
            None,
            "handshake_failure",
            &["TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA"],
        ),
    ),
    case(
        "no cipher suite in common",
        Openssl(&["-ciphersuites", "TLS_AES_128_CCM_SHA256"]),
        V13,
        "",
        refused("no_shared_cipher", None, "handshake_failure", &["TLS_AES_128_CCM_SHA256"]),
    ),
    case(
        "no group in common",
        Openssl(&["-groups", "X448"]),
        V13,
        "",
        refused(
            "no_shared_cipher",
            None,
            "handshake_failure",
            &["no key exchange group in common", "the groups x448;", "x25519"],
        ),
    ),
    case(
        "plaintext HTTP/1.1",
        Script("HTTP/1.1 client", |peer| say(peer, HTTP1)),
        ANY,
        "",
        silent("not_tls", &["HTTP/1.1 request"], "proxy"),
    ),
    case(
        "plaintext HTTP/2",
        Script("HTTP/2 client", |peer| say(peer, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")),
        ANY,
        "",
        silent("not_tls", &["HTTP/2 connection preface instead of TLS"], "proxy"),
    ),
    case(
        "an SSH client",
        Script("SSH client", |peer| say(peer, b"SSH-2.0-OpenSSH_9.2p1\r\n")),
        ANY,
        "",
        silent("not_tls", &["SSH instead of TLS"], "proxy"),
    ),
    case(
        "leaves before its ClientHello",
        Script("FIN", |peer| say(peer, b"")),
        ANY,
        "",
        silent("eof", &["without sending a byte"], "client"),
    ),
    case(
        "leaves within its ClientHello",
        Script("FIN", |peer| say(peer, PART)),
        ANY,
        "",
        silent("eof", &["closed the connection in its ClientHello, after 11 bytes"], "client"),
    ),
    case(
        "resets within its ClientHello",
        Script("RST", reset),
        ANY,
        "",
        silent("rst", &["reset the connection"], "client"),
    ),
    case(
        "says nothing",
        Silent(b""),
        ANY,
        "",
        silent("timeout", &["policy.client_handshake_timeout"], "proxy"),
    ),
    case(
        "stops within its ClientHello",
        Silent(PART),
        ANY,
        "",
        silent("timeout", &["policy.client_handshake_timeout"], "proxy"),
    ),
];

/// The beginning of a ClientHello of 512 bytes.
const PART: &[u8] = &[0x16, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 3];

const CLIENT: ClientTls =
    ClientTls { server_name: "localhost", alpn: &[], identity: None, versions: &[], ca: "ca" };

const fn case(
    fault: &'static str,
    peer: Client,
    tls: &'static [crate::case::Tls],
    config: &'static str,
    row: Row,
) -> Case<Client> {
    Case { fault, peer, tls, config, row }
}

fn say(mut peer: Peer, bytes: &[u8]) {
    peer.write(bytes);
    peer.half_close();
    peer.read_end();
}

fn reset(mut peer: Peer) {
    peer.write(PART);
    // Otherwise what was written could be lost with the connection.
    std::thread::sleep(std::time::Duration::from_millis(100));
    peer.reset();
}
