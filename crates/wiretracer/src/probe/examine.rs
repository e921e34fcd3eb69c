//! One connection that stands: TLS, and what speaks above it.
//!
//! ```text
//! encryption   tls ──► TLS ──ok──► application
//!              detect ─► TLS ─refused─► application in plaintext
//!              plaintext ─────────────► application in plaintext ──not understood──► TLS?
//! ```

use std::sync::Arc;

use analysis::vocabulary::TlsReason;

use super::application;
use super::attempt::{Change, attempts, refined};
use super::encrypted::{Encrypted, encrypt, explain};
use super::report::{Application, Response, Spoken, Tls};
use super::settings::{Encryption, Settings};
use crate::upstream::{Connected, Target};

/// Statuses from here on say that the request was not understood, or worse (RFC 9110 §15.5).
const CLIENT_ERROR: u16 = 400;

/// What was found behind one address.
pub(super) struct Found {
    pub(super) tls: Option<Tls>,
    pub(super) application: Option<Application>,
}

/// Examines the upstream behind a connection.
pub(super) async fn examine(settings: &Arc<Settings>, connected: Connected) -> Found {
    match settings.encryption {
        Encryption::Plaintext => {
            let address = connected.address;
            let mut application = application::in_plaintext(settings, connected).await;
            if !is_understood(&application) {
                application.attempts = attempts(settings, address, vec![Change::Tls]).await;
            }
            Found { tls: None, application: Some(application) }
        }
        Encryption::Tls | Encryption::Detect => over_tls(settings, connected).await,
    }
}

async fn over_tls(settings: &Arc<Settings>, connected: Connected) -> Found {
    let address = connected.address;
    let Encrypted { mut tls, facts, stream } = encrypt(settings, connected).await;
    let mut refused = stream.is_none();
    let application = match stream {
        Some(stream) => {
            let (application, refusal) = application::in_tls(settings, stream, &tls).await;
            if let Some(failure) = refusal {
                refused = true;
                tls.fail_late(refined(failure, &facts));
            }
            Some(application)
        }
        None if may_be_plaintext(tls.reason) => {
            match settings.dialer().connect(&Target::Address(address)).await {
                Ok(connected) => Some(application::in_plaintext(settings, connected).await),
                Err(_) => None,
            }
        }
        None => None,
    };
    let is_plaintext =
        application.as_ref().is_some_and(|it| !it.encrypted && it.protocol.is_some());
    if !is_plaintext || tls.reason == Some(TlsReason::NotTls) {
        explain(settings, address, &mut tls, refused).await;
    }
    Found { tls: Some(tls), application }
}

/// Whether it is sure that plaintext is spoken: some servers have a word for it on TLS ports, too.
fn is_understood(application: &Application) -> bool {
    let is_content = |response: &Response| response.status < CLIENT_ERROR;
    application.protocol == Some(Spoken::Http2)
        || application.greeting.is_some()
        || application.response.as_ref().is_some_and(is_content)
}

/// Whether a failure is what plaintext servers make of a ClientHello.
const fn may_be_plaintext(reason: Option<TlsReason>) -> bool {
    matches!(
        reason,
        Some(
            TlsReason::NotTls
                | TlsReason::Eof
                | TlsReason::Rst
                | TlsReason::Timeout
                | TlsReason::DecodeError
        )
    )
}
