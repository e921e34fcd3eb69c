//! Any bytes as WebSocket frames.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| wire::websocket::fuzz(data));
