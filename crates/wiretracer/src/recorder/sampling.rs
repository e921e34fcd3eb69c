//! Which exchanges are kept (`logging.sample_rate`). What went wrong is always kept.

use analysis::record::{Record, RecordId};

/// A share of the exchanges that went well.
///
/// The choice depends on the record's name only: two sinks, or two runs over the same records,
/// agree on it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sampling {
    rate: f64,
}

impl Sampling {
    /// Keeps the share `rate`: 1.0 is all, 0.0 none.
    pub(super) fn new(rate: f64) -> Self {
        Self { rate }
    }

    /// Whether to keep the record.
    pub(super) fn keeps(self, record: &Record) -> bool {
        match record {
            Record::Event(event) if event.error.is_none() => point(event.origin.id) < self.rate,
            _ => true,
        }
    }
}

/// The name's place in [0, 1), evenly spread.
fn point(id: RecordId) -> f64 {
    let (high, low) = id.conn.0.as_u64_pair();
    let mut hash = high ^ low.rotate_left(32) ^ u64::from(id.ordinal);
    // The finalizer of SplitMix64: ordinals that differ in one bit end far apart.
    hash = (hash ^ (hash >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    hash = (hash ^ (hash >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    hash ^= hash >> 31;
    // 53 bits are what an f64 holds exactly.
    (hash >> 11) as f64 / (1u64 << 53) as f64
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::sink::test_records::{event, failed_event, h2ctl};

    fn kept(rate: f64) -> HashSet<u32> {
        let sampling = Sampling::new(rate);
        (0..10_000).filter(|ordinal| sampling.keeps(&event("a", *ordinal))).collect()
    }

    #[test]
    fn about_the_share_is_kept_and_always_the_same_ones() {
        assert_eq!(kept(1.0).len(), 10_000);
        assert_eq!(kept(0.0).len(), 0);
        let tenth = kept(0.1);
        assert!((800..1200).contains(&tenth.len()), "{}", tenth.len());
        assert_eq!(tenth, kept(0.1));
        assert!(tenth.is_subset(&kept(0.2)));
    }

    #[test]
    fn what_went_wrong_and_what_is_no_exchange_is_always_kept() {
        let none = Sampling::new(0.0);
        assert!(none.keeps(&failed_event("a", 1)));
        assert!(none.keeps(&h2ctl("a", 2)));
        assert!(!none.keeps(&event("a", 3)));
    }
}
