//! Healthy or not, and what else is worth knowing.
//!
//! Healthy means: the proxy, with these settings, would get along with this upstream. The first thing
//! that stands in the way is the reason; what only may matter one day is a note.

#[cfg(test)]
mod tests;

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use analysis::vocabulary::Outcome;

use super::report::{
    Address, Application, Attempt, Connect, ConnectOutcome, Ended, Http2, Report, Spoken, Tls,
};
use super::settings::{Encryption, Settings};
use crate::tls::x509::rfc3339;

/// A certificate that ends within this is worth a note.
const SOON: Duration = Duration::from_secs(14 * 24 * 3600);

/// Statuses from here on are the server's own failure (RFC 9110 §15.6).
const SERVER_ERROR: u16 = 500;

/// Completes a report.
pub(super) fn judge(settings: &Settings, report: &mut Report) {
    report.reason = ailment(settings, report);
    report.healthy = report.reason.is_none();
    report.notes = notes(settings, report);
}

fn ailment(settings: &Settings, report: &Report) -> Option<String> {
    if report.resolve.outcome == Outcome::Fail {
        return report.resolve.detail.clone();
    }
    let is_connected = |address: &&Address| address.connect.outcome == ConnectOutcome::Connected;
    let mut connected = report.addresses.iter().filter(is_connected);
    let unreachable = || report.addresses.iter().find(|address| !is_connected(address));
    if (settings.all || connected.clone().next().is_none())
        && let Some(address) = unreachable()
    {
        return Some(format!("{} {}", address.address, trouble(&address.connect)));
    }
    let several = settings.all && report.addresses.len() > 1;
    connected.find_map(|address| {
        let found = of_address(settings, address)?;
        Some(if several { format!("{}: {found}", address.address) } else { found })
    })
}

/// Why there is no connection.
pub(super) fn trouble(connect: &Connect) -> String {
    match connect.outcome {
        ConnectOutcome::Connected => "answers".to_owned(),
        ConnectOutcome::Refused => "refused the connection".to_owned(),
        ConnectOutcome::Timeout => "did not answer".to_owned(),
        ConnectOutcome::Unreachable => {
            format!("is out of reach ({})", connect.detail.as_deref().unwrap_or("no reason given"))
        }
    }
}

fn of_address(settings: &Settings, address: &Address) -> Option<String> {
    let application = address.application.as_ref();
    if let Some(tls) = &address.tls
        && tls.outcome == Outcome::Fail
    {
        let is_plaintext = settings.encryption == Encryption::Detect
            && application.is_some_and(|it| !it.encrypted && it.protocol.is_some());
        if !is_plaintext {
            return Some(of_tls(tls));
        }
    }
    let agreed = address.tls.as_ref().and_then(|tls| tls.agreed.alpn.as_deref());
    of_application(settings, application?, agreed)
}

fn of_tls(tls: &Tls) -> String {
    let reason = tls.reason.map_or("handshake_failure", |reason| reason.as_str());
    let category = tls.category.map(|category| format!(" [{category}]")).unwrap_or_default();
    format!("{reason}{category}: {}", tls.detail.as_deref().unwrap_or("no more is known"))
}

fn of_application(
    settings: &Settings,
    application: &Application,
    agreed: Option<&str>,
) -> Option<String> {
    if application.attempts.iter().any(works) {
        return Some(
            "it speaks TLS, and is spoken to in plaintext (upstream.tls: false)".to_owned(),
        );
    }
    match application.protocol {
        Some(Spoken::Http2) => {
            if let Some(found) = application.http2.as_ref().and_then(of_http2) {
                return Some(found);
            }
        }
        _ if agreed == Some("h2") => {
            return Some(match &application.answer {
                Some(answer) => format!("it agreed on h2 and answered with {answer}"),
                None => {
                    format!("it agreed on h2, sent no SETTINGS and {}", left(application.ended))
                }
            });
        }
        None if !application.encrypted => {
            return Some(format!("it accepted the connection and {}", left(application.ended)));
        }
        _ => {}
    }
    if let (None, Some(Ended::Closed | Ended::Reset)) = (&application.response, application.ended) {
        return Some(format!("it finished the handshake and {}", left(application.ended)));
    }
    of_response(settings, application)
}

