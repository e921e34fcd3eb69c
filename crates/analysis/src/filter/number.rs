//! Numbers with units.
//!
//! ```text
//! duration>1.5s        1 500 000 µs
//! bytes_in>1MiB        1 048 576 B
//! ```

use super::fields::FieldType;

/// Names of a unit, and how many microseconds or bytes it is.
type Units = &'static [(&'static [&'static str], u64)];

const DURATIONS: Units = &[
    (&["", "ms"], 1_000),
    (&["us", "µs", "μs"], 1),
    (&["s"], 1_000_000),
    (&["m", "min"], 60_000_000),
    (&["h"], 3_600_000_000),
];

const SIZES: Units = &[
    (&["", "b"], 1),
    (&["kb"], 1_000),
    (&["mb"], 1_000_000),
    (&["gb"], 1_000_000_000),
    (&["kib"], 1 << 10),
    (&["mib"], 1 << 20),
    (&["gib"], 1 << 30),
];

/// The number in `text`, in bytes or microseconds where the field is a size or a duration.
///
/// # Errors
///
/// What is allowed, as a hint.
pub(super) fn number(kind: FieldType, text: &str) -> Result<u64, &'static str> {
    match kind {
        FieldType::Duration => with_unit(DURATIONS, text)
            .ok_or("a number with us, ms, s, m or h (without a unit: ms), such as 500ms or 1.5s"),
        FieldType::Bytes => with_unit(SIZES, text).ok_or(
            "a number with B, kB, MB, GB, KiB, MiB or GiB (without a unit: B), such as 64KiB",
        ),
        FieldType::Status => whole(text).ok_or("a number or a class: 503, 5xx, 500..504"),
        FieldType::GrpcStatus => {
            whole(text).ok_or("a number or a name: 14, UNAVAILABLE, DEADLINE_EXCEEDED")
        }
        _ => whole(text).ok_or("a whole number"),
    }
}

fn whole(text: &str) -> Option<u64> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if digits { text.parse().ok() } else { None }
}

fn with_unit(units: Units, text: &str) -> Option<u64> {
    let end = text.find(|letter: char| !letter.is_ascii_digit() && letter != '.');
    let (digits, unit) = text.split_at(end.unwrap_or(text.len()));
    let unit = unit.to_ascii_lowercase();
    let &(_, factor) = units.iter().find(|(names, _)| names.contains(&&*unit))?;
    match digits.split_once('.') {
        None => whole(digits)?.checked_mul(factor),
        Some((before, after)) => {
            whole(before)?;
            whole(after)?;
            let value = digits.parse::<f64>().ok()? * factor as f64;
            // Past 2^53 a float has no room for the fraction, and nobody means it.
            (value < 9e15).then_some(value.round() as u64)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units() {
        for (kind, text, expected) in [
            (FieldType::Duration, "500", Some(500_000)),
            (FieldType::Duration, "500ms", Some(500_000)),
            (FieldType::Duration, "1.5s", Some(1_500_000)),
            (FieldType::Duration, "250us", Some(250)),
            (FieldType::Duration, "250µs", Some(250)),
            (FieldType::Duration, "2m", Some(120_000_000)),
            (FieldType::Duration, "1h", Some(3_600_000_000)),
            (FieldType::Duration, "1d", None),
            (FieldType::Duration, "s", None),
            (FieldType::Duration, "-1s", None),
            (FieldType::Duration, "1.s", None),
            (FieldType::Duration, "1.2.3s", None),
            (FieldType::Duration, "99999999999999999999s", None),
            (FieldType::Duration, "18446744073709551615h", None),
            (FieldType::Bytes, "7", Some(7)),
            (FieldType::Bytes, "7B", Some(7)),
            (FieldType::Bytes, "1kB", Some(1_000)),
            (FieldType::Bytes, "1KiB", Some(1_024)),
            (FieldType::Bytes, "1.5MiB", Some(1_572_864)),
            (FieldType::Bytes, "2GB", Some(2_000_000_000)),
            (FieldType::Bytes, "1s", None),
            (FieldType::Status, "503", Some(503)),
            (FieldType::Status, "+503", None),
            (FieldType::Number, "1.0", None),
            (FieldType::Number, "", None),
        ] {
            assert_eq!(number(kind, text).ok(), expected, "{text}");
        }
    }
}
