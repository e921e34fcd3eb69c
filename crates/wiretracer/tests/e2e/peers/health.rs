//! What the records of traffic look like in which nothing went wrong.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::support::{Proxy, Records};

/// Flags of connections that end well.
const ORDERLY: [&str; 4] = ["client_fin", "upstream_fin", "goaway_in", "goaway_out"];

/// Ends a proxy once so many connections have ended by themselves.
pub(crate) fn stop_after(proxy: Proxy, connections: usize) -> Records {
    proxy.wait_records("end of every connection", |records| {
        let ends = records.kind("conn").into_iter().filter(|conn| conn["event"] == "close");
        (ends.count() >= connections).then_some(())
    });
    proxy.stop()
}

/// Asserts that so many connections were made and ended well, and that nothing else was wrong.
#[track_caller]
pub(crate) fn check_connections(records: &Records, count: usize) {
    check_connections_but(records, count, &[]);
}

/// The same where some flags are these peers' habit.
#[track_caller]
pub(crate) fn check_connections_but(records: &Records, count: usize, habits: &[&str]) {
    let mut events = BTreeMap::<&str, (usize, usize)>::new();
    for conn in records.kind("conn") {
        let seen = events.entry(conn["conn_id"].as_str().unwrap()).or_default();
        match conn["event"].as_str() {
            Some("open") => seen.0 += 1,
            Some("close") => {
                seen.1 += 1;
                assert_eq!(conn["close_reason"], "completed", "{conn:#}");
                for flag in conn["flags"].as_array().unwrap() {
                    let flag = flag.as_str().unwrap();
                    assert!(ORDERLY.contains(&flag) || habits.contains(&flag), "{conn:#}");
                }
            }
            other => panic!("{other:?}: {conn:#}"),
        }
    }
    assert!(events.values().all(|seen| *seen == (1, 1)), "not one open and one close: {events:?}");
    assert_eq!(events.len(), count, "connections");
    check_nothing_wrong(records);
}

/// Asserts that no record says that something went wrong.
#[track_caller]
fn check_nothing_wrong(records: &Records) {
    for record in &records.0 {
        let is_well = match record["kind"].as_str().unwrap() {
            "event" => record["error"] == Value::Null && !has_flag(record, "decoder_lost"),
            "tls" => record["outcome"] == "ok",
            "h2ctl" => record["h2_event"] != "PROTOCOL_ERROR",
            "verdict" => false,
            _ => true,
        };
        assert!(is_well, "{record:#}");
    }
}

fn has_flag(record: &Value, flag: &str) -> bool {
    record["flags"].as_array().unwrap().iter().any(|found| found == flag)
}
