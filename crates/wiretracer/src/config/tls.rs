//! `listeners[].tls`: what the client meets.
//!
//! ```text
//! no section, or null     Inbound::Plaintext
//! mode: terminate         Inbound::Terminate, with cert and key, or with minted certificates
//! mode: passthrough       Inbound::Passthrough, and nothing else to set
//! ```

use super::alpn::{self, alpn};
use super::context::Context;
use super::field::Section;
use super::identity::{ClientAuth, Identity};
use super::key::{self, Password};
use super::keys;
use super::model::{Inbound, MinVersion, TlsIn};
use super::pem;

#[derive(Clone, Copy, PartialEq)]
enum Mode {
    Terminate,
    Passthrough,
}

/// Resolves the `tls` section of a listener.
pub(super) fn inbound(listener: &Section<'_>, ctx: &mut Context) -> Inbound {
    let Some(field) = listener.get("tls") else { return Inbound::Plaintext };
    if field.node.is_null() {
        // `tls: null` says plaintext. `tls:` with every key below it commented out says nothing,
        // and guessing would turn encryption off or on.
        if field.is_blank() {
            ctx.mistake(
                field,
                "is empty; allowed: tls: {} for minted certificates, or no tls key for plaintext",
            );
        }
        return Inbound::Plaintext;
    }
    let Some(section) = Section::open(field, &keys::TLS, ctx) else { return Inbound::Plaintext };
    let modes = [("terminate", Mode::Terminate), ("passthrough", Mode::Passthrough)];
    let mode = section.get("mode").and_then(|field| field.word(&modes, ctx));
    let tls = terminate(&section, ctx);
    match mode.unwrap_or(Mode::Terminate) {
        Mode::Terminate => Inbound::Terminate(tls),
        Mode::Passthrough => {
            refuse_beside_passthrough(&section, &tls, ctx);
            Inbound::Passthrough
        }
    }
}

fn terminate(section: &Section<'_>, ctx: &mut Context) -> TlsIn {
    let versions = [("TLS1.2", MinVersion::Tls12), ("TLS1.3", MinVersion::Tls13)];
    let min_version = section.get("min_version").and_then(|field| field.word(&versions, ctx));
    TlsIn {
        identity: identity(section, ctx),
        client_auth: client_auth(section, ctx),
        alpn: section.get("alpn").map_or_else(alpn::default, |field| alpn(field, ctx)),
        min_version: min_version.unwrap_or_default(),
    }
}

fn identity(section: &Section<'_>, ctx: &mut Context) -> Identity {
    match (section.set("cert"), section.set("key")) {
        (Some(cert), Some(key)) => key::identity(cert, key, &Password::NotPossible, ctx)
            .map_or(Identity::Minted, Identity::Files),
        (Some(cert), None) => {
            ctx.mistake(cert, "given without 'key'; give both, or neither for minted certificates");
            Identity::Minted
        }
        (None, Some(key)) => {
            ctx.mistake(key, "given without 'cert'; give both, or neither for minted certificates");
            Identity::Minted
        }
        (None, None) => Identity::Minted,
    }
}

fn client_auth(section: &Section<'_>, ctx: &mut Context) -> Option<ClientAuth> {
    let required = section.bool("require_client_cert", false, ctx);
    let crl_field = section.set("client_crl");
    let crl = crl_field.and_then(|field| pem::revocation_lists(field, ctx)).unwrap_or_default();
    let Some(field) = section.set("client_ca") else {
        if required && let Some(field) = section.get("require_client_cert") {
            ctx.mistake(field, "found true without client_ca; allowed: true beside a client_ca");
        }
        if let Some(field) = crl_field {
            ctx.mistake(field, "given without 'client_ca': there is nobody to revoke");
        }
        return None;
    };
    let (ca_path, ca) = pem::authorities(field, ctx)?;
    Some(ClientAuth { ca, ca_path, required, crl })
}

/// TLS that is not ended has no certificate to show and no version to choose.
fn refuse_beside_passthrough(section: &Section<'_>, tls: &TlsIn, ctx: &mut Context) {
    const WHY: &str = "cannot be obeyed with mode: passthrough, where TLS is not ended here";
    for key in ["cert", "key", "client_ca", "client_crl"] {
        if let Some(field) = section.set(key) {
            ctx.mistake(field, WHY);
        }
    }
    let differs = [
        ("require_client_cert", section.get("require_client_cert").is_some_and(|f| f.is_true())),
        ("alpn", tls.alpn != alpn::default() && !tls.alpn.is_empty()),
        ("min_version", tls.min_version != MinVersion::default()),
    ];
    for (key, _) in differs.iter().filter(|(_, differs)| *differs) {
        if let Some(field) = section.get(key) {
            ctx.mistake(field, WHY);
        }
    }
}
