//! Which settings a probe goes by, and what it makes of a command line that does not fit.

use std::fs;

use super::super::support::certs;
use super::super::support::upstream::{echo_paths, refusing};
use super::super::support::{Peer, Upstream};
use super::{Probed, config, run_in};

#[test]
fn the_listener_is_the_named_one_else_the_one_that_leads_there() {
    let (one, other) = (Upstream::start(echo_paths), Upstream::start(echo_paths));
    let (one, other) = (one.address.to_string(), other.address.to_string());
    let directory = tempfile::tempdir().unwrap();
    certs::write_all(directory.path());
    let listeners = [("one", &*format!("addr: {one}")), ("other", &*format!("addr: {other}"))];
    fs::write(directory.path().join("c.yaml"), config(&listeners)).unwrap();
    let listener = |arguments: &[&str]| {
        let arguments = [&["-c", "c.yaml", "--json", "--http"], arguments].concat();
        let probed = Probed::of(&run_in(&directory, &arguments));
        let report = &probed.is_healthy().report;
        (report["listener"].as_str().unwrap().to_owned(), report["target"].clone())
    };
    assert_eq!(listener(&["--listener", "other"]), ("other".to_owned(), other.clone().into()));
    assert_eq!(listener(&[&other]), ("other".to_owned(), other.into()));
    assert_eq!(listener(&["--listener", "other", &one]), ("other".to_owned(), one.into()));
}

#[test]
fn what_does_not_fit_is_a_usage_error() {
    let directory = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| fs::write(directory.path().join(name), text).unwrap();
    write("two.yaml", &config(&[("a", "addr: 127.0.0.1:1"), ("b", "addr: 127.0.0.1:2")]));
    write("any.yaml", &config(&[("a", "addr: original_dst")]));
    write("bad.yaml", "listeners:\n  - nmae: a\n");
    for (arguments, words) in [
        (&["-c", "two.yaml"][..], "--listener NAME is needed: two.yaml has 'a', 'b'"),
        (&["-c", "two.yaml", "--listener", "c"], "found 'c', allowed: 'a', 'b'"),
        (&["-c", "any.yaml"], "HOST:PORT is needed: the upstream of listener 'a' is original_dst"),
        (&["-c", "bad.yaml"], "bad.yaml:2:5: listeners[0].nmae: unknown key"),
        (&["-c", "none.yaml"], "none.yaml: cannot read"),
        (&["host"], "host:port, such as"),
        (&[], "<HOST:PORT>"),
    ] {
        let finished = run_in(&directory, arguments);
        assert_eq!(finished.status.code(), Some(2), "{arguments:?}: {finished:?}");
        assert!(finished.stderr.contains(words), "{arguments:?}: {}", finished.stderr);
        assert_eq!(finished.stdout, "");
    }
}

#[test]
fn every_address_has_to_be_well_if_all_are_asked_for() {
    // Whether a name has two addresses is the machine's business; one address is a list, too.
    let upstream = Upstream::start(echo_paths);
    Probed::new(&[&upstream.address.to_string(), "--all", "--plaintext", "--http"]).is_healthy();
    Probed::new(&[&refusing().to_string(), "--all"]).is_not_healthy("refused the connection");
}

#[test]
fn the_listener_s_timeouts_count_unless_others_are_given() {
    let silent = Upstream::start(|mut peer: Peer| peer.read_end().0);
    let directory = tempfile::tempdir().unwrap();
    let policy = "    policy:\n      upstream_handshake_timeout: 0.2\n";
    let listener = config(&[("a", &format!("addr: {}\ntls: true", silent.address))]) + policy;
    fs::write(directory.path().join("c.yaml"), listener).unwrap();
    for (arguments, waited) in
        [(&["-c", "c.yaml"][..], "in 200ms"), (&["-c", "c.yaml", "--timeout", "0.3"], "in 300ms")]
    {
        let finished = run_in(&directory, &[arguments, &["--json"]].concat());
        Probed::of(&finished).is_not_healthy(waited);
    }
}
