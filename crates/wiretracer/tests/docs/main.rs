//! Holds the documentation against the program: what README.md and `docs/` say can be typed, parses and
//! exists.
//!
//! ```text
//! config.example.yaml, FieldId, Metric, vocabulary, Cli ──► tables and words of the pages
//! fenced blocks: sh ─► Cli    filter ─► Filter    yaml ─► config    text ─► the demo's output
//! ```
//!
//! Not here: whether the sentences are true.

#![expect(clippy::panic, reason = "a test that cannot read a page fails")]

mod page;
mod tables;
mod typed;

use page::{CONFIG, FILTER, GUIDE, README, root};

/// Every relative link leads to a file that is there, and to a heading that is in it.
#[test]
fn links_lead_somewhere() {
    let mut broken = Vec::new();
    for page in [README, GUIDE, CONFIG, FILTER] {
        let text = page::read(page);
        for target in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            if target.starts_with("https://") {
                continue;
            }
            let (file, heading) = target.split_once('#').unwrap_or((target, ""));
            let path = match file {
                "" => root().join(page),
                file => root().join(page).with_file_name("").join(file),
            };
            match std::fs::read_to_string(&path) {
                Ok(text) if heading.is_empty() || page::anchors(&text).contains(heading) => {}
                Ok(_) => broken.push(format!("{page}: no heading for {target}")),
                Err(error) => broken.push(format!("{page}: {target}: {error}")),
            }
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

/// The lines of the README's transcript are in the demo's output, but for what changes from run to run.
#[test]
fn the_transcript_is_the_demo_s() {
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_wiretracer"))
        .args(["demo", "--headless"])
        .env_remove("RUST_LOG")
        .env_remove("SSLKEYLOGFILE")
        .output()
        .unwrap();
    let played = String::from_utf8(output.stdout).unwrap();
    let played: Vec<String> = played.lines().map(page::essence).collect();
    let readme = page::read(README);
    let transcript = page::blocks(&readme, "text").concat();
    assert!(transcript.lines().count() >= 20, "the transcript is gone from {README}");
    for line in transcript.lines().filter(|line| !line.is_empty()) {
        let essence = page::essence(line);
        assert!(played.contains(&essence), "the demo does not say {essence:?}:\n{line}");
    }
}
