//! What must hold for any chain.

use std::time::Duration;

use rustls::pki_types::{CertificateDer, ServerName, UnixTime};

use super::der::element;
use super::{Anchors, Case, Role, examine, own_chain_defect};

/// Longer than any detail can get: three faults, of bounded names.
const LONGEST_DETAIL: usize = 16 << 10;

/// Examines `data`, taken for certificates one after the other, of which the last may be trusted.
///
/// # Panics
///
/// When an examination is not the same twice, tells too much, or finds nothing wrong with nothing.
pub fn fuzz(data: &[u8]) {
    let chain = certificates(data);
    let name = ServerName::try_from("api.example.com").ok();
    let now = UnixTime::since_unix_epoch(Duration::from_secs(1_795_000_000));
    let last = chain.last().map(|last| last.clone().into_owned());
    let _ = own_chain_defect(&chain, Some("api.example.com"), now);
    for anchors in [Anchors::default(), Anchors::new(last, "fuzz")] {
        for role in [Role::Server, Role::Client] {
            let case = Case {
                chain: &chain,
                anchors: &anchors,
                name: name.as_ref(),
                role,
                now,
                crls: &[],
            };
            let result = examine(&case);
            assert_eq!(result, examine(&case), "the same chain gives the same answer");
            match result {
                Ok(()) => assert!(!anchors.certificates().is_empty(), "nobody is trusted"),
                Err(finding) => {
                    assert!(!finding.detail.is_empty());
                    assert!(finding.detail.len() < LONGEST_DETAIL, "{}", finding.detail.len());
                }
            }
        }
    }
}

fn certificates(data: &[u8]) -> Vec<CertificateDer<'_>> {
    let mut chain = Vec::new();
    let mut rest = data;
    while let Some(found) = element(rest) {
        chain.push(CertificateDer::from(found.whole));
        rest = found.rest;
    }
    if !rest.is_empty() {
        chain.push(CertificateDer::from(rest));
    }
    chain
}
