//! What the tests need: a proxy of their own, peers that follow a script, certificates, tools.
//!
//! ```text
//! Peer (client) ──► Proxy: the binary, its own directory, port, JSONL file ──► Upstream: a script
//! ```
//!
//! Everything waits for a condition with a generous bound ([`PATIENCE`]), never for a time.

pub(crate) mod certs;
pub(crate) mod h2;
pub(crate) mod peer;
pub(crate) mod proxy;
pub(crate) mod records;
pub(crate) mod tls;
pub(crate) mod tools;
pub(crate) mod upstream;

use std::time::Duration;

pub(crate) use peer::{End, Peer};
pub(crate) use proxy::{Proxy, Setup};
pub(crate) use records::Records;
pub(crate) use tls::{ClientTls, ServerTls};
pub(crate) use upstream::Upstream;

/// How long anything may take before its test fails.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);
