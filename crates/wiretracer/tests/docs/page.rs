//! The pages, and the parts of Markdown that the checks need: fenced blocks, tables, headings.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

pub(super) const README: &str = "README.md";
pub(super) const GUIDE: &str = "docs/guide.md";
pub(super) const CONFIG: &str = "docs/config.md";
pub(super) const FILTER: &str = "docs/filter.md";

/// The repository.
pub(super) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// A page by its path in the repository.
pub(super) fn read(page: &str) -> String {
    std::fs::read_to_string(root().join(page)).unwrap_or_else(|error| panic!("{page}: {error}"))
}

/// The contents of the fenced blocks of a language.
pub(super) fn blocks(text: &str, language: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        let Some(info) = line.strip_prefix("```") else { continue };
        let block: String = lines
            .by_ref()
            .take_while(|line| !line.starts_with("```"))
            .flat_map(|line| [line, "\n"])
            .collect();
        if info == language {
            found.push(block);
        }
    }
    found
}

/// The rows of all tables below a heading, without the tables' own heads: the cells of each.
pub(super) fn rows(text: &str, heading: &str) -> Vec<Vec<String>> {
    let mut within = false;
    let mut rows = Vec::new();
    for line in text.lines() {
        if line.starts_with('#') {
            within = line.trim_start_matches('#').trim() == heading;
        } else if within && let Some(row) = line.strip_prefix("| ") {
            let cells = row.trim_end_matches(['|', ' ']).split(" | ");
            rows.push(cells.map(|cell| cell.trim().to_owned()).collect());
        }
    }
    rows
}

/// What links to the headings of a page end in, as GitHub makes it.
pub(super) fn anchors(text: &str) -> HashSet<String> {
    text.lines()
        .filter(|line| line.starts_with('#'))
        .map(|line| {
            let title = line.trim_start_matches('#').trim().to_lowercase();
            title
                .chars()
                .filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'))
                .map(|c| if c == ' ' { '-' } else { c })
                .collect()
        })
        .collect()
}

/// The columns of a record's line that are the same in every run: listener, proto, code and what,
/// with `#` for numbers. Of another line everything.
pub(super) fn essence(line: &str) -> String {
    /// Where they begin: after two spaces, time, connection, listener and client.
    const LISTENER: std::ops::Range<usize> = 26..38;
    const PROTO: usize = 63;
    let is_record = line.starts_with("  ")
        && line.get(2..16).is_some_and(|time| time.ends_with("  ") && time.contains(':'));
    let text = match (line.get(LISTENER), line.get(PROTO..)) {
        (Some(listener), Some(rest)) if is_record => {
            let columns: Vec<&str> = rest.split("  ").filter(|part| !part.is_empty()).collect();
            let columns: Vec<&str> = columns.iter().take(3).map(|part| part.trim()).collect();
            format!("{} {}", listener.trim(), columns.join(" | "))
        }
        _ => line.to_owned(),
    };
    let mut essence = String::new();
    for c in text.chars() {
        match c {
            '0'..='9' if essence.ends_with('#') => {}
            '0'..='9' => essence.push('#'),
            c => essence.push(c),
        }
    }
    essence
}
