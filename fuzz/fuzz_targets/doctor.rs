//! Any bytes as a chain of certificates.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| wiretracer::tls::doctor::fuzz(data));
