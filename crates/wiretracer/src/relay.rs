//! Bytes from one side to the other, unchanged, in both directions at once.
//!
//! The relay knows no protocol. It shows every chunk to a [`Watch`] before it writes it out, passes
//! every way of ending on as it came, and stops reading a side while the other does not take what
//! was read (back-pressure). An idle connection holds no buffer: chunks are read into a buffer that
//! belongs to the thread, and only what could not be written at once is kept.
//!
//! ```text
//!            ┌──────── Open ────────┐ End(Fin)                    shutdown done
//!  poll ────►│ read → watch → write │──────────► Ending ────────────────────► Ended
//!            └──────────┬───────────┘
//!                       └ End(Rst), TLS failure, write error ─► the whole relay ends
//! ```

use std::cell::RefCell;
use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use analysis::outcome::Ending;
use tokio::sync::watch;
use tokio::time::{Instant, Sleep};
use wire::Direction;

use crate::io::{Read, Stream};
use crate::service::{Stop, stopped};

/// Who looks at what passes.
pub trait Watch: Send {
    /// A chunk that was read; gives what is to be written: the chunk itself, unless the
    /// configuration asks for a rewrite.
    fn chunk<'a>(&'a mut self, direction: Direction, chunk: &'a [u8]) -> &'a [u8];
    /// One direction ended; gives what was held back of it and goes out before the end.
    fn ended(&mut self, direction: Direction, ending: Ending) -> &[u8];
    /// Whether more may be read now; otherwise the task is woken when it may.
    fn poll_room(&mut self, cx: &mut Context<'_>) -> Poll<()>;
    /// Looks at the clock: a timeout that is over, or how long until the next look.
    fn check(&mut self, unsent: [bool; 2]) -> Check;
    /// Whether something is in flight, so that the clock matters soon.
    fn is_busy(&self) -> bool;
}

/// What a look at the clock says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Check {
    /// Nothing is over; look again after that time.
    Again(Duration),
    /// A timeout is over.
    Expired,
}

/// Why the relay ended.
#[derive(Debug)]
pub enum Ended {
    /// The parties ended it.
    Parties,
    /// [`Watch::check`] said so.
    Expired,
    /// TLS with the sender of this direction broke down.
    Tls(Direction, rustls::Error),
    /// We were told to stop.
    Stopped(Stop),
}

/// Plaintext read at once, in bytes: four full TLS records.
const CHUNK: usize = 64 << 10;
/// Chunks moved in one direction before other tasks get their turn.
const CHUNKS_A_TURN: usize = 16;
/// How often timeouts are looked at while something is in flight.
pub const TICK: Duration = Duration::from_millis(250);

thread_local! {
    static SCRATCH: RefCell<Box<[u8]>> = RefCell::new(vec![0; CHUNK].into_boxed_slice());
}

/// One direction.
#[derive(Debug)]
struct Flow {
    direction: Direction,
    state: State,
    /// Read and not yet written.
    unsent: Vec<u8>,
    sent: usize,
    needs_flush: bool,
    /// A write to the sender failed: it has reset the connection, though the kernel tells an error
    /// only once and lets reads end as if by FIN from then on.
    is_reset: bool,
    /// The sender left without close_notify, and the receiver was told so.
    is_truncated: bool,
    /// TLS with the sender broke down; what it had said before goes out first.
    broken: Option<rustls::Error>,
    /// Why the last poll gave way, when it was not for want of bytes.
    paused: bool,
}

#[derive(Debug, PartialEq, Eq)]
enum State {
    Open,
    Ending(Ending),
    Ended,
}

/// What a turn of one direction came to, when it ended more than that direction.
enum Fatal {
    /// The sender reset the connection.
    Reset,
    /// TLS with the sender broke down.
    Tls(rustls::Error),
    /// The receiver reset the connection.
    Unwritable,
}

