//! From the peer's certificate up to a trusted one, over what was presented.
//!
//! ```text
//! leaf ──signed by──▶ intermediate ──signed by──▶ a trusted certificate      End::Trusted
//!                          ├────────────────────▶ itself, not trusted        End::SelfSigned
//!                          └────────────────────▶ nobody we have             End::NoIssuer
//! ```
//!
//! Every way up is tried, the good signatures first, until one has nothing wrong with it; otherwise
//! the way with the least wrong is kept, because that is the one that was meant. Whoever sends
//! certificates that can be combined in many ways gets a bounded number of tries (RFC 4158 §2.4.2).

use std::collections::HashMap;

use super::Finding;
use super::cert::Cert;
use super::signature::Verdict;

/// Certificates between the peer's own and the trusted one; rustls follows no more.
const MAX_INTERMEDIATES: usize = 6;
/// Signatures that are checked for one chain.
const MAX_SIGNATURES: usize = 64;
/// Certificates that are put at the end of a path, in all paths of one chain together.
pub(super) const MAX_STEPS: usize = 256;

/// One way up.
#[derive(Clone, Debug)]
pub(super) struct Path<'s, 'a> {
    /// The peer's certificate first.
    pub(super) links: Vec<Link<'s, 'a>>,
    pub(super) end: End,
}

impl<'s, 'a> Path<'s, 'a> {
    /// One certificate, whose issuer is not looked for.
    pub(super) fn of_one(cert: &'s Cert<'a>) -> Self {
        Self { links: vec![Link { cert, is_trusted: false, seal: Seal::Good }], end: End::NoIssuer }
    }
}

/// A certificate on the way.
#[derive(Clone, Copy, Debug)]
pub(super) struct Link<'s, 'a> {
    pub(super) cert: &'s Cert<'a>,
    pub(super) is_trusted: bool,
    /// What became of checking its signature with the key of the next one; good for the last.
    pub(super) seal: Seal,
}

/// A signature between two certificates of which one names the other as its issuer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Seal {
    Good,
    /// It cannot be checked, or not be relied upon.
    Weak,
    Broken,
}

/// Why a way goes no further.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// It ends well.
    Trusted,
    /// The last one is its own issuer.
    SelfSigned,
    /// Nobody has the issuer of the last one.
    NoIssuer,
    /// It is too long, or there were too many ways to try.
    TooLong,
}

/// Finds the path with the least wrong; `judge` says what is wrong with one, and an empty answer
/// ends the search.
pub(super) fn best<'s, 'a>(
    presented: &'s [Cert<'a>],
    trusted: &'s [Cert<'a>],
    judge: &dyn Fn(&Path<'s, 'a>) -> Vec<Finding>,
) -> Vec<Finding> {
    let Some(leaf) = presented.first() else { return Vec::new() };
    let is_trusted = trusted.iter().any(|cert| cert.der == leaf.der);
    let mut search =
        Search { presented, trusted, judge, seals: HashMap::new(), steps: 0, best: None };
    let mut links = vec![Link { cert: leaf, is_trusted, seal: Seal::Good }];
    if is_trusted {
        search.conclude(&links, End::Trusted);
    } else {
        search.climb(&mut links);
    }
    search.best.map(|(_, findings)| findings).unwrap_or_default()
}

/// How far a path is from a good one: whether it leads nowhere, how much is wrong.
type Badness = (bool, usize);

struct Search<'s, 'a, 'j> {
    presented: &'s [Cert<'a>],
    trusted: &'s [Cert<'a>],
    judge: &'j dyn Fn(&Path<'s, 'a>) -> Vec<Finding>,
    /// Signatures that were checked, by the addresses of the certificates.
    seals: HashMap<(*const u8, *const u8), Option<Seal>>,
    steps: usize,
    best: Option<(Badness, Vec<Finding>)>,
}

