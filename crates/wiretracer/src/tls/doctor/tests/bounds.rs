//! Hostile chains.

use std::cell::Cell;

use analysis::vocabulary::TlsCategory;

use super::super::cert::Cert;
use super::super::{Finding, fuzz, path};
use super::pki::{Ca, as_it_is, damaged, fixture, self_signed};
use super::server;

#[test]
fn seeds_hold() {
    let root = Ca::root("Root", as_it_is);
    let inter = root.ca("Issuing", as_it_is);
    let leaf = inter.leaf(as_it_is);
    let whole = [leaf.as_ref(), inter.der.as_ref(), root.der.as_ref()].concat();
    fuzz(b"");
    fuzz(b"\x30\x84\xff\xff\xff\xff");
    fuzz(b"\x30\x00\x30\x80");
    fuzz(&whole);
    fuzz(&self_signed(as_it_is));
    fuzz(&[damaged(&leaf).as_ref(), inter.der.as_ref()].concat());
    fuzz(&fixture("version1-leaf"));
    for end in (0..whole.len()).step_by(37) {
        fuzz(&whole[..end]);
        let mut changed = whole.clone();
        changed[end] ^= 0x55;
        fuzz(&changed);
    }
}

/// Four CAs of one name, each certified by each, can be put in more orders than are worth trying.
#[test]
fn certificates_that_all_fit_each_other_are_not_tried_in_every_order() {
    let cas: Vec<Ca> = (0..4).map(|_| Ca::root("Everybody", as_it_is)).collect();
    let mut ders = vec![cas[0].leaf(as_it_is)];
    for (place, issuer) in cas.iter().enumerate() {
        let others = cas.iter().enumerate().filter(|(other, _)| *other != place);
        ders.extend(others.map(|(_, subject)| issuer.certify(subject)));
    }
    let presented: Vec<Cert<'_>> = ders.iter().map(|der| Cert::read(der).unwrap()).collect();
    let judged = Cell::new(0);
    let findings = path::best(&presented, &[], &|_| {
        judged.set(judged.get() + 1);
        vec![Finding::at(0, TlsCategory::Other, String::new())]
    });
    assert_eq!(findings.len(), 1);
    // A path is judged for each step at most, and once more on the way back from the last.
    assert!(judged.get() > 4 && judged.get() <= path::MAX_STEPS + 8, "{}", judged.get());
}

#[test]
fn a_chain_of_very_many_certificates_is_cut() {
    let root = Ca::root("Root", as_it_is);
    let mut chain = vec![root.leaf(as_it_is)];
    chain.extend(std::iter::repeat_n(root.der.clone(), 1_000));
    let other = Ca::root("Other", as_it_is);
    let finding = server(chain, &[&other.der]).examined().unwrap_err();
    assert!(finding.detail.len() < 1_000, "{}", finding.detail);
}