impl Flow {
    const fn new(direction: Direction) -> Self {
        Self {
            direction,
            state: State::Open,
            unsent: Vec::new(),
            sent: 0,
            needs_flush: false,
            is_reset: false,
            is_truncated: false,
            broken: None,
            paused: false,
        }
    }

    fn has_unsent(&self) -> bool {
        self.sent < self.unsent.len()
    }

    fn poll(
        &mut self,
        cx: &mut Context<'_>,
        from: &mut Stream,
        to: &mut Stream,
        watch: &mut dyn Watch,
    ) -> Poll<Result<(), Fatal>> {
        self.paused = true;
        for _ in 0..CHUNKS_A_TURN {
            match self.poll_unsent(cx, to) {
                Poll::Ready(Ok(())) => {}
                Poll::Ready(Err(_)) => return Poll::Ready(Err(Fatal::Unwritable)),
                Poll::Pending => return Poll::Pending,
            }
            match self.state {
                State::Open => {}
                State::Ending(ending) => {
                    // A receiver that is gone will be told by its own direction.
                    let done = to.poll_end(cx, ending);
                    if done.is_ready() {
                        self.state = State::Ended;
                    }
                    return done.map(|_| Ok(()));
                }
                State::Ended => return Poll::Ready(Ok(())),
            }
            if watch.poll_room(cx).is_pending() {
                return self.poll_flush(cx, to);
            }
            let read = SCRATCH.with_borrow_mut(|scratch| self.pass(cx, from, to, watch, scratch));
            match read {
                Poll::Pending => {
                    self.paused = self.has_unsent();
                    return self.poll_flush(cx, to);
                }
                Poll::Ready(Ok(())) => {}
                Poll::Ready(Err(fatal)) => return Poll::Ready(Err(fatal)),
            }
        }
        cx.waker().wake_by_ref();
        self.poll_flush(cx, to)
    }

    /// Reads once, and passes on what came.
    fn pass(
        &mut self,
        cx: &mut Context<'_>,
        from: &mut Stream,
        to: &mut Stream,
        watch: &mut dyn Watch,
        scratch: &mut [u8],
    ) -> Poll<Result<(), Fatal>> {
        let direction = self.direction;
        if let Some(error) = self.broken.take() {
            let Some(bytes) = from.read_buffered(scratch) else {
                return Poll::Ready(Err(Fatal::Tls(error)));
            };
            self.broken = Some(error);
            let written = self.write(cx, to, watch.chunk(direction, bytes));
            return Poll::Ready(written);
        }
        let taken = match ready!(from.poll_read(cx, scratch)) {
            Read::Data(bytes) => {
                let out = watch.chunk(direction, bytes);
                if self.write(cx, to, out).is_err() {
                    return Poll::Ready(Err(Fatal::Unwritable));
                }
                bytes.len()
            }
            Read::Tls(error) => {
                self.broken = Some(error);
                0
            }
            Read::End(Ending::Rst) => return Poll::Ready(Err(Fatal::Reset)),
            Read::End(_) if self.is_reset => return Poll::Ready(Err(Fatal::Reset)),
            Read::End(ending) => {
                self.state = State::Ending(ending);
                self.is_truncated = ending == Ending::FinWithoutCloseNotify;
                if self.write(cx, to, watch.ended(direction, ending)).is_err() {
                    return Poll::Ready(Err(Fatal::Unwritable));
                }
                0
            }
        };
        if taken > 0 {
            from.consume(taken);
        }
        Poll::Ready(Ok(()))
    }

    /// Writes what can be written at once and keeps the rest.
    fn write(
        &mut self,
        cx: &mut Context<'_>,
        to: &mut Stream,
        mut out: &[u8],
    ) -> Result<(), Fatal> {
        while !out.is_empty() {
            match to.poll_write(cx, out) {
                Poll::Ready(Ok(0) | Err(_)) => return Err(Fatal::Unwritable),
                Poll::Ready(Ok(n)) => {
                    self.needs_flush = true;
                    out = &out[n..];
                }
                Poll::Pending => {
                    self.unsent.extend_from_slice(out);
                    return Ok(());
                }
            }
        }
        Ok(())
    }

