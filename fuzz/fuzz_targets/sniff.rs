//! Any bytes as the first of a connection.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| wire::sniff::fuzz(data));
