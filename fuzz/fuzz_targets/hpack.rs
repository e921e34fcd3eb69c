//! Any bytes as the header blocks of a connection.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| wire::http2::hpack::fuzz(data));
