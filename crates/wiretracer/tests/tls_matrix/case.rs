//! A case: a fault, a peer that shows it, and the row that is due. The driver plays all of them, four
//! at a time, and tells of every one that came out differently.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use serde_json::Value;
use wire::tls::AlertDescription;

use crate::support::Records;

/// How many cases are played at a time.
const AT_A_TIME: usize = 4;

/// What a peer speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tls {
    /// TLS 1.2 only.
    V12,
    /// TLS 1.3 only.
    V13,
    /// As it comes, or none at all.
    Any,
}

pub(crate) const V12: &[Tls] = &[Tls::V12];
pub(crate) const V13: &[Tls] = &[Tls::V13];
pub(crate) const BOTH: &[Tls] = &[Tls::V12, Tls::V13];
pub(crate) const ANY: &[Tls] = &[Tls::Any];

impl Tls {
    /// The option of `openssl s_client` and `s_server`.
    pub(crate) const fn option(self) -> Option<&'static str> {
        match self {
            Self::V12 => Some("-tls1_2"),
            Self::V13 => Some("-tls1_3"),
            Self::Any => None,
        }
    }

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::V12 => "1.2",
            Self::V13 => "1.3",
            Self::Any => "",
        }
    }
}

/// A fault and its row.
pub(crate) struct Case<P: 'static> {
    pub(crate) fault: &'static str,
    pub(crate) peer: P,
    /// It is played once with each.
    pub(crate) tls: &'static [Tls],
    /// The proxy's section for that side.
    pub(crate) config: &'static str,
    pub(crate) row: Row,
}

/// The `tls` record that is due, and what the `conn close` says.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Row {
    pub(crate) outcome: &'static str,
    pub(crate) reason: Option<&'static str>,
    pub(crate) category: Option<&'static str>,
    pub(crate) verify_result: Option<&'static str>,
    /// Its name and who sent it.
    pub(crate) alert: Option<(&'static str, &'static str)>,
    /// What `detail` says, in that order; also that of the `conn close`.
    pub(crate) says: &'static [&'static str],
    /// `closed_by` and `close_reason`.
    pub(crate) close: (&'static str, &'static str),
}

/// A failed handshake of which nothing is known.
pub(crate) const FAILED: Row = Row {
    outcome: "fail",
    reason: None,
    category: None,
    verify_result: None,
    alert: None,
    says: &[],
    close: ("proxy", "tls_out_fail"),
};

/// What came of a case.
pub(crate) struct Played {
    /// The records of the connection.
    pub(crate) records: Records,
    /// The alert that the peer says it was sent, where it says so.
    pub(crate) heard: Option<AlertDescription>,
}

/// The far end of a case.
pub(crate) trait Peer: Sync {
    /// The side of the record.
    const SIDE: &'static str;

    /// What the table calls it.
    fn name(&self) -> &'static str;

    /// Whether its program is installed.
    fn is_here(&self) -> bool;

    /// Plays the case.
    fn play(&self, config: &str, tls: Tls) -> Played;
}

/// How many connections the cases are.
pub(crate) fn runs<P>(cases: &[Case<P>]) -> usize {
    cases.iter().map(|case| case.tls.len()).sum()
}

/// Plays every case with every version.
pub(crate) fn play_all<P: Peer>(cases: &[Case<P>]) {
    let runs: Vec<_> = cases
        .iter()
        .filter(|case| case.peer.is_here())
        .flat_map(|case| case.tls.iter().map(move |tls| (case, *tls)))
        .collect();
    let next = AtomicUsize::new(0);
    let failed = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for _ in 0..AT_A_TIME {
            scope.spawn(|| {
                while let Some((case, tls)) = runs.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let told =
                        format!("{} · {} · TLS {}", case.fault, case.peer.name(), tls.name());
                    let played = catch_unwind(AssertUnwindSafe(|| {
                        case.row.breaches(P::SIDE, &case.peer.play(case.config, *tls))
                    }));
                    let breaches = played.unwrap_or_else(|_| vec!["it could not be played".into()]);
                    if !breaches.is_empty() {
                        let breaches = breaches.join("\n    ");
                        failed.lock().unwrap().push(format!("{told}\n    {breaches}"));
                    }
                }
            });
        }
    });
    let failed = failed.into_inner().unwrap();
    assert!(failed.is_empty(), "{} of {}:\n{}", failed.len(), runs.len(), failed.join("\n"));
}

impl Row {
    /// Everything in which the records differ.
    fn breaches(&self, side: &str, played: &Played) -> Vec<String> {
        let Played { records, heard } = played;
        let mut of_side = records.kind("tls");
        of_side.retain(|record| record["side"] == side);
        let mut failed = of_side.clone();
        failed.retain(|record| record["outcome"] == "fail");
        let (found, others) = match self.outcome {
            "fail" => (failed.as_slice(), 0),
            _ => (of_side.as_slice(), failed.len()),
        };
        let [record] = found else {
            return vec![format!("{} such tls records: {of_side:#?}", found.len())];
        };
        let close = records.close();
        let mut breaches = Vec::new();
        let mut hold = |what: &str, found: &Value, due: Option<&str>| {
            if found.as_str() != due {
                breaches.push(format!("{what} is {found}, {due:?} is due"));
            }
        };
        hold("outcome", &record["outcome"], Some(self.outcome));
        hold("reason", &record["reason"], self.reason);
        hold("category", &record["category"], self.category);
        if self.verify_result.is_some() {
            hold("verify_result", &record["verify_result"], self.verify_result);
        }
        hold("alert", &record["alert"], self.alert.map(|(name, _)| name));
        hold("alert_from", &record["alert_from"], self.alert.map(|(_, from)| from));
        hold("closed_by", &close["closed_by"], Some(self.close.0));
        hold("close_reason", &close["close_reason"], Some(self.close.1));
        if let (Some(heard), "proxy") = (heard, self.alert.unwrap_or_default().1) {
            hold("the alert that came", &record["alert"], Some(&heard.to_string()));
        }
        if others > 0 {
            breaches.push(format!("{others} failed ones besides"));
        }
        // What comes after a handshake that went well is told of at the end.
        if !says(&record["detail"], self.says) && !says(&close["detail"], self.says) {
            breaches.push(format!("detail says {}, due is {:?}", record["detail"], self.says));
        }
        breaches
    }
}

/// The alert that OpenSSL was sent, out of what it prints.
pub(crate) fn heard_by_openssl(printed: &str) -> Option<AlertDescription> {
    let (_, rest) = printed.split_once("SSL alert number ")?;
    let number = rest.split(|c: char| !c.is_ascii_digit()).next()?;
    number.parse().ok().map(AlertDescription)
}

/// Whether a text holds all parts, one after the other.
fn says(text: &Value, parts: &[&str]) -> bool {
    let mut rest = text.as_str().unwrap_or_default();
    parts.iter().all(|part| {
        let Some(at) = rest.find(part) else { return false };
        rest = &rest[at + part.len()..];
        true
    })
}
