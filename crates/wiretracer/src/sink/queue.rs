//! The bounded queue between connections and the thread that writes their records.
//!
//! The thread is not woken for each record: the first one wakes it, then it lets others gather for
//! a while and takes them all at once.
//!
//! ```text
//!        push                    gather is over, many wait, reopen, close
//! Idle ────────► Gathering ─────────────────────────────────────────────► Due
//!   ▲                                                                       │ take
//!   └────── nothing waits ───────────── the thread writes ◄─────────────────┘
//! ```
//!
//! It begins as Due: a thread that has not asked yet need not be woken.
//!
//! A record counts against the bounds until it is [released](Queue::release), so that what the
//! thread holds in its hands is bounded too.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use analysis::record::Record;
use tokio::sync::Notify;

/// What a queue may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// Records.
    pub records: usize,
    /// Their weights together, see [`Record::weight`].
    pub bytes: usize,
}

impl Bounds {
    /// What a sink's queue holds before records are dropped, or before relays have to wait.
    pub const SINK: Self = Self { records: 65_536, bytes: 64 << 20 };

    /// In `block` mode the relays stop at the bounds, but each of them may still have one chunk to
    /// decode: this many times the bounds are held for them. Past it records are dropped, because
    /// memory has an end.
    const OVERSHOOT: usize = 4;
}

/// What to do when the writer falls behind (`logging.jsonl_on_full`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OnFull {
    /// Drop the record and count it.
    #[default]
    Drop,
    /// Let the relays wait before they read more.
    Block,
}

/// Why a record was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// The bounds are reached.
    Full,
    /// The queue is closed.
    Closed,
}

/// What [`Queue::take`] says besides the records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Turn {
    /// The output is to be opened anew.
    pub reopen: bool,
    /// The queue is closed: no records come after these.
    pub last: bool,
}

/// The queue. Any number of senders, one writer thread.
#[derive(Debug)]
pub struct Queue {
    bounds: Bounds,
    state: Mutex<State>,
    writer: Condvar,
    blocking: AtomicBool,
    /// Set while a blocking queue is at its bounds and until half of it is written: waking every
    /// relay for each record that leaves would keep them all waking and waiting.
    crowded: AtomicBool,
    room: Notify,
}

#[derive(Debug)]
struct State {
    phase: Phase,
    waiting: VecDeque<Arc<Record>>,
    /// Everything not yet released.
    records: usize,
    bytes: usize,
    reopen: bool,
    closed: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Idle,
    Gathering,
    Due,
}

impl Queue {
    /// An empty queue.
    pub fn new(bounds: Bounds, on_full: OnFull) -> Self {
        let state = State {
            phase: Phase::Due,
            waiting: VecDeque::new(),
            records: 0,
            bytes: 0,
            reopen: false,
            closed: false,
        };
        Self {
            bounds,
            state: Mutex::new(state),
            writer: Condvar::new(),
            blocking: AtomicBool::new(on_full == OnFull::Block),
            crowded: AtomicBool::new(false),
            room: Notify::new(),
        }
    }

    /// Takes a record in. Never waits for the writer.
    ///
    /// # Errors
    ///
    /// When the bounds are reached or the queue is closed; the record is then gone.
    pub fn push(&self, record: Arc<Record>) -> Result<(), Refused> {
        let weight = record.weight();
        let blocking = self.blocking.load(Ordering::Relaxed);
        let times = if blocking { Bounds::OVERSHOOT } else { 1 };
        let mut state = self.lock();
        if state.closed {
            return Err(Refused::Closed);
        }
        let (records, bytes) = (state.records + 1, state.bytes + weight);
        if records > self.bounds.records * times || bytes > self.bounds.bytes * times {
            return Err(Refused::Full);
        }
        (state.records, state.bytes) = (records, bytes);
        state.waiting.push_back(record);
        if blocking && (records >= self.bounds.records || bytes >= self.bounds.bytes) {
            self.crowded.store(true, Ordering::Release);
        }
        let wake = match state.phase {
            Phase::Idle => Some(Phase::Gathering),
            Phase::Gathering if self.is_much(&state) => Some(Phase::Due),
            Phase::Gathering | Phase::Due => None,
        };
        if let Some(phase) = wake {
            state.phase = phase;
            drop(state);
            self.writer.notify_one();
        }
        Ok(())
    }

    /// Waits for records and moves all of them to the end of `into`, oldest first. `gather` is how
    /// long others are waited for after the first.
    pub fn take(&self, into: &mut VecDeque<Arc<Record>>, gather: Duration) -> Turn {
        let mut state = self.lock();
        state.phase = if state.closed || state.reopen || self.is_much(&state) {
            Phase::Due
        } else if state.waiting.is_empty() {
            Phase::Idle
        } else {
            Phase::Gathering
        };
        state = self
            .writer
            .wait_while(state, |state| state.phase == Phase::Idle)
            .unwrap_or_else(PoisonError::into_inner);
        state = self
            .writer
            .wait_timeout_while(state, gather, |state| state.phase == Phase::Gathering)
            .unwrap_or_else(PoisonError::into_inner)
            .0;
        state.phase = Phase::Due;
        if into.is_empty() {
            std::mem::swap(into, &mut state.waiting);
        } else {
            into.append(&mut state.waiting);
        }
        Turn { reopen: std::mem::take(&mut state.reopen), last: state.closed }
    }

    /// Says that `records` with the weight `bytes` are out of the writer's hands.
    pub fn release(&self, records: usize, bytes: usize) {
        let mut state = self.lock();
        state.records = state.records.saturating_sub(records);
        state.bytes = state.bytes.saturating_sub(bytes);
        let calm = state.records <= self.bounds.records / 2 && state.bytes <= self.bounds.bytes / 2;
        if calm && self.crowded.swap(false, Ordering::AcqRel) {
            drop(state);
            self.room.notify_waiters();
        }
    }

    /// Whether relays may read on. Always so when the queue drops rather than blocks.
    pub fn has_room(&self) -> bool {
        !self.crowded.load(Ordering::Acquire)
    }

    /// Resolves when [`Queue::has_room`].
    pub async fn room(&self) {
        while !self.has_room() {
            let mut notified = std::pin::pin!(self.room.notified());
            // Registered before the second look, or a wake-up between the two would be missed.
            notified.as_mut().enable();
            if !self.has_room() {
                notified.await;
            }
        }
    }

    /// Changes what happens at the bounds, from the next record on.
    pub fn set_on_full(&self, on_full: OnFull) {
        self.blocking.store(on_full == OnFull::Block, Ordering::Relaxed);
        if on_full == OnFull::Drop {
            self.let_all_pass();
        }
    }

    /// Asks the writer to open its output anew.
    pub fn reopen(&self) {
        let mut state = self.lock();
        state.reopen = true;
        self.wake(state);
    }

    /// Takes no more records. The writer gets what is there, at once.
    pub fn close(&self) {
        let mut state = self.lock();
        state.closed = true;
        self.wake(state);
        self.let_all_pass();
    }

    fn wake(&self, mut state: MutexGuard<'_, State>) {
        state.phase = Phase::Due;
        drop(state);
        self.writer.notify_one();
    }

    fn let_all_pass(&self) {
        self.crowded.store(false, Ordering::Release);
        self.room.notify_waiters();
    }

    /// Whether so much waits that gathering more makes a batch no cheaper.
    fn is_much(&self, state: &State) -> bool {
        !state.waiting.is_empty()
            && (state.waiting.len() >= self.bounds.records / 16
                || state.bytes >= self.bounds.bytes / 16)
    }

    /// No code under the lock leaves it half changed, so a poisoned one is as good.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests;
