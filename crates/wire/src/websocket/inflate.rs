//! Inflating the payloads of compressed messages (RFC 7692 §7.2.2), without letting a few bytes on
//! the wire cost much memory or time.

use flate2::{Decompress, FlushDecompress, Status};

use super::extensions::DeflateParams;

/// The most bytes that one message is inflated to before inflating is given up. What lies between
/// [`MAX_CAPTURE`](super::MAX_CAPTURE) and this is inflated only to keep the context that later
/// messages refer to.
pub const MAX_INFLATED: usize = 1 << 20;

/// What the sender takes off the end of each message.
const TAIL: [u8; 4] = [0, 0, 0xff, 0xff];

const SCRATCH: usize = 8 * 1024;

/// Why a message can't be inflated (any further).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum InflateError {
    /// It is not DEFLATE data, or refers to a context that wasn't seen.
    Corrupt,
    /// It grew beyond [`MAX_INFLATED`].
    TooBig,
    /// Another message began before its end.
    Abandoned,
}

/// The inflating of one direction.
///
/// ```text
///  Idle ── first compressed message ──► Running ── an error, with context takeover ──► Off
/// ```
#[derive(Debug)]
pub(super) enum Inflation {
    /// Not agreed upon, or the context is lost.
    Off,
    /// Agreed upon; most connections never get to pay for the window.
    Idle(DeflateParams),
    /// Under way.
    Running(Inflater),
}

impl Inflation {
    pub(super) fn new(params: Option<DeflateParams>) -> Self {
        params.map_or(Self::Off, Self::Idle)
    }

    /// The inflater, made when it is first asked for; `None` when there is nothing to inflate with.
    pub(super) fn inflater(&mut self) -> Option<&mut Inflater> {
        if let Self::Idle(params) = self {
            *self = Self::Running(Inflater::new(*params));
        }
        match self {
            Self::Running(inflater) => Some(inflater),
            Self::Off | Self::Idle(_) => None,
        }
    }

    /// A message couldn't be inflated to its end. Says whether this also keeps later messages from
    /// being inflated, since they refer to it.
    pub(super) fn break_off(&mut self) -> bool {
        match self {
            Self::Running(inflater) if inflater.no_context_takeover => {
                inflater.reset();
                false
            }
            _ => {
                *self = Self::Off;
                true
            }
        }
    }
}

/// A DEFLATE decoder that remembers how much the current message has given.
#[derive(Debug)]
pub(super) struct Inflater {
    decompress: Decompress,
    scratch: Box<[u8; SCRATCH]>,
    no_context_takeover: bool,
    inflated: usize,
}

impl Inflater {
    fn new(params: DeflateParams) -> Self {
        Self {
            // Made for the largest window, which reads the data of all smaller ones.
            decompress: Decompress::new(false),
            scratch: Box::new([0; SCRATCH]),
            no_context_takeover: params.no_context_takeover,
            inflated: 0,
        }
    }

    fn reset(&mut self) {
        self.decompress.reset(false);
        self.inflated = 0;
    }

    /// Inflates the next piece of a message; `on_output` gets the content piece by piece.
    pub(super) fn feed(
        &mut self,
        mut input: &[u8],
        mut on_output: impl FnMut(&[u8]),
    ) -> Result<(), InflateError> {
        loop {
            let (read, written) = (self.decompress.total_in(), self.decompress.total_out());
            let output = &mut self.scratch[..];
            let status = self.decompress.decompress(input, output, FlushDecompress::None);
            let read = (self.decompress.total_in() - read) as usize;
            let written = (self.decompress.total_out() - written) as usize;
            input = &input[read..];
            on_output(&self.scratch[..written]);
            self.inflated += written;
            if self.inflated > MAX_INFLATED {
                return Err(InflateError::TooBig);
            }
            match status {
                Err(_) => return Err(InflateError::Corrupt),
                // A final block may stand in the middle; what follows is a new stream (§7.2.3.4).
                Ok(Status::StreamEnd) => self.decompress.reset(false),
                Ok(Status::Ok | Status::BufError) if read == 0 && written == 0 => return Ok(()),
                Ok(Status::Ok | Status::BufError) => {}
            }
            if input.is_empty() && written < SCRATCH {
                return Ok(());
            }
        }
    }

    /// The message is complete: inflates what its sender took off its end.
    pub(super) fn finish(&mut self, on_output: impl FnMut(&[u8])) -> Result<(), InflateError> {
        self.feed(&TAIL, on_output)?;
        self.inflated = 0;
        if self.no_context_takeover {
            self.decompress.reset(false);
        }
        Ok(())
    }
}
