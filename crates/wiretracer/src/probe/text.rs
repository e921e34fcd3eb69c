//! A report for people: short, aligned, and with nothing in it that a terminal would obey.
//!
//! ```text
//! probe       api.internal:443, settings of listener 'orders'
//! resolve     1 address in 0.4 ms
//! connect     10.0.0.7:443 connected in 0.6 ms
//! tls         TLSv1.3 TLS_AES_256_GCM_SHA384 x25519 in 3.1 ms, server name api.internal
//! verify      ok, by the system's authorities
//! …
//! healthy
//! ```

use std::fmt;

use analysis::escape::escape;
use analysis::record::{Certificate, Millis};
use analysis::vocabulary::{Outcome, TlsReason};

use super::health::trouble;
use super::report::{
    Address, Application, ConnectOutcome, Ended, Http2, Report, SettingsUsed, Spoken, Tls,
};
use super::settings::Encryption;

/// Width of the column of labels.
const LABELS: usize = 12;

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut lines = Lines::default();
        lines.labelled("probe", &about(self));
        lines.labelled("resolve", &resolved(self));
        for (index, address) in self.addresses.iter().enumerate() {
            lines.labelled(if index == 0 { "connect" } else { "" }, &connected(address));
        }
        let examined = self
            .addresses
            .iter()
            .filter(|address| address.tls.is_some() || address.application.is_some());
        let several = examined.clone().count() > 1;
        for address in examined {
            if several {
                lines.push("");
                lines.labelled("address", &address.address);
            }
            if let Some(tls) = &address.tls {
                of_tls(tls, &self.settings, &mut lines);
            }
            if let Some(application) = &address.application {
                of_application(application, &mut lines);
            }
        }
        for (index, note) in self.notes.iter().enumerate() {
            lines.labelled(if index == 0 { "notes" } else { "" }, note);
        }
        match &self.reason {
            None => lines.push("healthy"),
            Some(reason) => lines.push(&format!("not healthy: {reason}")),
        }
        f.write_str(&lines.text)
    }
}

/// Lines that are safe to print.
#[derive(Default)]
struct Lines {
    text: String,
}

impl Lines {
    fn push(&mut self, line: &str) {
        self.text.push_str(&escape(line));
        self.text.push('\n');
    }

    fn labelled(&mut self, label: &str, words: &str) {
        self.push(&format!("{label:<LABELS$}{words}"));
    }
}

fn about(report: &Report) -> String {
    let settings = &report.settings;
    let how = match settings.encryption {
        Encryption::Tls => "TLS",
        Encryption::Plaintext => "plaintext",
        Encryption::Detect => "TLS if it speaks it",
    };
    match &report.listener {
        None => format!("{}, {how}", report.target),
        Some(listener) => format!("{}, {how}, settings of listener '{listener}'", report.target),
    }
}

fn resolved(report: &Report) -> String {
    let resolve = &report.resolve;
    let took = ms(resolve.duration_ms);
    match (resolve.outcome, &resolve.detail, report.addresses.len()) {
        (Outcome::Fail, detail, _) => {
            format!("{} after {took}", detail.as_deref().unwrap_or("failed"))
        }
        (Outcome::Ok, Some(detail), _) => format!("{detail}, in {took}"),
        (Outcome::Ok, None, 1) => format!("1 address in {took}"),
        (Outcome::Ok, None, count) => format!("{count} addresses in {took}"),
    }
}

fn connected(address: &Address) -> String {
    let took = ms(address.connect.duration_ms);
    match address.connect.outcome {
        ConnectOutcome::Connected => format!("{} connected in {took}", address.address),
        _ => format!("{} {} after {took}", address.address, trouble(&address.connect)),
    }
}

fn of_tls(tls: &Tls, settings: &SettingsUsed, lines: &mut Lines) {
    let agreed = &tls.agreed;
    let took = ms(tls.duration_ms);
    let facts = [&agreed.version, &agreed.cipher, &agreed.group].into_iter().flatten();
    let facts = facts.map(String::as_str).collect::<Vec<_>>().join(" ");
    let name = match &agreed.sni {
        Some(name) => format!("server name {name}"),
        None => "no server name".to_owned(),
    };
    let detail = tls.detail.as_deref().unwrap_or_default();
    if !facts.is_empty() {
        lines.labelled("tls", &format!("{facts} in {took}, {name}"));
    }
    let unverified = tls.reason == Some(TlsReason::CertVerifyFailed);
    if tls.outcome == Outcome::Fail && !unverified {
        let reason = tls.reason.map_or("", |reason| reason.as_str());
        let category = tls.category.map(|it| format!(" [{it}]")).unwrap_or_default();
        if facts.is_empty() {
            lines.labelled("tls", &format!("failed after {took}: {reason}{category}, {name}"));
        } else {
            lines.labelled("", &format!("failed: {reason}{category}"));
        }
        lines.labelled("", detail);
    }
    if agreed.version.is_some() {
        let offered = settings.alpn.join(", ");
        let chosen = agreed.alpn.as_deref().unwrap_or("none");
        lines.labelled("alpn", &format!("{chosen} (offered: {offered})"));
    }
    if let Some(result) = &tls.verify_result {
        let trust = match settings.trust.as_str() {
            "system" => "the system's authorities",
            path => path,
        };
        lines.labelled("verify", &format!("{result}, by {trust}"));
        if result != "ok" && (unverified || tls.outcome == Outcome::Ok) {
            lines.labelled("", detail);
        }
    }
    for (depth, certificate) in tls.peer_chain.iter().enumerate() {
        of_certificate(depth, certificate, lines);
    }
    if let Some(request) = &tls.client_cert_request {
        let by = match request.ca_names.as_slice() {
            [] => "any authority".to_owned(),
            names => names.join("; "),
        };
        let sent = if request.sent { "sent" } else { "none sent" };
        lines.labelled("client cert", &format!("asked for, by {by}; {sent}"));
    }
    of_attempts(tls, lines);
}

