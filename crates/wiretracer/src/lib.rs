//! wiretracer: gets bytes in and answers out.

pub mod cli;
pub mod config;
