//! `listeners[].upstream`: where the bytes go.

use std::net::SocketAddr;

use rustls::pki_types::ServerName;

use super::address;
use super::alpn::{self, alpn};
use super::context::Context;
use super::errors::WarningKind;
use super::field::{Field, Section};
use super::identity::CertifiedIdentity;
use super::key;
use super::keys;
use super::model::{Inbound, Roots, TlsOut, Upstream, UpstreamAddr, UpstreamTls};
use super::pem;

/// Resolves the `upstream` section of a listener at `listen`, whose `tls` section became `inbound`.
pub(super) fn upstream(
    listener: &Section<'_>,
    listen: Option<SocketAddr>,
    inbound: &Inbound,
    ctx: &mut Context,
) -> Option<Upstream> {
    let Some(field) = listener.set("upstream") else {
        listener.missing("upstream", "a section with at least addr: host:port", ctx);
        return None;
    };
    let section = Section::open(field, &keys::UPSTREAM, ctx)?;
    let addr = addr(&section, listen, ctx);
    let so_mark = section
        .set("so_mark")
        .and_then(|field| field.integer(0..=u64::from(u32::MAX), ctx))
        .and_then(|mark| u32::try_from(mark).ok());
    let authority = section.set("authority").and_then(|field| authority(field, ctx));
    let wants_tls = section.bool("tls", false, ctx);
    let tls = tls_out(&section, ctx);
    if matches!(inbound, Inbound::Passthrough) {
        refuse_beside_passthrough(&section, ctx);
    } else if !wants_tls {
        warn_without_tls(&section, &tls, ctx);
    }
    let tls = if wants_tls { UpstreamTls::Tls(tls) } else { UpstreamTls::Plain };
    Some(Upstream { addr: addr?, so_mark, tls, authority })
}

fn addr(
    section: &Section<'_>,
    listen: Option<SocketAddr>,
    ctx: &mut Context,
) -> Option<UpstreamAddr> {
    let Some(field) = section.set("addr") else {
        section.missing("addr", address::UPSTREAM_FORM, ctx);
        return None;
    };
    let text = field.text(address::UPSTREAM_FORM, ctx)?;
    let addr = address::upstream(text).map_err(|allowed| field.refuse(&allowed, ctx)).ok()?;
    if let Some(listen) = listen.filter(|listen| address::loops(*listen, &addr)) {
        ctx.mistake(field, format!("{addr} is this listener itself ({listen})"));
    }
    Some(addr)
}

fn tls_out(section: &Section<'_>, ctx: &mut Context) -> TlsOut {
    let roots = section.set("ca").and_then(|field| pem::authorities(field, ctx));
    let crl = section.set("crl").and_then(|field| pem::revocation_lists(field, ctx));
    TlsOut {
        server_name: section.set("server_name").and_then(|field| server_name(field, ctx)),
        verify: section.bool("verify", true, ctx),
        roots: roots.map_or(Roots::System, |(path, certs)| Roots::File { path, certs }),
        alpn: section.get("alpn").map_or_else(alpn::default, |field| alpn(field, ctx)),
        client: client(section, ctx),
        crl: crl.unwrap_or_default(),
    }
}

fn client(section: &Section<'_>, ctx: &mut Context) -> Option<CertifiedIdentity> {
    let (cert, key) = (section.set("client_cert"), section.set("client_key"));
    let given = section.set("client_key_password");
    if let (Some(field), None) = (given, key) {
        ctx.mistake(field, "given without 'client_key'");
    }
    let password = key::password(given, ctx);
    match (cert, key) {
        (Some(cert), Some(key)) => key::identity(cert, key, &password?, ctx),
        (Some(cert), None) => {
            ctx.mistake(cert, "given without 'client_key'; give both or neither");
            None
        }
        (None, Some(key)) => {
            ctx.mistake(key, "given without 'client_cert'; give both or neither");
            None
        }
        (None, None) => None,
    }
}

fn server_name(field: &Field<'_>, ctx: &mut Context) -> Option<String> {
    const ALLOWED: &str = "a host name or an IP address, without a port";
    let text = field.text(ALLOWED, ctx)?;
    if ServerName::try_from(text).is_err() {
        field.refuse(ALLOWED, ctx);
        return None;
    }
    Some(text.to_owned())
}

/// RFC 3986, section 3.2, without user information, which RFC 9113, section 8.3.1, forbids.
fn authority(field: &Field<'_>, ctx: &mut Context) -> Option<String> {
    const ALLOWED: &str = "host or host:port, as it should stand in Host and :authority";
    let text = field.text(ALLOWED, ctx)?;
    let fits = |b: u8| b.is_ascii_alphanumeric() || b"-._~%!$&'()*+,;=:[]".contains(&b);
    if text.is_empty() || !text.bytes().all(fits) {
        field.refuse(ALLOWED, ctx);
        return None;
    }
    Some(text.to_owned())
}

/// Bytes that are not opened can neither be encrypted again nor rewritten.
fn refuse_beside_passthrough(section: &Section<'_>, ctx: &mut Context) {
    const WHY: &str = "cannot be obeyed with tls.mode: passthrough, where TLS is not ended here";
    if let Some(field) = section.get("tls").filter(|field| field.is_true()) {
        ctx.mistake(field, WHY);
    }
    for key in ["authority", "client_cert", "client_key", "ca", "crl", "server_name"] {
        if let Some(field) = section.set(key) {
            ctx.mistake(field, WHY);
        }
    }
}

/// Settings of a TLS that is not spoken. Those that say nothing (`verify: true`, `alpn: []`) may
/// stay, so that `tls` can be switched off by one word.
fn warn_without_tls(section: &Section<'_>, tls: &TlsOut, ctx: &mut Context) {
    let idle = |field: &Field<'_>, ctx: &mut Context| {
        ctx.warn(WarningKind::NoEffect, field, "has no effect while upstream.tls is false");
    };
    for key in ["server_name", "ca", "crl", "client_cert", "client_key"] {
        if let Some(field) = section.set(key) {
            idle(field, ctx);
        }
    }
    if let Some(field) = section.get("verify").filter(|_| !tls.verify) {
        idle(field, ctx);
    }
    let says_something = !tls.alpn.is_empty() && tls.alpn != alpn::default();
    if let Some(field) = section.get("alpn").filter(|_| says_something) {
        idle(field, ctx);
    }
}
