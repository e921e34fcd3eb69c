//! A story as a data file: a timeline, and the records that it must yield.
//!
//! ```text
//! # what the story is about
//! begin h1 | h2 | raw | unknown           what the handshake told
//! bodies 100                              capture so many bytes of each body
//! 0.000 C> "GET / HTTP/1.1\r\n\r\n"       bytes of the client; see bytes.rs for h2, ws, grpc
//! 0.010 U> FIN | EOF | RST                a direction ends (EOF: without close_notify)
//! 0.020 ? stalled client since 0.000      what the timeouts would count
//! 0.030 P> upstream_read_timeout          the proxy ends it
//! = {"kind":"event","error":null}         a record: every field named here has this value
//! ```
//!
//! Records of kinds `event` and `conn` are all listed, in order (but for `conn open`); of `h2ctl`
//! those that matter.

use analysis::outcome::Ending;
use analysis::session::Application;
use analysis::vocabulary::CloseReason;
use serde_json::Value;
use wire::{Direction, Timestamp};

use crate::bytes::{Token, bytes, tokens};

#[derive(Debug)]
pub(crate) struct Story {
    pub(crate) application: Application,
    pub(crate) bodies: Option<usize>,
    pub(crate) headers: bool,
    pub(crate) steps: Vec<(Timestamp, Step)>,
    pub(crate) expected: Vec<Value>,
}

#[derive(Debug)]
pub(crate) enum Step {
    Bytes(Direction, Vec<u8>),
    Ended(Direction, Ending),
    Decided(CloseReason),
    Check(Check),
}

/// What holds at a moment.
#[derive(Debug)]
pub(crate) enum Check {
    Stalled(Direction, Option<Timestamp>),
    Between(bool),
    Busy(bool),
}

impl Story {
    pub(crate) fn parse(text: &str) -> Self {
        let mut story = Self {
            application: Application::Unknown,
            bodies: None,
            headers: true,
            steps: Vec::new(),
            expected: Vec::new(),
        };
        for line in text.lines().map(str::trim) {
            story.line(line);
        }
        story
    }

    fn line(&mut self, line: &str) {
        if line.is_empty() || line.starts_with('#') {
            return;
        }
        if let Some(record) = line.strip_prefix("= ") {
            let record = serde_json::from_str(record);
            return self.expected.push(record.unwrap_or_else(|error| panic!("{line}: {error}")));
        }
        let tokens = tokens(line);
        let words: Vec<_> = tokens.iter().map_while(Token::word).collect();
        match words.as_slice() {
            ["begin", application] => self.application = self::application(application),
            ["bodies", limit] => self.bodies = Some(limit.parse().expect("a number")),
            ["no-headers"] => self.headers = false,
            [at, "C>", ..] => self.side(at, Direction::FromClient, &tokens[2..]),
            [at, "U>", ..] => self.side(at, Direction::FromUpstream, &tokens[2..]),
            [at, "P>", reason] => {
                let reason = reason.parse().expect("a close reason");
                self.steps.push((time(at), Step::Decided(reason)));
            }
            [at, "?", check @ ..] => self.steps.push((time(at), Step::Check(self::check(check)))),
            _ => panic!("what is '{line}'?"),
        }
    }

    fn side(&mut self, at: &str, direction: Direction, rest: &[Token]) {
        let step = match rest {
            [Token::Word(word)] if word == "FIN" => Step::Ended(direction, Ending::Fin),
            [Token::Word(word)] if word == "EOF" => {
                Step::Ended(direction, Ending::FinWithoutCloseNotify)
            }
            [Token::Word(word)] if word == "RST" => Step::Ended(direction, Ending::Rst),
            line => Step::Bytes(direction, bytes(direction, line)),
        };
        self.steps.push((time(at), step));
    }
}

fn application(word: &str) -> Application {
    match word {
        "h1" => Application::Http1,
        "h2" => Application::Http2,
        "raw" => Application::Raw,
        "unknown" => Application::Unknown,
        other => panic!("'{other}' is no application"),
    }
}

fn check(words: &[&str]) -> Check {
    let side = |word: &str| match word {
        "client" => Direction::FromClient,
        "upstream" => Direction::FromUpstream,
        other => panic!("who is '{other}'?"),
    };
    match words {
        ["stalled", who, "since", at] => Check::Stalled(side(who), Some(time(at))),
        ["waiting", who] => Check::Stalled(side(who), None),
        ["between-requests", answer] => Check::Between(*answer == "yes"),
        ["busy", answer] => Check::Busy(*answer == "yes"),
        other => panic!("what is '{other:?}'?"),
    }
}

/// Seconds of the story; its time 0 is not the epoch.
pub(crate) fn time(seconds: &str) -> Timestamp {
    let seconds: f64 = seconds.parse().unwrap_or_else(|_| panic!("'{seconds}' is no time"));
    Timestamp::from_micros(1_700_000_000_000_000 + (seconds * 1e6).round() as u64)
}
