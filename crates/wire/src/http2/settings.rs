//! The SETTINGS of one side: what it sent, and what therefore binds the other (RFC 9113 §6.5).
//!
//! ```text
//! receiver ── SETTINGS(a) ── SETTINGS(b) ─►            limits: acked, a, b are all possible
//!          ◄──────────────── SETTINGS ACK ── sender    limits: a (acked), b
//! ```
//!
//! From the middle nobody knows when the sender applies a value; only that it has when its ACK
//! passes. So between the two a sender is held to the most generous value on its way: a limit that
//! grows counts as soon as the SETTINGS is seen, since the sender might use it before its ACK
//! passes here; one that shrinks counts from the ACK on, since the sender could not know of it.

use std::collections::VecDeque;

use super::breach::Breach;
use super::event::{SettingChange, SettingId};
use crate::Direction;

/// SETTINGS frames without ACK that are remembered. Past it the sender isn't followed any more.
pub(super) const MAX_UNACKED: usize = 256;

/// Parameters beyond those with a meaning here, whose last value is remembered.
const MAX_OTHERS: usize = 64;

/// The largest flow-control window (RFC 9113 §6.9.1).
pub(super) const MAX_WINDOW: i64 = 0x7fff_ffff;

/// The parameters that limit the other side, at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Limits {
    pub(super) header_table_size: u32,
    pub(super) push: bool,
    /// `u32::MAX` for no limit, which no sender can exceed either.
    pub(super) concurrent_streams: u32,
    pub(super) initial_window: u32,
    pub(super) frame_size: u32,
    /// `u32::MAX` for no limit.
    pub(super) header_list_size: u32,
    pub(super) extended_connect: bool,
}

/// The initial values of RFC 9113 §6.5.2.
const INITIAL: Limits = Limits {
    header_table_size: 4096,
    push: true,
    concurrent_streams: u32::MAX,
    initial_window: 65_535,
    frame_size: 16_384,
    header_list_size: u32::MAX,
    extended_connect: false,
};

impl Limits {
    fn most_generous(self, other: Self) -> Self {
        Self {
            header_table_size: self.header_table_size.max(other.header_table_size),
            push: self.push || other.push,
            concurrent_streams: self.concurrent_streams.max(other.concurrent_streams),
            initial_window: self.initial_window.max(other.initial_window),
            frame_size: self.frame_size.max(other.frame_size),
            header_list_size: self.header_list_size.max(other.header_list_size),
            extended_connect: self.extended_connect || other.extended_connect,
        }
    }

    fn set(&mut self, id: SettingId, value: u32) {
        match id {
            SettingId::HEADER_TABLE_SIZE => self.header_table_size = value,
            SettingId::ENABLE_PUSH => self.push = value != 0,
            SettingId::MAX_CONCURRENT_STREAMS => self.concurrent_streams = value,
            SettingId::INITIAL_WINDOW_SIZE => self.initial_window = value,
            SettingId::MAX_FRAME_SIZE => self.frame_size = value,
            SettingId::MAX_HEADER_LIST_SIZE => self.header_list_size = value,
            SettingId::ENABLE_CONNECT_PROTOCOL => self.extended_connect = value != 0,
            _ => {}
        }
    }
}

/// Everything one side said in SETTINGS.
#[derive(Debug)]
pub(super) struct Settings {
    /// The last value sent of each parameter, in order of first appearance.
    values: Vec<(SettingId, u32)>,
    sent: Limits,
    acked: Limits,
    unacked: VecDeque<Limits>,
    binding: Limits,
    lowest_window: u32,
}

impl Settings {
    pub(super) const fn new() -> Self {
        Self {
            values: Vec::new(),
            sent: INITIAL,
            acked: INITIAL,
            unacked: VecDeque::new(),
            binding: INITIAL,
            lowest_window: INITIAL.initial_window,
        }
    }

    /// The most generous limits that the other side might know of.
    pub(super) const fn binding(&self) -> &Limits {
        &self.binding
    }

