//! wiretracer.
fn main() {}
