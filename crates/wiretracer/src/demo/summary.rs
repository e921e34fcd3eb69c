//! The end of the demo: how much there was, what failed for which cause, and what to look at.
//!
//! ```text
//! summary
//!   15 connections, 17 requests, 8 of them failed
//!
//!   errors by cause
//!      1  stream reset by the upstream
//!      …
//!   what to look at
//!      1  flag=deadline_exceeded      the client gave up: …
//! ```
//!
//! What to look at is told as filters, for they work everywhere: on the command line, on a
//! recording, and on the screen.

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::sync::Arc;

use analysis::filter::Filter;
use analysis::record::{ConnId, ConnRecord, EventRecord, H2Detail, Record, TlsRecord};
use analysis::row::{Severity, severity};
use analysis::vocabulary::{ConnEvent, EventFlag, Outcome, Side};
use wire::grpc::Status;

/// Filters worth a try, and what they show.
pub(super) const LOOK_AT: &[(&str, &str)] = &[
    ("kind=event error=1", "every call that failed for its client, and why"),
    ("flag=deadline_exceeded", "the client gave up: the duration is its own grpc-timeout"),
    ("h2=RST_STREAM", "who reset: upstream = the server, downstream = the client"),
    ("h2=GOAWAY direction=upstream", "the server's parting words, debug data included"),
    ("h2 in (FLOW_BLOCK, FLOW_RESUME)", "who could not send, and for how long"),
    ("flag=cut", "calls that the end of the connection interrupted"),
    ("kind=tls outcome=fail", "handshakes: side in = with the client, out = with the upstream"),
    ("category=expired", "certificates that are past their date"),
    ("close_reason!=completed", "connections that did not end well: who closed, and why"),
];

/// What the records amount to.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Summary {
    connections: usize,
    requests: usize,
    failed: usize,
    /// In the order in which they first occurred.
    causes: Vec<(String, usize)>,
    /// Filter, how many records it finds, what it shows.
    look_at: Vec<(&'static str, usize, &'static str)>,
}

impl Summary {
    /// Of these records.
    pub(super) fn of(records: &[Arc<Record>]) -> Self {
        let mut summary = Self::default();
        let mut causes = Causes::default();
        for record in records {
            summary.count(record);
            if let Some(cause) = causes.of(record) {
                summary.blame(cause);
            }
        }
        summary.look_at = LOOK_AT
            .iter()
            .filter_map(|(expression, shows)| {
                let filter = Filter::parse(expression).ok()?;
                let found = records.iter().filter(|record| filter.matches(&***record)).count();
                (found > 0).then_some((*expression, found, *shows))
            })
            .collect();
        summary
    }

    fn count(&mut self, record: &Record) {
        match record {
            Record::Conn(conn) if conn.event == ConnEvent::Close => self.connections += 1,
            Record::Event(event) => {
                self.requests += 1;
                self.failed += usize::from(event.error.is_some());
            }
            _ => {}
        }
    }

    fn blame(&mut self, cause: String) {
        match self.causes.iter_mut().find(|(known, _)| *known == cause) {
            Some((_, count)) => *count += 1,
            None => self.causes.push((cause, 1)),
        }
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "summary")?;
        let Self { connections, requests, failed, .. } = self;
        writeln!(f, "  {connections} connections, {requests} requests, {failed} of them failed")?;
        writeln!(f, "\n  errors by cause")?;
        for (cause, count) in &self.causes {
            writeln!(f, "  {count:>4}  {cause}")?;
        }
        writeln!(f, "\n  what to look at (filters, and how many records they find)")?;
        for (expression, found, shows) in &self.look_at {
            writeln!(f, "  {found:>4}  {expression:<46}  {shows}")?;
        }
        Ok(())
    }
}

/// What went before on each connection: it decides what is a cause and what a consequence.
#[derive(Debug, Default)]
struct Causes {
    /// Connections on which something was an error already.
    explained: HashSet<ConnId>,
    /// GOAWAYs with an error, by name.
    goaways: HashMap<ConnId, String>,
}

impl Causes {
    /// Why the record is an error, in words under which others like it fall too.
    fn of(&mut self, record: &Record) -> Option<String> {
        let conn_id = record.origin().conn_id;
        let cause = match record {
            Record::Event(event) => self.of_event(event),
            Record::Tls(tls) => of_tls(tls),
            Record::Conn(conn) if !self.explained.contains(&conn_id) => of_conn(conn),
            Record::H2Ctl(control) => {
                if let H2Detail::Goaway { error_code: 1.., error_name, .. } = &control.detail {
                    self.goaways.insert(conn_id, error_name.to_string());
                }
                None
            }
            _ => None,
        }?;
        self.explained.insert(conn_id);
        Some(cause)
    }

    fn of_event(&self, event: &EventRecord) -> Option<String> {
        match self.goaways.get(&event.origin.conn_id) {
            Some(name) if event.flags.contains(&EventFlag::Cut) => {
                Some(format!("cut by the end of the connection after GOAWAY {name}"))
            }
            _ => of_event(event),
        }
    }
}

fn of_event(event: &EventRecord) -> Option<String> {
    /// The first that is there is the cause.
    const BY_FLAG: &[(EventFlag, &str)] = &[
        (EventFlag::DeadlineExceeded, "the client's own deadline was over"),
        (EventFlag::ClientReset, "stream reset by the client"),
        (EventFlag::UpstreamReset, "stream reset by the upstream"),
        (EventFlag::GoawayRefused, "refused by GOAWAY"),
        (EventFlag::Cut, "cut by the end of the connection"),
        (EventFlag::Malformed, "malformed message"),
    ];
    let error = event.error.as_deref()?;
    let by_flag = BY_FLAG.iter().find(|(flag, _)| event.flags.contains(flag));
    Some(match (by_flag, event.response.grpc_status, event.response.status) {
        (Some((_, words)), ..) => (*words).to_owned(),
        (None, Some(code), _) => format!("grpc-status {code} {}", Status(code)),
        (None, None, Some(status)) if status >= 500 => format!("HTTP status {status}"),
        (None, None, _) => error.to_owned(),
    })
}

fn of_tls(tls: &TlsRecord) -> Option<String> {
    if tls.outcome == Outcome::Ok {
        return None;
    }
    let with = match tls.side {
        Side::In => "the client",
        Side::Out => "the upstream",
    };
    let reason = tls.reason.map_or("unknown", |reason| reason.as_str());
    Some(match tls.category {
        Some(category) => format!("TLS with {with}: {reason} [{category}]"),
        None => format!("TLS with {with}: {reason}"),
    })
}

fn of_conn(conn: &ConnRecord) -> Option<String> {
    let reason = conn.close_reason?;
    let is_error = severity(&Record::Conn(Box::new(conn.clone()))) == Severity::Error;
    is_error.then(|| format!("connection: {reason}"))
}
