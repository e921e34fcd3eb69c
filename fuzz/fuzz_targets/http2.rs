//! Any bytes as the frames of both directions.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| wire::http2::fuzz(data));
