//! A connection that is no longer followed is told of in the log, once.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use analysis::session::Application::{self, Http1, Http2};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Metadata, Subscriber};

use super::super::fuzzing::rewritten;

/// Counts warnings.
#[derive(Clone, Default)]
struct Warnings(Arc<AtomicUsize>);

impl Subscriber for Warnings {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        *metadata.level() == Level::WARN
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, _: &Event<'_>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

fn warnings(application: Application, client: &[u8]) -> usize {
    let warnings = Warnings::default();
    tracing::subscriber::with_default(warnings.clone(), || rewritten(application, client, 3));
    warnings.0.load(Ordering::Relaxed)
}

#[test]
fn what_is_not_followed_is_told_once() {
    let again = "GET / HTTP/1.1\r\nHost: p\r\n\r\n".repeat(3);
    for start in [
        "CONNECT a:1 HTTP/1.1\r\n\r\n",
        "GET / HTTP/1.1\r\nConnection: upgrade\r\nUpgrade: tcp\r\n\r\n",
        "GET / HTTP/1.1\r\nContent-Length: x\r\n\r\n",
        "GET\r\n",
    ] {
        assert_eq!(warnings(Http1, format!("{start}{again}").as_bytes()), 1, "{start}");
    }
    assert_eq!(warnings(Http2, again.as_bytes()), 1);
}

#[test]
fn what_goes_well_is_not_told() {
    let upgrade = "GET / HTTP/1.1\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n\x01\x02";
    assert_eq!(warnings(Http1, upgrade.as_bytes()), 0);
    assert_eq!(warnings(Application::Raw, b"\x01\x02"), 0);
}
