//! Reads the sources of all crates and holds them against the rules that no compiler checks.
//!
//! ```text
//! wire ◄── analysis ◄── wiretracer        connection, relay ──► recorder ──► sink
//!   no sockets, no TLS stack                       tui, sink ──✗──► connection, relay, tls, …
//! ```
//!
//! The rules stand in ARCHITECTURE.md. Not here: whether the code does what it should.

mod code;
mod source;
mod uses;

use source::Source;

/// Lines that a source file may have.
const MAX_LINES: usize = 500;
/// Lines that a file of tests may have.
const MAX_TEST_LINES: usize = 600;

/// Packages that move bytes: of no business to a crate that only understands them.
const TRANSPORT: [&str; 10] = [
    "crossterm",
    "hyper",
    "mio",
    "ratatui",
    "rustls",
    "socket2",
    "tokio",
    "tokio-rustls",
    "wiretracer",
    "ureq",
];

/// Modules that touch the network.
const NETWORK: [&str; 6] = ["connection", "io", "listener", "relay", "tls", "upstream"];

/// Fails with one line for each breach.
#[track_caller]
fn assert_none(rule: &str, breaches: &[String]) {
    assert!(breaches.is_empty(), "{rule}:\n  {}", breaches.join("\n  "));
}

fn breaches(check: impl Fn(&Source) -> Option<String>) -> Vec<String> {
    let sources = source::all();
    sources
        .iter()
        .filter_map(|source| check(source).map(|what| format!("{}: {what}", source.path)))
        .collect()
}

#[test]
fn every_file_opens_with_what_it_is_for() {
    let silent = breaches(|source| {
        let first = source.text.lines().next().unwrap_or_default();
        let told = first.strip_prefix("//! ").is_some_and(|words| !words.trim().is_empty());
        (!told).then(|| format!("opens with {first:?} instead of `//!` and a sentence"))
    });
    assert_none("Every file says at its top what it is for", &silent);
}

#[test]
fn no_file_is_too_long() {
    let long = breaches(|source| {
        let limit = if source.is_test() { MAX_TEST_LINES } else { MAX_LINES };
        let lines = source.text.lines().count();
        (lines > limit).then(|| format!("{lines} lines, {limit} are allowed"))
    });
    assert_none("One file, one idea", &long);
}

#[test]
fn nothing_is_left_for_later() {
    // Put together here, so that this file doesn't find itself.
    let words = [concat!("TO", "DO"), concat!("FIX", "ME"), concat!("XX", "X")];
    let promises = breaches(|source| {
        words.into_iter().find(|word| has_word(&source.text, word)).map(str::to_owned)
    });
    assert_none("Nothing is left for later", &promises);

    let stubs = breaches(|source| {
        let code = code::only(&source.text);
        let stub = ["todo!", "unimplemented!"].into_iter().find(|stub| code.contains(stub));
        stub.map(str::to_owned)
    });
    assert_none("There are no stubs", &stubs);
}

#[test]
fn the_pure_crates_depend_on_nothing_that_moves_bytes() {
    for (name, more) in [("wire", &["analysis"][..]), ("analysis", &[])] {
        let dependencies = source::dependencies(name);
        let forbidden: Vec<_> = dependencies
            .into_iter()
            .filter(|package| TRANSPORT.contains(&&**package) || more.contains(&&**package))
            .collect();
        assert_none(&format!("{name} may not depend on"), &forbidden);
    }
}

#[test]
fn what_moves_bytes_does_not_know_who_shows_them() {
    let known = breaches(|source| {
        let module = source.module()?;
        let moves = matches!(module.first(), Some(&("connection" | "relay")));
        moves.then(|| uses::any_of(source, &["sink", "tui"])).flatten()
    });
    assert_none("connection and relay hold a handle from recorder, nothing further", &known);
}

#[test]
fn what_shows_records_does_not_reach_for_the_network() {
    let known = breaches(|source| {
        let module = source.module()?;
        let shows = matches!(module.first(), Some(&("sink" | "tui")));
        shows.then(|| uses::any_of(source, &NETWORK)).flatten()
    });
    assert_none("sink and tui know records, not connections", &known);
}

#[test]
fn the_state_of_the_screen_does_not_know_how_it_is_drawn() {
    let known = breaches(|source| {
        let module = source.module()?;
        let state = matches!(module.get(..2), Some(["tui", "model" | "update"]));
        let draws = has_word(&code::only(&source.text), "ratatui");
        (state && draws).then(|| "uses ratatui".to_owned())
    });
    assert_none("tui::model and tui::update know no ratatui", &known);
}

/// Whether the text has the word, not as a part of a longer one.
fn has_word(text: &str, word: &str) -> bool {
    text.match_indices(word).any(|(at, _)| {
        let part = |c: char| c.is_alphanumeric() || c == '_';
        !text[..at].ends_with(part) && !text[at + word.len()..].starts_with(part)
    })
}

#[test]
fn words_are_found_as_words() {
    assert!(has_word("a ratatui::Frame", "ratatui"));
    assert!(!has_word("no_ratatui, ratatuis", "ratatui"));
}