    fn poll_unsent(&mut self, cx: &mut Context<'_>, to: &mut Stream) -> Poll<io::Result<()>> {
        while self.has_unsent() {
            match to.poll_write(cx, &self.unsent[self.sent..]) {
                Poll::Ready(Ok(0)) => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                Poll::Ready(Ok(n)) => {
                    self.needs_flush = true;
                    self.sent += n;
                }
                Poll::Ready(Err(error)) => return Poll::Ready(Err(error)),
                Poll::Pending => return Poll::Pending,
            }
        }
        if self.sent > 0 {
            self.unsent = Vec::new();
            self.sent = 0;
        }
        Poll::Ready(Ok(()))
    }

    fn poll_flush(&mut self, cx: &mut Context<'_>, to: &mut Stream) -> Poll<Result<(), Fatal>> {
        if self.needs_flush {
            match to.poll_flush(cx) {
                Poll::Ready(Ok(())) => self.needs_flush = false,
                Poll::Ready(Err(_)) => return Poll::Ready(Err(Fatal::Unwritable)),
                Poll::Pending => {}
            }
        }
        Poll::Pending
    }
}

/// Whether this is how OpenSSL answers an end without close_notify: not a failure of its own, and
/// the sender closes at once.
fn laments_truncation(error: &rustls::Error) -> bool {
    matches!(error, rustls::Error::AlertReceived(rustls::AlertDescription::DecodeError))
}

/// A relay between two streams.
#[derive(Debug)]
pub struct Relay {
    /// The client's side.
    pub client: Stream,
    /// The upstream's side.
    pub upstream: Stream,
    flows: [Flow; 2],
    /// The party that reset the connection, while what it had said before is still passed on.
    left: Option<Left>,
}

/// A party that is gone.
#[derive(Clone, Copy, Debug)]
struct Left {
    /// Which way its bytes went.
    direction: Direction,
    /// Nothing came at the last look. One look can be cut short by tokio's own budget, two cannot.
    is_silent: bool,
}

impl Relay {
    /// A relay that has moved nothing yet.
    pub const fn new(client: Stream, upstream: Stream) -> Self {
        let flows = [Flow::new(Direction::FromClient), Flow::new(Direction::FromUpstream)];
        Self { client, upstream, flows, left: None }
    }

    /// Moves bytes until both directions have ended, or something ends them both.
    pub async fn run(
        &mut self,
        watch: &mut dyn Watch,
        stop: &mut watch::Receiver<Option<Stop>>,
    ) -> Ended {
        let mut alarm = std::pin::pin!(tokio::time::sleep(TICK));
        let mut stopped = std::pin::pin!(stopped(stop));
        let mut alarm_is_far = false;
        poll_fn(|cx| {
            if let Poll::Ready(reason) = stopped.as_mut().poll(cx) {
                return Poll::Ready(Ended::Stopped(reason));
            }
            let ended = match self.left {
                None => self.poll_flows(cx, watch),
                Some(left) => self.poll_left(cx, left, watch),
            };
            if ended.is_ready() {
                return ended;
            }
            if alarm_is_far && watch.is_busy() {
                alarm.as_mut().reset(Instant::now() + TICK);
                alarm_is_far = false;
            }
            self.poll_alarm(cx, alarm.as_mut(), watch, &mut alarm_is_far)
        })
        .await
    }

    fn poll_alarm(
        &self,
        cx: &mut Context<'_>,
        mut alarm: Pin<&mut Sleep>,
        watch: &mut dyn Watch,
        alarm_is_far: &mut bool,
    ) -> Poll<Ended> {
        while alarm.as_mut().poll(cx).is_ready() {
            match watch.check(self.flows.each_ref().map(Flow::has_unsent)) {
                Check::Expired => return Poll::Ready(Ended::Expired),
                Check::Again(wait) => {
                    *alarm_is_far = wait > TICK;
                    alarm.as_mut().reset(Instant::now() + wait);
                }
            }
        }
        Poll::Pending
    }

