//! Any bytes as a PROXY header.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| wire::proxy_protocol::fuzz(data));
