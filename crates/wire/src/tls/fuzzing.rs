//! Any bytes, as a fuzzer makes them: nothing panics, and how they are cut makes no difference.

use super::{Event, HelloProgress, HelloReader, Observer, Transport};
use crate::Direction;

/// The hello reader and the observer give the same answers for `data` as a whole and byte by byte,
/// and what they give can be fingerprinted.
///
/// # Panics
///
/// When they do not.
pub fn fuzz(data: &[u8]) {
    let whole = HelloReader::new().feed(data);
    let mut reader = HelloReader::new();
    let bytes = data.iter().map(|byte| reader.feed(&[*byte]));
    let piecewise = bytes.last().unwrap_or(HelloProgress::NeedMore);
    assert_eq!(whole, piecewise);
    if let HelloProgress::Hello(hello) = whole {
        assert_eq!(hello.ja3().hash.len(), 32);
        assert_eq!(hello.ja4(Transport::Tcp).hash.len(), 36);
    }
    for direction in Direction::BOTH {
        assert_eq!(
            observe(direction, &[data]),
            observe(direction, &data.chunks(1).collect::<Vec<_>>())
        );
    }
}

fn observe(direction: Direction, pieces: &[&[u8]]) -> Vec<Event> {
    let (mut observer, mut events) = (Observer::new(), Vec::new());
    for piece in pieces {
        observer.feed(direction, piece, |event| events.push(event));
    }
    observer.finish(direction, |event| events.push(event));
    events
}
