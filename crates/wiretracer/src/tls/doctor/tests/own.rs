//! Our own chain in the eyes of a client.

use analysis::vocabulary::TlsCategory::{Expired, HostnameMismatch, NotYetValid, WrongEku};

use super::super::own_chain_defect;
use super::pki::{Ca, DAY, NAME, NOW, as_it_is, at, now, self_signed};

#[test]
fn what_needs_no_trust_is_found() {
    let root = Ca::root("Root", as_it_is);
    let past = root.leaf(|leaf| leaf.not_after = at(NOW - DAY));
    let future = root.leaf(|leaf| leaf.not_before = at(NOW + DAY));
    for (leaf, sni, category) in [
        (past, NAME, Expired),
        (future, NAME, NotYetValid),
        (root.leaf(as_it_is), "other.example.com", HostnameMismatch),
        (root.client(as_it_is), NAME, WrongEku),
    ] {
        let defect = own_chain_defect(&[leaf], Some(sni), now()).unwrap();
        assert_eq!(defect.category, category, "{}", defect.detail);
    }
    let inter = root.ca("Issuing", |ca| ca.not_after = at(NOW - DAY));
    let defect = own_chain_defect(&[inter.leaf(as_it_is), inter.der], Some(NAME), now()).unwrap();
    assert_eq!((defect.category, defect.certificate), (Expired, Some(1)));
}

#[test]
fn what_the_client_trusts_is_not_known() {
    let root = Ca::root("Root", as_it_is);
    assert_eq!(own_chain_defect(&[root.leaf(as_it_is)], Some(NAME), now()), None);
    assert_eq!(own_chain_defect(&[root.leaf(as_it_is), root.der], Some(NAME), now()), None);
    assert_eq!(own_chain_defect(&[self_signed(as_it_is)], None, now()), None);
}
