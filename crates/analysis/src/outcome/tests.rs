//! All combinations of who ended first, how, what was in flight, breach and GOAWAY.

use wire::Direction::{self, FromClient, FromUpstream};
use wire::Timestamp;
use wire::http2::ErrorCode;

use super::*;

const ENDINGS: [Ending; 3] = [Ending::Fin, Ending::FinWithoutCloseNotify, Ending::Rst];

fn at(micros: u64) -> Timestamp {
    Timestamp::from_micros(micros)
}

fn cutting(cut: usize) -> Facts {
    let mut facts = Facts::default();
    facts.cut = cut;
    facts
}

fn facts(ender: Direction, ending: Ending, cut: usize) -> Facts {
    let mut facts = cutting(cut);
    facts.note_ending(ender, ending, at(9));
    facts
}

fn violation(by: Direction) -> Violation {
    Violation { by, at: at(1), what: "DATA on stream 0".to_owned() }
}

fn goaway(by: Direction, code: ErrorCode) -> Goaway {
    Goaway { by, code, last_stream_id: 1, debug: String::new() }
}

fn reason(facts: &Facts) -> CloseReason {
    judge(Cause::Parties, facts).reason
}

#[test]
fn without_breach_the_ender_and_its_way_decide() {
    for ender in Direction::BOTH {
        for ending in ENDINGS {
            for cut in [0, 1, 2] {
                let facts = facts(ender, ending, cut);
                let judged = judge(Cause::Parties, &facts);
                let expected = match (ending, ender, cut) {
                    (Ending::Rst, FromClient, _) => CloseReason::ClientRst,
                    (Ending::Rst, FromUpstream, _) => CloseReason::UpstreamRst,
                    (_, _, 0) => CloseReason::Completed,
                    (_, FromClient, _) => CloseReason::ClientFin,
                    (_, FromUpstream, _) => CloseReason::UpstreamFin,
                };
                assert_eq!((judged.reason, judged.closed_by), (expected, Party::from(ender)));
                assert_eq!(judged.detail.is_some(), cut > 0);
            }
        }
    }
}

#[test]
fn the_second_to_end_is_a_consequence() {
    for second in ENDINGS {
        let mut facts = facts(FromUpstream, Ending::Fin, 1);
        facts.note_ending(FromClient, second, at(10));
        assert_eq!(reason(&facts), CloseReason::UpstreamFin);
        assert_eq!(facts.left_first(FromUpstream), Some(at(9)));
        assert_eq!(facts.left_first(FromClient), None);
    }
}

#[test]
fn a_breach_explains_the_end_unless_nobody_minded() {
    for culprit in Direction::BOTH {
        let error = protocol_error(culprit);
        for (ender, cut, complaint, expected) in [
            (culprit, 0, false, CloseReason::Completed),
            (culprit, 0, true, error),
            (culprit, 1, false, error),
            (culprit.opposite(), 0, false, error),
            (culprit.opposite(), 1, false, error),
            (culprit.opposite(), 1, true, error),
        ] {
            let mut facts = cutting(cut);
            facts.note_violation(violation(culprit));
            if complaint {
                facts.note_goaway(goaway(culprit.opposite(), ErrorCode::FRAME_SIZE_ERROR));
            }
            facts.note_ending(ender, Ending::Fin, at(9));
            assert_eq!(reason(&facts), expected, "{culprit:?} {ender:?} {cut} {complaint}");
        }
    }
}

#[test]
fn a_breach_before_a_success_broke_nothing() {
    let mut facts = cutting(1);
    facts.note_violation(violation(FromClient));
    facts.note_success(at(1));
    facts.note_ending(FromUpstream, Ending::Fin, at(9));
    assert_eq!(reason(&facts), CloseReason::ClientProtocolError);
    facts.note_success(at(2));
    assert_eq!(reason(&facts), CloseReason::UpstreamFin);
}

#[test]
fn a_breach_after_a_complaint_or_the_other_s_leave_is_a_consequence() {
    let mut facts = cutting(1);
    facts.note_goaway(goaway(FromUpstream, ErrorCode::PROTOCOL_ERROR));
    facts.note_violation(violation(FromUpstream));
    facts.note_ending(FromUpstream, Ending::Fin, at(9));
    assert_eq!(reason(&facts), CloseReason::ClientProtocolError);

    let mut facts = self::facts(FromClient, Ending::Fin, 1);
    facts.note_violation(violation(FromUpstream));
    assert_eq!(reason(&facts), CloseReason::ClientFin);
}

#[test]
fn only_goaway_that_names_a_breach_complains_of_the_other() {
    for (code, expected) in [
        (ErrorCode::PROTOCOL_ERROR, CloseReason::ClientProtocolError),
        (ErrorCode::COMPRESSION_ERROR, CloseReason::ClientProtocolError),
        (ErrorCode::FLOW_CONTROL_ERROR, CloseReason::ClientProtocolError),
        (ErrorCode::INTERNAL_ERROR, CloseReason::UpstreamFin),
        (ErrorCode::ENHANCE_YOUR_CALM, CloseReason::UpstreamFin),
        (ErrorCode::NO_ERROR, CloseReason::UpstreamFin),
    ] {
        let mut facts = cutting(1);
        facts.note_goaway(goaway(FromUpstream, code));
        facts.note_ending(FromUpstream, Ending::Fin, at(9));
        assert_eq!(reason(&facts), expected, "{code}");
    }
}

#[test]
fn what_was_decided_stands_whatever_was_seen() {
    let cause = Cause::Decided {
        reason: CloseReason::UpstreamReadTimeout,
        closed_by: Party::Proxy,
        detail: "policy.read_timeout".to_owned(),
    };
    let judged = judge(cause, &facts(FromUpstream, Ending::Rst, 3));
    assert_eq!(judged.reason, CloseReason::UpstreamReadTimeout);
    assert_eq!(judged.closed_by, Party::Proxy);
    assert_eq!(judged.detail.as_deref(), Some("policy.read_timeout"));
}

#[test]
fn a_cut_names_the_goaway_before_it() {
    let mut facts = cutting(1);
    let calm = goaway(FromUpstream, ErrorCode::ENHANCE_YOUR_CALM);
    facts.note_goaway(Goaway { debug: "too_many_pings".to_owned(), ..calm });
    facts.note_ending(FromUpstream, Ending::Fin, at(9));
    let judged = judge(Cause::Parties, &facts);
    assert_eq!(
        cut(&judged, Stage::BeforeResponse, &facts),
        "upstream_fin before the response, after GOAWAY ENHANCE_YOUR_CALM(11) last=1 \
         'too_many_pings' by upstream"
    );
}
