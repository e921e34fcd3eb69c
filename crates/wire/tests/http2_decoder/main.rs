//! Transcripts of HTTP/2 connections: frames in, events out.

mod control;
mod flow;
mod messages;
mod opening;
mod properties;
mod support;
mod violations;
