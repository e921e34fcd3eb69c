//! Holds a record against the published schema, `docs/records.schema.json`.
//!
//! ```text
//! schema::validate(r#"{"kind":"conn", …}"#)?      Err: every breach, with its place
//! ```

use std::fmt::Write as _;
use std::sync::OnceLock;

use jsonschema::Validator;

const SCHEMA: &str = include_str!("../../../../docs/records.schema.json");

/// Whether a line of JSONL is a record.
///
/// # Errors
///
/// Tells everything that is wrong with the line, and quotes it.
pub(crate) fn validate(line: &str) -> Result<(), String> {
    let record = serde_json::from_str(line).map_err(|error| format!("{error} in {line}"))?;
    let breaches = validator()?.iter_errors(&record).fold(String::new(), |mut text, error| {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{}: {error}", error.instance_path());
        text
    });
    if breaches.is_empty() { Ok(()) } else { Err(format!("{breaches}in {line}")) }
}

fn validator() -> Result<&'static Validator, String> {
    static VALIDATOR: OnceLock<Result<Validator, String>> = OnceLock::new();
    let made = VALIDATOR.get_or_init(|| {
        let schema = serde_json::from_str(SCHEMA).map_err(|error| error.to_string())?;
        jsonschema::draft202012::new(&schema).map_err(|error| error.to_string())
    });
    made.as_ref().map_err(Clone::clone)
}
