//! The metrics in OpenMetrics text, which Prometheus reads.
//!
//! ```text
//! # HELP wiretracer_grpc_status gRPC calls by status.
//! # TYPE wiretracer_grpc_status counter
//! wiretracer_grpc_status_total{listener="grpc",status="14"} 8
//! ```
//!
//! The names are those of the contract with `wiretracer_` before them and, as the format demands
//! of a counter, `_total` after them. The sum over the listeners is left to the reader.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use analysis::metrics::{Counters, Family, Metric, Metrics};
use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric as _, MetricEncoder, text};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::counter::ConstCounter;
use prometheus_client::metrics::gauge::ConstGauge;
use prometheus_client::registry::Registry;

/// The media type of the text.
pub const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Makes the text from the metrics as they are at the time.
#[derive(Debug)]
pub struct Exposition(Registry);

impl Exposition {
    /// For these metrics.
    pub fn new(metrics: Arc<Metrics>) -> Self {
        let mut registry = Registry::with_prefix("wiretracer");
        registry.register_collector(Box::new(Listeners(metrics)));
        Self(registry)
    }

    /// The text.
    ///
    /// # Errors
    ///
    /// When a value refuses to be written; none of ours does.
    pub fn text(&self) -> Result<String, fmt::Error> {
        let mut text = String::new();
        text::encode(&mut text, &self.0)?;
        Ok(text)
    }
}

#[derive(Debug)]
struct Listeners(Arc<Metrics>);

type Named = (Arc<str>, Arc<Counters>);

impl Collector for Listeners {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let listeners = self.0.listeners();
        let metrics: Vec<_> = Metric::all().map(|metric| (metric, metric.family())).collect();
        // The format wants the members of a family together, under one description.
        for family in metrics.chunk_by(|(_, one), (_, next)| one.name == next.name) {
            encode_family(&mut encoder, family, &listeners)?;
        }
        Ok(())
    }
}

fn encode_family(
    encoder: &mut DescriptorEncoder<'_>,
    members: &[(Metric, Family)],
    listeners: &[Named],
) -> fmt::Result {
    let Some((first, Family { name, .. })) = members.first() else { return Ok(()) };
    let kind = if first.is_gauge() { MetricType::Gauge } else { MetricType::Counter };
    let mut encoder = encoder.encode_descriptor(name, help(*first), None, kind)?;
    for (listener, counters) in listeners {
        for (metric, family) in members {
            let value = counters.get(*metric);
            if value > 0 || !metric.is_member() {
                let mut labels = vec![("listener", Cow::Borrowed(&**listener))];
                labels.extend(family.label.clone());
                encode_value(encoder.encode_family(&labels)?, *metric, value)?;
            }
        }
    }
    Ok(())
}

fn encode_value(encoder: MetricEncoder<'_>, metric: Metric, value: u64) -> fmt::Result {
    if metric.is_gauge() {
        ConstGauge::new(value).encode(encoder)
    } else {
        ConstCounter::new(value).encode(encoder)
    }
}

fn help(metric: Metric) -> &'static str {
    match metric {
        Metric::ConnectionsAccepted => "Connections accepted.",
        Metric::ConnectionsDenied => "Connections closed because the client is not allowed.",
        Metric::ConnectionsActive => "Connections open now.",
        Metric::MaxconnWait => "Long waits for a place under max_connections.",
        Metric::TlsInOk => "Handshakes with clients that went well.",
        Metric::TlsInFail => "Handshakes with clients that failed.",
        Metric::TlsOutOk => "Handshakes with upstreams that went well.",
        Metric::TlsOutFail => "Handshakes with upstreams that failed.",
        Metric::TlsFail(_) => "Failed handshakes by what is wrong with the certificate.",
        Metric::HttpRequests => "HTTP exchanges, also cut ones.",
        Metric::HttpStatus(_) => "HTTP responses by class of status.",
        Metric::GrpcStatus(_) => "gRPC calls by status.",
        Metric::H2StreamsOpened => "HTTP/2 streams opened.",
        Metric::H2StreamsResetIn => "HTTP/2 streams reset by the client.",
        Metric::H2StreamsResetOut => "HTTP/2 streams reset by the upstream.",
        Metric::H2GoawayIn => "GOAWAY frames from clients.",
        Metric::H2GoawayOut => "GOAWAY frames from upstreams.",
        Metric::H2FlowBlock => "Times that a sender ran out of flow-control window.",
        Metric::H2ProtocolError => "Violations of HTTP/2.",
        Metric::BytesIn => "Plaintext bytes from clients, of closed connections.",
        Metric::BytesOut => "Plaintext bytes from upstreams, of closed connections.",
        Metric::Records => "Records handed to the sinks.",
        Metric::RecordsDropped => "Records lost by a sink.",
        Metric::Close(_) => "Connections closed, by reason.",
    }
}
