//! What the bytes mean: protocol events and times become records.
//!
//! ```text
//! wire events ── session ──► record ──► { JSONL, metrics, filter, … }
//!                  │
//!               outcome      who ended it, at which stage, how: the only home of blame
//! ```
//!
//! No sockets, no clock, no files: time is an argument and records are handed to the caller.

pub mod escape;
pub mod filter;
pub mod metrics;
pub mod outcome;
pub mod record;
pub mod row;
pub mod session;
pub mod vocabulary;

#[cfg(test)]
mod samples;
