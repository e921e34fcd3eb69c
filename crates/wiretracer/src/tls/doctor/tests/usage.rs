//! Certificates used for what they are not.

use analysis::vocabulary::TlsCategory::{NotACa, Other, PathLength, Revoked, WrongEku};
use rcgen::{
    BasicConstraints, CustomExtension, ExtendedKeyUsagePurpose as Purpose, IsCa, SerialNumber,
};

use super::pki::{Ca, as_it_is, fixture};
use super::{client, server};

#[test]
fn the_wrong_purpose_is_told_with_the_one_needed() {
    let root = Ca::root("Root", as_it_is);
    server([root.client(as_it_is)], &[&root.der]).has(
        WrongEku,
        0,
        &[
            "unsuitable certificate purpose: the leaf",
            "is for clientAuth; serverAuth is needed for a TLS server",
        ],
    );
    client([root.leaf(as_it_is)], &[&root.der]).has(
        WrongEku,
        0,
        &[
            "unsuitable certificate purpose: the leaf",
            "is for serverAuth; clientAuth is needed for a TLS client",
        ],
    );
    let odd = vec![Purpose::Any, Purpose::CodeSigning, Purpose::Other(vec![1, 3, 6, 1, 4, 1, 311])];
    server([root.leaf(|leaf| leaf.extended_key_usages = odd)], &[&root.der]).has(
        WrongEku,
        0,
        &["unsuitable", "is for any, codeSigning, 1.3.6.1.4.1.311", "'any' does not count"],
    );
}

#[test]
fn no_purpose_at_all_is_every_purpose() {
    let root = Ca::root("Root", as_it_is);
    server([root.leaf(|leaf| leaf.extended_key_usages.clear())], &[&root.der]).passes();
}

#[test]
fn a_purpose_of_an_intermediate_limits_what_it_issues() {
    let root = Ca::root("Root", as_it_is);
    let inter = root.ca("Mail", |ca| ca.extended_key_usages = vec![Purpose::EmailProtection]);
    server([inter.leaf(as_it_is), inter.der], &[&root.der]).has(
        WrongEku,
        1,
        &[
            "unsuitable certificate purpose: the intermediate (depth 1, CN=Mail",
            "limits what it issues to emailProtection; serverAuth is needed",
        ],
    );
}

#[test]
fn an_issuer_that_is_no_ca_is_named() {
    let root = Ca::root("Root", as_it_is);
    let says_no = root.ca("Shop", |ca| ca.is_ca = IsCa::ExplicitNoCa);
    client([says_no.client(as_it_is), says_no.der], &[&root.der]).has(
        NotACa,
        1,
        &["invalid CA certificate: the intermediate (depth 1, CN=Shop", "say CA:FALSE"],
    );
    let says_nothing = root.ca("Shop", |ca| ca.is_ca = IsCa::NoCa);
    server([says_nothing.leaf(as_it_is), says_nothing.der], &[&root.der]).has(
        NotACa,
        1,
        &["invalid CA certificate", "it has no basic constraints"],
    );
}

#[test]
fn a_path_that_is_too_long_for_a_ca_is_told() {
    let root = Ca::root("Root", as_it_is);
    let short = |ca: &mut rcgen::CertificateParams| {
        ca.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    };
    let upper = root.ca("Upper", short);
    let lower = upper.ca("Lower", as_it_is);
    server([lower.leaf(as_it_is), lower.der, upper.der], &[&root.der]).has(
        PathLength,
        2,
        &[
            "path length constraint exceeded: the intermediate (depth 2, CN=Upper",
            "allows 0 CAs below it (pathlen) and has 1",
            "depth 1, CN=Lower",
        ],
    );
    let root = Ca::root("Root", short);
    let lower = root.ca("Lower", as_it_is);
    server([lower.leaf(as_it_is), lower.der], &[&root.der]).has_for_openssl(
        PathLength,
        2,
        &["path length constraint exceeded: the root (depth 2, CN=Root"],
    );
}

#[test]
fn a_chain_that_is_too_long_to_follow_is_told() {
    let root = Ca::root("Root", as_it_is);
    let mut chain = vec![root.ca("1", as_it_is)];
    for number in 2..=7 {
        let next = chain[0].ca(&number.to_string(), as_it_is);
        chain.insert(0, next);
    }
    let mut ders = vec![chain[0].leaf(as_it_is)];
    ders.extend(chain.into_iter().map(|ca| ca.der));
    server(ders, &[&root.der]).has(PathLength, 7, &["certificate chain too long"]);
}

#[test]
fn an_extension_that_nobody_understands_is_named() {
    let root = Ca::root("Root", as_it_is);
    let critical = |is_critical| {
        let mut extension = CustomExtension::from_oid_content(&[1, 2, 3, 4, 5], vec![5, 0]);
        extension.set_criticality(is_critical);
        move |leaf: &mut rcgen::CertificateParams| leaf.custom_extensions = vec![extension]
    };
    server([root.leaf(critical(false))], &[&root.der]).passes();
    server([root.leaf(critical(true))], &[&root.der]).has(
        Other,
        0,
        &["unhandled critical extension: the leaf", "1.2.3.4.5"],
    );
}

#[test]
fn version_1_is_named() {
    let version1 = fixture("version1-leaf");
    client([version1], &[&fixture("weak-root")]).has(
        Other,
        0,
        &["the leaf (depth 0", "is of X.509 version 1"],
    );
}

#[test]
fn a_revoked_certificate_is_told_with_serial_and_time() {
    let root = Ca::root("Root", as_it_is);
    let numbered = |leaf: &mut rcgen::CertificateParams| {
        leaf.serial_number = Some(SerialNumber::from(0x2a17));
    };
    let facts = [
        "certificate revoked: the leaf",
        "serial 2a17, was revoked 3 d 0 h ago (2027-01-12T08:00:00Z, KeyCompromise)",
    ];
    server([root.leaf(numbered)], &[&root.der])
        .with_crl(root.revoke(0x2a17))
        .has(Revoked, 0, &facts);
    client([root.client(numbered)], &[&root.der])
        .with_crl(root.revoke(0x2a17))
        .has(Revoked, 0, &facts);
    server([root.leaf(numbered)], &[&root.der]).with_crl(root.revoke(0x2a18)).passes();
}

#[test]
fn a_revocation_list_of_somebody_else_is_not_believed() {
    let (root, namesake) = (Ca::root("Root", as_it_is), Ca::root("Root", as_it_is));
    server([root.leaf(as_it_is)], &[&root.der]).with_crl(namesake.revoke(1)).has(
        Other,
        0,
        &["CRL signature failure: the revocation list that is to cover the leaf"],
    );
}
