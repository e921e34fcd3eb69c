//! Several addresses, which a machine's resolver does not give on demand; all else is tested with
//! real upstreams (`tests/e2e/probe`).

use analysis::record::{Certificate, Millis};

use super::super::report::{Http2, Resolve};
use super::super::settings::Wishes;
use super::*;
use crate::upstream::Target;

fn settings(all: bool) -> Settings {
    Settings::resolve(Wishes {
        target: Some(Target::Named("upstream.test".to_owned(), 443)),
        config: None,
        listener: None,
        encryption: None,
        server_name: None,
        timeout: None,
        all,
        http: false,
    })
    .unwrap()
}

fn address(name: &str, outcome: ConnectOutcome) -> Address {
    let connect = Connect { outcome, duration_ms: Millis::default(), detail: None };
    Address { address: name.to_owned(), connect, tls: None, application: None }
}

fn speaking_http2(name: &str, http2: Http2) -> Address {
    let application = Application {
        protocol: Some(Spoken::Http2),
        http2: Some(http2),
        ..Application::silent(true)
    };
    let address = address(name, ConnectOutcome::Connected);
    Address { application: Some(application), ..address }
}

fn well() -> Http2 {
    Http2 { ping_rtt_ms: Some(Millis::default()), ..Http2::default() }
}

fn judged(all: bool, addresses: Vec<Address>) -> Report {
    let settings = settings(all);
    let resolve = Resolve { outcome: Outcome::Ok, duration_ms: Millis::default(), detail: None };
    let mut report = Report::new(&settings, resolve);
    report.addresses = addresses;
    judge(&settings, &mut report);
    report
}

#[test]
fn one_address_of_two_is_enough_and_worth_a_note() {
    let addresses = || {
        vec![address("[::1]:443", ConnectOutcome::Refused), speaking_http2("1.2.3.4:443", well())]
    };
    let report = judged(false, addresses());
    assert!(report.healthy, "{report:?}");
    assert!(report.notes[0].starts_with("1 of 2 addresses did not answer"), "{report:?}");

    let report = judged(true, addresses());
    assert_eq!(report.reason.as_deref(), Some("[::1]:443 refused the connection"));
}

#[test]
fn with_all_the_ailing_address_is_named() {
    let addresses = vec![
        speaking_http2("1.2.3.4:443", well()),
        speaking_http2("1.2.3.5:443", Http2::default()),
    ];
    let report = judged(true, addresses);
    assert_eq!(report.reason.as_deref(), Some("1.2.3.5:443: it did not answer a PING"));
}

#[test]
fn no_address_that_answers_is_an_ailment() {
    let addresses = vec![
        address("1.2.3.4:443", ConnectOutcome::Timeout),
        address("1.2.3.5:443", ConnectOutcome::Refused),
    ];
    let report = judged(false, addresses);
    assert_eq!(report.reason.as_deref(), Some("1.2.3.4:443 did not answer"));
    assert_eq!(report.notes, [""; 0]);
}

#[test]
fn a_certificate_that_ends_soon_is_worth_a_note() {
    let ends_in = |days: u64| {
        let end = SystemTime::now() + Duration::from_secs(days * 24 * 3600);
        let seconds = end.duration_since(UNIX_EPOCH).unwrap().as_secs();
        let not_after = rfc3339(i64::try_from(seconds).unwrap());
        let tls = Tls {
            peer_chain: vec![Certificate { not_after, ..Certificate::default() }],
            ..Tls::well()
        };
        let address = speaking_http2("1.2.3.4:443", well());
        judged(false, vec![Address { tls: Some(tls), ..address }]).notes
    };
    assert!(ends_in(3).iter().any(|note| note.starts_with("the certificate expires soon")));
    assert!(!ends_in(30).iter().any(|note| note.starts_with("the certificate expires soon")));
}
