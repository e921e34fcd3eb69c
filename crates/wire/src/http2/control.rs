//! Frames that carry no message: SETTINGS, PING, GOAWAY, RST_STREAM, WINDOW_UPDATE, PRIORITY.

use std::collections::VecDeque;
use std::time::Duration;

use super::breach::Breach;
use super::connection::{Connection, Output};
use super::event::ControlKind;
use super::frame::payload::{self, Priority};
use super::frame::{FrameHeader, flag};
use super::settings::MAX_UNACKED;
use crate::{Direction, Timestamp};

/// How many PINGs of one side may wait for their ACK; the oldest are forgotten first.
const MAX_PINGS: usize = 64;

/// PINGs without their ACK.
#[derive(Debug, Default)]
pub(super) struct Pings(VecDeque<([u8; 8], Timestamp)>);

impl Pings {
    fn sent(&mut self, opaque: [u8; 8], now: Timestamp) {
        if self.0.len() == MAX_PINGS {
            self.0.pop_front();
        }
        self.0.push_back((opaque, now));
    }

    fn answered(&mut self, opaque: [u8; 8], now: Timestamp) -> Option<Duration> {
        let index = self.0.iter().position(|(sent, _)| *sent == opaque)?;
        self.0.remove(index).map(|(_, at)| now.since(at))
    }
}

impl Connection {
    pub(super) fn settings(&mut self, header: &FrameHeader, payload: &[u8], out: &mut Output<'_>) {
        if header.has(flag::ACK) {
            return self.settings_ack(out);
        }
        let sender = out.direction;
        let side = &mut self.sides[sender];
        side.fingerprint.settings(payload::settings(payload));
        let mut breaches = Vec::new();
        let parameters = payload::settings(payload);
        let changed =
            side.settings.receive(parameters, sender, &mut |breach| breaches.push(breach));
        out.control(None, ControlKind::Settings { changed });
        for breach in breaches {
            self.report(None, breach, out);
        }
        self.apply_table_size(sender);
        self.resume_streams(sender.opposite(), out);
        if self.sides[sender].settings.unacked() > MAX_UNACKED {
            let why = format!("more than {MAX_UNACKED} SETTINGS frames without their ACK");
            self.lose(why, out);
        }
    }

    fn settings_ack(&mut self, out: &mut Output<'_>) {
        let owner = out.direction.opposite();
        out.control(None, ControlKind::SettingsAck);
        if self.sides[owner].settings.acknowledge() {
            self.apply_table_size(owner);
        } else if !self.is_lost(owner) {
            let what = "SETTINGS ACK, and no SETTINGS are waiting for one";
            self.report(None, Breach::connection("RFC 9113 §6.5.3", what), out);
        }
    }

    /// The HPACK table that `owner` decodes with is the one that the other side encodes with.
    fn apply_table_size(&mut self, owner: Direction) {
        if self.is_lost(owner) {
            return;
        }
        let size = self.sides[owner].settings.binding().header_table_size;
        self.sides[owner.opposite()].hpack.set_max_table_size(size);
    }

    pub(super) fn ping(&mut self, header: &FrameHeader, payload: &[u8], out: &mut Output<'_>) {
        let Some(&opaque) = payload.first_chunk() else { return };
        if header.has(flag::ACK) {
            let rtt = self.sides[out.direction.opposite()].pings.answered(opaque, out.now);
            out.control(None, ControlKind::PingAck { opaque, rtt });
        } else {
            self.sides[out.direction].pings.sent(opaque, out.now);
            out.control(None, ControlKind::Ping { opaque });
        }
    }

    pub(super) fn goaway(&mut self, payload: &[u8], out: &mut Output<'_>) {
        let Some((last_stream_id, code, debug)) = payload::goaway(payload) else { return };
        let debug_data = debug.to_vec();
        out.control(None, ControlKind::GoAway { code, last_stream_id, debug_data });
        let before = self.sides[out.direction].goaway.replace(last_stream_id);
        if let Some(before) = before.filter(|before| last_stream_id > *before) {
            let what = format!("GOAWAY names stream {last_stream_id}, the one before {before}");
            self.report(None, Breach::connection("RFC 9113 §6.8", what), out);
        }
    }

    pub(super) fn rst_stream(
        &mut self,
        header: &FrameHeader,
        payload: &[u8],
        out: &mut Output<'_>,
    ) {
        let Some(code) = payload::word(payload) else { return };
        let code = super::ErrorCode(code);
        out.control(Some(header.stream), ControlKind::RstStream { code });
        self.close(header.stream, Some(out.direction));
    }

    pub(super) fn window_update(
        &mut self,
        header: &FrameHeader,
        payload: &[u8],
        out: &mut Output<'_>,
    ) {
        let Some(word) = payload::word(payload) else { return };
        let delta = word & 0x7fff_ffff;
        if header.stream == 0 {
            self.sides[out.direction].fingerprint.window_update(delta);
        }
        self.credit(header.stream, delta, out);
    }

    pub(super) fn priority(&mut self, header: &FrameHeader, payload: &[u8], out: &Output<'_>) {
        if let Some(priority) = Priority::parse(payload) {
            self.sides[out.direction].fingerprint.priority(header.stream, priority);
        }
    }
}
