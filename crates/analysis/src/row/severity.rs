//! How bad a record is: what decides its colour, and `error=1` in a filter.

use crate::record::{ConnRecord, EventRecord, H2Detail, Record, TlsRecord};
use crate::vocabulary::{CloseReason, ConnEvent, ConnFlag, EventFlag, Outcome};
use wire::http2::ErrorCode;

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// As it should be.
    Normal,
    /// Worth a look: it may be the cause of something.
    Warning,
    /// Something failed.
    Error,
}

/// How bad a record is.
pub fn severity(record: &Record) -> Severity {
    match record {
        Record::Event(event) => of_event(event),
        Record::Tls(tls) => match tls.outcome {
            Outcome::Fail => Severity::Error,
            Outcome::Ok if unenforced(tls).is_some() => Severity::Warning,
            Outcome::Ok => Severity::Normal,
        },
        Record::H2Ctl(control) => of_control(&control.detail),
        Record::Conn(conn) => of_conn(conn),
    }
}

/// What verification said against the certificate when the handshake went on in spite of it.
pub(super) fn unenforced(tls: &TlsRecord) -> Option<&str> {
    match tls.outcome {
        Outcome::Ok => tls.verify_result.as_deref().filter(|&result| result != "ok"),
        Outcome::Fail => None,
    }
}

fn of_event(event: &EventRecord) -> Severity {
    let doubtful = |flag: &EventFlag| {
        matches!(
            flag,
            EventFlag::FlowBlocked
                | EventFlag::Malformed
                | EventFlag::DecoderLost
                | EventFlag::RequestUnfinished
                | EventFlag::ClientReset
                | EventFlag::Cut
        )
    };
    if event.error.is_some() {
        Severity::Error
    } else if event.response.status.is_some_and(|status| status >= 400)
        || event.flags.iter().any(doubtful)
    {
        Severity::Warning
    } else {
        Severity::Normal
    }
}

fn of_control(detail: &H2Detail) -> Severity {
    match detail {
        H2Detail::RstStream { error_code, .. } => match ErrorCode(*error_code) {
            ErrorCode::NO_ERROR | ErrorCode::CANCEL => Severity::Warning,
            _ => Severity::Error,
        },
        H2Detail::Goaway { error_code, .. } => match ErrorCode(*error_code) {
            ErrorCode::NO_ERROR => Severity::Warning,
            _ => Severity::Error,
        },
        H2Detail::FlowBlock { .. } => Severity::Warning,
        H2Detail::ProtocolError { .. } => Severity::Error,
        H2Detail::Settings { .. }
        | H2Detail::SettingsAck {}
        | H2Detail::WindowUpdate { .. }
        | H2Detail::FlowResume { .. }
        | H2Detail::Ping { .. }
        | H2Detail::PingAck { .. }
        | H2Detail::PushPromise { .. }
        | H2Detail::Fingerprint { .. } => Severity::Normal,
    }
}

fn of_conn(conn: &ConnRecord) -> Severity {
    match conn.event {
        ConnEvent::Wait => Severity::Warning,
        ConnEvent::Open => Severity::Normal,
        ConnEvent::Close => {
            let lost = |flag: &ConnFlag| {
                matches!(flag, ConnFlag::DecoderLostIn | ConnFlag::DecoderLostOut)
            };
            let least =
                if conn.flags.iter().any(lost) { Severity::Warning } else { Severity::Normal };
            conn.close_reason.map_or(Severity::Normal, of_close).max(least)
        }
    }
}

fn of_close(reason: CloseReason) -> Severity {
    match reason {
        CloseReason::Completed | CloseReason::Reload | CloseReason::Shutdown => Severity::Normal,
        // HTTP/1 between two requests: nothing is lost by it.
        CloseReason::ClientIdleTimeout => Severity::Warning,
        CloseReason::ClientFin
        | CloseReason::ClientRst
        | CloseReason::UpstreamFin
        | CloseReason::UpstreamRst
        | CloseReason::ClientReadTimeout
        | CloseReason::UpstreamReadTimeout
        | CloseReason::ProxyIdleTimeout
        | CloseReason::TlsInFail
        | CloseReason::TlsOutFail
        | CloseReason::UpstreamConnectFail
        | CloseReason::UpstreamConnectTimeout
        | CloseReason::UpstreamHandshakeTimeout
        | CloseReason::AlpnMismatch
        | CloseReason::ProxyProtocolError
        | CloseReason::ClientProtocolError
        | CloseReason::UpstreamProtocolError
        | CloseReason::Denied => Severity::Error,
    }
}
