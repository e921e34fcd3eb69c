//! The configuration as the rest of the program sees it: resolved, checked, with every default in
//! its place and every file read.
//!
//! ```text
//! Config ── listeners ── Listener ── inbound   what the client meets
//!        │                        ├─ upstream  where its bytes go
//!        │                        ├─ policy    who may come in, and for how long
//!        │                        └─ logging   what is recorded
//!        ├─ store     how much is remembered
//!        ├─ metrics   where the counters can be fetched
//!        └─ warnings  what does not do what it seems to
//! ```
//!
//! Two equal values behave the same: a reload compares listeners with `==` to see which may live
//! on. That is why certificates and keys are in here and not only their paths. Keys and defaults as
//! a person writes them are in `config.example.yaml`. TLS material is in [`super::identity`].

use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use ipnet::IpNet;
use rustls::pki_types::{CertificateDer, CertificateRevocationListDer};

use super::errors::Warning;
use super::identity::{CertifiedIdentity, ClientAuth, Identity};

/// Everything that a configuration file says.
#[derive(Clone, Debug, PartialEq)]
pub struct Config {
    /// In the order of the file; there is at least one, and no two share a name or an address.
    pub listeners: Vec<Arc<Listener>>,
    /// How much is remembered.
    pub store: Store,
    /// Where the counters can be fetched.
    pub metrics: Metrics,
    /// What to tell the user on standard error at the start.
    pub warnings: Vec<Warning>,
}

/// One address that clients connect to, and what happens to them there.
#[derive(Clone, Debug, PartialEq)]
pub struct Listener {
    /// What records call it.
    pub name: Arc<str>,
    /// Where it listens. Port 0 lets the system choose.
    pub listen: SocketAddr,
    /// What the client meets.
    pub inbound: Inbound,
    /// Where the bytes go.
    pub upstream: Upstream,
    /// Limits.
    pub policy: Policy,
    /// What is recorded.
    pub logging: Logging,
}

/// What the client meets.
#[derive(Clone, Debug, PartialEq)]
pub enum Inbound {
    /// No `tls` section: plaintext.
    Plaintext,
    /// TLS ends here.
    Terminate(TlsIn),
    /// TLS goes through unopened and is watched from outside.
    Passthrough,
    /// TLS or plaintext, whichever the first byte announces. Only without a configuration file.
    Either(TlsIn),
}

/// How TLS is ended towards the client.
#[derive(Clone, Debug, PartialEq)]
pub struct TlsIn {
    /// Which certificate the client is shown.
    pub identity: Identity,
    /// Whether the client is asked for a certificate of its own.
    pub client_auth: Option<ClientAuth>,
    /// The protocols that may be chosen, best first; empty means no ALPN.
    pub alpn: Vec<Vec<u8>>,
    /// The oldest version accepted.
    pub min_version: MinVersion,
}

/// The oldest TLS version a client may use.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MinVersion {
    /// TLS 1.2 and 1.3.
    #[default]
    Tls12,
    /// TLS 1.3 only.
    Tls13,
}

/// Where the bytes go.
#[derive(Clone, Debug, PartialEq)]
pub struct Upstream {
    /// The address.
    pub addr: UpstreamAddr,
    /// The firewall mark (`SO_MARK`) of upstream sockets.
    pub so_mark: Option<u32>,
    /// Whether TLS is spoken there.
    pub tls: UpstreamTls,
    /// What `Host` and `:authority` are rewritten to.
    pub authority: Option<String>,
}

/// An upstream's address. Displayed as the configuration writes it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum UpstreamAddr {
    /// A host and a port.
    HostPort {
        /// A name or an IP address, the latter without brackets.
        host: String,
        /// Never 0.
        port: u16,
    },
    /// Where the connection was going before a firewall rule redirected it (`SO_ORIGINAL_DST`).
    OriginalDst,
}

