//! The messages of one direction, put together from their fragments.

use super::event::{Form, MessageKind};
use super::extensions::DeflateParams;
use super::frame::unmask;
use super::inflate::{InflateError, Inflation};

/// The most bytes that are kept of one message.
pub const MAX_CAPTURE: usize = 64 * 1024;

/// Compressed payload is unmasked in pieces of this size.
const UNMASK_PIECE: usize = 4096;

/// A compressed message could not be read to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Trouble {
    /// What was wrong.
    pub(super) error: InflateError,
    /// Whether later messages can't be read either.
    pub(super) context_lost: bool,
}

/// The message under way, and what outlives it.
#[derive(Debug)]
pub(super) struct Messages {
    current: Option<Message>,
    inflation: Inflation,
    unmasked: Vec<u8>,
}

/// A message whose last fragment hasn't ended yet.
#[derive(Debug)]
pub(super) struct Message {
    pub(super) kind: MessageKind,
    pub(super) form: Form,
    /// Payload bytes on the wire.
    pub(super) length: u64,
    pub(super) data: Vec<u8>,
    pub(super) truncated: bool,
    /// Whether inflating it was given up.
    broken_off: bool,
}

impl Messages {
    pub(super) fn new(deflate: Option<DeflateParams>) -> Self {
        Self { current: None, inflation: Inflation::new(deflate), unmasked: Vec::new() }
    }

    /// Whether a message waits for more fragments.
    pub(super) const fn is_fragmented(&self) -> bool {
        self.current.is_some()
    }

    /// A message begins. One that is under way is dropped, which may be of consequence.
    pub(super) fn begin(&mut self, kind: MessageKind, compressed: bool) -> Result<(), Trouble> {
        let abandoned = self.current.take();
        let result = match abandoned {
            Some(Message { form: Form::Inflated, broken_off: false, .. }) => {
                Err(self.trouble(InflateError::Abandoned))
            }
            _ => Ok(()),
        };
        let form = match compressed {
            false => Form::Plain,
            true if self.inflation.inflater().is_some() => Form::Inflated,
            true => Form::Compressed,
        };
        self.current = Some(Message {
            kind,
            form,
            length: 0,
            data: Vec::new(),
            truncated: false,
            broken_off: false,
        });
        result
    }

    /// Takes payload, which begins at `position` of its frame.
    pub(super) fn push(
        &mut self,
        mask: Option<[u8; 4]>,
        position: u64,
        payload: &[u8],
    ) -> Result<(), Trouble> {
        let Some(message) = &mut self.current else { return Ok(()) };
        message.length += payload.len() as u64;
        if message.form != Form::Inflated {
            let kept = message.room(payload.len());
            unmask(mask, position, &payload[..kept], &mut message.data);
            return Ok(());
        }
        if message.broken_off {
            return Ok(());
        }
        let Some(inflater) = self.inflation.inflater() else { return Ok(()) };
        let mut at = position;
        for piece in payload.chunks(UNMASK_PIECE) {
            self.unmasked.clear();
            unmask(mask, at, piece, &mut self.unmasked);
            at += piece.len() as u64;
            if let Err(error) = inflater.feed(&self.unmasked, |output| message.keep(output)) {
                message.break_off();
                return Err(self.trouble(error));
            }
        }
        Ok(())
    }

    /// The last fragment ended.
    pub(super) fn end(&mut self) -> (Option<Message>, Result<(), Trouble>) {
        let Some(mut message) = self.current.take() else { return (None, Ok(())) };
        let mut result = Ok(());
        if message.form == Form::Inflated
            && !message.broken_off
            && let Some(inflater) = self.inflation.inflater()
            && let Err(error) = inflater.finish(|output| message.keep(output))
        {
            message.break_off();
            result = Err(self.trouble(error));
        }
        (Some(message), result)
    }

    fn trouble(&mut self, error: InflateError) -> Trouble {
        Trouble { error, context_lost: self.inflation.break_off() }
    }
}

impl Message {
    /// Whether the captured content breaks the rule that text is UTF-8 (RFC 6455 §8.1). What lies
    /// behind the capture isn't known.
    pub(super) fn is_broken_text(&self) -> bool {
        self.kind == MessageKind::Text
            && self.form != Form::Compressed
            && str::from_utf8(&self.data).is_err_and(|error| {
                let cut = error.error_len().is_none();
                !(cut && self.truncated)
            })
    }

    fn keep(&mut self, output: &[u8]) {
        let kept = self.room(output.len());
        self.data.extend_from_slice(&output[..kept]);
    }

    /// How many of so many bytes can be kept; notes when that isn't all.
    fn room(&mut self, wanted: usize) -> usize {
        let kept = wanted.min(MAX_CAPTURE - self.data.len());
        self.truncated |= kept < wanted;
        kept
    }

    const fn break_off(&mut self) {
        self.broken_off = true;
        self.truncated = true;
    }
}
