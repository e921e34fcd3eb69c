//! `wiretracer probe HOST:PORT`: what an upstream makes of us, without any traffic.
//!
//! ```text
//! resolve ─► connect to every address ─► the first that answers (--all: each)
//!                                          │
//!              TLS as the listener does it ┤ refused: what else would have worked?
//!                                          ▼
//!                       HTTP/2 preface, SETTINGS, PING; or what speaks there instead
//!                                          ▼
//!                                   healthy, or why not
//! ```
//!
//! # What is sent
//!
//! Nothing that could have an effect. A ClientHello, several of them where the first is refused; the
//! HTTP/2 preface with SETTINGS and one PING where HTTP/2 was agreed on, and where nothing was, since
//! servers of other protocols refuse it (RFC 9113 §3.4). To an upstream that agreed on HTTP/1.1
//! nothing is sent at all: there is no request that is harmless everywhere. `--http` asks for one,
//! `GET /`.
//!
//! Not here: the words for what is wrong with a certificate ([`crate::tls`]), and the proxy's own
//! way to the upstream ([`crate::connection`]).

mod application;
mod attempt;
mod encrypted;
mod examine;
mod health;
mod http1;
mod http2;
mod reach;
mod report;
mod settings;
mod text;

use std::time::Duration;

pub use report::Report;
pub use settings::{Encryption, Settings, SettingsError, Wishes};

/// How long an upstream that speaks first has to begin. Those that do greet at once.
const GREETING: Duration = Duration::from_millis(500);

/// How long a TLS 1.3 upstream has to refuse a handshake that looks complete from our side: it sees
/// our certificate, or that we have none, only after we have finished (RFC 8446 §4.4.2.4).
const SECOND_THOUGHTS: Duration = Duration::from_millis(500);

/// Addresses that are tried.
const MAX_ADDRESSES: usize = 16;

/// Probes an upstream.
pub async fn run(settings: Settings) -> Report {
    let settings = std::sync::Arc::new(settings);
    let reached = reach::reach(&settings).await;
    let mut report = Report::new(&settings, reached.resolve);
    let mut examined = false;
    for (mut address, connected) in reached.addresses {
        if let Some(connected) = connected.filter(|_| settings.all || !examined) {
            examined = true;
            let found = examine::examine(&settings, connected).await;
            (address.tls, address.application) = (found.tls, found.application);
        }
        report.addresses.push(address);
    }
    health::judge(&settings, &mut report);
    report
}
