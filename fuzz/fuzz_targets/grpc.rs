//! Any bytes as the content of a gRPC call, and as its fields.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| wire::grpc::fuzz(data));
