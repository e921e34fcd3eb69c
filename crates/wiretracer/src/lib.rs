//! wiretracer: gets bytes in and answers out.

pub mod metrics_endpoint;
pub mod recorder;
pub mod sink;
