//! How a client learns that the upstream cannot be had: in the way that the upstream told us, so that
//! the client says what it would say without us.
//!
//! ```text
//! upstream, in its handshake     client, waiting for its ServerHello
//! alert handshake_failure   ──►  alert handshake_failure
//! FIN                       ──►  FIN
//! RST, or no connection     ──►  RST
//! our own verdict on it     ──►  alert internal_error
//! ```

use std::future::poll_fn;
use std::time::Duration;

use analysis::outcome::{Cause, Ending};
use analysis::vocabulary::TlsReason;
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;

use crate::io::Stream;
use crate::tls::failure::Failure;

/// The last that a client hears.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Farewell {
    /// A fatal TLS alert (RFC 8446 §6.2), where the client waits for a ServerHello.
    Alert(u8),
    /// FIN.
    Fin,
    /// RST.
    Rst,
}

/// The upstream's side could not be had.
#[derive(Debug)]
pub(super) struct Unavailable {
    /// Why.
    pub(super) cause: Cause,
    /// What the client is told.
    pub(super) farewell: Farewell,
}

/// A connection that is to be refused looks reset instead: it was accepted before we knew.
impl From<Cause> for Unavailable {
    fn from(cause: Cause) -> Self {
        Self { cause, farewell: Farewell::Rst }
    }
}

impl From<&Failure> for Farewell {
    fn from(failure: &Failure) -> Self {
        const INTERNAL_ERROR: u8 = 80;
        match (failure.alert_received, failure.reason) {
            (Some(alert), _) => Self::Alert(alert),
            (None, TlsReason::Eof) => Self::Fin,
            (None, TlsReason::Rst) => Self::Rst,
            (None, _) => Self::Alert(INTERNAL_ERROR),
        }
    }
}

impl Unavailable {
    /// Tells a client that waits for our ServerHello.
    pub(super) async fn tell_hello(self, mut client: TcpStream) -> Cause {
        // A client that is gone needs no farewell.
        match self.farewell {
            Farewell::Alert(alert) => {
                let _ = client.write_all(&[0x15, 3, 3, 0, 2, 2, alert]).await;
                let _ = client.shutdown().await;
            }
            Farewell::Fin => drop(client.shutdown().await),
            Farewell::Rst => reset(&client),
        }
        self.cause
    }

    /// Tells a client whose handshake is over: only its transport can still say something.
    pub(super) async fn tell_answered(self, mut client: Stream) -> Cause {
        match self.farewell {
            Farewell::Fin => {
                let end = poll_fn(|cx| client.poll_end(cx, Ending::FinWithoutCloseNotify));
                // A client that is gone needs no farewell.
                drop(end.await);
            }
            Farewell::Alert(_) | Farewell::Rst => client.reset_on_drop(),
        }
        self.cause
    }

    /// Tells a client that speaks no TLS.
    pub(super) async fn tell_plain(self, mut client: TcpStream) -> Cause {
        match self.farewell {
            Farewell::Fin => drop(client.shutdown().await),
            Farewell::Alert(_) | Farewell::Rst => reset(&client),
        }
        self.cause
    }
}

/// Tells a client that has no version in common with us, in a record of the version that all
/// understand.
pub(super) async fn protocol_version(mut client: TcpStream, cause: Cause) -> Cause {
    // A client that is gone needs no farewell.
    let _ = client.write_all(&[0x15, 3, 1, 0, 2, 2, 70]).await;
    let _ = client.shutdown().await;
    cause
}

/// From here on dropping the socket sends RST.
fn reset(socket: &TcpStream) {
    // It fails only on a socket that is gone already.
    let _ = socket2::SockRef::from(socket).set_linger(Some(Duration::ZERO));
}
