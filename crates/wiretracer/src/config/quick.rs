//! A configuration from two addresses, for looking at something now (`-l ADDR -u HOST:PORT`).

use std::sync::Arc;

use super::address;
use super::alpn;
use super::context::Context;
use super::errors::ConfigErrors;
use super::field::Section;
use super::identity::Identity;
use super::logging::logging;
use super::model::{
    Config, Inbound, Listener, Logging, Metrics, MinVersion, Roots, TlsIn, TlsOut, Upstream,
    UpstreamTls,
};
use super::node::Place;
use super::policy::policy;
use super::root::store;

/// One listener at `listen` that takes TLS (with minted certificates) and plaintext, and finds out
/// whether the upstream speaks TLS. Nothing is verified, because the aim is to see, and control
/// frames are recorded. Everything else is as in an empty configuration file.
///
/// # Errors
/// One mistake for each of the two that is no address, and one when they are the same.
pub fn quick(listen: &str, upstream: &str) -> Result<Config, ConfigErrors> {
    let mut ctx = Context::new(std::path::Path::new("command line"));
    let mut refuse = |option: &str, text: &str, allowed: String| {
        let found = super::node::quotable(text);
        ctx.mistake_at(None, option, format!("found '{found}', allowed: {allowed}"));
    };
    let address =
        address::listen(listen).map_err(|allowed| refuse("--listen", listen, allowed)).ok();
    let addr =
        address::upstream(upstream).map_err(|allowed| refuse("--upstream", upstream, allowed)).ok();
    if let (Some(address), Some(addr)) = (address, &addr)
        && address::loops(address, addr)
    {
        ctx.mistake_at(None, "--upstream", format!("{addr} is the listener itself ({address})"));
    }
    let empty = Section::absent(String::new(), Place::START);
    let (policy, logging, store) =
        (policy(&empty, &mut ctx), logging(&empty, &mut ctx), store(&empty, &mut ctx));
    let config = address.zip(addr).map(|(listen, addr)| {
        let tls = UpstreamTls::Detect(tls_out());
        let listener = Listener {
            name: listen.to_string().into(),
            listen,
            inbound: Inbound::Either(tls_in()),
            upstream: Upstream { addr, so_mark: None, tls, authority: None },
            policy,
            logging: Logging { h2_control_events: true, ..logging },
        };
        let metrics = Metrics { listen: None };
        Config { listeners: vec![Arc::new(listener)], store, metrics, warnings: Vec::new() }
    });
    ctx.finish(config, false)
}

fn tls_in() -> TlsIn {
    TlsIn {
        identity: Identity::Minted,
        client_auth: None,
        alpn: alpn::default(),
        min_version: MinVersion::default(),
    }
}

fn tls_out() -> TlsOut {
    TlsOut {
        server_name: None,
        verify: false,
        roots: Roots::System,
        alpn: alpn::default(),
        client: None,
        crl: Vec::new(),
    }
}
