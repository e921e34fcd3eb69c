//! A record as the one line that headless text mode prints.
//!
//! ```text
//! 22:13:20.250  099a8057  grpc-mitm     10.0.0.5:4242          grpc       14 UNAVAILABLE  POST /a.B/C — …
//! ```
//!
//! The time is UTC: lines from machines in different places can be put side by side.

use std::fmt::Write as _;

use super::{Endpoint, Row, ShortMillis};
use crate::escape::escape;
use crate::record::{ConnId, Record, Seconds};

/// The line, without a line feed. A column that is too long pushes the ones after it.
pub fn line(record: &Record) -> String {
    let row = Row::of(record);
    let origin = record.origin();
    let client = Endpoint { ip: &origin.client_ip, port: origin.client_port }.to_string();
    let duration = row.duration.map(|duration| ShortMillis(duration.0).to_string());
    let bytes =
        row.bytes.map(|(from_client, from_upstream)| format!("{from_client}/{from_upstream} B"));
    let mut line = String::with_capacity(160 + row.what.len());
    // Writing to a String can't fail.
    let _ = write!(
        line,
        "{}  {}  {:<12}  {client:<21}  {:<9}  {:<14}  {:<56}",
        clock(record.ts()),
        short_id(origin.conn_id),
        escape(&origin.listener),
        row.proto,
        row.code,
        row.what,
    );
    let _ = write!(
        line,
        "  {:>9}  {:<16}  {}",
        duration.unwrap_or_default(),
        bytes.unwrap_or_default(),
        row.flags
    );
    line.truncate(line.trim_end().len());
    line
}

/// UTC time of day, `HH:MM:SS.mmm`.
fn clock(at: Seconds) -> String {
    let millis = at.0.as_micros() / 1_000;
    let (seconds, millis) = (millis / 1_000, millis % 1_000);
    let (minutes, seconds) = (seconds / 60, seconds % 60);
    let (hours, minutes) = (minutes / 60 % 24, minutes % 60);
    format!("{hours:02}:{minutes:02}:{seconds:02}.{millis:03}")
}

/// The last eight hex digits: in a UUIDv7 the first ones are time, alike for neighbours.
fn short_id(conn: ConnId) -> String {
    format!("{:08x}", conn.0.as_u128() as u32)
}
