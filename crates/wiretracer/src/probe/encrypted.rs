//! TLS with the listener's settings, and after a failure what else would have worked.
//!
//! Verification always counts in the first handshake, because only then its verdict comes in words.
//! Where it fails a second handshake overlooks it, so that the rest can be seen too.

use std::net::SocketAddr;
use std::sync::Arc;

use analysis::record::{Millis, TlsParameters};
use analysis::vocabulary::{Outcome, TlsCategory, TlsReason};

use super::attempt::{
    Change, Shaken, Stream, Variation, answer_to_hello, attempts, handshake, suspects,
};
use super::report::{Attempt, Tls};
use super::settings::Settings;
use crate::config::Roots;
use crate::tls::client::Facts;
use crate::tls::failure::Failure;
use crate::tls::x509;
use crate::upstream::{Connected, Target};

/// The upstream's side of TLS as far as it came about.
pub(super) struct Encrypted {
    pub(super) tls: Tls,
    pub(super) facts: Facts,
    /// Also where only verification failed.
    pub(super) stream: Option<Stream>,
}

/// Makes the handshake.
pub(super) async fn encrypt(settings: &Settings, connected: Connected) -> Encrypted {
    let (address, limit) = (connected.address, settings.handshake_timeout);
    let strict = handshake(connected, &Variation::strict(settings), limit).await;
    let Shaken { result, facts, duration } = strict;
    let mut tls = described(settings, &facts);
    tls.duration_ms = Millis(duration);
    let stream = match result {
        Ok(stream) => Some(stream),
        Err(failure) if failure.reason == TlsReason::CertVerifyFailed => {
            if settings.tls.verify {
                tls.fail(failure);
            } else {
                tls.detail = Some(failure.detail);
            }
            let again = settings.dialer().connect(&Target::Address(address)).await.ok();
            let overlooked = match again {
                None => None,
                Some(connected) => {
                    Some(handshake(connected, &Variation::lenient(settings), limit).await)
                }
            };
            match overlooked {
                Some(Shaken { result: Ok(stream), facts, .. }) => {
                    tls.client_cert_request = facts.request;
                    Some(stream)
                }
                Some(Shaken { result: Err(failure), .. }) if !settings.tls.verify => {
                    tls.fail(failure);
                    None
                }
                _ => None,
            }
        }
        Err(failure) => {
            tls.fail(failure);
            None
        }
    };
    if let Some(stream) = &stream {
        let sni = tls.agreed.sni.take();
        tls.agreed = crate::tls::parameters(stream.get_ref().1, sni);
    }
    let facts = Facts { request: tls.client_cert_request.clone(), ..facts };
    Encrypted { tls, facts, stream }
}

/// What the handshake showed, apart from how it went.
fn described(settings: &Settings, facts: &Facts) -> Tls {
    let name = &settings.server_name;
    let is_address = name.parse::<std::net::IpAddr>().is_ok();
    Tls {
        agreed: TlsParameters {
            sni: (!is_address).then(|| name.clone()),
            ..TlsParameters::default()
        },
        verify_result: facts.verify_result.clone(),
        client_cert_request: facts.request.clone(),
        peer_chain: x509::facts_of_chain(&facts.chain),
        ..Tls::well()
    }
}

impl Tls {
    /// It did not work after all.
    pub(super) fn fail(&mut self, failure: Failure) {
        self.outcome = Outcome::Fail;
        self.reason = Some(failure.reason);
        self.category = failure.category;
        self.detail = Some(failure.detail);
        self.alert = failure.alert;
        self.alert_from = failure.alert_from;
    }

    /// The upstream refused what looked complete from our side. What we had to object comes first.
    pub(super) fn fail_late(&mut self, failure: Failure) {
        match &mut self.detail {
            Some(detail) if self.outcome == Outcome::Fail => {
                let more = format!("; and {}: {}", failure.reason, failure.detail);
                detail.push_str(&more);
            }
            _ => self.fail(failure),
        }
    }
}

/// Says which versions work, and after a failure what else would have; `refused` where the upstream
/// did not want the connection.
pub(super) async fn explain(
    settings: &Arc<Settings>,
    address: SocketAddr,
    tls: &mut Tls,
    refused: bool,
) {
    if tls.reason == Some(TlsReason::NotTls) {
        if let Some(answer) = answer_to_hello(settings, address).await {
            tls.detail = Some(format!("the upstream answered the ClientHello with {answer}"));
        }
        return;
    }
    let wants_certificate = tls.client_cert_request.as_ref().is_some_and(|asked| !asked.sent);
    if refused && wants_certificate {
        // Nothing that we could leave out makes up for what we do not have.
        return;
    }
    let mut changes = Vec::new();
    let mut versions = Vec::new();
    for (name, change) in [("TLSv1.2", Change::OnlyTls12), ("TLSv1.3", Change::OnlyTls13)] {
        let is_agreed = tls.agreed.version.as_deref() == Some(name);
        if is_agreed && !refused {
            let detail = Some("agreed on".to_owned());
            versions.push(Attempt { with: name.to_owned(), outcome: Outcome::Ok, detail });
        } else {
            changes.push(change);
        }
    }
    let tried = changes.len();
    if tls.outcome == Outcome::Fail || tls.detail.is_some() {
        changes.extend(if refused { suspects(settings) } else { remedies(settings, tls) });
    }
    let mut made = attempts(settings, address, changes).await;
    tls.attempts = made.split_off(tried);
    versions.append(&mut made);
    versions.sort_by(|one, other| one.with.cmp(&other.with));
    tls.versions = versions;
}

/// What could make the certificate good.
fn remedies(settings: &Settings, tls: &Tls) -> Vec<Change> {
    let category = tls.verify_result.as_deref().and_then(|word| word.parse().ok());
    match category {
        Some(TlsCategory::HostnameMismatch) => {
            let leaf = tls.peer_chain.first();
            let names = leaf.iter().flat_map(|leaf| &leaf.san);
            let names = names.filter_map(|name| name.strip_prefix("DNS:"));
            let name = names.into_iter().find(|name| !name.starts_with('*'));
            name.map(|name| Change::ServerName(name.to_owned())).into_iter().collect()
        }
        Some(
            TlsCategory::UnknownCa | TlsCategory::SelfSigned | TlsCategory::MissingIntermediate,
        ) if matches!(settings.tls.roots, Roots::File { .. }) => vec![Change::SystemRoots],
        _ => Vec::new(),
    }
}
