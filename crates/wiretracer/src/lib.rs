//! wiretracer: gets bytes in and answers out.
//!
//! ```text
//! listener ─► connection ─► relay            sockets, TLS, timeouts
//!                 │ chunks
//!                 ▼
//!         analysis::session ─► recorder ─► sink::{jsonl, print}, metrics_endpoint
//! ```

pub mod app;
pub mod cli;
pub mod clock;
pub mod commands;
pub mod config;
pub mod connection;
pub mod demo;
pub mod io;
pub mod listener;
pub mod metrics_endpoint;
pub mod probe;
pub mod recorder;
pub mod relay;
pub mod rewrite;
pub mod service;
pub mod sink;
pub mod tls;
pub mod upstream;
