//! SIGTERM in the middle of traffic loses no record of a request that had ended.

use std::collections::BTreeSet;
use std::sync::mpsc;
use std::thread;

use serde_json::Value;

use crate::support::{Peer, Setup, Upstream};

const CLIENTS: usize = 8;
/// How many requests have ended when the signal comes.
const BEFORE: usize = 500;

#[test]
fn what_had_ended_is_recorded() {
    let upstream = Upstream::start(|mut peer| {
        while let Some(head) = peer.try_read_until("\r\n\r\n") {
            let path = String::from_utf8(head).unwrap().split(' ').nth(1).unwrap().to_owned();
            let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", path.len());
            if peer.try_write((head + &path).as_bytes()).is_err() {
                return;
            }
        }
    });
    let proxy = Setup::to(upstream.address).start();
    let (ended, endings) = mpsc::channel();
    let clients: Vec<_> = (0..CLIENTS)
        .map(|client| {
            let (address, ended) = (proxy.address, ended.clone());
            thread::spawn(move || {
                let mut peer = Peer::connect(address);
                for number in 0.. {
                    let path = format!("/client{client}/{number}-end");
                    let request = format!("GET {path} HTTP/1.1\r\nhost: localhost\r\n\r\n");
                    if peer.try_write(request.as_bytes()).is_err()
                        || peer.try_read_until(&path).is_none()
                    {
                        return;
                    }
                    ended.send(path).unwrap();
                }
            })
        })
        .collect();
    drop(ended);
    let mut answered: Vec<String> = endings.iter().take(BEFORE).collect();
    // They go on calling while it ends.
    let records = proxy.stop();
    for client in clients {
        client.join().unwrap();
    }
    answered.extend(endings.iter());
    println!("{} requests were answered, {} events", answered.len(), records.kind("event").len());
    let recorded: BTreeSet<_> = records
        .kind("event")
        .into_iter()
        .filter(|event| event["error"] == Value::Null)
        .filter_map(|event| event["request"]["path"].as_str())
        .collect();
    for path in answered {
        assert!(
            recorded.contains(path.as_str()),
            "{path} was answered and is not recorded as such"
        );
    }
    let closes = records.kind("conn").into_iter().filter(|conn| conn["event"] == "close");
    assert!(closes.clone().all(|close| close["close_reason"] == "shutdown"));
    assert_eq!(closes.count(), CLIENTS);
}
