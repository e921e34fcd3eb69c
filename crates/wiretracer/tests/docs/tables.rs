//! The reference tables: every key, field, metric, option and word, and nothing that does not exist.

use std::collections::BTreeSet;

use analysis::filter::FieldId;
use analysis::filter::fields::FieldType;
use analysis::metrics::Metric;
use analysis::vocabulary::{CloseReason, ConnFlag, EventFlag, H2Event, TlsCategory};
use clap::CommandFactory as _;
use wiretracer::cli::Cli;
use wiretracer::config::EXAMPLE;

use crate::page::{self, CONFIG, FILTER, GUIDE};

/// Keys that have no default: what stands in the example is one.
const WITHOUT_DEFAULT: [(&str, &str); 3] =
    [("name", "its address"), ("listen", "required"), ("addr", "required")];

/// Section, key and value of every setting of the example, which another test holds against the
/// defaults.
fn settings() -> Vec<(String, String, String)> {
    let mut path: Vec<(usize, String)> = Vec::new();
    let mut settings = Vec::new();
    for line in EXAMPLE.lines().filter(|line| !line.trim_start().starts_with('#')) {
        let line = line.replacen("- ", "  ", 1);
        let indent = line.len() - line.trim_start().len();
        let Some((key, value)) = line.trim().split_once(':') else { continue };
        path.retain(|(outer, _)| *outer < indent);
        let section: Vec<&str> = path.iter().map(|(_, name)| name.as_str()).collect();
        match value.trim() {
            "" => path.push((indent, key.replace("listeners", "listeners[]"))),
            value => settings.push((section.join("."), key.to_owned(), value.to_owned())),
        }
    }
    settings
}

#[test]
fn every_setting_with_its_default() {
    let text = page::read(CONFIG);
    let settings = settings();
    assert!(settings.len() > 40, "{settings:?}");
    for (section, key, value) in &settings {
        let without = WITHOUT_DEFAULT.iter().find(|(name, _)| name == key && section != "metrics");
        let default = without
            .filter(|_| section.starts_with("listeners"))
            .map_or_else(|| format!("`{value}`"), |(_, words)| (*words).to_owned());
        let rows = page::rows(&text, &format!("`{section}`"));
        let row = rows.iter().find(|row| row[0] == format!("`{key}`"));
        let row = row.unwrap_or_else(|| panic!("{CONFIG} lacks {section}.{key}"));
        assert_eq!(row[2], default, "{CONFIG}: the default of {section}.{key}");
        assert_eq!(row.len(), 4, "{CONFIG}: {row:?}");
    }
    let sections: BTreeSet<&String> = settings.iter().map(|(section, ..)| section).collect();
    let documented: usize =
        sections.iter().map(|section| page::rows(&text, &format!("`{section}`")).len()).sum();
    // Each section's table has two lines of head, of which one passes for a row.
    assert_eq!(documented - sections.len(), settings.len(), "{CONFIG} has keys that do not exist");
}

/// How the values of a field are written.
fn values(kind: FieldType) -> String {
    /// As many as fit into a cell.
    const FEW: usize = 9;
    let text = match kind {
        FieldType::Text => "text",
        FieldType::Category => "a [word](guide.md#words)",
        FieldType::TlsVersion => "`TLSv1.3`, `TLS1.3`, `1.3`",
        FieldType::Number => "number",
        FieldType::Status => "number, or class: `5xx`",
        FieldType::GrpcStatus => "number, or name",
        FieldType::Duration => "duration: `250ms`, `1.5s`",
        FieldType::Bytes => "size: `4096`, `1MiB`",
        FieldType::Client => "address, with port, prefix, network",
        FieldType::Address => "address",
        FieldType::Conn => "id",
        FieldType::Switch => "`1`, `0`",
        FieldType::Error => "`1`, `0`; text",
        FieldType::Words(lists) => {
            let words: Vec<String> =
                lists.iter().copied().flatten().map(|word| format!("`{word}`")).collect();
            match words.len() {
                0..=FEW => return words.join(", "),
                _ => "a [word](guide.md#words)",
            }
        }
    };
    text.to_owned()
}

#[test]
fn every_field_of_the_filter_language() {
    let expected: Vec<String> = FieldId::ALL
        .iter()
        .map(|id| format!("| `{}` | {} | {} |", id.name(), values(id.kind()), id.doc()))
        .collect();
    let text = page::read(FILTER);
    let found: Vec<&str> = text
        .lines()
        .skip_while(|line| *line != "## Fields")
        .filter(|line| line.starts_with("| `") && !line.starts_with("| `header.NAME`"))
        .collect();
    assert_eq!(found, expected, "the table of {FILTER} should be:\n{}", expected.join("\n"));
}

#[test]
fn every_metric() {
    let text = page::read(GUIDE);
    let expected: BTreeSet<String> = Metric::all()
        .map(|metric| {
            let family = metric.family();
            match family.label {
                Some((label, _)) => format!("`{}_<{label}>`", family.name),
                None => format!("`{}`", family.name),
            }
        })
        .collect();
    let rows = page::rows(&text, "Metrics");
    let found: BTreeSet<String> =
        rows.into_iter().map(|row| row[0].clone()).filter(|cell| cell.starts_with('`')).collect();
    assert_eq!(found, expected, "the metrics of {GUIDE}");
}

#[test]
fn every_option_and_command() {
    let text = page::read(GUIDE);
    let command = Cli::command();
    let options = command.get_arguments().filter_map(|option| option.get_long());
    let lacking: Vec<String> = options
        .map(|long| format!("--{long}"))
        .chain(command.get_subcommands().map(|command| format!("`{}", command.get_name())))
        .filter(|word| !text.contains(word.as_str()))
        .collect();
    assert!(lacking.is_empty(), "{GUIDE} lacks {lacking:?}");
}

#[test]
fn every_word_of_the_closed_lists() {
    let text = page::read(GUIDE);
    let words =
        [CloseReason::WORDS, ConnFlag::WORDS, EventFlag::WORDS, TlsCategory::WORDS, H2Event::WORDS];
    let lacking: Vec<&str> =
        words.concat().into_iter().filter(|word| !text.contains(&format!("`{word}`"))).collect();
    assert!(lacking.is_empty(), "{GUIDE} lacks {lacking:?}");
}

/// The schema has every field; the guide has every kind, and fields that exist.
#[test]
fn kinds_and_fields_of_records() {
    let schema: serde_json::Value =
        serde_json::from_str(&page::read("docs/records.schema.json")).unwrap();
    let text = page::read(GUIDE);
    assert!(text.contains("](records.schema.json)"));
    let rows = page::rows(&text, "Records as JSON");
    for kind in ["event", "tls", "h2ctl", "conn"] {
        let row = rows.iter().find(|row| row[0] == format!("`{kind}`")).unwrap();
        for field in row[2].split(", ").map(|field| field.trim_matches('`')) {
            let known = &schema["$defs"][kind]["properties"][field];
            assert!(!known.is_null(), "{GUIDE}: {kind} has no field {field}");
        }
    }
}
