//! That the check which the end-to-end tests make on every line does find what is wrong with one.
//!
//! Not here: that what the library writes fits the schema; that stands with the records.

#[path = "support/schema.rs"]
mod schema;

use serde_json::{Value, json};

fn open() -> Value {
    json!({
        "kind": "conn", "id": "01890a5d-ac96-774b-bcce-b302099a8057.1", "listener": "web",
        "client_ip": "10.0.0.5", "client_port": 4242, "ts": 1_700_000_000.25,
        "conn_id": "01890a5d-ac96-774b-bcce-b302099a8057", "upstream_addr": "127.0.0.1:443",
        "event": "open", "proxy_version": "none", "proxy_src": null, "proxy_dst": null,
        "wait_ms": null, "closed_by": null, "close_reason": null, "detail": null,
        "duration_ms": null, "bytes_in": 0, "bytes_out": 0, "flags": [], "path": null,
    })
}

#[test]
fn a_record_passes_and_may_have_more_fields() {
    assert_eq!(schema::validate(&open().to_string()), Ok(()));
    let mut newer = open();
    newer["invented_later"] = json!(1);
    assert_eq!(schema::validate(&newer.to_string()), Ok(()));
}

#[test]
fn what_is_wrong_is_told_with_its_place() {
    let field = |name: &str, value: Value| {
        let mut record = open();
        record[name] = value;
        record.to_string()
    };
    let mut short = open();
    short.as_object_mut().unwrap().remove("path");
    for (line, told) in [
        (short.to_string(), "\"path\" is a required property"),
        (field("event", json!("opened")), "/event: "),
        (field("flags", json!(["client_fin", "client_left"])), "/flags/1: "),
        (field("bytes_in", json!(-1)), "/bytes_in: "),
        (field("conn_id", json!("7")), "/conn_id: "),
        (field("kind", json!("verdict")), "/kind: "),
        // A closed connection has someone who closed it.
        (field("event", json!("close")), "/closed_by: "),
        ("{\"kind\":".to_owned(), "EOF while parsing"),
    ] {
        let error = schema::validate(&line).unwrap_err();
        assert!(error.contains(told), "{error}\nlacks {told}");
        assert!(error.contains(&line), "{error}\nlacks the line");
    }
}
