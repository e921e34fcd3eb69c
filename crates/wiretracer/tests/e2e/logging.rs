//! What is recorded of what passes: headers, bodies, samples, filters, files.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::support::records::{assert_close, assert_flags};
use crate::support::{PATIENCE, Peer, Proxy, Records, Setup, Upstream, tools, upstream};

/// Makes a request and waits for its answer, and for the end.
fn call(proxy: &Proxy, request: &str) {
    let mut client = Peer::connect(proxy.address);
    client.write(request);
    client.next_head();
    client.half_close();
    client.read_end();
}

fn ended(proxy: Proxy) -> Records {
    proxy.wait_close();
    proxy.stop()
}

#[test]
fn secrets_do_not_reach_the_file() {
    let upstream = Upstream::start(upstream::echo_paths);
    let proxy =
        Setup::to(upstream.address).logging("redact_headers: [authorization, x-own]").start();
    call(
        &proxy,
        "GET / HTTP/1.1\r\nhost: a\r\nAuthorization: hunter2\r\nX-Own: hunter2\r\ncookie: seen\r\n\r\n",
    );
    proxy.wait_close();
    let text = fs::read_to_string(proxy.jsonl()).unwrap();
    assert!(!text.contains("hunter2"), "{text}");
    let records = proxy.stop();
    let headers =
        json!([["host", "a"], ["Authorization", "***"], ["X-Own", "***"], ["cookie", "seen"]]);
    assert_eq!(records.event()["request"]["headers"], headers);
}

#[test]
fn headers_may_be_left_out() {
    let upstream = Upstream::start(upstream::echo_paths);
    let proxy = Setup::to(upstream.address).logging("log_headers: false").start();
    call(&proxy, "GET /x HTTP/1.1\r\nhost: a\r\nx-private: hunter2\r\n\r\n");
    proxy.wait_close();
    assert!(!fs::read_to_string(proxy.jsonl()).unwrap().contains("hunter2"));
    let records = proxy.stop();
    let event = records.event();
    assert_eq!(
        (&event["request"]["headers"], &event["response"]["headers"]),
        (&json!([]), &json!([]))
    );
    assert_eq!(event["request"]["path"], "/x");
}

#[test]
fn bodies_are_kept_up_to_their_limit() {
    for (logging, body, truncated) in [
        ("log_body: false", Value::Null, false),
        ("log_body: true", json!("LzEyMzQ1Njc4OQ=="), false),
        ("log_body: true, body_max_bytes: 4", json!("LzEyMw=="), true),
    ] {
        let upstream = Upstream::start(upstream::echo_paths);
        let proxy = Setup::to(upstream.address).logging(logging).start();
        call(&proxy, "GET /123456789 HTTP/1.1\r\nhost: a\r\n\r\n");
        let records = ended(proxy);
        let event = records.event();
        assert_eq!(event["response"]["body_b64"], body, "{logging}");
        assert_eq!(event["response"]["body_truncated"], truncated, "{logging}");
        assert_eq!(event["bytes_out"], 10);
        let flags: &[&str] = if truncated {
            &["capture_truncated", "client_fin", "upstream_fin"]
        } else {
            &["client_fin", "upstream_fin"]
        };
        assert_flags(records.close(), flags);
    }
}

#[test]
fn of_what_went_well_a_share_is_kept_and_of_what_did_not_everything() {
    let upstream = Upstream::start(|mut peer| {
        while let Some(head) = peer.next_head() {
            let status = if head.contains("/bad") { "500 Bad" } else { "204 Good" };
            peer.write(format!("HTTP/1.1 {status}\r\ncontent-length: 0\r\n\r\n"));
        }
        peer.half_close();
    });
    let proxy = Setup::to(upstream.address).logging("sample_rate: 0.0").start();
    let mut client = Peer::connect(proxy.address);
    for path in ["/good", "/bad", "/good"] {
        client.write(format!("GET {path} HTTP/1.1\r\nhost: a\r\n\r\n"));
        client.read_head();
    }
    client.half_close();
    client.read_end();
    let bad = proxy.wait_for("the failed request", |record| record["kind"] == "event");
    assert_eq!(bad["request"]["path"], "/bad");
    proxy.signal("USR1");
    proxy.wait_log("http_requests: 3");
    assert_eq!(proxy.stop().kind("event").len(), 1);
}

#[test]
fn a_filter_decides_what_is_written() {
    let upstream = Upstream::start(upstream::echo_paths);
    let filter = ["--filter", "kind=event path^=/keep"];
    let proxy = Setup::to(upstream.address).args(&filter).start();
    let mut client = Peer::connect(proxy.address);
    for path in ["/drop", "/keep/this"] {
        client.write(format!("GET {path} HTTP/1.1\r\nhost: a\r\n\r\n"));
        client.read_head();
    }
    client.half_close();
    client.read_end();
    proxy.wait_for("what is kept", |record| record["request"]["path"] == "/keep/this");
    assert_eq!(proxy.stop().0.len(), 1);
}