impl fmt::Display for UpstreamAddr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::HostPort { host, port } if host.contains(':') => write!(f, "[{host}]:{port}"),
            Self::HostPort { host, port } => write!(f, "{host}:{port}"),
            Self::OriginalDst => f.write_str("original_dst"),
        }
    }
}

/// Whether TLS is spoken to the upstream.
#[derive(Clone, Debug, PartialEq)]
pub enum UpstreamTls {
    /// Plaintext.
    Plain,
    /// TLS.
    Tls(TlsOut),
    /// TLS if the upstream speaks it. Only without a configuration file.
    Detect(TlsOut),
}

/// How TLS is spoken to the upstream.
#[derive(Clone, Debug, PartialEq)]
pub struct TlsOut {
    /// The name to send (SNI) and to verify; absent: the host of the address.
    pub server_name: Option<String>,
    /// Whether a certificate that does not verify ends the connection. It is checked and recorded
    /// either way.
    pub verify: bool,
    /// Who is trusted.
    pub roots: Roots,
    /// The protocols that may be offered; empty means no ALPN.
    pub alpn: Vec<Vec<u8>>,
    /// The certificate to show when the upstream asks for one.
    pub client: Option<CertifiedIdentity>,
    /// Revocation lists that apply to the upstream's certificate.
    pub crl: Vec<CertificateRevocationListDer<'static>>,
}

/// Whose signature on the upstream's certificate counts.
#[derive(Clone, Debug, PartialEq)]
pub enum Roots {
    /// The system's certificate authorities.
    System,
    /// Those in a file, and no others.
    File {
        /// The file.
        path: PathBuf,
        /// Its certificates, at least one.
        certs: Vec<CertificateDer<'static>>,
    },
}

/// Who may come in, how many, and for how long. A timeout that is `None` is off.
#[derive(Clone, Debug, PartialEq)]
pub struct Policy {
    /// The networks that clients may come from; empty: any.
    pub allowlist: Vec<IpNet>,
    /// How many connections may be open at once; at least 1.
    pub max_connections: usize,
    /// For a TCP connection to the upstream.
    pub upstream_connect_timeout: Option<Duration>,
    /// For the TLS handshake with the upstream.
    pub upstream_handshake_timeout: Option<Duration>,
    /// For the TLS handshake with the client.
    pub client_handshake_timeout: Option<Duration>,
    /// Without a byte from whoever's turn it is, within a message.
    pub read_timeout: Option<Duration>,
    /// Without a byte in either direction.
    pub idle_timeout: Option<Duration>,
    /// How long a connection may wait for its place before that is recorded.
    pub maxconn_wait_warn: Duration,
}

/// What is recorded.
#[derive(Clone, Debug, PartialEq)]
pub struct Logging {
    /// Keep headers and trailers.
    pub log_headers: bool,
    /// Keep bodies.
    pub log_body: bool,
    /// Bytes kept of one body: what the file says, at most [`super::BODY_HARD_CAP`].
    pub body_max_bytes: usize,
    /// Headers whose value is replaced, in lower case.
    pub redact_headers: Vec<String>,
    /// The share of records kept, from 0 to 1.
    pub sample_rate: f64,
    /// Record HTTP/2's control frames.
    pub h2_control_events: bool,
    /// The file that records are appended to; absolute. Listeners with an equal path share it.
    pub jsonl_path: Option<PathBuf>,
    /// What happens when that file can't keep up.
    pub jsonl_on_full: OnFull,
}

/// What happens when records come faster than they can be written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnFull {
    /// They are dropped, and counted.
    #[default]
    Drop,
    /// Traffic waits.
    Block,
}

/// How much is remembered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Store {
    /// Records; the oldest go first.
    pub max_records: usize,
    /// Bytes of captured bodies together; the oldest bodies go first.
    pub max_bytes: usize,
    /// Closed connections; the oldest go first.
    pub closed_connections: usize,
}

/// Where the counters can be fetched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Metrics {
    /// The address to serve them on; absent: nowhere.
    pub listen: Option<SocketAddr>,
}