    /// The smallest INITIAL_WINDOW_SIZE that the other side might know of.
    pub(super) const fn lowest_window(&self) -> u32 {
        self.lowest_window
    }

    /// How many SETTINGS wait for their ACK.
    pub(super) fn unacked(&self) -> usize {
        self.unacked.len()
    }

    /// Takes the parameters of a SETTINGS frame; gives the changes.
    pub(super) fn receive(
        &mut self,
        parameters: impl ExactSizeIterator<Item = (SettingId, u32)>,
        sender: Direction,
        found: &mut dyn FnMut(Breach),
    ) -> Vec<SettingChange> {
        let changes = parameters.map(|(setting, new)| {
            let old = self.last(setting);
            match check(setting, old, new, sender) {
                Some(breach) => found(breach),
                None => self.sent.set(setting, new),
            }
            self.remember(setting, new);
            SettingChange { setting, old, new }
        });
        let changes = changes.collect();
        self.unacked.push_back(self.sent);
        self.rebind();
        changes
    }

    /// The other side's ACK of the oldest SETTINGS; false when none is waiting for one.
    pub(super) fn acknowledge(&mut self) -> bool {
        let Some(limits) = self.unacked.pop_front() else { return false };
        self.acked = limits;
        self.rebind();
        true
    }

    fn rebind(&mut self) {
        let limits = self.unacked.iter();
        self.binding = limits.clone().fold(self.acked, |all, &limits| all.most_generous(limits));
        self.lowest_window =
            limits.map(|limits| limits.initial_window).fold(self.acked.initial_window, u32::min);
    }

    fn last(&self, setting: SettingId) -> Option<u32> {
        let sent = self.values.iter().find(|(id, _)| *id == setting).map(|(_, value)| *value);
        sent.or(match setting {
            SettingId::HEADER_TABLE_SIZE => Some(INITIAL.header_table_size),
            SettingId::ENABLE_PUSH => Some(1),
            SettingId::INITIAL_WINDOW_SIZE => Some(INITIAL.initial_window),
            SettingId::MAX_FRAME_SIZE => Some(INITIAL.frame_size),
            SettingId::ENABLE_CONNECT_PROTOCOL | SettingId::NO_RFC7540_PRIORITIES => Some(0),
            _ => None,
        })
    }

    fn remember(&mut self, setting: SettingId, value: u32) {
        let known = setting.name().is_some();
        let room = self.values.len() < MAX_OTHERS;
        match self.values.iter_mut().find(|(id, _)| *id == setting) {
            Some((_, last)) => *last = value,
            None if known || room => self.values.push((setting, value)),
            None => {}
        }
    }
}

/// The values that a parameter may take (RFC 9113 §6.5.2).
fn check(setting: SettingId, old: Option<u32>, new: u32, sender: Direction) -> Option<Breach> {
    let allowed = match setting {
        SettingId::ENABLE_PUSH if new == 1 && sender == Direction::FromUpstream => {
            "0 when a server sends it"
        }
        SettingId::ENABLE_PUSH if new > 1 => "0 or 1",
        SettingId::INITIAL_WINDOW_SIZE if i64::from(new) > MAX_WINDOW => "at most 2147483647",
        SettingId::MAX_FRAME_SIZE if !(16_384..=16_777_215).contains(&new) => "16384 to 16777215",
        SettingId::ENABLE_CONNECT_PROTOCOL if new > 1 => "0 or 1",
        SettingId::ENABLE_CONNECT_PROTOCOL if new == 0 && old == Some(1) => "1 once it was 1",
        SettingId::NO_RFC7540_PRIORITIES if new > 1 => "0 or 1",
        _ => return None,
    };
    let section = match setting {
        SettingId::ENABLE_CONNECT_PROTOCOL => "RFC 8441 §3",
        SettingId::NO_RFC7540_PRIORITIES => "RFC 9218 §2.1",
        _ => "RFC 9113 §6.5.2",
    };
    Some(Breach::connection(section, format!("SETTINGS {setting} = {new}; it is {allowed}")))
}