impl<'s, 'a> Search<'s, 'a, '_> {
    /// Follows every way on from the last of `links`; true when a perfect one was found.
    fn climb(&mut self, links: &mut Vec<Link<'s, 'a>>) -> bool {
        let Some(head) = links.last().map(|link| link.cert) else { return false };
        let issuers = self.issuers(head, links);
        let is_self_signed = head.names_as_issuer(head)
            && self.seal(head, head).is_some_and(|seal| seal != Seal::Broken);
        // Of its own name only a trusted one with its own key leads on from there.
        let is_vouched_for = |link: &Link<'_, '_>| link.is_trusted && link.seal == Seal::Good;
        if issuers.is_empty() || (is_self_signed && !issuers.iter().any(is_vouched_for)) {
            let end = if is_self_signed { End::SelfSigned } else { End::NoIssuer };
            return self.conclude(links, end);
        }
        for issuer in issuers {
            self.steps += 1;
            if self.steps > MAX_STEPS || links.len() > MAX_INTERMEDIATES + 1 {
                return self.conclude(links, End::TooLong);
            }
            if let Some(head) = links.last_mut() {
                head.seal = issuer.seal;
            }
            let is_trusted = issuer.is_trusted;
            links.push(Link { seal: Seal::Good, ..issuer });
            let is_perfect =
                if is_trusted { self.conclude(links, End::Trusted) } else { self.climb(links) };
            links.pop();
            if let Some(head) = links.last_mut() {
                head.seal = Seal::Good;
            }
            if is_perfect {
                return true;
            }
        }
        false
    }

    /// Who may have issued `head`, the trusted ones first: those whose key made its signature, else
    /// those of whom that cannot be told, else those who only have the right name. The seal is that
    /// of `head`.
    fn issuers(&mut self, head: &'s Cert<'a>, links: &[Link<'s, 'a>]) -> Vec<Link<'s, 'a>> {
        let trusted = self.trusted.iter().map(|cert| (cert, true));
        let presented = self.presented.iter().map(|cert| (cert, false));
        let mut found = Vec::new();
        for (cert, is_trusted) in trusted.chain(presented) {
            let named = head.names_as_issuer(cert);
            // The same name and key again would go in a circle (RFC 4158 §5.2).
            if !named || (!is_trusted && links.iter().any(|link| link.cert.is_same_entity(cert))) {
                continue;
            }
            if let Some(seal) = self.seal(head, cert) {
                found.push(Link { cert, is_trusted, seal });
            }
        }
        let least = found.iter().map(|link| link.seal).min();
        found.retain(|link| Some(link.seal) == least);
        found
    }

    /// The signature of `child` by `issuer`, who has the right name; none when by all signs somebody
    /// else with that name made it.
    fn seal(&mut self, child: &Cert<'_>, issuer: &Cert<'_>) -> Option<Seal> {
        let pair = (child.der.as_ptr(), issuer.der.as_ptr());
        if let Some(seal) = self.seals.get(&pair) {
            return *seal;
        }
        if self.seals.len() >= MAX_SIGNATURES {
            return None;
        }
        let seal = match child.verify_with(issuer) {
            Verdict::Good => Some(Seal::Good),
            _ if child.key_ids_contradict(issuer) => None,
            Verdict::Unsupported => Some(Seal::Weak),
            Verdict::Bad if issuer.is_rsa_too_short() => Some(Seal::Weak),
            Verdict::Bad => Some(Seal::Broken),
        };
        self.seals.insert(pair, seal);
        seal
    }

    fn conclude(&mut self, links: &[Link<'s, 'a>], end: End) -> bool {
        let path = Path { links: links.to_vec(), end };
        let findings = (self.judge)(&path);
        let badness = (end != End::Trusted, findings.len());
        let is_perfect = findings.is_empty();
        if self.best.as_ref().is_none_or(|(least, _)| badness < *least) {
            self.best = Some((badness, findings));
        }
        is_perfect
    }
}