#[test]
fn a_file_holds_its_owner_s_secrets() {
    use std::os::unix::fs::PermissionsExt as _;
    let upstream = Upstream::start(upstream::echo_paths);
    let proxy = Setup::to(upstream.address).start();
    call(&proxy, "GET / HTTP/1.1\r\nhost: a\r\n\r\n");
    proxy.wait_close();
    assert_eq!(fs::metadata(proxy.jsonl()).unwrap().permissions().mode() & 0o777, 0o600);
}

/// Has the path of the records lead elsewhere, in one step: at no moment does it lead nowhere, where
/// the writer would make a file of its own.
fn lead(directory: &Path, target: &str) {
    let link = directory.join("next");
    symlink(target, &link).unwrap();
    fs::rename(link, directory.join("records.jsonl")).unwrap();
}

/// Lines that cannot be written are lost, and writing resumes; nothing of the traffic is held up.
#[test]
fn a_file_that_cannot_be_written_does_not_stop_the_traffic() {
    let upstream = Upstream::start(upstream::echo_paths);
    let proxy = Setup::to(upstream.address).start_in(|directory| lead(directory, "first"));
    let directory = proxy.directory.path();
    // Nobody can open a directory for writing.
    fs::create_dir(directory.join("unwritable")).unwrap();
    lead(directory, "unwritable");
    proxy.signal("HUP");
    proxy.wait_log("cannot write records to");
    call(&proxy, "GET / HTTP/1.1\r\nhost: a\r\n\r\n");
    lead(directory, "second");
    proxy.signal("HUP");
    let began = Instant::now();
    // The first records after that may still be lost.
    while proxy.records().0.is_empty() {
        call(&proxy, "GET / HTTP/1.1\r\nhost: a\r\n\r\n");
        assert!(began.elapsed() < PATIENCE, "writing does not resume:\n{}", proxy.log());
    }
    proxy.stop();
}

/// A reader that takes nothing fills the pipe, then the queue, then holds up the traffic; nothing is
/// lost.
#[test]
fn block_holds_the_traffic_until_the_file_takes_it() {
    const REQUESTS: usize = 90;
    let big = "x".repeat(1 << 20);
    let reply = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{big}", big.len());
    let upstream = Upstream::start(move |mut peer| {
        while peer.next_head().is_some() {
            peer.write(&reply);
        }
        peer.half_close();
    });
    let mut reader = None;
    let setup = Setup::to(upstream.address).logging("jsonl_on_full: block, log_body: true");
    let proxy = setup.start_in(|directory| {
        let fifo = directory.join("records.jsonl");
        assert!(Command::new("mkfifo").arg(&fifo).status().unwrap().success());
        // For reading and writing, so that opening it waits for nobody.
        reader = Some(fs::OpenOptions::new().read(true).write(true).open(fifo).unwrap());
    });
    let (address, answers) = (proxy.address, Arc::<AtomicUsize>::default());
    let answered = Arc::clone(&answers);
    let client = thread::spawn(move || {
        let mut client = Peer::connect(address);
        for _ in 0..REQUESTS {
            client.write("GET / HTTP/1.1\r\nhost: a\r\n\r\n");
            client.read_head();
            client.read_exact(1 << 20);
            answered.fetch_add(1, Ordering::Relaxed);
        }
        client.half_close();
    });
    let held_up = settled(&answers);
    assert!((1..REQUESTS).contains(&held_up), "{held_up} answers passed");
    let mut lines = BufReader::new(reader.unwrap()).lines().map(Result::unwrap);
    let is_close = |line: &String| line.contains("\"close_reason\":\"completed\"");
    let before_close = lines.by_ref().take_while(|line| !is_close(line));
    let events = before_close.filter(|line| line.starts_with("{\"kind\":\"event\"")).count();
    client.join().unwrap();
    assert_eq!(events, REQUESTS);
    proxy.signal("USR1");
    proxy.wait_log("records: ");
    assert!(!proxy.log().contains("records_dropped: 1"), "{}", proxy.log());
}

/// A count that has begun and stopped.
fn settled(count: &AtomicUsize) -> usize {
    let began = Instant::now();
    let mut last = 0;
    loop {
        let now = count.load(Ordering::Relaxed);
        if now == last && (now > 0 || began.elapsed() > PATIENCE) {
            return now;
        }
        last = now;
        thread::sleep(Duration::from_millis(1500));
    }
}

#[test]
fn curl_sees_what_it_sees_without_us() {
    if !tools::have("curl") {
        return;
    }
    let upstream = Upstream::start(upstream::echo_paths);
    let proxy = Setup::to(upstream.address).tls("").start();
    let ca = proxy.directory.path().join("ca.pem");
    let url = format!("https://localhost:{}/path", proxy.address.port());
    let mut curl = Command::new("curl");
    let done =
        tools::run(curl.args(["-sS", "--noproxy", "*", "--http1.1", "--cacert"]).arg(ca).arg(url));
    assert!(done.status.success(), "{done:?}");
    assert_eq!(done.stdout, "/path");
    let records = ended(proxy);
    assert_close(records.close(), "client", "completed");
    assert_eq!(records.tls("in")["tls"]["sni"], "localhost");
}
