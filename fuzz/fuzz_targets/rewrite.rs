//! Any bytes of a client under another name for the server.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| wiretracer::rewrite::fuzz(data));
