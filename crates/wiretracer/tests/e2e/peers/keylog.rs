//! `SSLKEYLOGFILE`: with it, tshark reads along on both sides.

use std::collections::BTreeSet;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread;

use crate::support::tls::{TLS12, TLS13};
use crate::support::upstream::echo_paths;
use crate::support::{ClientTls, PATIENCE, Peer, ServerTls, Setup, Upstream, tools};

#[test]
fn tshark_reads_both_sides() {
    if !tools::have("tshark") {
        return;
    }
    let directory = tempfile::tempdir().unwrap();
    let keys = directory.path().join("keys");
    let versions = [TLS12, TLS13];
    let upstreams = versions.map(|versions| {
        let tls = ServerTls { versions, ..ServerTls::default() };
        Upstream::tls(tls, echo_paths)
    });
    let proxies = upstreams.each_ref().map(|upstream| {
        let setup = Setup::to(upstream.address).tls("").upstream_tls("");
        setup.env("SSLKEYLOGFILE", &keys).start()
    });
    let mut ports: BTreeSet<u16> = proxies.iter().map(|proxy| proxy.address.port()).collect();
    ports.extend(upstreams.iter().map(|upstream| upstream.address.port()));
    let Some(capture) = Capture::start(&keys, &ports) else { return };
    for (proxy, versions) in proxies.into_iter().zip(versions) {
        let tls = ClientTls { versions, ..ClientTls::default() };
        let mut client = Peer::connect_tls(proxy.address, tls);
        client.write("GET /secret-path HTTP/1.1\r\nhost: localhost\r\n\r\n");
        client.read_until("/secret-path");
        client.half_close();
        client.read_end();
        proxy.stop();
    }
    while !ports.is_empty() {
        let line = capture.requests.recv_timeout(PATIENCE);
        let line = line.unwrap_or_else(|_| panic!("nothing was read on the ports {ports:?}"));
        let (port, path) = line.split_once('\t').unwrap();
        assert_eq!(path, "/secret-path");
        ports.remove(&port.parse().unwrap());
    }
}

/// tshark, decrypting what passes on the loopback interface.
struct Capture {
    child: Child,
    /// Port and path of each request it could read.
    requests: Receiver<String>,
}

impl Capture {
    /// Begins to read what these ports send and receive; none where that is not allowed.
    fn start(keys: &Path, ports: &BTreeSet<u16>) -> Option<Self> {
        let filter: Vec<_> = ports.iter().map(|port| format!("port {port}")).collect();
        let mut command = Command::new("tshark");
        command.args(["-l", "-i", "lo", "-f", &filter.join(" or ")]);
        command.args(["-o", &format!("tls.keylog_file:{}", keys.display())]);
        for port in ports {
            command.args(["-d", &format!("tcp.port=={port},tls")]);
            command.args(["-d", &format!("tls.port=={port},http")]);
        }
        command.args(["-Y", "http.request", "-T", "fields"]);
        command.args(["-e", "tcp.dstport", "-e", "http.request.uri"]);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut complaints = Vec::new();
        let mut said = BufReader::new(child.stderr.take().unwrap()).lines().map_while(Result::ok);
        if !said.any(|line| {
            let has_started = line.contains("Capture started");
            complaints.push(line);
            has_started
        }) {
            tools::wait(&mut child, "tshark");
            // It is there, and an ordinary user may not.
            eprintln!("skipped: tshark cannot capture here: {complaints:?}");
            return None;
        }
        let printed = BufReader::new(child.stdout.take().unwrap());
        let (sender, requests) = mpsc::channel();
        thread::spawn(move || {
            let mut lines = printed.lines().map_while(Result::ok);
            lines.try_for_each(|line| sender.send(line))
        });
        // It would wait for somebody to read what else it has to say.
        thread::spawn(move || said.for_each(drop));
        Some(Self { child, requests })
    }
}

impl Drop for Capture {
    fn drop(&mut self) {
        // SIGINT, because with SIGKILL the process that captures for it would live on.
        let pid = self.child.id().to_string();
        let _ = Command::new("kill").args(["-INT", &pid]).status();
        let _ = self.child.wait();
    }
}
