//! The program as its users have it: the binary, real sockets, and the records that come out.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    clippy::print_stdout,
    reason = "a test that cannot go on fails, and one that cannot be made here says so"
)]

mod admission;
mod alpn;
mod bytes;
mod closing;
mod control;
mod first_bytes;
mod logging;
mod memory;
mod mutual_tls;
mod operation;
mod peers;
mod probe;
mod proxy_protocol;
mod redirected;
#[path = "../support/schema.rs"]
mod schema;
mod support;
mod timeouts;
mod verification;
