//! ALPN agrees on both sides (RFC 7301): who is offered what, and who is answered first.

use analysis::outcome::Cause;
use analysis::session::Application;
use analysis::vocabulary::CloseReason;

/// What the handshakes are to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Plan {
    /// The upstream chooses among these, and the client is given what it chose.
    UpstreamFirst {
        /// Offered to the upstream.
        offer: Vec<Vec<u8>>,
    },
    /// The client is answered first.
    ClientFirst {
        /// What the client is answered with; none = without ALPN.
        answer: Option<Vec<u8>>,
        /// Offered to the upstream.
        offer: Vec<Vec<u8>>,
    },
    /// Nothing is left.
    Nothing,
}

/// What is known before the handshakes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Offers<'a> {
    /// The client's offer, in its order; empty = it does not use ALPN.
    pub(super) client: &'a [Vec<u8>],
    /// `tls.alpn`, in order of preference.
    pub(super) listener: &'a [Vec<u8>],
    /// `upstream.alpn`; empty = the upstream is offered nothing, and restricts nothing.
    pub(super) upstream: &'a [Vec<u8>],
    /// Whether the upstream speaks TLS.
    pub(super) upstream_tls: bool,
    /// Whether the client must show a certificate, so that it has to be answered first.
    pub(super) client_certificate: bool,
}

impl Offers<'_> {
    pub(super) fn plan(&self) -> Plan {
        if self.client.is_empty() || self.listener.is_empty() {
            return Plan::ClientFirst { answer: None, offer: Vec::new() };
        }
        let common: Vec<Vec<u8>> = self
            .listener
            .iter()
            .filter(|name| self.client.contains(name))
            .filter(|name| self.upstream.is_empty() || self.upstream.contains(name))
            .cloned()
            .collect();
        let is_offered = self.upstream_tls && !self.upstream.is_empty();
        match common.as_slice() {
            [] => Plan::Nothing,
            [_, _, ..] if is_offered && !self.client_certificate => {
                Plan::UpstreamFirst { offer: common }
            }
            [first, ..] => {
                let offer = if is_offered { vec![first.clone()] } else { Vec::new() };
                Plan::ClientFirst { answer: Some(first.clone()), offer }
            }
        }
    }

    /// Adds both sides' offers to what an upstream said that can use none of them.
    pub(super) fn explain(&self, cause: Cause) -> Cause {
        match cause {
            Cause::Decided { reason: CloseReason::AlpnMismatch, closed_by, detail } => {
                let detail = format!("{detail}; {}", self.describe());
                Cause::Decided { reason: CloseReason::AlpnMismatch, closed_by, detail }
            }
            other => other,
        }
    }

    /// Both sides' offers, for the detail of an `alpn_mismatch`.
    pub(super) fn describe(&self) -> String {
        format!(
            "the client offers {}, tls.alpn allows {}, upstream.alpn allows {}",
            names(self.client),
            names(self.listener),
            names(self.upstream)
        )
    }
}

/// Whether the upstream's choice fits what the client has. An upstream that chooses nothing does not
/// contradict: both ends will show whether they can go on without.
pub(super) fn fits(client: Option<&[u8]>, upstream: Option<&[u8]>) -> bool {
    match (client, upstream) {
        (_, None) => true,
        (None, Some(name)) => Application::from_alpn(Some(name)) == Application::Http1,
        (Some(client), Some(upstream)) => client == upstream,
    }
}

/// `h2, http/1.1`
pub(super) fn names(protocols: &[Vec<u8>]) -> String {
    if protocols.is_empty() {
        return "nothing".to_owned();
    }
    let names: Vec<_> = protocols.iter().map(|name| String::from_utf8_lossy(name)).collect();
    names.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(names: &str) -> Vec<Vec<u8>> {
        names.split_whitespace().map(|name| name.as_bytes().to_vec()).collect()
    }

    fn plan(client: &str, listener: &str, upstream: &str, tls: bool, certificate: bool) -> Plan {
        Offers {
            client: &list(client),
            listener: &list(listener),
            upstream: &list(upstream),
            upstream_tls: tls,
            client_certificate: certificate,
        }
        .plan()
    }

    #[test]
    fn two_choices_are_the_upstream_s_to_make() {
        assert_eq!(
            plan("http/1.1 h2", "h2 http/1.1", "h2 http/1.1", true, false),
            Plan::UpstreamFirst { offer: list("h2 http/1.1") }
        );
    }

    #[test]
    fn otherwise_the_client_is_answered_first_by_the_order_of_the_listener() {
        for (tls, certificate, offer) in [(true, true, "h2"), (false, false, "")] {
            assert_eq!(
                plan("http/1.1 h2", "h2 http/1.1", "h2 http/1.1", tls, certificate),
                Plan::ClientFirst { answer: Some(b"h2".to_vec()), offer: list(offer) }
            );
        }
        assert_eq!(
            plan("h2 http/1.1", "h2 http/1.1", "h2", true, false),
            Plan::ClientFirst { answer: Some(b"h2".to_vec()), offer: list("h2") }
        );
    }

    #[test]
    fn without_alpn_nothing_is_offered() {
        let none = Plan::ClientFirst { answer: None, offer: Vec::new() };
        assert_eq!(plan("", "h2", "h2", true, false), none);
    }

    #[test]
    fn nothing_in_common_is_nothing() {
        assert_eq!(plan("h2", "http/1.1", "http/1.1", true, false), Plan::Nothing);
        assert_eq!(plan("h2", "h2 http/1.1", "http/1.1", true, false), Plan::Nothing);
    }

    #[test]
    fn an_upstream_that_is_not_asked_restricts_nothing() {
        assert_eq!(
            plan("h2", "h2", "", true, false),
            Plan::ClientFirst { answer: Some(b"h2".to_vec()), offer: Vec::new() }
        );
    }
}
