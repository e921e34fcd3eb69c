//! The fuzz targets without a fuzzer: every function that has one, on every seed.
//!
//! ```text
//! fuzz/fuzz_targets/NAME.rs     calls the function, for the fuzzer
//! fuzz/seeds/NAME/*             where it begins; and a crash that was found goes there for good
//! ```

use std::fs;
use std::path::{Path, PathBuf};

const FUZZ: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fuzz");

/// Asserts what must hold for any bytes.
type Fuzz = fn(&[u8]);

/// Name of the target, the function, and how the target calls it.
macro_rules! target {
    ($name:literal, $($function:tt)+) => {
        ($name, $($function)+ as Fuzz, stringify!($($function)+))
    };
}

const TARGETS: [(&str, Fuzz, &str); 12] = [
    target!("config", wiretracer::config::fuzz),
    target!("doctor", wiretracer::tls::doctor::fuzz),
    target!("filter", analysis::filter::fuzz),
    target!("grpc", wire::grpc::fuzz),
    target!("hpack", wire::http2::hpack::fuzz),
    target!("http1", wire::http1::fuzz),
    target!("http2", wire::http2::fuzz),
    target!("proxy_protocol", wire::proxy_protocol::fuzz),
    target!("rewrite", wiretracer::rewrite::fuzz),
    target!("sniff", wire::sniff::fuzz),
    target!("tls", wire::tls::fuzzing::fuzz),
    target!("websocket", wire::websocket::fuzz),
];

/// What is in a folder, in the order of the names.
fn entries(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut paths: Vec<_> = entries.map(|entry| entry.path()).collect();
    paths.sort();
    paths
}

/// The names in a folder, without their extensions.
fn names(folder: &Path) -> Vec<String> {
    let stem = |path: PathBuf| path.file_stem().map(|stem| stem.to_string_lossy().into_owned());
    entries(folder).into_iter().filter_map(stem).collect()
}

#[test]
fn every_seed_keeps_the_invariant() {
    for (name, function, _) in TARGETS {
        let seeds = entries(&Path::new(FUZZ).join("seeds").join(name));
        assert!(seeds.len() > 1, "{name} has {} seeds", seeds.len());
        for seed in seeds {
            let bytes = fs::read(&seed).unwrap();
            // A fuzzer cuts first of all, so every beginning is a seed too.
            for end in 0..=bytes.len() {
                function(&bytes[..end]);
            }
        }
    }
}

#[test]
fn every_function_has_a_target() {
    let listed: Vec<_> = TARGETS.iter().map(|(name, ..)| *name).collect();
    assert_eq!(names(&Path::new(FUZZ).join("fuzz_targets")), listed);
    assert_eq!(names(&Path::new(FUZZ).join("seeds")), listed);
    let manifest = fs::read_to_string(Path::new(FUZZ).join("Cargo.toml")).unwrap();
    for (name, _, path) in TARGETS {
        let target = Path::new(FUZZ).join("fuzz_targets").join(name).with_extension("rs");
        let source = fs::read_to_string(target).unwrap();
        assert!(source.contains(&format!("{path}(data)")), "{name} calls another function");
        assert!(manifest.contains(&format!("name = \"{name}\"")), "{name} is not in Cargo.toml");
    }
}

#[test]
fn no_fuzz_function_is_forgotten() {
    fn count(folder: &Path) -> usize {
        let functions = |path: PathBuf| match path.is_dir() {
            true => count(&path),
            false => {
                let source = fs::read_to_string(&path).unwrap_or_default();
                source.matches("\npub fn fuzz(").count()
            }
        };
        entries(folder).into_iter().map(functions).sum()
    }
    let crates = Path::new(FUZZ).join("../crates");
    let found: usize = ["wire", "analysis", "wiretracer"]
        .iter()
        .map(|name| count(&crates.join(name).join("src")))
        .sum();
    assert_eq!(found, TARGETS.len());
}
