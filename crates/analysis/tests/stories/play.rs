//! Plays a story to a session and holds its records against the expected ones.

use std::sync::Arc;

use analysis::metrics::Metric;
use analysis::outcome::{Cause, Ending};
use analysis::record::{ConnId, Record};
use analysis::session::{Identity, Options, Session, Sink};
use analysis::vocabulary::Party;
use serde_json::Value;
use wire::Timestamp;

use crate::script::{Check, Step, Story, time};

/// Collects what a session says.
#[derive(Debug, Default)]
pub(crate) struct Collected(pub(crate) Vec<Value>);

impl Sink for Collected {
    fn record(&mut self, record: Record) {
        self.0.push(serde_json::to_value(&record).unwrap());
    }

    fn count(&mut self, _metric: Metric, _n: u64) {}
}

/// Plays a story; `cut` tells how long the next piece of so many bytes is.
pub(crate) fn play(story: &Story, cut: &mut dyn FnMut(usize) -> usize) -> Vec<Value> {
    let conn = ConnId("01890a5d-ac96-774b-bcce-b302099a8057".parse().unwrap());
    let start = time("0");
    let identity = Identity::new(conn, "test".into(), "10.0.0.5:4242".parse().unwrap(), start);
    let options = Options {
        headers: story.headers,
        redact: vec!["authorization".to_owned(), "sec-websocket-extensions".to_owned()],
        body: story.bodies,
        control_events: true,
        memory: Arc::default(),
    };
    let mut session = Session::new(identity, Arc::new(options));
    let mut sink = Collected::default();
    session.opened("up:443".into(), start, &mut sink);
    session.begin(story.application);
    let (mut cause, mut now) = (Cause::Parties, start);
    for (at, step) in &story.steps {
        now = *at;
        match step {
            Step::Bytes(direction, bytes) => {
                let mut rest = bytes.as_slice();
                while !rest.is_empty() {
                    let (piece, after) = rest.split_at(cut(rest.len()).clamp(1, rest.len()));
                    session.observe(*direction, piece, now, &mut sink);
                    rest = after;
                }
            }
            Step::Ended(direction, ending) => session.ended(*direction, *ending, now, &mut sink),
            Step::Decided(reason) => {
                let detail = "decided".to_owned();
                cause = Cause::Decided { reason: *reason, closed_by: Party::Proxy, detail };
            }
            Step::Check(check) => hold(&session, check, now),
        }
        let over = matches!(step, Step::Ended(_, Ending::Rst));
        if over {
            break;
        }
    }
    session.close(cause, now, &mut sink);
    sink.0
}

fn hold(session: &Session, check: &Check, now: Timestamp) {
    let since = now.since(time("0"));
    match check {
        Check::Stalled(direction, expected) => {
            let found = session.stalled_since(*direction);
            assert_eq!(found, *expected, "stalled {direction:?} at {since:?}");
        }
        Check::Between(expected) => {
            assert_eq!(session.is_between_requests(), *expected, "between requests at {since:?}");
        }
        Check::Busy(expected) => assert_eq!(session.is_busy(), *expected, "busy at {since:?}"),
    }
}

/// Compares records with what a story expects.
pub(crate) fn compare(records: &[Value], expected: &[Value]) -> Result<(), String> {
    let is_control = |record: &&Value| record["kind"] == "h2ctl";
    let found: Vec<&Value> =
        records.iter().filter(|record| !is_control(record) && record["event"] != "open").collect();
    let wanted: Vec<&Value> = expected.iter().filter(|record| !is_control(record)).collect();
    for (index, wanted) in wanted.iter().enumerate() {
        let found = found.get(index).ok_or_else(|| format!("no record for {wanted}"))?;
        differs(found, wanted, "").map_or(Ok(()), |path| Err(format!("{path}\n   in {found}")))?;
    }
    if let Some(more) = found.get(wanted.len()) {
        return Err(format!("not expected: {more}"));
    }
    let mut controls = records.iter().filter(is_control);
    for wanted in expected.iter().filter(is_control) {
        if !controls.any(|found| differs(found, wanted, "").is_none()) {
            return Err(format!("no h2ctl for {wanted}"));
        }
    }
    Ok(())
}

/// Where `found` lacks what `wanted` has; members that `wanted` does not name may be anything.
fn differs(found: &Value, wanted: &Value, path: &str) -> Option<String> {
    match (found, wanted) {
        (Value::Object(found), Value::Object(wanted)) => {
            wanted.iter().find_map(|(name, wanted)| {
                let found = found.get(name).unwrap_or(&Value::Null);
                differs(found, wanted, &format!("{path}.{name}"))
            })
        }
        (Value::Array(found), Value::Array(wanted)) if found.len() == wanted.len() => found
            .iter()
            .zip(wanted)
            .find_map(|(found, wanted)| differs(found, wanted, &format!("{path}[]"))),
        (Value::Number(found), Value::Number(wanted)) if found.as_f64() == wanted.as_f64() => None,
        (found, wanted) if found == wanted => None,
        (found, wanted) => Some(format!("{path}: expected {wanted}, found {found}")),
    }
}
