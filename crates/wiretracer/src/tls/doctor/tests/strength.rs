//! Signatures that do not hold, or are not relied upon.

use analysis::vocabulary::TlsCategory::{SignatureFailure, WeakSignature};

use super::pki::{Ca, as_it_is, damaged, fixture};
use super::{client, server};

#[test]
fn a_damaged_signature_is_told() {
    let root = Ca::root("Root", as_it_is);
    let facts = [
        "certificate signature failure: the signature on the leaf",
        "was not made by the key of the root (depth 1, CN=Root, in upstream.ca (ca.pem))",
        "it was altered after it was signed",
    ];
    server([damaged(&root.leaf(as_it_is))], &[&root.der]).has(SignatureFailure, 0, &facts);
    client([damaged(&root.client(as_it_is))], &[&root.der]).has(SignatureFailure, 0, &facts);
    let inter = root.ca("Issuing", as_it_is);
    server([inter.leaf(as_it_is), damaged(&inter.der)], &[&root.der]).has(
        SignatureFailure,
        1,
        &["certificate signature failure: the signature on the intermediate (depth 1, CN=Issuing"],
    );
}

#[test]
fn without_key_ids_a_new_key_is_possible_too() {
    let (old, new) = (Ca::root("Root", as_it_is), Ca::root("Root", as_it_is));
    let leaf = old.leaf(|leaf| leaf.use_authority_key_identifier_extension = false);
    server([leaf], &[&new.der]).has(
        SignatureFailure,
        0,
        &["certificate signature failure", "or its issuer has a new key under the old name"],
    );
}

#[test]
fn weak_digests_and_keys_are_named() {
    for (leaf, root, facts) in [
        (
            "sha1-leaf",
            "weak-root",
            &["CA signature digest algorithm too weak: the leaf", "is signed with SHA-1"][..],
        ),
        ("md5-leaf", "weak-root", &["CA signature digest algorithm too weak", "MD5"]),
        (
            "leaf-of-short",
            "short-root",
            &["CA certificate key too weak: the root (depth 1", "an RSA key of 1024 bits, 2048"],
        ),
        ("leaf-of-ed448", "ed448-root", &["unsupported signature algorithm", "1.3.101.113"]),
    ] {
        server([fixture(leaf)], &[&fixture(root)]).has(WeakSignature, 0, facts);
    }
}

#[test]
fn a_short_key_of_the_leaf_fails_only_in_the_handshake() {
    let leaf = fixture("short-leaf");
    assert!(super::super::weak_key(std::slice::from_ref(&leaf)).is_some());
    server([leaf], &[&fixture("weak-root")]).has_for_openssl(
        WeakSignature,
        0,
        &["EE certificate key too weak: the leaf", "an RSA key of 1024 bits"],
    );
}
