//! What must hold for any bytes: the entry of the fuzz targets, run on seeds by the unit tests.

use super::{Sniff, describe, sniff};

/// An answer stays the same when more bytes come, and the description is short and harmless.
pub fn fuzz(data: &[u8]) {
    let answer =
        (0..=data.len()).map(|end| sniff(&data[..end])).fold(Sniff::NeedMore, |before, now| {
            assert!(before == Sniff::NeedMore || before == now, "{before:?} became {now:?}");
            now
        });
    assert!(answer != Sniff::NeedMore || data.len() <= 80, "undecided after {} bytes", data.len());

    let text = describe(data);
    assert!(!text.chars().any(char::is_control), "{text:?}");
    assert!(text.chars().count() < 1000, "{} characters", text.chars().count());
}
