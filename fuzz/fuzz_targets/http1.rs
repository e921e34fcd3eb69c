//! Any bytes as a conversation in HTTP/1.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| wire::http1::fuzz(data));