    fn poll_flows(&mut self, cx: &mut Context<'_>, watch: &mut dyn Watch) -> Poll<Ended> {
        let mut ended = 0;
        for index in [0, 1] {
            let (from, to) = match index {
                0 => (&mut self.client, &mut self.upstream),
                _ => (&mut self.upstream, &mut self.client),
            };
            let flow = &mut self.flows[index];
            let direction = flow.direction;
            match flow.poll(cx, from, to, watch) {
                Poll::Pending => {}
                Poll::Ready(Ok(())) => ended += usize::from(flow.state == State::Ended),
                Poll::Ready(Err(Fatal::Tls(error))) => {
                    if self.flows[1 - index].is_truncated && laments_truncation(&error) {
                        watch.ended(direction, Ending::FinWithoutCloseNotify);
                        return Poll::Ready(Ended::Parties);
                    }
                    return Poll::Ready(Ended::Tls(direction, error));
                }
                Poll::Ready(Err(Fatal::Reset)) => {
                    watch.ended(direction, Ending::Rst);
                    to.reset_on_drop();
                    return Poll::Ready(Ended::Parties);
                }
                Poll::Ready(Err(Fatal::Unwritable)) => {
                    let left = Left { direction: direction.opposite(), is_silent: false };
                    return self.poll_left(cx, left, watch);
                }
            }
        }
        if ended == 2 { Poll::Ready(Ended::Parties) } else { Poll::Pending }
    }

    /// A party reset the connection: writing to it failed. What it had said before may still lie in
    /// our receive buffer: it is passed on first (an answer such as 413 is often followed by RST).
    fn poll_left(
        &mut self,
        cx: &mut Context<'_>,
        left: Left,
        watch: &mut dyn Watch,
    ) -> Poll<Ended> {
        let Left { direction, is_silent } = left;
        let (from, to) = match direction {
            Direction::FromUpstream => (&mut self.upstream, &mut self.client),
            Direction::FromClient => (&mut self.client, &mut self.upstream),
        };
        let flow = &mut self.flows[direction.index()];
        flow.is_reset = true;
        if flow.state == State::Open {
            match flow.poll(cx, from, to, watch) {
                Poll::Ready(Err(Fatal::Tls(error))) => {
                    return Poll::Ready(Ended::Tls(direction, error));
                }
                Poll::Pending if flow.paused || !is_silent => {
                    if !flow.paused {
                        cx.waker().wake_by_ref();
                    }
                    self.left = Some(Left { direction, is_silent: !flow.paused });
                    return Poll::Pending;
                }
                Poll::Ready(_) | Poll::Pending => {}
            }
        }
        watch.ended(direction, Ending::Rst);
        to.reset_on_drop();
        Poll::Ready(Ended::Parties)
    }

    /// Ends both sides because we decided so: an orderly end where nothing is in flight, otherwise
    /// RST, so that neither side takes what it has for complete.
    pub async fn end(&mut self, orderly: bool) {
        if !orderly {
            self.client.reset_on_drop();
            self.upstream.reset_on_drop();
            return;
        }
        /// A peer that does not read is not waited for.
        const PATIENCE: Duration = Duration::from_secs(1);
        let [from_client, from_upstream] = &mut self.flows;
        for (side, flow) in [(&mut self.client, from_upstream), (&mut self.upstream, from_client)] {
            let end = poll_fn(|cx| {
                ready!(flow.poll_unsent(cx, side))?;
                side.poll_end(cx, Ending::Fin)
            });
            // Whoever could not be given all that was said must not take it for all.
            if !matches!(tokio::time::timeout(PATIENCE, end).await, Ok(Ok(()))) {
                side.reset_on_drop();
            }
        }
    }
}

#[cfg(test)]
mod tests;
