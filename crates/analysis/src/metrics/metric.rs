//! The names of the metrics, and the place that each one has in an array of counters.
//!
//! ```text
//! place:  0 … 7        8 … 22              23             24 … 33           34 … 51
//!         connections  tls_fail_<category> http_requests  http_status_<N>xx grpc_status_<N> …
//! ```
//!
//! The places follow the order in which the metrics are shown. Values are not here: see
//! [`Counters`](super::Counters).

use std::borrow::Cow;

use wire::grpc::Status;

use crate::vocabulary::{CloseReason, TlsCategory};

/// Something that is counted, on one listener and over all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Metric {
    /// Connections that the listener took.
    ConnectionsAccepted,
    /// Connections closed at once because the client is not on the allowlist.
    ConnectionsDenied,
    /// Connections that are open now: the only gauge.
    ConnectionsActive,
    /// Waits for a place under `max_connections` that were long enough to be told.
    MaxconnWait,
    /// Handshakes with clients that went well.
    TlsInOk,
    /// Handshakes with clients that failed.
    TlsInFail,
    /// Handshakes with upstreams that went well.
    TlsOutOk,
    /// Handshakes with upstreams that failed.
    TlsOutFail,
    /// Failed handshakes of either side, by what is wrong with the certificate.
    TlsFail(TlsCategory),
    /// HTTP exchanges, the cut ones too.
    HttpRequests,
    /// Responses by their status code; counted by its class.
    HttpStatus(u16),
    /// gRPC calls by their status; a number without a name is counted as `other`.
    GrpcStatus(u32),
    /// HTTP/2 streams opened.
    H2StreamsOpened,
    /// Streams reset by the client.
    H2StreamsResetIn,
    /// Streams reset by the upstream.
    H2StreamsResetOut,
    /// GOAWAY frames from clients.
    H2GoawayIn,
    /// GOAWAY frames from upstreams.
    H2GoawayOut,
    /// Times that a sender ran out of flow-control window.
    H2FlowBlock,
    /// Violations of HTTP/2.
    H2ProtocolError,
    /// Plaintext bytes from clients, of closed connections.
    BytesIn,
    /// Plaintext bytes from upstreams, of closed connections.
    BytesOut,
    /// Records handed to the sinks: those made, without those that `sample_rate` leaves out.
    Records,
    /// Records that a sink lost: its queue was full, or it could not write.
    RecordsDropped,
    /// Connections closed, by reason.
    Close(CloseReason),
}

/// The name of a metric in two parts, for systems that have labels.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Family {
    /// What the members have in common; the whole name of a metric without family.
    pub name: &'static str,
    /// The label's key and this member's value; `None` for a metric without family.
    pub label: Option<(&'static str, Cow<'static, str>)>,
}

const TLS_FAIL: usize = 8;
const HTTP_REQUESTS: usize = TLS_FAIL + TlsCategory::ALL.len();
const HTTP_STATUS: usize = HTTP_REQUESTS + 1;
/// A status line holds three digits (RFC 9112 §4), so ten classes are all there can be.
const HTTP_CLASSES: usize = 10;
const GRPC_STATUS: usize = HTTP_STATUS + HTTP_CLASSES;
/// The first number without a name; it stands for all of them.
const GRPC_OTHER: u32 = 17;
const H2: usize = GRPC_STATUS + GRPC_OTHER as usize + 1;
const CLOSE: usize = H2 + 11;

impl Metric {
    /// How many there are.
    pub(super) const COUNT: usize = CLOSE + CloseReason::ALL.len();

    const FIRST: [Self; TLS_FAIL] = [
        Self::ConnectionsAccepted,
        Self::ConnectionsDenied,
        Self::ConnectionsActive,
        Self::MaxconnWait,
        Self::TlsInOk,
        Self::TlsInFail,
        Self::TlsOutOk,
        Self::TlsOutFail,
    ];

    const MIDDLE: [Self; CLOSE - H2] = [
        Self::H2StreamsOpened,
        Self::H2StreamsResetIn,
        Self::H2StreamsResetOut,
        Self::H2GoawayIn,
        Self::H2GoawayOut,
        Self::H2FlowBlock,
        Self::H2ProtocolError,
        Self::BytesIn,
        Self::BytesOut,
        Self::Records,
        Self::RecordsDropped,
    ];

    /// Every metric in the order in which they are shown; families with all their members.
    pub fn all() -> impl Iterator<Item = Self> {
        let classes = (0..HTTP_CLASSES as u16).map(|class| Self::HttpStatus(class * 100));
        Self::FIRST
            .into_iter()
            .chain(TlsCategory::ALL.iter().copied().map(Self::TlsFail))
            .chain([Self::HttpRequests])
            .chain(classes)
            .chain((0..=GRPC_OTHER).map(Self::GrpcStatus))
            .chain(Self::MIDDLE)
            .chain(CloseReason::ALL.iter().copied().map(Self::Close))
    }