/// The upstream's own in full, the others as far as they tell them apart.
fn of_certificate(depth: usize, certificate: &Certificate, lines: &mut Lines) {
    let Certificate { subject, issuer, not_before, not_after, san, key, .. } = certificate;
    let label = if depth == 0 { "chain" } else { "" };
    if subject.is_empty() && not_after.is_empty() {
        lines.labelled(label, &format!("{depth} not readable, sha256 {}", certificate.sha256));
        return;
    }
    lines.labelled(label, &format!("{depth} {subject}, {key}, until {not_after}"));
    if depth == 0 {
        let names = if san.is_empty() { "none".to_owned() } else { san.join(", ") };
        lines.labelled("", &format!("  names {names}"));
        lines.labelled("", &format!("  issued by {issuer}, from {not_before}"));
        lines.labelled("", &format!("  sha256 {}", certificate.sha256));
    }
}

fn of_attempts(tls: &Tls, lines: &mut Lines) {
    if !tls.versions.is_empty() {
        let words = tls.versions.iter().map(|version| {
            let works = if version.outcome == Outcome::Ok { "yes" } else { "no" };
            format!("{} {works}", version.with)
        });
        lines.labelled("versions", &words.collect::<Vec<_>>().join(", "));
    }
    for (index, attempt) in tls.attempts.iter().enumerate() {
        let outcome = if attempt.outcome == Outcome::Ok { "works" } else { "fails" };
        let detail = attempt.detail.as_deref().unwrap_or_default();
        let label = if index == 0 { "tried" } else { "" };
        lines.labelled(label, &format!("with {} it {outcome}: {detail}", attempt.with));
    }
}

fn of_application(application: &Application, lines: &mut Lines) {
    let label = match application.protocol {
        Some(Spoken::Http2) => "http/2",
        Some(Spoken::Http1) => "http/1",
        Some(Spoken::Other) | None => "talk",
    };
    let place = if application.encrypted { "" } else { "plaintext: " };
    if let Some(greeting) = &application.greeting {
        lines.labelled(label, &format!("{place}it speaks first, {greeting}"));
    }
    if let Some(answer) = &application.answer {
        lines.labelled(label, &format!("{place}answered the HTTP/2 preface with {answer}"));
    }
    if let Some(http2) = &application.http2 {
        of_http2(http2, place, label, lines);
    } else if application.greeting.is_none() && application.answer.is_none() {
        let words = match (application.protocol, application.ended) {
            (_, Some(Ended::Closed)) => "closed by the upstream",
            (_, Some(Ended::Reset)) => "reset by the upstream",
            (None, _) => "nothing was said in time",
            (Some(_), _) if application.response.is_some() => "asked",
            (Some(_), _) => "agreed on; nothing sent (--http sends GET /)",
        };
        lines.labelled(label, &format!("{place}{words}"));
    }
    if let Some(response) = &application.response {
        let took = ms(response.duration_ms);
        lines.labelled("", &format!("GET / answered with {} in {took}", response.status));
    }
}

fn of_http2(http2: &Http2, place: &str, label: &str, lines: &mut Lines) {
    let took = http2.settings_ms.map(ms).unwrap_or_default();
    let settings = match http2.settings.as_slice() {
        [] => "SETTINGS without parameters".to_owned(),
        settings => {
            let words = settings.iter().map(|it| format!("{} {}", it.setting, it.value));
            format!("SETTINGS {}", words.collect::<Vec<_>>().join(", "))
        }
    };
    lines.labelled(label, &format!("{place}{settings}, after {took}"));
    if let Some(window) = http2.window {
        lines.labelled("", &format!("connection window {window}"));
    }
    match http2.ping_rtt_ms {
        Some(rtt) => lines.labelled("", &format!("PING answered in {}", ms(rtt))),
        None => lines.labelled("", "PING not answered"),
    }
    if let Some(goaway) = &http2.goaway {
        lines.labelled("", &format!("GOAWAY {} \"{}\"", goaway.error_name, goaway.debug_data));
    }
    for breach in &http2.breaches {
        lines.labelled("", breach);
    }
}

fn ms(duration: Millis) -> String {
    format!("{:.1} ms", duration.as_f64())
}
