//! Any text as a filter.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| analysis::filter::fuzz(data));
