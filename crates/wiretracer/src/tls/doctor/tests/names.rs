//! Certificates for other names.

use analysis::vocabulary::TlsCategory::{HostnameMismatch, Other};
use rcgen::{CidrSubnet, GeneralSubtree, NameConstraints};

use super::pki::{Ca, as_it_is};
use super::server;

#[test]
fn the_names_that_it_has_are_told() {
    let root = Ca::root("Root", as_it_is);
    for (asked, names, facts) in [
        (
            "localhost",
            &["other.example", "10.0.0.1"][..],
            &[
                "Hostname mismatch: asked for 'localhost', the leaf",
                "DNS:other.example, IP:10.0.0.1",
            ][..],
        ),
        (
            "api.int.example.com",
            &["api.example.com"],
            &["Hostname mismatch", "one label apart from 'api.example.com'"],
        ),
        (
            "api.example.com",
            &["api.example.org"],
            &["Hostname mismatch", "one label apart from 'api.example.org'"],
        ),
        (
            "example.com",
            &["*.example.com"],
            &["Hostname mismatch", "one label apart from '*.example.com'"],
        ),
        (
            "a.b.example.com",
            &["*.example.com"],
            &["Hostname mismatch", "the '*' of '*.example.com' stands for one label only"],
        ),
        (
            "10.0.0.1",
            &["api.example.com"],
            &["IP address mismatch: asked for '10.0.0.1'", "it has no IP address in its SAN"],
        ),
        ("10.0.0.1", &["10.0.0.2"], &["IP address mismatch", "IP:10.0.0.2"]),
        ("::1", &["127.0.0.1"], &["IP address mismatch: asked for '::1'", "IP:127.0.0.1"]),
    ] {
        let leaf = root.leaf_for(names, as_it_is);
        server([leaf], &[&root.der]).asked_for(asked).has(HostnameMismatch, 0, facts);
    }
}

#[test]
fn names_without_anything_in_common_get_no_hint() {
    let root = Ca::root("Root", as_it_is);
    let leaf = root.leaf_for(&["www.example.org", "localhost"], as_it_is);
    let patient = server([leaf], &[&root.der]).asked_for("api.example.com");
    assert!(!patient.examined().unwrap_err().detail.contains("label"));
}

#[test]
fn a_certificate_that_relies_on_its_common_name_says_so() {
    let root = Ca::root("Root", as_it_is);
    server([root.leaf_for(&[], as_it_is)], &[&root.der]).has(
        HostnameMismatch,
        0,
        &["Hostname mismatch: ", "relies on the Common Name (api.example.com), has no SAN"],
    );
    let nameless = |leaf: &mut rcgen::CertificateParams| {
        leaf.distinguished_name = rcgen::DistinguishedName::new();
    };
    server([root.leaf_for(&[], nameless)], &[&root.der]).has(
        HostnameMismatch,
        0,
        &["Hostname mismatch: the leaf (depth 0, no subject", "it is for no name"],
    );
}

#[test]
fn a_wildcard_and_an_address_are_well() {
    let root = Ca::root("Root", as_it_is);
    server([root.leaf_for(&["*.example.com"], as_it_is)], &[&root.der]).passes();
    let leaf = root.leaf_for(&["::1"], as_it_is);
    server([leaf], &[&root.der]).asked_for("::1").passes();
}

fn limited(permitted: Vec<GeneralSubtree>, excluded: Vec<GeneralSubtree>) -> Ca {
    Ca::root("Root", |ca| {
        ca.name_constraints =
            Some(NameConstraints { permitted_subtrees: permitted, excluded_subtrees: excluded });
    })
}

#[test]
fn names_that_the_ca_may_not_give_are_told() {
    let dns = |name: &str| vec![GeneralSubtree::DnsName(name.to_owned())];
    let root = limited(dns("internal.test"), Vec::new());
    server([root.leaf(as_it_is)], &[&root.der]).has(
        Other,
        0,
        &[
            "permitted subtree violation: the root (depth 1, CN=Root, in upstream.ca (ca.pem)) \
             allows only DNS:internal.test (name constraints)",
            "has DNS:api.example.com",
        ],
    );
    let root = limited(Vec::new(), dns("example.com"));
    let inter = root.ca("Issuing", as_it_is);
    server([inter.leaf(as_it_is), inter.der], &[&root.der]).has(
        Other,
        0,
        &["excluded subtree violation: the root (depth 2", "does not allow DNS:example.com"],
    );
    let net = GeneralSubtree::IpAddress(CidrSubnet::from_v4_prefix([10, 0, 0, 0], 8));
    let root = limited(vec![net], Vec::new());
    let leaf = root.leaf_for(&["192.0.2.1"], as_it_is);
    server([leaf], &[&root.der]).asked_for("192.0.2.1").has(
        Other,
        0,
        &["permitted subtree violation", "allows only IP:10.0.0.0/255.0.0.0", "has IP:192.0.2.1"],
    );
}

#[test]
fn names_that_the_ca_may_give_are_well() {
    let net = GeneralSubtree::IpAddress(CidrSubnet::from_v4_prefix([10, 0, 0, 0], 8));
    let permitted = vec![GeneralSubtree::DnsName("example.com".to_owned()), net];
    let root = limited(permitted, vec![GeneralSubtree::DnsName("no.example.com".to_owned())]);
    let leaf = root.leaf_for(&["api.example.com", "example.com", "10.1.2.3"], as_it_is);
    server([leaf], &[&root.der]).passes();
}
