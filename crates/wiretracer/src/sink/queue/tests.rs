//! Bounds, order, waking, and who has to wait.

use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;
use std::thread;

use super::*;
use crate::sink::test_records::{event, heavy_event};

/// Long enough that no test ends by it.
const LONG: Duration = Duration::from_secs(3600);

fn bounds(records: usize) -> Bounds {
    Bounds { records, bytes: 1 << 30 }
}

fn push(queue: &Queue, ordinals: impl IntoIterator<Item = u32>) {
    for ordinal in ordinals {
        assert_eq!(queue.push(Arc::new(event("a", ordinal))), Ok(()), "record {ordinal}");
    }
}

fn ordinals<'a>(records: impl IntoIterator<Item = &'a Arc<Record>>) -> Vec<u32> {
    records.into_iter().map(|record| record.origin().id.ordinal).collect()
}

fn take(queue: &Queue, gather: Duration) -> (Vec<u32>, Turn) {
    let mut records = VecDeque::new();
    let turn = queue.take(&mut records, gather);
    (ordinals(&records), turn)
}

const ON: Turn = Turn { reopen: false, last: false };

#[test]
fn records_are_bounded_until_they_are_released() {
    let queue = Queue::new(bounds(3), OnFull::Drop);
    push(&queue, 1..=3);
    assert_eq!(queue.push(Arc::new(event("a", 4))), Err(Refused::Full));
    assert_eq!(take(&queue, Duration::ZERO), (vec![1, 2, 3], ON));
    assert_eq!(queue.push(Arc::new(event("a", 5))), Err(Refused::Full), "still in the hands");
    queue.release(1, 0);
    push(&queue, [6]);
    assert_eq!(queue.push(Arc::new(event("a", 7))), Err(Refused::Full));
    assert!(queue.has_room(), "nobody waits for a queue that drops");
}

#[test]
fn bytes_are_bounded() {
    let heavy = || Arc::new(heavy_event("a", 1, 10_000));
    let weight = heavy().weight();
    let queue = Queue::new(Bounds { records: 100, bytes: 2 * weight }, OnFull::Drop);
    assert_eq!(queue.push(heavy()), Ok(()));
    assert_eq!(queue.push(heavy()), Ok(()));
    assert_eq!(queue.push(heavy()), Err(Refused::Full));
    take(&queue, Duration::ZERO);
    queue.release(1, weight);
    assert_eq!(queue.push(heavy()), Ok(()));
}

#[test]
fn a_closed_queue_refuses_and_gives_out_the_rest() {
    let queue = Queue::new(bounds(10), OnFull::Block);
    push(&queue, 1..=2);
    queue.close();
    assert_eq!(queue.push(Arc::new(event("a", 3))), Err(Refused::Closed));
    assert_eq!(take(&queue, LONG), (vec![1, 2], Turn { reopen: false, last: true }));
    assert_eq!(take(&queue, LONG), (vec![], Turn { reopen: false, last: true }));
}

#[test]
fn the_writer_sleeps_until_there_is_something_to_do() {
    type Deed = fn(&Queue);
    let cases: [(Deed, Vec<u32>, Turn); 3] = [
        (|queue| push(queue, 1..=4), vec![1, 2, 3, 4], ON),
        (Queue::reopen, vec![], Turn { reopen: true, last: false }),
        (Queue::close, vec![], Turn { reopen: false, last: true }),
    ];
    for (deed, records, turn) in cases {
        // A sixteenth of the bounds is as much as the writer lets gather.
        let queue = Queue::new(bounds(64), OnFull::Drop);
        thread::scope(|scope| {
            let writer = scope.spawn(|| take(&queue, LONG));
            while queue.lock().phase != Phase::Idle {
                thread::yield_now();
            }
            deed(&queue);
            assert_eq!(writer.join().unwrap(), (records, turn));
        });
    }
}

#[test]
fn a_few_records_are_taken_when_gathering_is_over() {
    let queue = Queue::new(bounds(1000), OnFull::Drop);
    push(&queue, [1]);
    assert_eq!(take(&queue, Duration::from_millis(1)), (vec![1], ON));
}

#[test]
fn a_request_to_reopen_is_told_once() {
    let queue = Queue::new(bounds(10), OnFull::Drop);
    queue.reopen();
    push(&queue, [1]);
    assert_eq!(take(&queue, LONG), (vec![1], Turn { reopen: true, last: false }));
    push(&queue, [2]);
    assert_eq!(take(&queue, Duration::ZERO), (vec![2], ON));
}

async fn is_pending(future: std::pin::Pin<&mut impl Future<Output = ()>>) -> bool {
    let mut future = future;
    poll_fn(|context| Poll::Ready(future.as_mut().poll(context).is_pending())).await
}

#[tokio::test]
async fn who_would_overrun_a_blocking_queue_waits_until_half_of_it_is_written() {
    let queue = Queue::new(bounds(4), OnFull::Block);
    push(&queue, 1..=3);
    assert!(queue.has_room());
    queue.room().await;
    push(&queue, 4..=5);
    assert!(!queue.has_room(), "yet what was read already is taken");
    let mut room = pin!(queue.room());
    assert!(is_pending(room.as_mut()).await);
    take(&queue, Duration::ZERO);
    queue.release(2, 0);
    assert!(is_pending(room.as_mut()).await, "3 of 4 are left");
    queue.release(1, 0);
    room.await;
    assert!(queue.has_room());
}

#[test]
fn even_a_blocking_queue_has_an_end() {
    let queue = Queue::new(bounds(2), OnFull::Block);
    push(&queue, 1..=8);
    assert_eq!(queue.push(Arc::new(event("a", 9))), Err(Refused::Full));
}

#[tokio::test]
async fn nobody_waits_for_a_queue_that_is_closed_or_drops_from_now_on() {
    type Deed = fn(&Queue);
    let deeds: [Deed; 2] = [Queue::close, |queue| queue.set_on_full(OnFull::Drop)];
    for deed in deeds {
        let queue = Queue::new(bounds(1), OnFull::Block);
        push(&queue, [1]);
        let mut room = pin!(queue.room());
        assert!(is_pending(room.as_mut()).await);
        deed(&queue);
        room.await;
    }
}
