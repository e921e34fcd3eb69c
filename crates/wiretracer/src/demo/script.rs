//! The scenes of the demo, in the order in which they tell a story: first what is well, then calls
//! that fail, then connections, then handshakes.
//!
//! One scene is one connection, and one lesson. A scene says what its client was told, for that is
//! what an engineer starts from; why it was told so is in the records.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use rustls_pki_types::CertificateDer;

use super::client::browser::Browser;
use super::client::caller::Caller;
use super::client::{Dialect, stranger};
use super::stage::Door;

/// The deadline of the call that hangs.
const DEADLINE: Duration = Duration::from_millis(300);
/// How long the dawdling client looks away.
const PAUSE: Duration = Duration::from_millis(150);
/// How often the impatient client pings.
const PINGS: usize = 3;

/// One scene.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scene {
    Healthy,
    Statuses,
    Reset,
    Hang,
    Stall,
    NoStatus,
    GoAway,
    Pages,
    Cut,
    UnknownCa,
    NotTls,
    OldTls,
    NoCommonProtocol,
    ExpiredUpstream,
    ClosedUpstream,
}

impl Scene {
    /// All of them, in order.
    pub(super) const ALL: [Self; 15] = [
        Self::Healthy,
        Self::Statuses,
        Self::Reset,
        Self::Hang,
        Self::Stall,
        Self::NoStatus,
        Self::GoAway,
        Self::Pages,
        Self::Cut,
        Self::UnknownCa,
        Self::NotTls,
        Self::OldTls,
        Self::NoCommonProtocol,
        Self::ExpiredUpstream,
        Self::ClosedUpstream,
    ];

    /// What happens.
    pub(super) const fn title(self) -> &'static str {
        match self {
            Self::Healthy => {
                "gRPC as it should be: unary, server, client and bidirectional streaming"
            }
            Self::Statuses => "the server says no: a status of its own, properly delivered",
            Self::Reset => "the server resets the stream instead of answering",
            Self::Hang => "the server never answers, and the client's deadline is over",
            Self::Stall => "the client does not read, and the server may not send",
            Self::NoStatus => "the server ends a call without trailers",
            Self::GoAway => "the client pings too often, and the server shows it the door",
            Self::Pages => "HTTP/1.1 on one kept-alive connection: good, slow and 503",
            Self::Cut => "the server is gone in the middle of a response",
            Self::UnknownCa => "a client that does not trust the certificate it is shown",
            Self::NotTls => "a client that speaks plaintext to a TLS port",
            Self::OldTls => "a client that knows TLS 1.2 only, a listener that wants 1.3",
            Self::NoCommonProtocol => "a client whose protocol nobody else speaks",
            Self::ExpiredUpstream => "an upstream whose certificate has expired",
            Self::ClosedUpstream => "an upstream that is not running",
        }
    }

    /// What the records show of it that the client was not told.
    pub(super) const fn lesson(self) -> &'static str {
        match self {
            Self::Healthy => {
                "one line a call, and beneath it the SETTINGS that both sides really sent"
            }
            Self::Statuses => {
                "trailers_only: the transport is well, the answer is the server's own"
            }
            Self::Reset => {
                "RST_STREAM came from the upstream: the server's fault, not the network's"
            }
            Self::Hang => {
                "the upstream sent nothing; the reset is the client's, at its own deadline"
            }
            Self::Stall => "FLOW_BLOCK: the server waited for credit that the client did not give",
            Self::NoStatus => "a message came and no trailers: a server or a hop that is not gRPC",
            Self::GoAway => {
                "GOAWAY says why: \"too_many_pings\"; the client saw only the FIN after it"
            }
            Self::Pages => "each request has its own line and time; only 503 is an error",
            Self::Cut => {
                "upstream_no_close_notify: the server crashed or was killed; 32 of 5000 bytes came"
            }
            Self::UnknownCa => {
                "the alert came from the client: it lacks the CA, the server is well"
            }
            Self::NotTls => "not_tls: the client should say https",
            Self::OldTls => "protocol_version: tls.min_version is 1.3",
            Self::NoCommonProtocol => "alpn_mismatch names what each side offers",
            Self::ExpiredUpstream => {
                "the client's handshake went well; the one with the upstream did not"
            }
            Self::ClosedUpstream => "connection refused: nobody listens there",
        }
    }

    /// Plays it; what the client was told, a line for each thing it did.
    pub(super) async fn play(self, cast: &Cast) -> anyhow::Result<Vec<String>> {
        match self {
            Self::Healthy => cast.healthy().await,
            Self::Statuses => cast.calls(Door::Shop, &["FindProduct", "Reserve"]).await,
            Self::Reset => cast.calls(Door::Shop, &["Reset"]).await,
            Self::Hang => cast.hang().await,
            Self::Stall => cast.stall().await,
            Self::NoStatus => cast.calls(Door::Shop, &["NoStatus"]).await,
            Self::GoAway => cast.go_away().await,
            Self::Pages => cast.pages().await,
            Self::Cut => cast.cut().await,
            Self::UnknownCa => cast.knock(&cast.distrustful, Door::Shop).await,
            Self::NotTls => {
                let told = stranger::speak_plainly(cast.address(Door::Shop)?).await?;
                Ok(vec![told])
            }
            Self::OldTls => cast.knock(&cast.old, Door::Strict).await,
            Self::NoCommonProtocol => cast.knock(&cast.exotic, Door::Shop).await,
            Self::ExpiredUpstream => cast.calls(Door::Expired, &["GetPrice"]).await,
            Self::ClosedUpstream => cast.calls(Door::Closed, &["GetPrice"]).await,
        }
    }
}

