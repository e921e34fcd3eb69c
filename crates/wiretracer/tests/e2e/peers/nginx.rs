//! nginx as the upstream, curl as the client: keep-alive, chunked, and an answer before the end of
//! what is uploaded.

use std::fs;
use std::path::Path;
use std::process::Command;

use super::health::{check_connections_but, stop_after};
use super::server::Server;
use crate::support::{Setup, certs, tools};

const PAGE: usize = 50_000;
const UPLOAD: usize = 20_000_000;

fn nginx(directory: &Path) -> Server {
    certs::write_all(directory);
    fs::create_dir(directory.join("pages")).unwrap();
    fs::write(directory.join("pages/page.html"), "<p>".repeat(PAGE / 3 + 1)).unwrap();
    Server::start(|port| {
        let user = if is_root() { "user root;" } else { "" };
        let config = format!(
            "{user} daemon off; pid nginx.pid; error_log stderr;
             events {{}}
             http {{
               access_log off; gzip on; types {{ text/html html; }}
               client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path fastcgi;
               uwsgi_temp_path uwsgi; scgi_temp_path scgi;
               server {{
                 listen 127.0.0.1:{port} ssl; root pages; client_max_body_size 1k;
                 ssl_certificate server.pem; ssl_certificate_key server.key;
                 location = /empty {{ return 204; }}
               }}
             }}"
        );
        fs::write(directory.join("nginx.conf"), config).unwrap();
        let mut command = Command::new("nginx");
        command.arg("-p").arg(directory).args(["-c", "nginx.conf", "-e", "stderr"]);
        command
    })
}

fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

fn curl(directory: &Path, args: &[&str], urls: &[String]) -> String {
    let mut command = Command::new("curl");
    command.current_dir(directory).args(["-sS", "--http1.1", "--cacert", "ca.pem"]);
    tools::run(command.args(args).args(urls)).success()
}

#[test]
fn keep_alive_and_chunked() {
    if !tools::have("curl") || !tools::have("nginx") {
        return;
    }
    let directory = tempfile::tempdir().unwrap();
    let server = nginx(directory.path());
    let proxy = Setup::to(server.address).tls("").upstream_tls("").start();
    let url = format!("https://{}", proxy.address);
    let urls = ["page.html", "missing", "empty", "page.html"].map(|path| format!("{url}/{path}"));
    let args = ["--compressed", "-o", "/dev/null", "-o", "/dev/null", "-o", "/dev/null"];
    let printed = curl(directory.path(), &args, &urls);
    assert_eq!(printed, "<p>".repeat(PAGE / 3 + 1));
    let records = stop_after(proxy, 1);
    // It does not say goodbye to TLS once the client has.
    check_connections_but(&records, 1, &["upstream_no_close_notify"]);
    let events = records.kind("event");
    let statuses: Vec<_> = events.iter().map(|event| &event["response"]["status"]).collect();
    assert_eq!(statuses, [200, 404, 204, 200]);
    let page = events[3];
    let coded =
        |field: &serde_json::Value| field[0] == "Transfer-Encoding" && field[1] == "chunked";
    assert!(page["response"]["headers"].as_array().unwrap().iter().any(coded), "{page:#}");
    let compressed = page["bytes_out"].as_u64().unwrap();
    assert!((1..PAGE as u64 / 10).contains(&compressed), "{page:#}");
}

#[test]
fn an_upload_that_is_refused_before_it_is_read() {
    if !tools::have("curl") || !tools::have("nginx") {
        return;
    }
    let directory = tempfile::tempdir().unwrap();
    let server = nginx(directory.path());
    fs::write(directory.path().join("upload"), vec![b'u'; UPLOAD]).unwrap();
    let proxy = Setup::to(server.address).tls("").upstream_tls("").start();
    let urls = [format!("https://{}/upload", proxy.address)];
    let code = ["-o", "/dev/null", "-w", "%{http_code}", "-T", "upload"];
    // First curl asks, and is told before it sends anything; then it does not ask.
    assert_eq!(curl(directory.path(), &code, &urls), "413");
    let unasked = [code.as_slice(), &["-H", "expect:"]].concat();
    assert_eq!(curl(directory.path(), &unasked, &urls), "413");
    let records = stop_after(proxy, 2);
    check_connections_but(&records, 2, &["upstream_no_close_notify"]);
    for event in records.kind("event") {
        assert_eq!(event["response"]["status"], 413, "{event:#}");
    }
    assert_eq!(records.kind("event").len(), 2);
}
