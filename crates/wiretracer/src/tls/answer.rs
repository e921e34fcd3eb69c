//! What the upstream's first bytes say about a handshake that failed.
//!
//! rustls tells that an answer made no sense to it, not what it was: an HTTP response, a ServerHello of
//! a version that it does not speak, an alert at the first word.

use analysis::vocabulary::TlsReason;
use wire::tls::{Event, Observer, ProtocolVersion};
use wire::{Direction, sniff};

use super::failure::Failure;

impl Failure {
    /// Says more about a failure from the first bytes that the upstream answered our ClientHello
    /// with.
    #[must_use]
    pub fn explained_by_answer(mut self, answer: &[u8]) -> Self {
        let mut first = None;
        Observer::new().feed(Direction::FromUpstream, answer, |event| {
            first.get_or_insert(event);
        });
        match first {
            Some(Event::NotTls { .. }) => {
                self.reason = TlsReason::NotTls;
                self.detail = format!(
                    "the upstream answered our ClientHello with {}: it is a plaintext port \
                     (upstream.tls: false)",
                    sniff::describe(answer)
                );
            }
            Some(Event::ServerHello(hello)) if !is_spoken(hello.version) => {
                self.reason = TlsReason::ProtocolVersion;
                self.detail = format!(
                    "the upstream chose {} with {}; wiretracer speaks TLS 1.2 and 1.3 only",
                    hello.version, hello.cipher_suite
                );
            }
            Some(Event::Alert { .. }) => self.detail.push_str(at_the_first_word(self.reason)),
            _ => {}
        }
        self
    }
}

fn is_spoken(version: ProtocolVersion) -> bool {
    matches!(version, ProtocolVersion::TLSV1_2 | ProtocolVersion::TLSV1_3)
}

/// What an alert means that comes instead of a ServerHello.
const fn at_the_first_word(reason: TlsReason) -> &'static str {
    match reason {
        TlsReason::HandshakeFailure | TlsReason::InsufficientSecurity => {
            " instead of a ServerHello: no cipher suite, group or signature scheme in common; ours are \
             those of TLS 1.3, and of TLS 1.2 with ECDHE and AEAD (no CBC, no RSA key exchange)"
        }
        TlsReason::ProtocolVersion => {
            " instead of a ServerHello: it speaks neither TLS 1.2 nor 1.3, which is all that \
             wiretracer speaks"
        }
        TlsReason::UnrecognizedName => {
            " instead of a ServerHello: it does not know the server name asked for \
             (upstream.server_name)"
        }
        TlsReason::InternalError => {
            " instead of a ServerHello: usually it could not load or choose its certificate, a mistake \
             in the server's own configuration"
        }
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn explained(reason: TlsReason, answer: &[u8]) -> Failure {
        Failure::new(reason, "the upstream sent the alert").explained_by_answer(answer)
    }

    #[test]
    fn a_plaintext_answer_is_quoted() {
        let failure = explained(TlsReason::NotTls, b"HTTP/1.1 400 Bad Request\r\n\r\n");
        assert_eq!(failure.reason, TlsReason::NotTls);
        assert!(failure.detail.contains("HTTP/1.1 400 Bad Request"), "{}", failure.detail);
        assert!(failure.detail.contains("upstream.tls: false"), "{}", failure.detail);
    }

    #[test]
    fn a_version_that_is_not_spoken_is_named() {
        // ServerHello of TLS 1.0: record and message headers, version, random, session, suite.
        let mut hello = vec![0x16, 3, 1, 0, 42, 2, 0, 0, 38, 3, 1];
        hello.extend([7; 32]);
        hello.extend([0, 0, 0x2f, 0]);
        let failure = explained(TlsReason::HandshakeFailure, &hello);
        assert_eq!(failure.reason, TlsReason::ProtocolVersion);
        assert!(failure.detail.contains("TLSv1"), "{}", failure.detail);
        assert!(failure.detail.contains("TLS_RSA_WITH_AES_128_CBC_SHA"), "{}", failure.detail);
    }

    #[test]
    fn an_alert_at_the_first_word_says_what_was_missing() {
        let failure = explained(TlsReason::HandshakeFailure, &[0x15, 3, 3, 0, 2, 2, 40]);
        assert!(failure.detail.contains("in common"), "{}", failure.detail);
        let silent = explained(TlsReason::Eof, b"");
        assert_eq!(silent.detail, "the upstream sent the alert");
    }
}