/// Who plays: clients of several kinds, and where they find the listeners.
pub(super) struct Cast {
    addresses: HashMap<Arc<str>, SocketAddr>,
    grpc: Dialect,
    web: Dialect,
    distrustful: Dialect,
    old: Dialect,
    exotic: Dialect,
}

impl Cast {
    /// Clients that trust `authority`, except the one that trusts only `stranger`.
    pub(super) fn new(
        addresses: HashMap<Arc<str>, SocketAddr>,
        authority: &CertificateDer<'static>,
        stranger: &CertificateDer<'static>,
    ) -> anyhow::Result<Self> {
        Ok(Self {
            addresses,
            grpc: Dialect::new(authority, "h2")?,
            web: Dialect::new(authority, "http/1.1")?,
            distrustful: Dialect::new(stranger, "http/1.1")?,
            old: Dialect::of_versions(authority, "http/1.1", &[&rustls::version::TLS12])?,
            exotic: Dialect::new(authority, "mqtt")?,
        })
    }

    /// Where a listener listens.
    pub(super) fn address(&self, door: Door) -> anyhow::Result<SocketAddr> {
        self.addresses.get(door.name()).copied().context("a listener of the demo is missing")
    }

    async fn caller(&self, door: Door) -> anyhow::Result<Caller> {
        Caller::connect(&self.grpc, self.address(door)?).await
    }

    async fn browser(&self) -> anyhow::Result<Browser> {
        Browser::connect(&self.web, self.address(Door::Shop)?).await
    }

    async fn knock(&self, dialect: &Dialect, door: Door) -> anyhow::Result<Vec<String>> {
        Ok(vec![stranger::knock(dialect, self.address(door)?).await])
    }

    /// Unary calls, one after another.
    async fn calls(&self, door: Door, methods: &[&str]) -> anyhow::Result<Vec<String>> {
        let mut caller = match self.caller(door).await {
            Ok(caller) => caller,
            Err(error) => return Ok(vec![format!("{error:#}")]),
        };
        let mut told = Vec::new();
        for method in methods {
            told.push(format!("{method}: {}", caller.call(method, &["tea"]).await));
        }
        caller.close().await?;
        Ok(told)
    }

    async fn healthy(&self) -> anyhow::Result<Vec<String>> {
        let mut caller = self.caller(Door::Shop).await?;
        let told = vec![
            format!("GetPrice: {}", caller.call("GetPrice", &["tea"]).await),
            format!("Watch: {}", caller.call("Watch", &["tea"]).await),
            format!("Upload: {}", caller.call("Upload", &["front", "back", "side"]).await),
            format!("Chat: {}", caller.chat(&["hello", "is anybody there?"]).await),
        ];
        caller.close().await?;
        Ok(told)
    }

    async fn hang(&self) -> anyhow::Result<Vec<String>> {
        let mut caller = self.caller(Door::Shop).await?;
        let told = format!("Hang: {}", caller.call_within("Hang", DEADLINE).await);
        caller.close().await?;
        Ok(vec![told])
    }

    async fn stall(&self) -> anyhow::Result<Vec<String>> {
        let mut caller = self.caller(Door::Shop).await?;
        let told = format!("Stall: {}", caller.call_and_dawdle("Stall", PAUSE).await);
        caller.close().await?;
        Ok(vec![told])
    }

    async fn go_away(&self) -> anyhow::Result<Vec<String>> {
        let mut caller = self.caller(Door::Shop).await?;
        caller.ping(PINGS).await?;
        let told = format!("GoAway: {}", caller.call("GoAway", &["tea"]).await);
        caller.close().await?;
        Ok(vec![told])
    }

    async fn pages(&self) -> anyhow::Result<Vec<String>> {
        let mut browser = self.browser().await?;
        let told = vec![
            format!("GET /: {}", browser.get("/").await),
            format!("POST /echo: {}", browser.post("/echo", "one cup of tea\n").await),
            format!("GET /chunked: {}", browser.get("/chunked").await),
            format!("GET /slow: {}", browser.get("/slow").await),
            format!("GET /status/503: {}", browser.get("/status/503").await),
        ];
        browser.close().await?;
        Ok(told)
    }

    async fn cut(&self) -> anyhow::Result<Vec<String>> {
        let mut browser = self.browser().await?;
        let told = format!("GET /cut: {}", browser.get("/cut").await);
        browser.close().await?;
        Ok(vec![told])
    }
}
