//! Resolving the upstream's name and connecting to every address of it, all at once.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Instant;

use analysis::record::Millis;
use analysis::vocabulary::{Outcome, TlsReason};
use tokio::task::JoinSet;
use tokio::time::timeout;

use super::MAX_ADDRESSES;
use super::report::{Address, Connect, ConnectOutcome, Resolve};
use super::settings::Settings;
use crate::upstream::{Connected, Target};

/// What is there.
pub(super) struct Reached {
    pub(super) resolve: Resolve,
    /// In the order of resolution; those that answered with their connection.
    pub(super) addresses: Vec<(Address, Option<Connected>)>,
}

/// Resolves and connects.
pub(super) async fn reach(settings: &Arc<Settings>) -> Reached {
    let started = Instant::now();
    let resolved = resolve(settings).await;
    let duration_ms = Millis(started.elapsed());
    let mut found = match resolved {
        Ok(found) => found,
        Err(why) => {
            let resolve = Resolve { outcome: Outcome::Fail, duration_ms, detail: Some(why) };
            return Reached { resolve, addresses: Vec::new() };
        }
    };
    let total = found.len();
    found.truncate(MAX_ADDRESSES);
    let detail = (total > MAX_ADDRESSES)
        .then(|| format!("{total} addresses, of which the first {MAX_ADDRESSES} are tried"));
    let resolve = Resolve { outcome: Outcome::Ok, duration_ms, detail };
    Reached { resolve, addresses: connect_all(settings, found).await }
}

async fn resolve(settings: &Settings) -> Result<Vec<SocketAddr>, String> {
    let (host, port) = match &settings.target {
        Target::Address(address) => return Ok(vec![*address]),
        Target::Named(host, port) => (host, *port),
    };
    let lookup = tokio::net::lookup_host((host.as_str(), port));
    match timeout(settings.connect_timeout, lookup).await {
        Ok(Ok(found)) => {
            let mut addresses = Vec::new();
            for address in found {
                // Resolvers may give an address once for each line of /etc/hosts.
                if !addresses.contains(&address) {
                    addresses.push(address);
                }
            }
            if addresses.is_empty() { Err(format!("{host} has no address")) } else { Ok(addresses) }
        }
        Ok(Err(error)) => Err(format!("{host} cannot be resolved: {error}")),
        Err(_) => Err(format!("{host} was not resolved in time")),
    }
}

async fn connect_all(
    settings: &Arc<Settings>,
    addresses: Vec<SocketAddr>,
) -> Vec<(Address, Option<Connected>)> {
    let mut tasks = JoinSet::new();
    for (index, address) in addresses.into_iter().enumerate() {
        let settings = Arc::clone(settings);
        tasks.spawn(async move { (index, connect(&settings, address).await) });
    }
    let mut reached = tasks.join_all().await;
    reached.sort_by_key(|(index, _)| *index);
    reached.into_iter().map(|(_, address)| address).collect()
}

async fn connect(settings: &Settings, address: SocketAddr) -> (Address, Option<Connected>) {
    let started = Instant::now();
    let result = settings.dialer().connect(&Target::Address(address)).await;
    let duration_ms = Millis(started.elapsed());
    let (outcome, detail, connected) = match result {
        Ok(connected) => (ConnectOutcome::Connected, None, Some(connected)),
        Err(unreachable) => match unreachable.reason {
            TlsReason::ConnectRefused => (ConnectOutcome::Refused, None, None),
            TlsReason::Timeout => (ConnectOutcome::Timeout, None, None),
            _ => (ConnectOutcome::Unreachable, Some(unreachable.detail), None),
        },
    };
    let connect = Connect { outcome, duration_ms, detail };
    let address = Address { address: address.to_string(), connect, tls: None, application: None };
    (address, connected)
}
