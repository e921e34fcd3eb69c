//! Which of the library's modules a file names, by paths that begin with `crate` or `super`.
//!
//! ```text
//! crate::sink::jsonl::JsonlSink      → sink
//! use crate::{io, tls::{client}};    → io, tls
//! super::super::sink    in tls/a.rs  → sink
//! ```
//!
//! Not here: paths that macros put together.

use super::code;
use super::source::Source;

/// Which of the forbidden modules the file names, as a sentence.
pub(crate) fn any_of(source: &Source, forbidden: &[&str]) -> Option<String> {
    let module = source.module()?;
    let mut found = named(&code::only(&source.text), module.len());
    found.retain(|name| forbidden.contains(&&**name));
    found.sort_unstable();
    found.dedup();
    (!found.is_empty()).then(|| format!("names {}", found.join(", ")))
}

/// The modules at the top of the crate that code in a module of this depth names.
fn named(code: &str, depth: usize) -> Vec<String> {
    let tokens = tokens(code);
    let mut names = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        match tokens[at] {
            "crate" => at = names_after(&tokens, at + 1, &mut names),
            "super" => {
                let mut ups = 0;
                while tokens.get(at) == Some(&"super") {
                    (ups, at) = (ups + 1, at + 1);
                    at += usize::from(
                        tokens.get(at) == Some(&"::") && tokens.get(at + 1) == Some(&"super"),
                    );
                }
                // One more than the depth comes from a module inside the file, such as its tests.
                if ups >= depth {
                    at = names_after(&tokens, at, &mut names);
                }
            }
            _ => at += 1,
        }
    }
    names
}

/// Collects what `::name` or `::{name, name::{…}}` at this place name; gives the place after it.
fn names_after(tokens: &[&str], at: usize, names: &mut Vec<String>) -> usize {
    if tokens.get(at) != Some(&"::") {
        return at;
    }
    if tokens.get(at + 1) != Some(&"{") {
        names.extend(tokens.get(at + 1).map(|&name| name.to_owned()));
        return at + 2;
    }
    let mut depth = 0;
    for (offset, &token) in tokens[at + 1..].iter().enumerate() {
        match token {
            "{" => depth += 1,
            "}" => depth -= 1,
            name if depth == 1 && matches!(tokens[at + offset], "{" | ",") => {
                names.push(name.to_owned());
            }
            _ => {}
        }
        if depth == 0 {
            return at + 1 + offset;
        }
    }
    tokens.len()
}

/// Words, `::`, and single signs.
fn tokens(code: &str) -> Vec<&str> {
    let mut tokens = Vec::new();
    let mut rest = code.trim_start();
    while let Some(first) = rest.chars().next() {
        let word = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
        let length = match word {
            0 if rest.starts_with("::") => 2,
            0 => first.len_utf8(),
            word => word,
        };
        let (token, tail) = rest.split_at(length);
        tokens.push(token);
        rest = tail.trim_start();
    }
    tokens
}

#[test]
fn all_forms_of_a_path_are_read() {
    for (code, depth, names) in [
        ("use crate::sink::jsonl::Jsonl;", 2, &["sink"][..]),
        ("use crate::{io::{self, Read}, tls}; crate::relay::run()", 1, &["io", "tls", "relay"]),
        ("pub(crate) fn f(sink: Sink) { sink.push() }", 1, &[]),
        ("use super::sink::Queue;", 1, &["sink"]),
        ("use super::sink::Queue;", 2, &[]),
        ("use super::super::sink;", 2, &["sink"]),
        ("use super::{lines, super_user};", 2, &[]),
    ] {
        assert_eq!(named(code, depth), names, "{code}");
    }
}
