//! A handshake between the two others, as far as it shows itself from outside.
//!
//! ```text
//! AwaitingHello ──ClientHello──► Negotiating ──both sides encrypt──► Over
//!       │                             │ alert in the clear, end of the connection
//!       └── not TLS, end ─────────────┴────────────────────────────► Over
//! ```
//!
//! In TLS 1.3 everything after the ServerHello is encrypted, certificates and alerts too: what is
//! left are the lengths of the records and who went away when.

use analysis::record::{Text, TlsParameters};
use analysis::vocabulary::{Party, Side, TlsReason};
use rustls_pki_types::CertificateDer;
use wire::tls::{ClientHello, Event, HandshakeType, Observer, ProtocolVersion, ServerHello};
use wire::{Direction, Timestamp};

use super::failure::Failure;

/// Follows one connection's handshake.
#[derive(Debug)]
pub struct HandshakeObserver {
    observer: Observer,
    state: State,
    seen: Observed,
    finished: [bool; 2],
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    AwaitingHello,
    Negotiating,
    Over,
}

/// What was seen of a handshake.
#[derive(Clone, Debug)]
pub struct Observed {
    /// The ClientHello.
    pub hello: Option<Box<ClientHello>>,
    /// When it came.
    pub started: Option<Timestamp>,
    /// The upstream's answer.
    pub answer: Option<Box<ServerHello>>,
    /// The upstream's certificates, where TLS 1.2 shows them.
    pub chain: Vec<CertificateDer<'static>>,
    /// Why it failed; none when it went well.
    pub failure: Option<Failure>,
    /// Who spoke or left last: the one that ended a handshake which failed.
    pub left_by: Party,
    /// The group of a TLS 1.2 key exchange.
    group: Option<String>,
}

impl Default for Observed {
    fn default() -> Self {
        Self {
            hello: None,
            started: None,
            answer: None,
            chain: Vec::new(),
            failure: None,
            left_by: Party::Client,
            group: None,
        }
    }
}

impl Default for HandshakeObserver {
    fn default() -> Self {
        Self {
            observer: Observer::new(),
            state: State::AwaitingHello,
            seen: Observed::default(),
            finished: [false; 2],
        }
    }
}

impl HandshakeObserver {
    /// Looks at bytes that pass; gives what was seen once the handshake is over.
    pub fn feed(&mut self, direction: Direction, bytes: &[u8], now: Timestamp) -> Option<Observed> {
        let Self { observer, state, seen, finished } = self;
        let was_over = *state == State::Over;
        seen.left_by = direction.into();
        observer.feed(direction, bytes, |event| {
            if *state != State::Over {
                *state = step(*state, event, seen, finished, now);
            }
        });
        if self.state == State::Negotiating && self.is_encrypting() {
            self.state = State::Over;
        }
        (self.state == State::Over && !was_over).then(|| std::mem::take(&mut self.seen))
    }

    /// The connection ended: `by` went away first. Gives what was seen when that is what ended the
    /// handshake.
    pub fn end(&mut self, by: Direction, rst: bool) -> Option<Observed> {
        if self.state == State::Over {
            return None;
        }
        self.state = State::Over;
        let reason = if rst { TlsReason::Rst } else { TlsReason::Eof };
        self.seen.left_by = by.into();
        self.seen.failure = Some(Failure::new(reason, self.departure(by)));
        Some(std::mem::take(&mut self.seen))
    }

    /// TLS 1.2 shows both Finished; in TLS 1.3 the client's first encrypted record is its Finished
    /// (or the alert instead of it), and whatever follows on either side is data.
    fn is_encrypting(&self) -> bool {
        if self.seen.version() != Some(ProtocolVersion::TLSV1_3) {
            return self.finished == [true; 2];
        }
        self.observer.totals(Direction::FromClient).application_records >= 2
    }

    fn departure(&self, by: Direction) -> String {
        let who = Party::from(by);
        let after = match (&self.seen.hello, &self.seen.answer) {
            (None, _) => "before a complete ClientHello",
            (Some(_), None) => "after the ClientHello, without a ServerHello",
            (Some(_), Some(_)) => "after the ServerHello, before the handshake was over",
        };
        let version = self.seen.version().unwrap_or(ProtocolVersion::TLSV1_2);
        let alert = Direction::BOTH
            .into_iter()
            .find(|direction| self.observer.totals(*direction).ends_like_an_alert(version))
            .map(|from| {
                format!("; the {}'s last record has the length of an alert", Party::from(from))
            });
        format!("the {who} left {after}{}", alert.unwrap_or_default())
    }
}

fn step(
    state: State,
    event: Event,
    seen: &mut Observed,
    finished: &mut [bool; 2],
    now: Timestamp,
) -> State {
    match event {
        Event::ClientHello(hello) => {
            seen.hello.get_or_insert(hello);
            seen.started.get_or_insert(now);
            return State::Negotiating;
        }
        Event::ServerHello(hello) if !hello.hello_retry => seen.answer = Some(hello),
        Event::Certificate { direction: Direction::FromUpstream, chain } => {
            seen.chain = chain.into_iter().map(CertificateDer::from).collect();
        }
        Event::KeyExchange { group } => seen.group = Some(group.to_string()),
        Event::Handshake { direction, message: HandshakeType::FINISHED, .. } => {
            finished[direction.index()] = true;
        }
        Event::Alert { direction, alert: Some(alert) } => {
            let side = side_of(direction);
            seen.failure = Some(Failure::from_alert_code(side, alert.description));
            return State::Over;
        }
        Event::NotTls { direction, what } => {
            let who = Party::from(direction);
            let detail = format!("{what} from the {who} where TLS was due");
            seen.failure = Some(Failure::new(TlsReason::NotTls, detail));
            return State::Over;
        }
        Event::Lost(lost) => {
            seen.failure = Some(Failure::new(TlsReason::DecodeError, lost.why.into_owned()));
            return State::Over;
        }
        _ => {}
    }
    state
}

/// The side of the connection on which a party's bytes arrive.
const fn side_of(direction: Direction) -> Side {
    match direction {
        Direction::FromClient => Side::In,
        Direction::FromUpstream => Side::Out,
    }
}

impl Observed {
    fn version(&self) -> Option<ProtocolVersion> {
        self.answer.as_ref().map(|answer| answer.version)
    }

    /// What the two agreed on, as far as it is in the clear.
    pub fn parameters(&self) -> TlsParameters {
        let answer = self.answer.as_ref();
        let key_share = answer.and_then(|answer| answer.group).map(|group| group.to_string());
        TlsParameters {
            sni: self.hello.as_ref().and_then(|hello| hello.sni.clone()),
            alpn: answer.and_then(|answer| Some(Text(answer.alpn.as_deref()?).into_string())),
            version: answer.map(|answer| answer.version.to_string()),
            cipher: answer.map(|answer| answer.cipher_suite.to_string()),
            group: key_share.or_else(|| self.group.clone()),
            resumed: answer.zip(self.hello.as_ref()).map(|(answer, hello)| answer.resumes(hello)),
        }
    }
}
