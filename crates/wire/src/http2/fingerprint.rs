//! How a side opens its HTTP/2 connection, as a line of text that tells implementations apart.
//!
//! ```text
//! 1:65536;3:1000;4:6291456|15663105|0|m,a,s,p
//! SETTINGS in order        │        │ └ pseudo-header order of the first request (client only)
//!                          │        └── PRIORITY frames: stream:exclusive:depends-on:weight,…
//!                          └── first WINDOW_UPDATE of the connection, 00 without one
//! ```
//!
//! The notation is Akamai's ("Passive Fingerprinting of HTTP/2 Clients"); the upstream's line has
//! three parts, since it sends no request. Which software a line belongs to isn't known here.

use std::fmt::Write;

use super::event::SettingId;
use super::frame::payload::Priority;
use crate::http::Fields;

/// How many parameters and PRIORITY frames are written down.
const MAX_ENTRIES: usize = 64;

/// What was seen of one side's opening.
#[derive(Debug, Default)]
pub(super) struct Fingerprint {
    told: bool,
    settings: Option<String>,
    window_update: Option<u32>,
    priorities: String,
    priority_count: usize,
}

impl Fingerprint {
    /// A SETTINGS frame; only the first counts.
    pub(super) fn settings(&mut self, parameters: impl Iterator<Item = (SettingId, u32)>) {
        if self.told || self.settings.is_some() {
            return;
        }
        let mut text = String::new();
        for (id, value) in parameters.take(MAX_ENTRIES) {
            separate(&mut text, ';');
            // Writing to a String can't fail.
            let _ = write!(text, "{}:{value}", id.0);
        }
        self.settings = Some(text);
    }

    /// A WINDOW_UPDATE of the connection; only the first counts.
    pub(super) fn window_update(&mut self, delta: u32) {
        self.window_update.get_or_insert(delta);
    }

    /// A PRIORITY frame.
    pub(super) fn priority(&mut self, stream: u32, priority: Priority) {
        if self.told || self.priority_count == MAX_ENTRIES {
            return;
        }
        self.priority_count += 1;
        separate(&mut self.priorities, ',');
        let Priority { exclusive, depends_on, weight } = priority;
        let exclusive = u8::from(exclusive);
        let _ = write!(self.priorities, "{stream}:{exclusive}:{depends_on}:{weight}");
    }

    /// Whether SETTINGS came and the line wasn't told yet.
    pub(super) const fn is_pending(&self) -> bool {
        !self.told && self.settings.is_some()
    }

    /// The opening is over: the line, the first time. `request` is the client's first request.
    pub(super) fn tell(&mut self, request: Option<&Fields>) -> Option<String> {
        if std::mem::replace(&mut self.told, true) {
            return None;
        }
        let mut line = self.settings.take().unwrap_or_default();
        let _ = match self.window_update {
            Some(delta) => write!(line, "|{delta}|"),
            None => write!(line, "|00|"),
        };
        match std::mem::take(&mut self.priorities) {
            none if none.is_empty() => line.push('0'),
            priorities => line.push_str(&priorities),
        }
        if let Some(fields) = request {
            line.push('|');
            push_pseudo_order(&mut line, fields);
        }
        Some(line)
    }
}

fn push_pseudo_order(line: &mut String, fields: &Fields) {
    let letters = fields.iter().filter_map(|field| match field.name {
        b":method" => Some('m'),
        b":authority" => Some('a'),
        b":scheme" => Some('s'),
        b":path" => Some('p'),
        _ => None,
    });
    for (index, letter) in letters.take(MAX_ENTRIES).enumerate() {
        if index > 0 {
            line.push(',');
        }
        line.push(letter);
    }
}

fn separate(text: &mut String, separator: char) {
    if !text.is_empty() {
        text.push(separator);
    }
}
