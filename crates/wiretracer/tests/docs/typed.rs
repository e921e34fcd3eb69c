//! What a reader would type: commands, filters, configurations.

use analysis::filter::Filter;
use clap::Parser as _;
use wiretracer::cli::{Cli, Command};
use wiretracer::config;

use crate::page::{self, CONFIG, FILTER, GUIDE, README};

const PAGES: [&str; 4] = [README, GUIDE, CONFIG, FILTER];

/// The words of the first command of a line, as a shell would split them; none of a comment.
fn words(line: &str) -> Vec<String> {
    let (mut words, mut word, mut quote) = (Vec::new(), String::new(), None);
    for c in line.chars() {
        match (quote, c) {
            (Some(open), c) if c == open => quote = None,
            (None, '\'' | '"') => quote = Some(c),
            (None, '|' | '>' | '#') => break,
            (None, ' ') => words.push(std::mem::take(&mut word)),
            (_, c) => word.push(c),
        }
    }
    words.push(word);
    words.retain(|word| !word.is_empty());
    words
}

/// The commands for wiretracer on a page, with what each was in the page.
fn commands(page: &str) -> Vec<(String, Vec<String>)> {
    let text = page::read(page);
    let blocks = page::blocks(&text, "sh").concat();
    let mut commands = Vec::new();
    for line in blocks.lines() {
        // What the shell puts in its place is a command too.
        let inner = line.split("$(").skip(1).filter_map(|rest| rest.split(')').next());
        for piece in std::iter::once(line).chain(inner) {
            let mut words = words(piece);
            if words.first().is_some_and(|word| word == "cargo")
                && let Some(dashes) = words.iter().position(|word| word == "--")
            {
                words.splice(..=dashes, ["wiretracer".to_owned()]);
            }
            if words.first().is_some_and(|word| word == "wiretracer") {
                commands.push((line.to_owned(), words));
            }
        }
    }
    commands
}

#[test]
fn commands_parse() {
    for page in PAGES {
        let commands = commands(page);
        assert!(!commands.is_empty(), "{page} has no command");
        for (line, words) in commands {
            let cli = Cli::try_parse_from(&words)
                .unwrap_or_else(|error| panic!("{page}: {line}\n{error}"));
            let filter = match &cli.command {
                Some(Command::Demo(demo)) => &demo.output.filter,
                _ => &cli.run.output.filter,
            };
            if let Some(filter) = filter {
                Filter::parse(filter).unwrap_or_else(|error| panic!("{page}: {line}\n{error}"));
            }
        }
    }
}

#[test]
fn filters_parse() {
    let mut count = 0;
    for page in PAGES {
        for block in page::blocks(&page::read(page), "filter") {
            for line in block.lines().filter(|line| !line.starts_with('#')) {
                Filter::parse(line).unwrap_or_else(|error| panic!("{page}: {error}"));
                count += 1;
            }
        }
    }
    assert!(count > 20, "{count} filters");
}

#[test]
fn configurations_are_without_mistakes() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("config.yaml");
    let mut count = 0;
    for page in PAGES {
        let blocks = page::blocks(&page::read(page), "yaml");
        for block in blocks.iter().filter(|block| block.starts_with("listeners:")) {
            std::fs::write(&path, block).unwrap();
            let config = config::check(&path).unwrap_or_else(|error| panic!("{page}: {error}"));
            assert_eq!(config.warnings, [], "{page}");
            count += 1;
        }
    }
    assert!(count >= 2, "{count} configurations");
}

#[test]
fn the_readme_s_record_has_fields_of_the_schema() {
    let schema: serde_json::Value =
        serde_json::from_str(&page::read("docs/records.schema.json")).unwrap();
    let block = page::blocks(&page::read(README), "json").concat();
    let record: serde_json::Value = serde_json::from_str(&block).unwrap();
    for field in record.as_object().unwrap().keys() {
        let known = &schema["$defs"]["event"]["properties"][field];
        assert!(!known.is_null(), "no field {field}");
    }
}
