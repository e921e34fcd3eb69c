//! A record as one row: what the Traffic list shows of it and what headless text mode prints.
//!
//! ```text
//! 12:00:01.250  099a8057  grpc-mitm  10.0.0.5:4242  conn  close  close proxy:client_idle_timeout  1250ms …
//! ```
//!
//! Every text here is escaped already: it can be written to a terminal as it is. Colours, column
//! widths on screen and sorting belong to whoever draws.

mod line;
mod severity;
mod what;

pub use line::line;
pub use severity::{Severity, severity};

use std::fmt::{self, Write as _};
use std::time::Duration;

use wire::grpc::Status;

use crate::escape::Escaped;
use crate::record::{EventRecord, Millis, Record};
use crate::vocabulary::{ConnEvent, Protocol};

/// What one row shows, besides time, listener and client.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// The kind of record, or for an event its protocol.
    pub proto: &'static str,
    /// HTTP status, gRPC status, `ok`/`fail`, the control event, or the moment of the connection.
    pub code: String,
    /// What happened, in a line.
    pub what: String,
    /// How long it took.
    pub duration: Option<Millis>,
    /// Bytes from the client and from the upstream.
    pub bytes: Option<(u64, u64)>,
    /// Facts worth a word, separated by commas.
    pub flags: String,
}

impl Row {
    /// The row of a record.
    pub fn of(record: &Record) -> Self {
        Self {
            proto: proto(record),
            code: Code(record).to_string(),
            what: what::What(record).to_string(),
            duration: duration(record),
            bytes: bytes(record),
            flags: Flags(record).to_string(),
        }
    }
}

/// The column Proto: the kind of record, or for an event its protocol.
pub fn proto(record: &Record) -> &'static str {
    match record {
        Record::Event(event) => event.protocol.as_str(),
        Record::Tls(_) | Record::H2Ctl(_) | Record::Conn(_) => record.kind(),
    }
}

/// How long the exchange, the handshake or the (closed) connection took.
pub fn duration(record: &Record) -> Option<Millis> {
    match record {
        Record::Event(event) => Some(event.duration_ms),
        Record::Tls(tls) => Some(tls.duration_ms),
        Record::H2Ctl(_) => None,
        Record::Conn(conn) => conn.duration_ms,
    }
}

/// Bytes from the client and from the upstream, of an exchange or of a closed connection.
pub fn bytes(record: &Record) -> Option<(u64, u64)> {
    match record {
        Record::Event(event) => Some((event.bytes_in, event.bytes_out)),
        Record::Conn(conn) if conn.event == ConnEvent::Close => {
            Some((conn.bytes_in, conn.bytes_out))
        }
        Record::Tls(_) | Record::H2Ctl(_) | Record::Conn(_) => None,
    }
}

/// Appends the text that a search for words goes through: listener, client, proto, code, what,
/// flags.
pub fn write_text(record: &Record, out: &mut String) {
    let origin = record.origin();
    let client = Endpoint { ip: &origin.client_ip, port: origin.client_port };
    // Writing to a String can't fail.
    let _ = write!(out, "{} {client} {} ", Escaped(&origin.listener), proto(record));
    let _ = write!(out, "{} {} {}", Code(record), what::What(record), Flags(record));
}

/// An address with its port, `10.0.0.5:4242`, `[::1]:4242`; without one the address alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Endpoint<'a> {
    /// The address.
    pub ip: &'a str,
    /// The port.
    pub port: Option<u16>,
}

impl fmt::Display for Endpoint<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ip = Escaped(self.ip);
        match self.port {
            Some(port) if self.ip.contains(':') => write!(f, "[{ip}]:{port}"),
            Some(port) => write!(f, "{ip}:{port}"),
            None => write!(f, "{ip}"),
        }
    }
}

/// A duration in milliseconds with about three digits: `0.25ms`, `12.5ms`, `1250ms`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ShortMillis(pub Duration);

impl fmt::Display for ShortMillis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let micros = self.0.as_micros();
        let (tenths, hundredths) = ((micros + 50) / 100, (micros + 5) / 10);
        if hundredths < 1_000 && hundredths % 10 != 0 {
            write!(f, "{}.{:02}ms", hundredths / 100, hundredths % 100)
        } else if tenths < 1_000 && tenths % 10 != 0 {
            write!(f, "{}.{}ms", tenths / 10, tenths % 10)
        } else {
            write!(f, "{}ms", (micros + 500) / 1_000)
        }
    }
}

/// The column Code.
struct Code<'a>(&'a Record);

impl fmt::Display for Code<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Record::Event(event) => write_event_code(event, f),
            Record::Tls(tls) => f.write_str(tls.outcome.as_str()),
            Record::H2Ctl(control) => f.write_str(control.detail.event().as_str()),
            Record::Conn(conn) => f.write_str(conn.event.as_str()),
        }
    }
}

fn write_event_code(event: &EventRecord, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    // A gRPC call that has no status of its own went wrong even under HTTP 200, so that number
    // would only mislead; any other HTTP status is the best answer there is.
    let grpc = event.protocol == Protocol::Grpc;
    match (event.response.grpc_status, event.response.status) {
        (Some(number), _) if grpc => match Status(number).name() {
            Some(name) => write!(f, "{number} {name}"),
            None => write!(f, "{number}"),
        },
        (None, Some(200)) if grpc => f.write_str("-"),
        (_, Some(status)) => write!(f, "{status}"),
        (_, None) => f.write_str("-"),
    }
}

/// The column Flags.
struct Flags<'a>(&'a Record);

impl fmt::Display for Flags<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Record::Event(event) => join(f, event.flags.iter().map(|flag| flag.as_str())),
            Record::Conn(conn) => join(f, conn.flags.iter().map(|flag| flag.as_str())),
            Record::Tls(tls) => {
                let resumed = tls.tls.resumed == Some(true);
                join(f, resumed.then_some("resumed").into_iter())?;
                match severity::unenforced(tls) {
                    Some(result) => {
                        let comma = if resumed { "," } else { "" };
                        write!(f, "{comma}verify_result={}", Escaped(result))
                    }
                    None => Ok(()),
                }
            }
            Record::H2Ctl(_) => Ok(()),
        }
    }
}

fn join(f: &mut fmt::Formatter<'_>, words: impl Iterator<Item = &'static str>) -> fmt::Result {
    for (index, word) in words.enumerate() {
        if index > 0 {
            f.write_str(",")?;
        }
        f.write_str(word)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests;
