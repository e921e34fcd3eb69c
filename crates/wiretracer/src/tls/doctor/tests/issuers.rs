//! Chains that do not end where they should, and ways up.

use analysis::vocabulary::TlsCategory::{MissingIntermediate, Other, SelfSigned, UnknownCa};
use rcgen::{BasicConstraints, CustomExtension, DnType, IsCa};

use super::pki::{Ca, as_it_is, damaged, self_signed};
use super::{client, server};

/// authorityInfoAccess with caIssuers http://pki.test/i.cer.
fn with_url() -> CustomExtension {
    let mut value = b"\x30\x24\x30\x22\x06\x08\x2b\x06\x01\x05\x05\x07\x30\x02\x86\x16".to_vec();
    value.extend(b"http://pki.test/in.cer");
    CustomExtension::from_oid_content(&[1, 3, 6, 1, 5, 5, 7, 1, 1], value)
}

#[test]
fn a_chain_in_order_passes() {
    let root = Ca::root("Root", as_it_is);
    let inter = root.ca("Issuing", as_it_is);
    server([inter.leaf(as_it_is), inter.der.clone()], &[&root.der]).passes();
    server([inter.leaf(as_it_is), root.der.clone(), inter.der.clone()], &[&root.der]).passes();
    client([inter.client(as_it_is), inter.der.clone()], &[&root.der]).passes();
    // An intermediate may be trusted by itself.
    server([inter.leaf(as_it_is)], &[&inter.der]).passes();
}

#[test]
fn a_self_signed_leaf_is_named() {
    let root = Ca::root("lab root", as_it_is);
    for patient in [
        server([self_signed(as_it_is)], &[&root.der]),
        client([self_signed(as_it_is)], &[&root.der]),
    ] {
        patient.has(
            SelfSigned,
            0,
            &[
                "self-signed certificate: the leaf (depth 0, CN=api.example.com) is its own issuer",
                "upstream.ca (ca.pem) holds 'CN=lab root'",
            ],
        );
    }
}

#[test]
fn a_listed_certificate_is_trusted_even_as_a_ca() {
    let plain = self_signed(as_it_is);
    server([plain.clone()], &[&plain]).passes();
    let ca = self_signed(|leaf| leaf.is_ca = IsCa::Ca(BasicConstraints::Unconstrained));
    // Here rustls alone would refuse.
    let patient = server([ca.clone()], &[&ca]);
    assert!(patient.verified().is_err());
    assert_eq!(patient.examined(), Ok(()));
    let issued = Ca::root("Root", as_it_is).leaf(as_it_is);
    let patient = server([issued.clone()], &[&issued]);
    assert!(patient.verified().is_err());
    assert_eq!(patient.examined(), Ok(()));
    assert!(patient.asked_for("other.example.com").examined().is_err());
}

#[test]
fn a_ca_certificate_as_leaf_is_named() {
    let root = Ca::root("Root", as_it_is);
    let leaf = root.leaf(|leaf| leaf.is_ca = IsCa::Ca(BasicConstraints::Unconstrained));
    server([leaf], &[&root.der]).has(Other, 0, &["the leaf", "is a CA certificate (CA:TRUE)"]);
}

#[test]
fn a_root_in_the_chain_that_is_not_trusted_is_named() {
    let (mine, other) = (Ca::root("lab root", as_it_is), Ca::root("other root", as_it_is));
    let inter = mine.ca("lab", as_it_is);
    server([inter.leaf(as_it_is), inter.der, mine.der], &[&other.der]).has(
        SelfSigned,
        2,
        &[
            "self-signed certificate in certificate chain: the chain ends in the root (depth 2, \
             CN=lab root), SHA-256 ",
            "upstream.ca (ca.pem) holds 'CN=other root'",
        ],
    );
}

