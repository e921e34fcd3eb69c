//! The column What: what a record tells, in one line.
//!
//! ```text
//! event  POST /helloworld.Greeter/SayHello — upstream reset the stream
//! tls    in cert_verify_failed [unknown_ca | unable to get local issuer certificate] TLSv1.3 …
//! h2ctl  upstream GOAWAY ENHANCE_YOUR_CALM(11) last=7 "too_many_pings"
//! conn   close proxy:client_idle_timeout
//! ```

use std::fmt;

use super::ShortMillis;
use crate::escape::Escaped;
use crate::record::{ConnRecord, EventRecord, H2CtlRecord, H2Detail, Record, Setting, TlsRecord};
use crate::vocabulary::{CloseReason, ConnEvent, Outcome};

pub(super) struct What<'a>(pub(super) &'a Record);

impl fmt::Display for What<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Record::Event(event) => write_event(event, f),
            Record::Tls(tls) => write_tls(tls, f),
            Record::H2Ctl(control) => write_control(control, f),
            Record::Conn(conn) => write_conn(conn, f),
        }
    }
}

fn write_event(event: &EventRecord, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let request = &event.request;
    match (&request.method, request.path.as_ref().or(request.authority.as_ref())) {
        (Some(method), Some(target)) => write!(f, "{} {}", Escaped(method), Escaped(target))?,
        (Some(one), None) | (None, Some(one)) => write!(f, "{}", Escaped(one))?,
        (None, None) => {
            f.write_str("->")?;
            write_word(event.upstream_addr.as_deref(), f)?;
        }
    }
    match &event.error {
        Some(error) => write!(f, " — {}", Escaped(error)),
        None => Ok(()),
    }
}

fn write_tls(tls: &TlsRecord, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    f.write_str(tls.side.as_str())?;
    if tls.outcome == Outcome::Fail {
        write_word(tls.reason.map(|reason| reason.as_str()), f)?;
        let detail = tls.detail.as_deref().map(first_clause).filter(|detail| !detail.is_empty());
        match (tls.category, detail) {
            (Some(category), Some(detail)) => write!(f, " [{category} | {}]", Escaped(detail))?,
            (Some(category), None) => write!(f, " [{category}]")?,
            (None, Some(detail)) => write!(f, " [{}]", Escaped(detail))?,
            (None, None) => {}
        }
    }
    write_word(tls.tls.alpn.as_deref(), f)?;
    write_word(tls.tls.version.as_deref(), f)?;
    write_word(tls.tls.cipher.as_deref(), f)?;
    match &tls.tls.sni {
        Some(sni) if tls.outcome == Outcome::Ok => write!(f, " sni={}", Escaped(sni)),
        _ => Ok(()),
    }
}

fn write_control(control: &H2CtlRecord, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    write!(f, "{} {}", control.direction, control.detail.event())?;
    match (&control.detail, control.stream_id) {
        (_, Some(stream)) => write!(f, " stream={stream}")?,
        (H2Detail::FlowBlock { scope, .. } | H2Detail::FlowResume { scope, .. }, None) => {
            write!(f, " {}", Escaped(scope))?;
        }
        _ => {}
    }
    match &control.detail {
        H2Detail::Settings { changed } => {
            changed.iter().try_for_each(|setting| write_setting(setting, f))
        }
        H2Detail::SettingsAck {} => Ok(()),
        H2Detail::WindowUpdate { delta, window } => write!(f, " +{delta} window={window}"),
        H2Detail::FlowBlock { wanted_bytes, window, .. } => {
            if let Some(wanted) = wanted_bytes {
                write!(f, " wants {wanted} B")?;
            }
            write!(f, " window={window}")
        }
        H2Detail::FlowResume { blocked_ms, .. } => {
            write!(f, " blocked {}", ShortMillis(blocked_ms.0))
        }
        H2Detail::RstStream { error_code, error_name } => {
            write!(f, " {}({error_code})", Escaped(error_name))
        }
        H2Detail::Goaway { error_code, error_name, last_stream_id, debug_data } => {
            write!(f, " {}({error_code}) last={last_stream_id}", Escaped(error_name))?;
            match debug_data.as_str() {
                "" => Ok(()),
                data => write!(f, " \"{}\"", Escaped(data)),
            }
        }
        H2Detail::Ping { opaque } => write!(f, " {}", Escaped(opaque)),
        H2Detail::PingAck { rtt_ms: Some(rtt) } => write!(f, " rtt {}", ShortMillis(rtt.0)),
        H2Detail::PingAck { rtt_ms: None } => Ok(()),
        H2Detail::PushPromise { promised_stream_id } => write!(f, " promised={promised_stream_id}"),
        H2Detail::Fingerprint { h2fp, profile } => {
            write!(f, " {}", Escaped(h2fp))?;
            write_word(profile.as_deref(), f)
        }
        H2Detail::ProtocolError { what, rfc_section } => {
            write!(f, " {} ({})", Escaped(what), Escaped(rfc_section))
        }
    }
}

fn write_setting(setting: &Setting, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    write!(f, " {} ", Escaped(&setting.setting))?;
    match setting.old {
        Some(old) => write!(f, "{old}→{}", setting.new),
        None => write!(f, "none→{}", setting.new),
    }
}

fn write_conn(conn: &ConnRecord, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    f.write_str(conn.event.as_str())?;
    match conn.event {
        ConnEvent::Wait => match conn.wait_ms {
            Some(wait) => write!(f, " {}", ShortMillis(wait.0)),
            None => Ok(()),
        },
        ConnEvent::Open => match &conn.upstream_addr {
            Some(addr) => write!(f, " -> {}", Escaped(addr)),
            None => Ok(()),
        },
        ConnEvent::Close => {
            match (conn.closed_by, conn.close_reason) {
                (Some(party), Some(reason)) => write!(f, " {party}:{reason}")?,
                (Some(party), None) => write!(f, " {party}")?,
                (None, Some(reason)) => write!(f, " {reason}")?,
                (None, None) => {}
            }
            match &conn.detail {
                Some(detail) if conn.close_reason.is_some_and(needs_detail) => {
                    write!(f, " — {}", Escaped(first_clause(detail)))
                }
                _ => Ok(()),
            }
        }
    }
}

/// Whether the word alone leaves open what happened, and no other row tells it; `completed` has a
/// detail only where there is something to say.
fn needs_detail(reason: CloseReason) -> bool {
    matches!(
        reason,
        CloseReason::Completed
            | CloseReason::UpstreamConnectFail
            | CloseReason::AlpnMismatch
            | CloseReason::ProxyProtocolError
            | CloseReason::ClientProtocolError
            | CloseReason::UpstreamProtocolError
    )
}

fn write_word(word: Option<&str>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    match word {
        Some(word) => write!(f, " {}", Escaped(word)),
        None => Ok(()),
    }
}

/// A detail up to the end of its first clause: the sentence that can be searched for, without the
/// facts that follow it.
fn first_clause(detail: &str) -> &str {
    let end = [": ", "; ", ". ", " (", " — ", "\n"]
        .into_iter()
        .filter_map(|mark| detail.find(mark))
        .min()
        .unwrap_or(detail.len());
    detail[..end].trim_end_matches('.')
}
