//! What the session's and the decoders' own limits end is no error, and takes no memory.

use std::sync::Arc;

use analysis::outcome::{Cause, Ending};
use analysis::record::ConnId;
use analysis::session::{Application, Identity, Options, Session};
use serde_json::Value;
use wire::Direction::{FromClient, FromUpstream};

use crate::bytes::{bytes, tokens};
use crate::play::Collected;
use crate::script::time;

fn session(application: Application) -> Session {
    let conn = ConnId("01890a5d-ac96-774b-bcce-b302099a8057".parse().unwrap());
    let identity = Identity::new(conn, "test".into(), "10.0.0.5:4242".parse().unwrap(), time("0"));
    let options = Options {
        headers: true,
        redact: Vec::new(),
        body: Some(1 << 20),
        control_events: false,
        memory: Arc::default(),
    };
    let mut session = Session::new(identity, Arc::new(options));
    session.begin(application);
    session
}

fn flags(record: &Value) -> Vec<&str> {
    record["flags"].as_array().unwrap().iter().filter_map(Value::as_str).collect()
}

fn frames(line: &str) -> Vec<u8> {
    bytes(FromClient, &tokens(line))
}

#[test]
fn requests_beyond_the_pipeline_s_limit_are_not_followed_and_not_failed() {
    let (mut session, mut sink) = (session(Application::Http1), Collected::default());
    let request = b"GET / HTTP/1.1\r\nHost: h\r\n\r\n";
    session.observe(FromClient, &request.repeat(2000), time("0"), &mut sink);
    let response = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
    session.observe(FromUpstream, &response.repeat(2000), time("1"), &mut sink);
    assert!(!session.is_busy());
    assert!(!session.is_between_requests(), "it is not known what is under way");
    session.ended(FromClient, Ending::Fin, time("2"), &mut sink);
    session.close(Cause::Parties, time("2"), &mut sink);
    let (close, events) = sink.0.split_last().unwrap();
    assert_eq!(events.len(), 1024);
    for event in events {
        assert_eq!((&event["error"], flags(event)), (&Value::Null, vec!["decoder_lost"]));
    }
    assert_eq!(close["close_reason"], "completed");
    assert_eq!(flags(close), ["client_fin", "decoder_lost_in", "decoder_lost_out"]);
}

#[test]
fn when_the_upstream_is_not_followed_requests_do_not_pile_up() {
    let (mut session, mut sink) = (session(Application::Http2), Collected::default());
    session.observe(FromClient, &frames("h2 PREFACE"), time("0"), &mut sink);
    // The decoder's own limit: so many SETTINGS frames wait for their ACK.
    let settings = frames("h2 SETTINGS 3=100").repeat(100_000);
    session.observe(FromUpstream, &settings, time("0"), &mut sink);
    for stream in (1..2000).step_by(2) {
        let line =
            format!("h2 HEADERS {stream} END :method=GET :scheme=https :authority=h :path=/");
        session.observe(FromClient, &frames(&line), time("1"), &mut sink);
        assert!(!session.is_busy());
    }
    session.ended(FromClient, Ending::Fin, time("2"), &mut sink);
    session.close(Cause::Parties, time("2"), &mut sink);
    let (close, events) = sink.0.split_last().unwrap();
    assert_eq!(events.len(), 1000);
    assert!(events.iter().all(|event| event["error"].is_null()), "{}", events[0]);
    assert_eq!(flags(close), ["client_fin", "decoder_lost_out"]);
}

#[test]
fn only_the_last_messages_of_a_websocket_are_listed() {
    let (mut session, mut sink) = (session(Application::Http1), Collected::default());
    let request = b"GET / HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n";
    session.observe(FromClient, request, time("0"), &mut sink);
    let response = b"HTTP/1.1 101 Switching\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n";
    session.observe(FromUpstream, response, time("0"), &mut sink);
    for number in 0..300 {
        let frame = bytes(FromUpstream, &tokens(&format!("ws TEXT \"{number}\"")));
        session.observe(FromUpstream, &frame, time("1"), &mut sink);
    }
    session.close(Cause::Parties, time("2"), &mut sink);
    let websocket = &sink.0[0]["websocket"];
    let messages = websocket["messages"].as_array().unwrap();
    assert_eq!((messages.len(), &messages[0]["data"]), (256, &Value::from("44")));
    assert_eq!(websocket["messages_omitted"], 44);
    assert_eq!(sink.0[0]["messages_out"], 300);
}

#[test]
fn field_sections_that_one_connection_holds_are_bounded() {
    let (mut session, mut sink) = (session(Application::Http2), Collected::default());
    session.observe(FromClient, &frames("h2 PREFACE"), time("0"), &mut sink);
    let value = "v".repeat(14_000);
    for stream in (1..20_000).step_by(2) {
        let line = format!(
            "h2 HEADERS {stream} END :method=GET :scheme=https :authority=h :path=/ x={value}"
        );
        session.observe(FromClient, &frames(&line), time("1"), &mut sink);
        if !session.is_busy() {
            break;
        }
    }
    assert!(!session.is_busy(), "the connection is followed on past the bound");
    session.close(Cause::Parties, time("2"), &mut sink);
    let (close, events) = sink.0.split_last().unwrap();
    assert!((4000..6000).contains(&events.len()), "{}", events.len());
    assert!(events.iter().all(|event| event["error"].is_null()));
    assert_eq!(flags(close), ["decoder_lost_in", "decoder_lost_out"]);
}
