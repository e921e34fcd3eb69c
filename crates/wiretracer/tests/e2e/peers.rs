//! Programs that the world uses, on both sides of the proxy: each talks as if it were not there, and
//! the records say what was said and find nothing wrong.
//!
//! A missing program skips its tests, or fails them where `WIRETRACER_REQUIRE_PEERS` is set.

mod curl;
mod grpc;
pub(crate) mod health;
mod keylog;
mod nghttp;
mod nginx;
mod noise;
mod raw;
mod server;
mod shutdown;
mod sink;
mod websocket;
