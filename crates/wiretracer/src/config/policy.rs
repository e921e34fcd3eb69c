//! `listeners[].policy`: who may come in, how many, and for how long.

use std::net::IpAddr;

use ipnet::IpNet;

use super::context::Context;
use super::field::{Field, Section};
use super::model::Policy;
use super::units::{count, milliseconds, timeout};

/// More than one machine can hold open.
const MOST_CONNECTIONS: u64 = 1_000_000;

/// Resolves a `policy` section.
pub(super) fn policy(section: &Section<'_>, ctx: &mut Context) -> Policy {
    Policy {
        allowlist: allowlist(section, ctx),
        max_connections: count(section, "max_connections", 200, 1..=MOST_CONNECTIONS, ctx),
        upstream_connect_timeout: timeout(section, "upstream_connect_timeout", 5.0, ctx),
        upstream_handshake_timeout: timeout(section, "upstream_handshake_timeout", 10.0, ctx),
        client_handshake_timeout: timeout(section, "client_handshake_timeout", 10.0, ctx),
        read_timeout: timeout(section, "read_timeout", 30.0, ctx),
        idle_timeout: timeout(section, "idle_timeout", 120.0, ctx),
        maxconn_wait_warn: milliseconds(section, "maxconn_wait_warn_ms", 200.0, ctx),
    }
}

fn allowlist(section: &Section<'_>, ctx: &mut Context) -> Vec<IpNet> {
    let Some(field) = section.get("allowlist") else { return Vec::new() };
    let items = field.items("a list of networks, such as [\"10.0.0.0/8\", \"fd00::/8\"]", ctx);
    items.iter().filter_map(|item| network(item, ctx)).collect()
}

/// A network; an address alone is the network of that one address.
fn network(field: &Field<'_>, ctx: &mut Context) -> Option<IpNet> {
    const ALLOWED: &str = "a network, such as 10.0.0.0/8, fd00::/8 or 192.0.2.7";
    let text = field.text(ALLOWED, ctx)?;
    let network = text.parse::<IpNet>().or_else(|_| text.parse::<IpAddr>().map(IpNet::from));
    if network.is_err() {
        field.refuse(ALLOWED, ctx);
    }
    // Some people write 10.1.2.3/8; the rest of the address does not count.
    network.ok().map(|network| network.trunc())
}