fn of_http2(http2: &Http2) -> Option<String> {
    if let Some(goaway) = &http2.goaway {
        let words = match goaway.debug_data.as_str() {
            "" => String::new(),
            words => format!(" \"{words}\""),
        };
        return Some(format!("it sent GOAWAY {}{words} before any request", goaway.error_name));
    }
    if let Some(breach) = http2.breaches.first() {
        return Some(breach.clone());
    }
    http2.ping_rtt_ms.is_none().then(|| "it did not answer a PING".to_owned())
}

fn of_response(settings: &Settings, application: &Application) -> Option<String> {
    let is_http = matches!(application.protocol, Some(Spoken::Http1 | Spoken::Http2));
    match &application.response {
        Some(response) if response.status >= SERVER_ERROR => {
            Some(format!("it answered GET / with {}", response.status))
        }
        None if settings.http && is_http => Some("it did not answer GET /".to_owned()),
        _ => None,
    }
}

const fn left(ended: Option<Ended>) -> &'static str {
    match ended {
        Some(Ended::Closed) => "closed it without a word",
        Some(Ended::Reset) => "reset it",
        Some(Ended::Timeout) | None => "said nothing in time",
    }
}

fn notes(settings: &Settings, report: &Report) -> Vec<String> {
    let mut notes: Vec<String> = Vec::new();
    let unreachable = |address: &&Address| address.connect.outcome != ConnectOutcome::Connected;
    let lost = report.addresses.iter().filter(unreachable).count();
    if (1..report.addresses.len()).contains(&lost) {
        notes.push(format!(
            "{lost} of {} addresses did not answer: a client that tries only one may meet it",
            report.addresses.len()
        ));
    }
    for address in &report.addresses {
        if let Some(tls) = &address.tls {
            of_handshake(settings, tls, &mut notes);
        }
        if let Some(application) = &address.application {
            spoken(settings, address, application, &mut notes);
        }
    }
    notes.dedup();
    notes
}

fn of_handshake(settings: &Settings, tls: &Tls, notes: &mut Vec<String>) {
    let is_well = tls.outcome == Outcome::Ok;
    if let (true, Some(finding)) = (is_well, &tls.detail) {
        notes.push(format!("upstream.verify is false; else it would fail: {finding}"));
    }
    if let Some(leaf) = tls.peer_chain.first() {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let text = |moment: Duration| rfc3339(i64::try_from(moment.as_secs()).unwrap_or(i64::MAX));
        // Written this way, dates sort as text.
        if leaf.not_after > text(now) && leaf.not_after < text(now + SOON) {
            notes.push(format!("the certificate expires soon, {}", leaf.not_after));
        }
    }
    if let (true, Some(request)) = (is_well, &tls.client_cert_request)
        && !request.sent
    {
        notes.push("it asked for a client certificate and did without".to_owned());
    }
    if is_well && tls.agreed.alpn.is_none() && !settings.tls.alpn.is_empty() {
        notes.push("it chose none of the protocols offered (ALPN)".to_owned());
    }
    let has_stream = tls.agreed.version.is_some();
    for version in &tls.versions {
        match (is_well || has_stream, works(version)) {
            (true, false) => notes.push(format!("{} does not work", version.with)),
            (false, true) => notes.push(remedy(version)),
            _ => {}
        }
    }
    notes.extend(tls.attempts.iter().filter(|attempt| works(attempt)).map(remedy));
}

fn spoken(
    settings: &Settings,
    address: &Address,
    application: &Application,
    notes: &mut Vec<String>,
) {
    notes.extend(application.attempts.iter().filter(|attempt| works(attempt)).map(remedy));
    let has_failed = address.tls.as_ref().is_some_and(|tls| tls.outcome == Outcome::Fail);
    if has_failed && !application.encrypted && application.protocol.is_some() {
        let advice = match settings.encryption {
            Encryption::Tls => ": spoken to without TLS it answers (upstream.tls: false)",
            Encryption::Detect | Encryption::Plaintext => "",
        };
        notes.push(format!("it speaks plaintext, not TLS{advice}"));
    }
    let is_silent = application.protocol.is_none() && application.ended.is_some();
    if application.encrypted && is_silent && !has_failed {
        notes.push("it agreed on no protocol and did not answer the HTTP/2 preface".to_owned());
    }
}

fn works(attempt: &Attempt) -> bool {
    attempt.outcome == Outcome::Ok
}

fn remedy(attempt: &Attempt) -> String {
    let agreed = attempt.detail.as_deref().unwrap_or_default();
    format!("with {} it works ({agreed})", attempt.with)
}
