//! Records, as a reader of the JSONL file has them.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::schema;

/// All records of a file so far.
#[derive(Debug)]
pub(crate) struct Records(pub(crate) Vec<Value>);

impl Records {
    /// Reads a file; one that is not there yet has no records.
    pub(crate) fn read(path: &Path) -> Self {
        let text = fs::read_to_string(path).unwrap_or_default();
        // The last line may be half written.
        let complete = text.rfind('\n').map_or("", |end| &text[..end]);
        Self(complete.lines().map(parse).collect())
    }

    /// Reads a file to its end and holds each line against the published schema.
    pub(crate) fn read_valid(path: &Path) -> Self {
        let text = fs::read_to_string(path).unwrap_or_default();
        for line in text.lines() {
            schema::validate(line).unwrap_or_else(|breaches| panic!("{breaches}"));
        }
        Self::read(path)
    }

    /// Those of a kind.
    pub(crate) fn kind(&self, kind: &str) -> Vec<&Value> {
        self.0.iter().filter(|record| record["kind"] == kind).collect()
    }

    /// The only one of a kind that holds true.
    pub(crate) fn one(&self, kind: &str, holds: impl Fn(&Value) -> bool) -> &Value {
        let found: Vec<_> = self.kind(kind).into_iter().filter(|record| holds(record)).collect();
        match found.as_slice() {
            [record] => record,
            found => panic!("{} such records among {:#?}", found.len(), self.0),
        }
    }

    /// The only `event`.
    pub(crate) fn event(&self) -> &Value {
        self.one("event", |_| true)
    }

    /// The only `conn close`.
    pub(crate) fn close(&self) -> &Value {
        self.one("conn", |record| record["event"] == "close")
    }

    /// The only `tls` of a side.
    pub(crate) fn tls(&self, side: &str) -> &Value {
        self.one("tls", |record| record["side"] == side)
    }

    /// The `h2ctl` records of an event.
    pub(crate) fn h2(&self, event: &str) -> Vec<&Value> {
        self.kind("h2ctl").into_iter().filter(|record| record["h2_event"] == event).collect()
    }
}

fn parse(line: &str) -> Value {
    serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"))
}

/// Asserts who closed a connection and why.
#[track_caller]
pub(crate) fn assert_close(close: &Value, closed_by: &str, reason: &str) {
    let found = (close["closed_by"].as_str(), close["close_reason"].as_str());
    assert_eq!(found, (Some(closed_by), Some(reason)), "{close:#}");
}

/// Asserts the flags of a connection or an exchange, in any order.
#[track_caller]
pub(crate) fn assert_flags(record: &Value, flags: &[&str]) {
    let mut found: Vec<_> = record["flags"].as_array().unwrap().iter().collect();
    found.sort_by_key(|flag| flag.as_str());
    let mut flags = flags.to_vec();
    flags.sort_unstable();
    assert_eq!(found, flags, "{record:#}");
}

/// Asserts that the text of a field holds a part.
#[track_caller]
pub(crate) fn assert_says(field: &Value, part: &str) {
    assert!(field.as_str().is_some_and(|text| text.contains(part)), "{field} says no '{part}'");
}
