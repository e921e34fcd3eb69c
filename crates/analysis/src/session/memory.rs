//! What all connections of the process hold together of bodies and field sections.
//!
//! ```text
//! 0 ───────── bodies and field sections ─────────┬── field sections only ──┐ limit
//!                                      captures are truncated      connections are not
//!                                                                  followed any further
//! ```
//!
//! Each connection's own bounds are beside it, in `capture`.

use std::sync::atomic::{AtomicUsize, Ordering};

/// Counts the bytes, and tells when there are enough. One for the process, which all connections
/// share.
///
/// Connections look and then take, so that those that do it at the same instant may pass the limit by
/// one piece each.
#[derive(Debug)]
pub struct Memory {
    held: AtomicUsize,
    limit: usize,
}

impl Memory {
    /// What a process may hold by default, in bytes: 256 MiB.
    pub const LIMIT: usize = 256 << 20;

    /// Nothing is held yet, and at most `limit` bytes may be.
    pub const fn new(limit: usize) -> Self {
        Self { held: AtomicUsize::new(0), limit }
    }

    /// Bytes that are held now.
    pub fn held(&self) -> usize {
        self.held.load(Ordering::Relaxed)
    }

    /// How many bytes of content may be taken. They leave a quarter to field sections: without a
    /// whole body an exchange is told, without its fields it is not.
    pub(super) fn room_for_content(&self) -> usize {
        (self.limit - self.limit / 4).saturating_sub(self.held())
    }

    /// Whether more is held than may be.
    pub(super) fn is_exceeded(&self) -> bool {
        self.held() > self.limit
    }

    pub(super) fn take(&self, size: usize) {
        self.held.fetch_add(size, Ordering::Relaxed);
    }

    pub(super) fn give_back(&self, size: usize) {
        self.held.fetch_sub(size, Ordering::Relaxed);
    }
}

impl Default for Memory {
    fn default() -> Self {
        Self::new(Self::LIMIT)
    }
}
