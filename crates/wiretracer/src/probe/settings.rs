//! What to probe and how: the command line's wishes on top of a listener's settings.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;

use crate::config::{
    self, Config, ConfigErrors, Inbound, Listener, Roots, TlsOut, UpstreamAddr, UpstreamTls,
};
use crate::upstream::{Dialer, Target};

/// The limit of each step where nothing else is said.
const DEFAULT_TIMEOUT: Duration = Duration::from_secs(5);

/// Whether TLS is spoken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Encryption {
    /// TLS, and nothing else will do.
    Tls,
    /// Plaintext, and nothing else will do.
    Plaintext,
    /// TLS if the upstream speaks it.
    Detect,
}

/// What the command line says.
#[derive(Clone, Debug)]
pub struct Wishes {
    /// What to connect to; absent: the listener's upstream.
    pub target: Option<Target>,
    /// A configuration to take a listener's settings from.
    pub config: Option<PathBuf>,
    /// Which listener.
    pub listener: Option<String>,
    /// Whether TLS is spoken; absent: as the listener does, or detected.
    pub encryption: Option<Encryption>,
    /// The name to ask for.
    pub server_name: Option<String>,
    /// The limit of each step.
    pub timeout: Option<Duration>,
    /// Examine every address.
    pub all: bool,
    /// Send `GET /`.
    pub http: bool,
}

/// Why the command line and the configuration do not go together.
#[derive(Debug, thiserror::Error)]
pub enum SettingsError {
    /// The configuration has mistakes.
    #[error(transparent)]
    Config(#[from] ConfigErrors),
    /// There is no listener of that name.
    #[error("--listener: found '{found}', allowed: {names}")]
    NoListener {
        /// What was asked for.
        found: String,
        /// Those there are.
        names: String,
    },
    /// More than one listener could be meant.
    #[error("--listener NAME is needed: {file} has {names}")]
    WhichListener {
        /// The configuration.
        file: String,
        /// Those there are.
        names: String,
    },
    /// The listener's upstream has no address of its own.
    #[error("HOST:PORT is needed: the upstream of listener '{0}' is original_dst")]
    NoAddress(Arc<str>),
}

/// Everything that a probe needs to know.
#[derive(Clone, Debug)]
pub struct Settings {
    pub(super) target: Target,
    /// The listener whose settings these are.
    pub(super) listener: Option<Arc<str>>,
    pub(super) encryption: Encryption,
    pub(super) tls: TlsOut,
    /// The name to ask for and to verify.
    pub(super) server_name: String,
    /// What `Host` and `:authority` say.
    pub(super) authority: String,
    pub(super) so_mark: Option<u32>,
    pub(super) connect_timeout: Duration,
    pub(super) handshake_timeout: Duration,
    pub(super) answer_timeout: Duration,
    pub(super) all: bool,
    pub(super) http: bool,
}

impl Settings {
    /// Puts the two together.
    ///
    /// # Errors
    /// What the user has to say differently.
    pub fn resolve(wishes: Wishes) -> Result<Self, SettingsError> {
        let listener = match &wishes.config {
            None => None,
            Some(path) => Some(choose(&config::load(path)?, &wishes, path.display().to_string())?),
        };
        let target = match (&wishes.target, &listener) {
            (Some(target), _) => target.clone(),
            (None, Some(listener)) => match &listener.upstream.addr {
                UpstreamAddr::HostPort { host, port } => Target::Named(host.clone(), *port),
                UpstreamAddr::OriginalDst => {
                    return Err(SettingsError::NoAddress(Arc::clone(&listener.name)));
                }
            },
            // The command line asks for one of the two.
            (None, None) => Target::Named(String::new(), 0),
        };
        let listener = listener.as_deref();
        let policy = listener.map(|listener| &listener.policy);
        let limit =
            |of_policy: Option<Duration>| wishes.timeout.or(of_policy).unwrap_or(DEFAULT_TIMEOUT);
        let handshake_timeout = limit(policy.and_then(|policy| policy.upstream_handshake_timeout));
        let tls = tls_out(listener);
        let server_name =
            wishes.server_name.or_else(|| tls.server_name.clone()).unwrap_or_else(|| host(&target));
        let authority = listener.and_then(|listener| listener.upstream.authority.clone());
        Ok(Self {
            authority: authority.unwrap_or_else(|| target.to_string()),
            listener: listener.map(|listener| Arc::clone(&listener.name)),
            encryption: wishes.encryption.unwrap_or_else(|| encryption(listener)),
            tls,
            server_name,
            so_mark: listener.and_then(|listener| listener.upstream.so_mark),
            connect_timeout: limit(policy.and_then(|policy| policy.upstream_connect_timeout)),
            handshake_timeout,
            answer_timeout: wishes.timeout.unwrap_or(handshake_timeout.min(DEFAULT_TIMEOUT)),
            all: wishes.all,
            http: wishes.http,
            target,
        })
    }

    /// Connects to one address as the listener would.
    pub(super) fn dialer(&self) -> Dialer {
        Dialer { timeout: Some(self.connect_timeout), mark: self.so_mark, own_ports: None }
    }
}

fn host(target: &Target) -> String {
    match target {
        Target::Named(host, _) => host.clone(),
        Target::Address(address) => address.ip().to_string(),
    }
}

/// The one that is named, else the only one that leads to the target, else the only one there is.
fn choose(config: &Config, wishes: &Wishes, file: String) -> Result<Arc<Listener>, SettingsError> {
    let names = || {
        let names = config.listeners.iter().map(|listener| format!("'{}'", listener.name));
        names.collect::<Vec<_>>().join(", ")
    };
    if let Some(name) = &wishes.listener {
        let found = config.listeners.iter().find(|listener| *listener.name == **name);
        let missing = || SettingsError::NoListener { found: name.clone(), names: names() };
        return found.cloned().ok_or_else(missing);
    }
    let leads_there = |listener: &&Arc<Listener>| {
        let addr = listener.upstream.addr.to_string();
        wishes.target.as_ref().is_some_and(|target| target.to_string() == addr)
    };
    let fitting: Vec<_> = config.listeners.iter().filter(leads_there).collect();
    match (fitting.as_slice(), config.listeners.as_slice()) {
        ([listener], _) => Ok(Arc::clone(listener)),
        ([], [listener]) => Ok(Arc::clone(listener)),
        _ => Err(SettingsError::WhichListener { file, names: names() }),
    }
}

/// Where a listener does not end TLS itself, its client decides.
fn encryption(listener: Option<&Listener>) -> Encryption {
    let Some(listener) = listener else { return Encryption::Detect };
    match (&listener.inbound, &listener.upstream.tls) {
        (Inbound::Passthrough, _) | (_, UpstreamTls::Detect(_)) => Encryption::Detect,
        (_, UpstreamTls::Tls(_)) => Encryption::Tls,
        (_, UpstreamTls::Plain) => Encryption::Plaintext,
    }
}

fn tls_out(listener: Option<&Listener>) -> TlsOut {
    match listener.map(|listener| &listener.upstream.tls) {
        Some(UpstreamTls::Tls(tls) | UpstreamTls::Detect(tls)) => tls.clone(),
        Some(UpstreamTls::Plain) | None => TlsOut {
            server_name: None,
            verify: true,
            roots: Roots::System,
            alpn: vec![b"h2".to_vec(), b"http/1.1".to_vec()],
            client: None,
            crl: Vec::new(),
        },
    }
}
