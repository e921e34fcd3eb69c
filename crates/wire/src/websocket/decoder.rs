//! The decoder of a connection: its two directions, each followed on its own.

use super::event::Event;
use super::extensions::Extensions;
use super::half::Half;
use crate::Direction;
use crate::decoder::PerDirection;

/// Follows the WebSocket frames of one connection, from the first byte after the upgrade.
///
/// Call `feed` for the bytes as they come, then `finish` once a direction when it ends. Time plays
/// no part here, so it is no argument.
#[derive(Debug)]
pub struct Decoder {
    halves: PerDirection<Half>,
}

impl Decoder {
    /// At the start of a WebSocket connection with these extensions.
    pub fn new(extensions: &Extensions) -> Self {
        Self { halves: PerDirection(Direction::BOTH.map(|side| Half::new(side, extensions))) }
    }

    /// Takes the next bytes of a direction and gives `sink` what they complete.
    pub fn feed(&mut self, direction: Direction, bytes: &[u8], sink: &mut dyn FnMut(Event)) {
        self.halves[direction].feed(bytes, sink);
    }

    /// The direction ended. What that leaves unfinished is a breach; bytes fed afterwards are
    /// ignored.
    pub fn finish(&mut self, direction: Direction, sink: &mut dyn FnMut(Event)) {
        self.halves[direction].finish(sink);
    }
}
