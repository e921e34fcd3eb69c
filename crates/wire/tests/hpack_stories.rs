//! Whole connections as other implementations encoded them: the collection `hpack-test-case`.
//!
//! ```text
//! FOLDER/story_NN.json   { "cases": [ { "header_table_size": null | N,
//!                                       "wire": "hex", "headers": [ { "name": "value" } ] } ] }
//! ```
//!
//! The collection is not part of this repository. It is looked for where the environment variable
//! WIRETRACER_HPACK_STORIES points to, or else beside the workspace; without it nothing is tested.
//! Not here: the RFC's own examples, which stand with the decoder.

use std::path::{Path, PathBuf};

use serde_json::Value;
use wire::http::Fields;
use wire::http2::hpack::{Decoder, Encoder};

const BESIDE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data/hpack-test-case");

#[test]
fn all_stories_decode_to_what_was_encoded() {
    let folder = std::env::var_os("WIRETRACER_HPACK_STORIES").map_or(BESIDE.into(), PathBuf::from);
    if !folder.is_dir() {
        skip(&folder);
        return;
    }
    let stories = stories(&folder);
    assert!(!stories.is_empty(), "{} has no stories", folder.display());
    for path in stories {
        let story: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
        let cases = story["cases"].as_array().unwrap();
        assert!(!cases.is_empty(), "{} has no cases", path.display());
        let mut decoder = Decoder::new();
        for (number, case) in cases.iter().enumerate() {
            check(case, &mut decoder, &format!("{}, case {number}", path.display()));
        }
    }
}

#[expect(clippy::print_stderr, reason = "a test that did not run has to say so")]
fn skip(folder: &Path) {
    eprintln!("skipped: {} not present", folder.display());
}

/// The stories of all folders, in the order of their names.
fn stories(folder: &Path) -> Vec<PathBuf> {
    let entries = |path: &Path| {
        let entries = std::fs::read_dir(path).into_iter().flatten().flatten();
        entries.map(|entry| entry.path()).collect::<Vec<_>>()
    };
    let mut stories: Vec<_> = entries(folder).iter().flat_map(|path| entries(path)).collect();
    stories.retain(|path| path.extension().is_some_and(|extension| extension == "json"));
    stories.sort();
    stories
}

fn check(case: &Value, decoder: &mut Decoder, name: &str) {
    if let Some(size) = case["header_table_size"].as_u64() {
        decoder.set_max_table_size(size.try_into().unwrap_or(u32::MAX));
    }
    let expected = headers(case);
    let mut fields = Fields::new();
    let block = hex(case["wire"].as_str().unwrap_or_default());
    assert_eq!(decoder.decode(&block, &mut fields), Ok(()), "{name}");
    assert_eq!(fields, expected, "{name}");

    let (mut block, mut again) = (Vec::new(), Fields::new());
    Encoder::encode_literals(&fields, &mut block);
    assert_eq!(Decoder::new().decode(&block, &mut again), Ok(()), "{name}, encoded again");
    assert_eq!(again, expected, "{name}, encoded again");
}

fn headers(case: &Value) -> Fields {
    let lines = case["headers"].as_array().into_iter().flatten().filter_map(Value::as_object);
    let pairs = lines.flatten().map(|(name, value)| (name, value.as_str().unwrap_or_default()));
    pairs.collect()
}

fn hex(text: &str) -> Vec<u8> {
    let digits: Vec<u32> = text.chars().filter_map(|digit| digit.to_digit(16)).collect();
    digits.chunks_exact(2).map(|pair| (pair[0] * 16 + pair[1]) as u8).collect()
}
