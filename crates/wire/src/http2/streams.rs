//! All streams of a connection: those that are open, how far the identifiers have come, and a short
//! memory of those just closed (RFC 9113 §5.1.1).
//!
//! A stream leaves the map when it closes. Frames that were on their way then (DATA crossing an
//! RST_STREAM) are no breach, so for a while it is remembered who had ended it.

use std::collections::{HashMap, VecDeque};

use super::stream::{State, Stream};
use crate::Direction;
use crate::decoder::PerDirection;

/// How many streams are followed at once. Beyond it the connection is not followed any more.
pub(super) const MAX_STREAMS: usize = 16_384;

/// How many closed streams are remembered.
const CLOSED_KEPT: usize = 1024;

/// What is known of a stream identifier.
pub(super) enum Known<'a> {
    /// Never used so far.
    Idle,
    /// Open, half-closed or reserved.
    Tracked(&'a Stream),
    /// Closed a while ago, or passed over.
    Closed,
    /// Closed just now; whether the sender asked about had ended or reset it.
    JustClosed {
        /// The sender has said that it sends no more.
        ended: bool,
    },
}

/// The streams of one connection.
#[derive(Debug, Default)]
pub(super) struct Streams {
    tracked: HashMap<u32, Stream>,
    /// The highest identifier that each side has opened (client) or promised (upstream).
    highest: PerDirection<u32>,
    closed: VecDeque<(u32, PerDirection<bool>)>,
    /// Streams that the client opened and that count against the upstream's limit.
    by_client: u32,
}

/// Who may open a stream with this identifier (§5.1.1).
pub(super) const fn initiator(id: u32) -> Direction {
    if id % 2 == 1 { Direction::FromClient } else { Direction::FromUpstream }
}

impl Streams {
    pub(super) fn len(&self) -> usize {
        self.tracked.len()
    }

    /// Streams opened by the client and not closed.
    pub(super) const fn by_client(&self) -> u32 {
        self.by_client
    }

    pub(super) fn get(&self, id: u32) -> Option<&Stream> {
        self.tracked.get(&id)
    }

    pub(super) fn get_mut(&mut self, id: u32) -> Option<&mut Stream> {
        self.tracked.get_mut(&id)
    }

    pub(super) fn is_idle(&self, id: u32) -> bool {
        id > self.highest[initiator(id)]
    }

    pub(super) fn known(&self, id: u32, sender: Direction) -> Known<'_> {
        if let Some(stream) = self.tracked.get(&id) {
            return Known::Tracked(stream);
        }
        if self.is_idle(id) {
            return Known::Idle;
        }
        match self.closed.iter().rev().find(|(closed, _)| *closed == id) {
            Some((_, ended)) => Known::JustClosed { ended: ended[sender] },
            None => Known::Closed,
        }
    }

    /// Opens or reserves an idle stream; all lower idle ones of its initiator are closed by that.
    pub(super) fn open(&mut self, id: u32, state: State) -> &mut Stream {
        self.highest[initiator(id)] = id;
        self.by_client += u32::from(initiator(id) == Direction::FromClient);
        self.tracked.entry(id).or_insert_with(|| Stream::new(state))
    }

    /// Closes a stream. `reset` tells who sent RST_STREAM, if that is what closed it.
    pub(super) fn close(&mut self, id: u32, reset: Option<Direction>) -> Option<Stream> {
        let stream = self.tracked.remove(&id)?;
        self.by_client -= u32::from(initiator(id) == Direction::FromClient);
        let ended = |sender| stream.state.has_ended(sender) || reset == Some(sender);
        if self.closed.len() == CLOSED_KEPT {
            self.closed.pop_front();
        }
        self.closed.push_back((id, PerDirection(Direction::BOTH.map(ended))));
        Some(stream)
    }

    /// The streams where only `sender` has something left to send, in ascending order.
    pub(super) fn waiting_for(&self, sender: Direction) -> Vec<u32> {
        let waiting = self.tracked.iter().filter(|(_, stream)| {
            !stream.state.has_ended(sender) && stream.state.has_ended(sender.opposite())
        });
        let mut ids: Vec<u32> = waiting.map(|(id, _)| *id).collect();
        ids.sort_unstable();
        ids
    }
}
