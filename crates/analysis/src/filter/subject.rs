//! Where a record's values come from, field by field.

use super::eval::{Subject, Value};
use super::fields::{Field, FieldId};
use crate::record::{
    ConnRecord, EventRecord, H2CtlRecord, H2Detail, Millis, Record, Text, TlsRecord,
};
use crate::row::{self, Endpoint, Severity};
use crate::vocabulary::{Flow, Side};
use wire::grpc::Status;

type See<'a> = dyn FnMut(Value<'_>) -> bool + 'a;

impl Subject for Record {
    fn visit(&self, field: &Field, see: &mut See<'_>) -> bool {
        let id = match field {
            Field::Known(id) => *id,
            Field::Header(name) => return header(self, name, see),
        };
        let origin = self.origin();
        let ip = &*origin.client_ip;
        match id {
            FieldId::Kind => see(Value::Text(self.kind())),
            FieldId::Proto => see(Value::Text(row::proto(self))),
            FieldId::Listener => see(Value::Text(&origin.listener)),
            FieldId::Client => see(Value::Client(Endpoint { ip, port: origin.client_port })),
            FieldId::ClientIp => see(Value::Client(Endpoint { ip, port: None })),
            FieldId::Conn => {
                let mut digits = uuid::Uuid::encode_buffer();
                see(Value::Text(origin.conn_id.0.as_hyphenated().encode_lower(&mut digits)))
            }
            FieldId::Error => error(self, see),
            FieldId::Duration => row::duration(self).is_some_and(|Millis(duration)| {
                see(Value::Number(u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)))
            }),
            FieldId::BytesIn => {
                row::bytes(self).is_some_and(|(bytes, _)| see(Value::Number(bytes)))
            }
            FieldId::BytesOut => {
                row::bytes(self).is_some_and(|(_, bytes)| see(Value::Number(bytes)))
            }
            _ => match self {
                Self::Event(record) => event(record, id, see),
                Self::Tls(record) => tls(record, id, see),
                Self::H2Ctl(record) => control(record, id, see),
                Self::Conn(record) => conn(record, id, see),
            },
        }
    }

    fn write_text(&self, out: &mut String) {
        row::write_text(self, out);
    }
}

fn event(event: &EventRecord, id: FieldId, see: &mut See<'_>) -> bool {
    let (request, response) = (&event.request, &event.response);
    match id {
        FieldId::Upstream => text(&event.upstream_addr, see),
        FieldId::Status => number(response.status, see),
        FieldId::Method => text(&request.method, see),
        FieldId::Path => text(&request.path, see),
        FieldId::Authority => text(&request.authority, see),
        FieldId::GrpcService => text(&request.grpc_service, see),
        FieldId::GrpcMethod => text(&request.grpc_method, see),
        FieldId::GrpcStatus => response.grpc_status.is_some_and(|status| {
            let name = Status(status).name();
            see(Value::Number(status.into())) || name.is_some_and(|name| see(Value::Text(name)))
        }),
        FieldId::Stream => number(request.stream_id, see),
        FieldId::Sni => text(&event.tls.sni, see),
        FieldId::Alpn => text(&event.tls.alpn, see),
        FieldId::TlsVer => text(&event.tls.version, see),
        FieldId::Cipher => text(&event.tls.cipher, see),
        FieldId::Flag => list(event.flags.iter().map(|flag| flag.as_str()), see),
        _ => false,
    }
}

fn tls(tls: &TlsRecord, id: FieldId, see: &mut See<'_>) -> bool {
    let fingerprints = tls.fingerprints.as_deref();
    match id {
        FieldId::Upstream => tls
            .upstream
            .as_ref()
            .is_some_and(|upstream| see(Value::Text(&upstream.addr)) || text(&upstream.ip, see)),
        FieldId::Side => see(Value::Text(tls.side.as_str())),
        FieldId::Outcome => see(Value::Text(tls.outcome.as_str())),
        FieldId::Reason => tls.reason.is_some_and(|reason| see(Value::Text(reason.as_str()))),
        FieldId::Category => tls.category.is_some_and(|word| see(Value::Text(word.as_str()))),
        FieldId::Alert => text(&tls.alert, see),
        FieldId::Sni => text(&tls.tls.sni, see),
        FieldId::Alpn => text(&tls.tls.alpn, see),
        FieldId::AlpnIn => tls.side == Side::In && text(&tls.tls.alpn, see),
        FieldId::AlpnOut => tls.side == Side::Out && text(&tls.tls.alpn, see),
        FieldId::TlsVer => text(&tls.tls.version, see),
        FieldId::Cipher => text(&tls.tls.cipher, see),
        FieldId::Ja3 => fingerprints.is_some_and(|prints| text(&prints.ja3, see)),
        FieldId::Ja4 => fingerprints.is_some_and(|prints| text(&prints.ja4, see)),
        FieldId::Ech => fingerprints.is_some_and(|prints| see(Value::Switch(prints.ech))),
        FieldId::Esni => fingerprints.is_some_and(|prints| see(Value::Switch(prints.esni))),
        _ => false,
    }
}

