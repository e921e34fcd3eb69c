//! Numbers with a unit: durations, sizes, counts.
//!
//! ```yaml
//! read_timeout: 30.0         # seconds; 0 turns it off
//! max_bytes: 256MiB          # or 268435456
//! ```

use std::ops::RangeInclusive;
use std::time::Duration;

use super::context::Context;
use super::field::{Field, Section};
use super::node::Meaning;

/// No timeout of a proxy is longer than thirty days.
const LONGEST: f64 = 30.0 * 24.0 * 3600.0;

/// A timeout in seconds; `None` when it is turned off.
pub(super) fn timeout(
    section: &Section<'_>,
    key: &str,
    default: f64,
    ctx: &mut Context,
) -> Option<Duration> {
    let allowed = "a number of seconds from 0 (off) to 2592000 (30 days)";
    let given = section.get(key).and_then(|field| field.number(0.0..=LONGEST, allowed, ctx));
    let duration = Duration::from_secs_f64(given.unwrap_or(default));
    (!duration.is_zero()).then_some(duration)
}

/// A length of time in milliseconds, where 0 is a value like any other.
pub(super) fn milliseconds(
    section: &Section<'_>,
    key: &str,
    default: f64,
    ctx: &mut Context,
) -> Duration {
    let allowed = "a number of milliseconds from 0 to 2592000000 (30 days)";
    let given =
        section.get(key).and_then(|field| field.number(0.0..=LONGEST * 1000.0, allowed, ctx));
    Duration::from_secs_f64(given.unwrap_or(default) / 1000.0)
}

/// How many of something.
pub(super) fn count(
    section: &Section<'_>,
    key: &str,
    default: usize,
    range: RangeInclusive<u64>,
    ctx: &mut Context,
) -> usize {
    let value = section.get(key).and_then(|field| field.integer(range, ctx));
    value.and_then(|value| usize::try_from(value).ok()).unwrap_or(default)
}

/// The units of a size, decimal and binary; written in any case.
const UNITS: [(&str, u64); 8] = [
    ("B", 1),
    ("kB", 1000),
    ("MB", 1_000_000),
    ("GB", 1_000_000_000),
    ("KiB", 1 << 10),
    ("MiB", 1 << 20),
    ("GiB", 1 << 30),
    ("TiB", 1 << 40),
];

/// A number of bytes, as an integer or with a unit.
pub(super) fn size(
    section: &Section<'_>,
    key: &str,
    default: usize,
    range: RangeInclusive<usize>,
    ctx: &mut Context,
) -> usize {
    let Some(field) = section.get(key) else { return default };
    let value = bytes(field).and_then(|bytes| usize::try_from(bytes).ok());
    value.filter(|bytes| range.contains(bytes)).unwrap_or_else(|| {
        let (low, high) = range.into_inner();
        let allowed =
            format!("a number of bytes from {low} to {high}, or with a unit, such as 256MiB");
        field.refuse(&allowed, ctx);
        default
    })
}

fn bytes(field: &Field<'_>) -> Option<u64> {
    if let Some(Meaning::Integer(value)) = field.meaning() {
        return u64::try_from(value).ok();
    }
    parse_size(field.string()?)
}

fn parse_size(text: &str) -> Option<u64> {
    let digits = text.find(|c: char| !c.is_ascii_digit())?;
    let (number, unit) = text.split_at(digits);
    let unit = unit.trim_start();
    let (_, factor) = UNITS.iter().find(|(name, _)| name.eq_ignore_ascii_case(unit))?;
    number.parse::<u64>().ok()?.checked_mul(*factor)
}
