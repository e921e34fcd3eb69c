//! Certificates that are over, or have not begun.

use analysis::vocabulary::TlsCategory::{Expired, NotYetValid, SelfSigned};

use super::pki::{Ca, DAY, NOW, as_it_is, at, self_signed};
use super::{client, server};

#[test]
fn an_expired_leaf_says_since_when() {
    let root = Ca::root("Root", as_it_is);
    let leaf = root.leaf(|leaf| leaf.not_after = at(NOW - 2 * DAY - 3 * 3600 - 5));
    server([leaf], &[&root.der]).has(
        Expired,
        0,
        &[
            "certificate has expired: the leaf (depth 0, CN=api.example.com, issued by CN=Root)",
            "expired 2 d 3 h ago (2027-01-13T04:59:55Z)",
        ],
    );
}

#[test]
fn an_expired_client_certificate_is_told_the_same() {
    let root = Ca::root("Root", as_it_is);
    let leaf = root.client(|leaf| leaf.not_after = at(NOW - 61));
    client([leaf], &[&root.der]).has(
        Expired,
        0,
        &["certificate has expired: the leaf (depth 0", "expired 1 min 1 s ago"],
    );
}

#[test]
fn an_expired_intermediate_leaves_the_leaf_in_order() {
    let root = Ca::root("Root", as_it_is);
    let inter = root.ca("Issuing", |ca| ca.not_after = at(NOW - 3 * DAY));
    let leaf = inter.leaf(as_it_is);
    server([leaf, inter.der], &[&root.der]).has(
        Expired,
        1,
        &[
            "certificate has expired: the intermediate (depth 1, CN=Issuing, issued by CN=Root) \
             expired 3 d 0 h ago",
            "the leaf itself is valid until 2027-03-16T08:00:00Z",
        ],
    );
}

#[test]
fn an_expired_root_is_named_with_its_file() {
    let root = Ca::root("Root", |ca| ca.not_after = at(NOW - DAY));
    let leaf = root.leaf(as_it_is);
    server([leaf], &[&root.der]).has_for_openssl(
        Expired,
        1,
        &["certificate has expired: the root (depth 1, CN=Root, in upstream.ca (ca.pem)) \
             expired 1 d 0 h ago"],
    );
}

#[test]
fn a_certificate_of_next_week_is_not_yet_valid() {
    let root = Ca::root("Root", as_it_is);
    let leaf = root.leaf(|leaf| leaf.not_before = at(NOW + 7 * DAY));
    let patient = server([leaf], &[&root.der]);
    assert!(!patient.examined().unwrap_err().detail.contains("clock"));
    patient.has(NotYetValid, 0, &["certificate is not yet valid: the leaf", "in 7 d 0 h"]);
}

#[test]
fn a_certificate_of_this_evening_makes_the_clock_suspect() {
    let root = Ca::root("Root", as_it_is);
    let leaf = root.client(|leaf| leaf.not_before = at(NOW + 2 * 3600 + 13 * 60));
    client([leaf], &[&root.der]).has(
        NotYetValid,
        0,
        &[
            "certificate is not yet valid",
            "in 2 h 13 min",
            "the clock of this machine, 2027-01-15T08:00:00Z, may be the one that is wrong",
        ],
    );
}

#[test]
fn a_second_way_up_saves_an_expired_one() {
    let (old, new) =
        (Ca::root("Old", |ca| ca.not_after = at(NOW - DAY)), Ca::root("New", as_it_is));
    let leaf = new.leaf(as_it_is);
    // Nobody needs what the old root once said of another.
    server([leaf, old.der.clone()], &[&old.der, &new.der]).passes();
}

#[test]
fn of_two_faults_the_second_is_mentioned() {
    let leaf = self_signed(|leaf| leaf.not_after = at(NOW - DAY));
    let root = Ca::root("Root", as_it_is);
    server([leaf], &[&root.der]).has(
        SelfSigned,
        0,
        &["self-signed certificate: ", "; also: certificate has expired: the leaf"],
    );
}
