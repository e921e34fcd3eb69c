//! curl, over HTTP/1.1 and HTTP/2.

use std::fs;
use std::process::Command;

use super::health::{check_connections, check_connections_but, stop_after};
use super::server::Server;
use super::sink::sink;
use crate::support::records::assert_flags;
use crate::support::{Proxy, ServerTls, Setup, Upstream, tools};

const UPLOAD: usize = 50_000_000;

/// curl in the proxy's directory, where `upload` lies; `/` in the arguments stands for the proxy.
fn curl(proxy: &Proxy, args: &[&str]) -> String {
    let port = proxy.address.port();
    let mut command = Command::new("curl");
    command
        .current_dir(proxy.directory.path())
        .args(["-sS", "--cacert", "ca.pem", "--resolve", &format!("localhost:{port}:127.0.0.1")])
        .args(["-w", "\n%{http_code} %{http_version} %{size_upload} %{num_connects}\n"]);
    for arg in args {
        match arg.strip_prefix('/') {
            Some(path) => command.arg(format!("https://localhost:{port}/{path}")),
            None => command.arg(arg),
        };
    }
    tools::run(&mut command).success()
}

/// In pieces that differ, so that none can stand for another.
fn upload() -> Vec<u8> {
    (0..UPLOAD as u32 / 4).flat_map(u32::to_le_bytes).collect()
}

#[test]
fn http1() {
    if !tools::have("curl") {
        return;
    }
    let upstream = Upstream::tls(ServerTls::alpn(&["http/1.1"]), sink);
    let proxy = Setup::to(upstream.address)
        .tls("")
        .upstream_tls("")
        .start_in(|directory| fs::write(directory.join("upload"), upload()).unwrap());
    assert_eq!(curl(&proxy, &["--http1.1", "/get", "/again"]), "0\n200 1.1 0 1\n0\n200 1.1 0 0\n");
    let answer = format!("{UPLOAD}\n200 1.1 {UPLOAD} 1\n");
    // A POST that large asks for 100 (Continue) too, unless it is told not to.
    let post = ["--http1.1", "-H", "expect:", "--data-binary", "@upload", "/post"];
    assert_eq!(curl(&proxy, &post), answer);
    assert_eq!(curl(&proxy, &["--http1.1", "-T", "upload", "/put"]), answer);
    // What curl counts has the chunks' framing in it.
    let chunked = [
        "--http1.1",
        "-w",
        "\n%{http_code}\n",
        "-H",
        "transfer-encoding: chunked",
        "-T",
        "upload",
        "/chunked",
    ];
    assert_eq!(curl(&proxy, &chunked), format!("{UPLOAD}\n200\n"));
    let records = stop_after(proxy, 4);
    check_connections(&records, 4);
    for (path, bytes_in, bytes_out, flags) in [
        ("/get", 0, 1, [].as_slice()),
        ("/again", 0, 1, &[]),
        ("/post", UPLOAD, 8, &[]),
        ("/put", UPLOAD, 8, &["expect_continue"]),
        ("/chunked", UPLOAD, 8, &["expect_continue"]),
    ] {
        let event = records.one("event", |event| event["request"]["path"] == path);
        assert_eq!(event["protocol"], "http1", "{event:#}");
        assert_eq!(event["response"]["status"], 200, "{event:#}");
        assert_eq!(
            (&event["bytes_in"], &event["bytes_out"]),
            (&bytes_in.into(), &bytes_out.into())
        );
        assert_flags(event, flags);
    }
    assert_eq!(records.kind("event").len(), 5);
}

#[test]
fn http2() {
    if !tools::have("curl") || !tools::have("nghttpd") {
        return;
    }
    let directory = tempfile::tempdir().unwrap();
    fs::write(directory.path().join("page"), "a page").unwrap();
    let server = Server::nghttpd(directory.path(), true);
    let proxy = Setup::to(server.address)
        .tls("alpn: [h2, http/1.1]")
        .upstream_tls("server_name: localhost")
        .h2_events()
        .start_in(|directory| fs::write(directory.join("upload"), upload()).unwrap());
    assert_eq!(curl(&proxy, &["/page", "/page"]), "a page\n200 2 0 1\na page\n200 2 0 0\n");
    let post = ["--data-binary", "@upload", "-o", "echoed", "/post"];
    assert_eq!(curl(&proxy, &post), format!("\n200 2 {UPLOAD} 1\n"));
    let echoed = fs::read(proxy.directory.path().join("echoed")).unwrap();
    assert!(echoed == upload(), "{} bytes came back, or others", echoed.len());
    let records = stop_after(proxy, 2);
    // Over HTTP/2 curl says no goodbye to TLS, and so nghttpd has none to answer.
    check_connections_but(&records, 2, &["client_no_close_notify", "upstream_no_close_notify"]);
    for event in records.kind("event") {
        let is_post = event["request"]["path"] == "/post";
        let (bytes_in, bytes_out) = if is_post { (UPLOAD, UPLOAD) } else { (0, 6) };
        assert_eq!(event["protocol"], "http2", "{event:#}");
        assert_eq!(event["response"]["status"], 200, "{event:#}");
        assert_eq!(
            (&event["bytes_in"], &event["bytes_out"]),
            (&bytes_in.into(), &bytes_out.into())
        );
    }
    assert_eq!(records.kind("event").len(), 3);
    // One of each end.
    assert_eq!(records.h2("FINGERPRINT").len(), 4);
}