    /// Where the value stands in an array of [`Metric::COUNT`] values.
    pub(super) fn place(self) -> usize {
        match self {
            Self::ConnectionsAccepted => 0,
            Self::ConnectionsDenied => 1,
            Self::ConnectionsActive => 2,
            Self::MaxconnWait => 3,
            Self::TlsInOk => 4,
            Self::TlsInFail => 5,
            Self::TlsOutOk => 6,
            Self::TlsOutFail => 7,
            Self::TlsFail(category) => TLS_FAIL + category as usize,
            Self::HttpRequests => HTTP_REQUESTS,
            Self::HttpStatus(status) => HTTP_STATUS + class(status),
            Self::GrpcStatus(status) => GRPC_STATUS + status.min(GRPC_OTHER) as usize,
            Self::H2StreamsOpened => H2,
            Self::H2StreamsResetIn => H2 + 1,
            Self::H2StreamsResetOut => H2 + 2,
            Self::H2GoawayIn => H2 + 3,
            Self::H2GoawayOut => H2 + 4,
            Self::H2FlowBlock => H2 + 5,
            Self::H2ProtocolError => H2 + 6,
            Self::BytesIn => H2 + 7,
            Self::BytesOut => H2 + 8,
            Self::Records => H2 + 9,
            Self::RecordsDropped => H2 + 10,
            Self::Close(reason) => CLOSE + reason as usize,
        }
    }

    /// The name in two parts.
    pub fn family(self) -> Family {
        let (name, label): (_, Option<(_, Cow<'static, str>)>) = match self {
            Self::ConnectionsAccepted => ("connections_accepted", None),
            Self::ConnectionsDenied => ("connections_denied", None),
            Self::ConnectionsActive => ("connections_active", None),
            Self::MaxconnWait => ("maxconn_wait", None),
            Self::TlsInOk => ("tls_in_ok", None),
            Self::TlsInFail => ("tls_in_fail", None),
            Self::TlsOutOk => ("tls_out_ok", None),
            Self::TlsOutFail => ("tls_out_fail", None),
            Self::TlsFail(category) => ("tls_fail", Some(("category", category.as_str().into()))),
            Self::HttpRequests => ("http_requests", None),
            Self::HttpStatus(status) => {
                ("http_status", Some(("class", format!("{}xx", class(status)).into())))
            }
            Self::GrpcStatus(GRPC_OTHER..) => ("grpc_status", Some(("status", "other".into()))),
            Self::GrpcStatus(status) => {
                ("grpc_status", Some(("status", status.to_string().into())))
            }
            Self::H2StreamsOpened => ("h2_streams_opened", None),
            Self::H2StreamsResetIn => ("h2_streams_reset_in", None),
            Self::H2StreamsResetOut => ("h2_streams_reset_out", None),
            Self::H2GoawayIn => ("h2_goaway_in", None),
            Self::H2GoawayOut => ("h2_goaway_out", None),
            Self::H2FlowBlock => ("h2_flow_block", None),
            Self::H2ProtocolError => ("h2_protocol_error", None),
            Self::BytesIn => ("bytes_in", None),
            Self::BytesOut => ("bytes_out", None),
            Self::Records => ("records", None),
            Self::RecordsDropped => ("records_dropped", None),
            Self::Close(reason) => ("close", Some(("reason", reason.as_str().into()))),
        };
        Family { name, label }
    }

    /// The name: `connections_accepted`, `grpc_status_14`, `close_client_rst`.
    pub fn name(self) -> Cow<'static, str> {
        match self.family() {
            Family { name, label: None } => name.into(),
            Family { name, label: Some((_, member)) } => format!("{name}_{member}").into(),
        }
    }

    /// What the number in the name means, where it is a code: `UNAVAILABLE` for `grpc_status_14`.
    pub fn meaning(self) -> Option<&'static str> {
        match self {
            Self::GrpcStatus(status) => Status(status).name(),
            _ => None,
        }
    }

    /// Whether the value can also go down.
    pub fn is_gauge(self) -> bool {
        self == Self::ConnectionsActive
    }

    /// Whether it is one of a family: of these only the members that were seen are shown.
    pub fn is_member(self) -> bool {
        matches!(
            self,
            Self::TlsFail(_) | Self::HttpStatus(_) | Self::GrpcStatus(_) | Self::Close(_)
        )
    }
}

/// The first digit of a status code.
fn class(status: u16) -> usize {
    usize::from(status / 100).min(HTTP_CLASSES - 1)
}
