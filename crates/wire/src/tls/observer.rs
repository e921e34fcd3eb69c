//! Watches TLS that is passed through: both directions, nothing decrypted.
//!
//! ```text
//! client ─ ClientHello ───────────────────────────────────────────► upstream
//!        ◄─ ServerHello  Certificate  ServerKeyExchange  ServerHelloDone ─
//!        ─ ClientKeyExchange  ChangeCipherSpec  [Finished] ───────►          TLS 1.2
//!        ◄──────────────────────────── ChangeCipherSpec  [Finished]
//! ```
//!
//! What the peers encrypt is counted ([`Totals`]). TLS 1.3 encrypts everything after ServerHello,
//! certificates and most alerts included, and shows it as application data.

mod event;
mod flight;
#[cfg(test)]
mod tests;

pub use event::{Alert, Event, Totals};

use crate::Direction;
use crate::decoder::PerDirection;
use flight::{Flight, Negotiated};

/// The decoder of both directions of one TLS connection.
///
/// It keeps the contract in [`crate::decoder`], without the clock, which it has no use for.
#[derive(Clone, Debug, Default)]
pub struct Observer {
    flights: PerDirection<Flight>,
    negotiated: Option<Negotiated>,
}

impl Observer {
    /// At the first byte of both directions.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes the next bytes of one direction. Bytes of the other direction that caused them must
    /// have been fed before: whether ChangeCipherSpec begins encryption depends on the ServerHello.
    pub fn feed(&mut self, direction: Direction, bytes: &[u8], mut sink: impl FnMut(Event)) {
        self.flights[direction].feed(direction, bytes, &mut self.negotiated, &mut sink);
    }

    /// The direction ended. Tells what it left unfinished.
    pub fn finish(&mut self, direction: Direction, mut sink: impl FnMut(Event)) {
        self.flights[direction].finish(direction, &mut sink);
    }

    /// What one direction amounts to so far.
    pub fn totals(&self, direction: Direction) -> Totals {
        self.flights[direction].totals()
    }
}
