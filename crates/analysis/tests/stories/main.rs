//! Whole stories: every file in `tests/scenarios` is played, whole and in pieces.
//!
//! The format is told in [`script`]. A bug report becomes a file.

mod bytes;
mod play;
mod script;

use std::path::PathBuf;

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