fn control(control: &H2CtlRecord, id: FieldId, see: &mut See<'_>) -> bool {
    match id {
        FieldId::Stream => number(control.stream_id, see),
        FieldId::Direction => see(Value::Text(control.direction.as_str())),
        FieldId::H2 => see(Value::Text(control.detail.event().as_str())),
        FieldId::H2fp => fingerprint(control, see),
        FieldId::H2fpIn => control.direction == Flow::Downstream && fingerprint(control, see),
        FieldId::H2fpOut => control.direction == Flow::Upstream && fingerprint(control, see),
        _ => false,
    }
}

fn fingerprint(control: &H2CtlRecord, see: &mut See<'_>) -> bool {
    match &control.detail {
        H2Detail::Fingerprint { h2fp, profile } => see(Value::Text(h2fp)) || text(profile, see),
        _ => false,
    }
}

fn conn(conn: &ConnRecord, id: FieldId, see: &mut See<'_>) -> bool {
    match id {
        FieldId::Upstream => text(&conn.upstream_addr, see),
        FieldId::Path => text(&conn.path, see),
        FieldId::ClosedBy => conn.closed_by.is_some_and(|party| see(Value::Text(party.as_str()))),
        FieldId::CloseReason => {
            conn.close_reason.is_some_and(|reason| see(Value::Text(reason.as_str())))
        }
        FieldId::Flag => list(conn.flags.iter().map(|flag| flag.as_str()), see),
        FieldId::Proxy => see(Value::Text(conn.proxy_version.as_str())),
        FieldId::ProxySrc => text(&conn.proxy_src, see),
        FieldId::ProxyDst => text(&conn.proxy_dst, see),
        _ => false,
    }
}

/// Whether it failed, and the texts that say how.
fn error(record: &Record, see: &mut See<'_>) -> bool {
    let failed = row::severity(record) == Severity::Error;
    if see(Value::Switch(failed)) {
        return true;
    }
    if !failed {
        return false;
    }
    match record {
        Record::Event(event) => text(&event.error, see),
        Record::Tls(tls) => {
            tls.reason.is_some_and(|reason| see(Value::Text(reason.as_str())))
                || tls.category.is_some_and(|category| see(Value::Text(category.as_str())))
                || text(&tls.detail, see)
        }
        Record::H2Ctl(control) => match &control.detail {
            H2Detail::RstStream { error_name, .. } => see(Value::Text(error_name)),
            H2Detail::Goaway { error_name, debug_data, .. } => {
                see(Value::Text(error_name)) || see(Value::Text(debug_data))
            }
            H2Detail::ProtocolError { what, .. } => see(Value::Text(what)),
            _ => false,
        },
        Record::Conn(conn) => {
            conn.close_reason.is_some_and(|reason| see(Value::Text(reason.as_str())))
                || text(&conn.detail, see)
        }
    }
}

fn header(record: &Record, name: &str, see: &mut See<'_>) -> bool {
    let Record::Event(event) = record else { return false };
    let (request, response) = (&event.request, &event.response);
    [&request.headers, &request.trailers, &response.headers, &response.trailers]
        .into_iter()
        .flat_map(|fields| fields.get_all(name))
        .any(|value| match std::str::from_utf8(value) {
            Ok(value) => see(Value::Text(value)),
            Err(_) => see(Value::Text(&Text(value).to_string())),
        })
}

fn text<T: AsRef<str>>(value: &Option<T>, see: &mut See<'_>) -> bool {
    value.as_ref().is_some_and(|value| see(Value::Text(value.as_ref())))
}

fn number(value: Option<impl Into<u64>>, see: &mut See<'_>) -> bool {
    value.is_some_and(|value| see(Value::Number(value.into())))
}

fn list(mut words: impl ExactSizeIterator<Item = &'static str>, see: &mut See<'_>) -> bool {
    match words.len() {
        0 => see(Value::Nothing),
        _ => words.any(|word| see(Value::Text(word))),
    }
}
