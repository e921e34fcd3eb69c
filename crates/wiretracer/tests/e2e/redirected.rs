//! Inserted in the path: connections that a firewall rule sends to the proxy go on to where they
//! were going. In a network namespace of its own, where this test runs itself again.

use std::process::Command;

use crate::support::records::{assert_close, assert_says};
use crate::support::{Peer, Proxy, Upstream, tools, upstream};

/// Set within the namespace.
const WITHIN: &str = "WIRETRACER_TEST_NAMESPACE";
/// Where clients connect to, and where the upstream listens.
const SERVICE: &str = "26379";
/// Where the proxy listens.
const PROXY: &str = "16379";

/// Whether this is the namespace; otherwise the test is made in one.
fn within_namespace(test: &str) -> bool {
    if std::env::var_os(WITHIN).is_some() {
        return true;
    }
    if !tools::have("unshare") || !tools::have("iptables") || !tools::have("ip") {
        return false;
    }
    if !tools::run(Command::new("unshare").args(["-n", "iptables", "-t", "nat", "-L"]))
        .status
        .success()
    {
        tools::missing("no network namespace with a firewall can be had");
        return false;
    }
    let mut again = Command::new("unshare");
    again.arg("-n").arg(std::env::current_exe().unwrap()).env(WITHIN, "1");
    let test = format!("redirected::{test}");
    let done = tools::run(again.args([test.as_str(), "--exact", "--nocapture"]));
    assert!(done.status.success(), "{}\n{}", done.stdout, done.stderr);
    assert!(done.stdout.contains("1 passed"), "{}", done.stdout);
    false
}

fn firewall(program: &str, rule: &str) {
    let done = tools::run(Command::new(program).args(["-t", "nat"]).args(rule.split(' ')));
    assert!(done.status.success(), "{done:?}");
}

fn start(host: &str, mark: &str) -> (Upstream<()>, Proxy) {
    let up = tools::run(Command::new("ip").args(["link", "set", "lo", "up"]));
    assert!(up.status.success(), "{up:?}");
    let upstream = Upstream::on(&format!("{host}:{SERVICE}"), upstream::echo_paths);
    let proxy = Proxy::start(&format!(
        "listeners:\n  - name: test\n    listen: \"{host}:{PROXY}\"\n    \
         upstream: {{ addr: original_dst, {mark} }}\n    logging: {{ jsonl_path: records.jsonl }}\n"
    ));
    (upstream, proxy)
}

fn redirected_call(program: &str, host: &str) {
    let (upstream, proxy) = start(host, "so_mark: 7");
    firewall(
        program,
        &format!("-A OUTPUT -p tcp -o lo --dport {SERVICE} -m mark --mark 7 -j RETURN"),
    );
    firewall(
        program,
        &format!("-A OUTPUT -p tcp -o lo --dport {SERVICE} -j REDIRECT --to-ports {PROXY}"),
    );
    let mut client = Peer::connect(upstream.address);
    client.write("GET /x HTTP/1.1\r\nhost: a\r\n\r\n");
    client.read_until("\r\n\r\n/x");
    client.half_close();
    proxy.wait_close();
    let records = proxy.stop();
    assert_close(records.close(), "client", "completed");
    assert_eq!(records.event()["upstream_addr"], upstream.address.to_string());
}

#[test]
fn a_redirected_connection_goes_where_it_was_going() {
    if within_namespace("a_redirected_connection_goes_where_it_was_going") {
        redirected_call("iptables", "127.0.0.1");
    }
}

#[test]
fn so_does_one_over_ipv6() {
    if within_namespace("so_does_one_over_ipv6") {
        redirected_call("ip6tables", "[::1]");
    }
}

/// Without the mark the rule catches the proxy's own connection too.
#[test]
fn a_loop_is_recognised_and_explained() {
    if !within_namespace("a_loop_is_recognised_and_explained") {
        return;
    }
    let (upstream, proxy) = start("127.0.0.1", "");
    firewall(
        "iptables",
        &format!("-A OUTPUT -p tcp -o lo --dport {SERVICE} -j REDIRECT --to-ports {PROXY}"),
    );
    let mut client = Peer::connect(upstream.address);
    let _ = client.try_write(b"GET /x HTTP/1.1\r\nhost: a\r\n\r\n");
    client.read_end();
    let own = proxy.wait_for("the refusal", |record| {
        record["detail"].as_str().is_some_and(|detail| detail.contains("so_mark"))
    });
    assert_close(&own, "proxy", "upstream_connect_fail");
    let records = proxy.stop();
    let closes = records.kind("conn").iter().filter(|record| record["event"] == "close").count();
    assert_eq!(closes, 2, "the client's connection and our own, no more: {records:#?}");
    assert_says(&own["detail"], "upstream.so_mark");
}

/// A connection that nothing redirected was going to the proxy itself.
#[test]
fn a_connection_to_the_proxy_itself_is_refused() {
    if !within_namespace("a_connection_to_the_proxy_itself_is_refused") {
        return;
    }
    let (_upstream, proxy) = start("127.0.0.1", "");
    Peer::connect(proxy.address).read_end();
    let close = proxy.wait_close();
    assert_close(&close, "proxy", "upstream_connect_fail");
    assert_says(&close["detail"], "original");
}
