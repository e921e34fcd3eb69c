//! Whole stories: every file in `tests/scenarios` is played, whole and in pieces.
//!
//! The format is told in [`script`]. A bug report becomes a file.

#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a story that cannot be read fails its test"
)]

mod bytes;
mod limits;
mod play;
mod redaction;
mod script;

use std::collections::BTreeSet;
use std::path::PathBuf;

use analysis::vocabulary::{CloseReason, ConnFlag, EventFlag};

use play::{compare, play};
use proptest::prelude::*;
use script::Story;

fn stories() -> Vec<(String, Story)> {
    let directory = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/scenarios");
    let mut stories = Vec::new();
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        let file = path.file_stem().unwrap().to_string_lossy().into_owned();
        for (index, text) in std::fs::read_to_string(&path).unwrap().split("\n---\n").enumerate() {
            let title = text.lines().find_map(|line| line.trim().strip_prefix("# "));
            let title = title.unwrap_or("without a title");
            stories.push((format!("{file} {}: {title}", index + 1), Story::parse(text)));
        }
    }
    stories.sort_by(|(one, _), (other, _)| one.cmp(other));
    stories
}

#[test]
fn every_story_yields_its_records() {
    let mut failures = Vec::new();
    for (name, story) in stories() {
        let records = play(&story, &mut |rest| rest);
        if let Err(why) = compare(&records, &story.expected) {
            failures.push(format!("{name}\n   {why}"));
        }
    }
    assert!(failures.is_empty(), "{} stories:\n{}", failures.len(), failures.join("\n"));
}

/// Words of the contract that the session finds by itself, or is told of by the relay.
#[test]
fn the_stories_show_every_word_that_a_session_can_say() {
    let mut said = BTreeSet::new();
    for (_, story) in stories() {
        for record in play(&story, &mut |rest| rest) {
            let flags = record["flags"].as_array().into_iter().flatten();
            said.extend(
                flags
                    .chain([&record["close_reason"]])
                    .filter_map(|word| word.as_str().map(ToOwned::to_owned)),
            );
        }
    }
    let decided_elsewhere = [
        // By whoever makes the handshakes, before there is anything to observe.
        "client_tls_fail",
        "upstream_tls_fail",
        "tls_in_fail",
        "tls_out_fail",
        "upstream_connect_fail",
        "upstream_handshake_timeout",
        "alpn_mismatch",
        "proxy_protocol_error",
        "denied",
        "reload",
    ];
    let words = [EventFlag::WORDS, ConnFlag::WORDS, CloseReason::WORDS].concat();
    let unsaid: Vec<_> = words
        .into_iter()
        .filter(|word| !said.contains(*word) && !decided_elsewhere.contains(word))
        .collect();
    assert_eq!(unsaid, [""; 0]);
}

#[test]
fn byte_by_byte_every_story_yields_the_same_records() {
    for (name, story) in stories() {
        assert_eq!(play(&story, &mut |_| 1), play(&story, &mut |rest| rest), "{name}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn cut_anywhere_every_story_yields_the_same_records(sizes in prop::collection::vec(1_usize..40, 1..40)) {
        for (name, story) in stories() {
            let mut sizes = sizes.iter().cycle();
            let cut = play(&story, &mut |_| *sizes.next().unwrap());
            prop_assert_eq!(cut, play(&story, &mut |rest| rest), "{}", name);
        }
    }
}
