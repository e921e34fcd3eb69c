//! Any bytes as TLS records, of the client and of the upstream.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| wire::tls::fuzzing::fuzz(data));
