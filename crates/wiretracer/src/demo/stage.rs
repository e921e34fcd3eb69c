//! What the demo happens on: the upstreams, and the listeners before them.
//!
//! ```text
//! listener   upstream
//! shop     ─► the shop
//! strict   ─► the shop                  TLS 1.3 only
//! expired  ─► a forgotten replica       its certificate expired in 2024
//! closed   ─► a port that is not open
//! ```
//!
//! Not here: who calls them ([`super::client`]) and when ([`super::script`]).

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use anyhow::Context as _;
use rustls_pki_types::CertificateDer;
use tokio::net::TcpSocket;

use super::pki::{Authority, Dates, SHOP};
use super::upstream::Upstream;
use crate::config::{self, Config, Inbound, Listener, MinVersion, Roots, UpstreamTls};

/// Bytes kept of one body.
const BODY_BYTES: usize = 8 * 1024;

/// The demo's listeners, by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Door {
    /// The shop.
    Shop,
    /// The shop, TLS 1.3 only.
    Strict,
    /// An upstream whose certificate has expired.
    Expired,
    /// An upstream that is not there.
    Closed,
}

impl Door {
    const ALL: [Self; 4] = [Self::Shop, Self::Strict, Self::Expired, Self::Closed];

    /// The listener's name.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Shop => "shop",
            Self::Strict => "strict",
            Self::Expired => "expired",
            Self::Closed => "closed",
        }
    }
}

/// The running upstreams; they end when this is dropped.
pub(super) struct Stage {
    authority: Authority,
    shop: Upstream,
    replica: Upstream,
    /// Bound, so that nobody else takes the port, and not listening.
    nobody: TcpSocket,
}

impl Stage {
    /// Starts the upstreams.
    pub(super) async fn build() -> anyhow::Result<Self> {
        let authority = Authority::new().context("cannot make the demo's certificates")?;
        let shop = Upstream::start(authority.server(Dates::Valid)?).await?;
        let replica = Upstream::start(authority.server(Dates::Expired)?).await?;
        let nobody = TcpSocket::new_v4()?;
        nobody.bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)))?;
        Ok(Self { authority, shop, replica, nobody })
    }

    /// The authority behind their certificates.
    pub(super) fn authority(&self) -> &CertificateDer<'static> {
        self.authority.certificate()
    }

    /// The listeners before them.
    pub(super) fn config(&self) -> anyhow::Result<Config> {
        let mut config = config::quick("127.0.0.1:0", &self.shop.address().to_string())?;
        config.listeners =
            Door::ALL.into_iter().map(|door| self.listener(door)).collect::<Result<_, _>>()?;
        Ok(config)
    }

    fn listener(&self, door: Door) -> anyhow::Result<Arc<Listener>> {
        let upstream = match door {
            Door::Shop | Door::Strict => self.shop.address(),
            Door::Expired => self.replica.address(),
            Door::Closed => self.nobody.local_addr()?,
        };
        // Everything that is not said here is as in an empty configuration file.
        let quick = config::quick("127.0.0.1:0", &upstream.to_string())?;
        let quick = quick.listeners.first().context("no listener in the quick configuration")?;
        let mut listener = Listener::clone(quick);
        listener.name = door.name().into();
        if let Inbound::Either(mut tls) = listener.inbound {
            if door == Door::Strict {
                tls.min_version = MinVersion::Tls13;
            }
            listener.inbound = Inbound::Terminate(tls);
        }
        if let UpstreamTls::Detect(mut tls) = listener.upstream.tls {
            tls.server_name = Some(SHOP.to_owned());
            tls.verify = true;
            let certs = vec![self.authority.certificate().clone()];
            tls.roots = Roots::File { path: "demo-upstream-ca.pem".into(), certs };
            listener.upstream.tls = UpstreamTls::Tls(tls);
        }
        listener.logging.h2_control_events = true;
        listener.logging.log_body = true;
        listener.logging.body_max_bytes = BODY_BYTES;
        Ok(Arc::new(listener))
    }
}
