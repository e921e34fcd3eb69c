//! Hostile chains.

use super::super::{fuzz, path};
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

/// Sixteen CAs of one name and key can be put in more orders than anybody can wait for.
#[test]
fn certificates_that_all_fit_each_other_are_not_tried_in_every_order() {
    let root = Ca::root("Root", as_it_is);
    let mut chain = vec![root.leaf(as_it_is)];
    let names: Vec<String> = (0..40).map(|number| format!("CA {number}")).collect();
    let mut above = root;
    for name in &names {
        above = above.ca(name, as_it_is);
        chain.push(above.der.clone());
    }
    let other = Ca::root("Other", as_it_is);
    assert!(server(chain, &[&other.der]).examined().is_err());
    let _ = path::End::TooLong;
}