#[test]
fn an_unknown_ca_is_named_with_those_that_are_known() {
    let (mine, other) = (Ca::root("lab root", as_it_is), Ca::root("other root", as_it_is));
    client([mine.client(as_it_is)], &[&other.der]).has(
        UnknownCa,
        0,
        &[
            "unable to get local issuer certificate: nobody knows 'CN=lab root', which issued the \
             leaf",
            "holds 'CN=other root'",
        ],
    );
    let inter = mine.ca("lab issuing", as_it_is);
    server([inter.leaf(as_it_is), inter.der], &[&other.der]).has(
        UnknownCa,
        1,
        &["unable to get local issuer certificate: the chain ends in the intermediate (depth 1, \
             CN=lab issuing, issued by CN=lab root)"],
    );
}

#[test]
fn nobody_trusted_is_said() {
    server([Ca::root("Root", as_it_is).leaf(as_it_is)], &[]).has(
        UnknownCa,
        0,
        &["unable to get local issuer certificate", "upstream.ca (ca.pem) holds no certificate"],
    );
}

#[test]
fn a_ca_made_anew_under_its_old_name_is_named() {
    let (old, new) = (Ca::root("lab root", as_it_is), Ca::root("lab root", as_it_is));
    server([old.leaf(as_it_is)], &[&new.der]).has(
        UnknownCa,
        0,
        &[
            "unable to get local issuer certificate",
            "holds a certificate of that name with a different key (key ",
            "was the CA made anew?",
        ],
    );
    server([old.leaf(as_it_is), old.der], &[&new.der]).has(
        SelfSigned,
        1,
        &["self-signed certificate in certificate chain", "of that name with a different key"],
    );
}

#[test]
fn a_missing_intermediate_is_told_by_its_url() {
    let root = Ca::root("Root", as_it_is);
    let inter = root.ca("E7", as_it_is);
    let leaf = inter.leaf(|leaf| leaf.custom_extensions = vec![with_url()]);
    server([leaf], &[&root.der]).has(
        MissingIntermediate,
        0,
        &[
            "unable to get local issuer certificate: only the leaf was sent: the leaf (depth 0",
            "the intermediate 'CN=E7' is missing",
            "http://pki.test/in.cer (AIA)",
            "send the full chain",
        ],
    );
}

#[test]
fn a_missing_intermediate_is_told_by_its_name_or_organisation() {
    let root = Ca::root("Root", as_it_is);
    let inter = root.ca("Test Intermediate CA", as_it_is);
    client([inter.client(as_it_is)], &[&root.der]).has(
        MissingIntermediate,
        0,
        &["unable to get local issuer certificate", "its name says 'intermediate'"],
    );
    let root = Ca::root("Root", |ca| ca.distinguished_name.push(DnType::OrganizationName, "Lab"));
    let inter = root.ca("E7", |ca| ca.distinguished_name.push(DnType::OrganizationName, "Lab"));
    server([inter.leaf(as_it_is)], &[&root.der]).has(
        MissingIntermediate,
        0,
        &["unable to get local issuer certificate", "the organisation of 'CN=Root, O=Lab'"],
    );
}

#[test]
fn unrelated_certificates_are_listed() {
    let (root, other) = (Ca::root("Root", as_it_is), Ca::root("Stranger", as_it_is));
    let inter = root.ca("Intermediate", as_it_is);
    server([inter.leaf(as_it_is), other.der], &[&root.der]).has(
        MissingIntermediate,
        0,
        &["unable to get", "also sent, but not part of this chain: 'CN=Stranger'"],
    );
}

#[test]
fn the_wrong_order_is_seen() {
    let (root, other) = (Ca::root("Root", as_it_is), Ca::root("Stranger", as_it_is));
    let inter = root.ca("Issuing", as_it_is);
    server([inter.der.clone(), inter.leaf(as_it_is)], &[&other.der]).has(
        UnknownCa,
        0,
        &["unable to get", "the chain is in the wrong order", "in place 2 ('CN=api.example.com')"],
    );
}

#[test]
fn a_damaged_certificate_on_the_way_is_not_followed_when_there_is_another() {
    let root = Ca::root("Root", as_it_is);
    let inter = root.ca("Issuing", as_it_is);
    let damaged = damaged(&inter.der);
    server([inter.leaf(as_it_is), damaged, inter.der], &[&root.der]).passes();
}
