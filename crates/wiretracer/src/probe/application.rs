//! What speaks behind a connection: HTTP/2, HTTP/1, or something else.
//!
//! ```text
//! h2 agreed on ───────────────────────────────────► preface, SETTINGS, PING
//! http/1.1 agreed on ── --http ───────────────────► GET /
//!                    └─ otherwise ────────────────► listen
//! nothing agreed on ─── listen ─┬─ a greeting ────► described
//!                               └─ silence ───────► preface: SETTINGS, or described
//! ```

use std::io;
use std::time::Duration;

use analysis::vocabulary::Side;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite};
use tokio::time::timeout;
use wire::http2::frame::{FrameHeader, HEADER_LENGTH, Kind};

use super::attempt::Stream;
use super::report::{Application, Ended, Spoken, Tls};
use super::settings::Settings;
use super::{GREETING, SECOND_THOUGHTS, http1, http2};
use crate::tls::failure::Failure;
use crate::upstream::{Connected, Target};

/// Bytes of an answer that are looked at to say what it is.
pub(super) const MAX_FIRST: usize = 512;

/// Why a conversation stopped before its end.
#[derive(Debug)]
pub(super) enum Stop {
    Ended(Ended),
    /// TLS broke down: in TLS 1.3 the answer to our certificate, or to having none.
    Tls(Box<Failure>),
}

impl Stop {
    pub(super) fn from_error(error: &io::Error) -> Self {
        if error.get_ref().is_some_and(|inner| inner.is::<rustls::Error>()) {
            return Self::Tls(Box::new(Failure::from_io(Side::Out, error)));
        }
        Self::Ended(match error.kind() {
            io::ErrorKind::UnexpectedEof => Ended::Closed,
            _ => Ended::Reset,
        })
    }
}

/// What is known of the protocol beforehand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Agreed {
    Http2,
    Http1,
    /// A protocol that has nothing to do with HTTP.
    Other,
    Nothing,
}

/// Talks inside TLS; gives the failure, too, if the upstream breaks TLS off.
pub(super) async fn in_tls(
    settings: &Settings,
    mut stream: Stream,
    tls: &Tls,
) -> (Application, Option<Failure>) {
    let agreed = match tls.agreed.alpn.as_deref() {
        Some("h2") => Agreed::Http2,
        Some("http/1.1" | "http/1.0") => Agreed::Http1,
        Some(_) => Agreed::Other,
        // One connection, one question.
        None if settings.http => Agreed::Http1,
        None => Agreed::Nothing,
    };
    talk(settings, &mut stream, true, agreed).await
}

/// Talks in plaintext.
pub(super) async fn in_plaintext(settings: &Settings, connected: Connected) -> Application {
    let (address, mut socket) = (connected.address, connected.socket);
    let (mut application, _) = talk(settings, &mut socket, false, Agreed::Nothing).await;
    let may_be_http1 =
        application.protocol != Some(Spoken::Http2) && application.greeting.is_none();
    if settings.http && may_be_http1 {
        // The preface has cost the first connection.
        if let Ok(connected) = settings.dialer().connect(&Target::Address(address)).await {
            let mut socket = connected.socket;
            let (asked, _) = talk(settings, &mut socket, false, Agreed::Http1).await;
            if asked.response.is_some() {
                (application.protocol, application.ended) = (Some(Spoken::Http1), None);
                application.response = asked.response;
            }
        }
    }
    application
}

async fn talk<S>(
    settings: &Settings,
    stream: &mut S,
    encrypted: bool,
    agreed: Agreed,
) -> (Application, Option<Failure>)
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let mut application = Application::silent(encrypted);
    let stop = match agreed {
        Agreed::Http2 => prefaced(settings, stream, Vec::new(), &mut application).await,
        Agreed::Http1 if settings.http => asked(settings, stream, &mut application).await,
        Agreed::Http1 | Agreed::Other => {
            application.protocol =
                Some(if agreed == Agreed::Http1 { Spoken::Http1 } else { Spoken::Other });
            match listen(stream, SECOND_THOUGHTS).await {
                Ok(greeting) => {
                    application.greeting = described(&greeting);
                    None
                }
                Err(stop) => Some(stop),
            }
        }
        Agreed::Nothing => match listen(stream, GREETING).await {
            Err(stop) => Some(stop),
            Ok(greeting) if greeting.is_empty() || begins_with_settings(&greeting) => {
                prefaced(settings, stream, greeting, &mut application).await
            }
            Ok(greeting) => {
                application.protocol = Some(Spoken::Other);
                application.greeting = described(&greeting);
                None
            }
        },
    };
    match stop {
        None => (application, None),
        Some(Stop::Ended(ended)) => {
            application.ended = Some(ended);
            (application, None)
        }
        Some(Stop::Tls(failure)) => {
            application.ended = Some(Ended::Closed);
            (application, Some(*failure))
        }
    }
}

/// Opens HTTP/2; `greeting` came before.
async fn prefaced<S>(
    settings: &Settings,
    stream: &mut S,
    greeting: Vec<u8>,
    application: &mut Application,
) -> Option<Stop>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let scheme = if application.encrypted { "https" } else { "http" };
    let ask =
        settings.http.then(|| http2::Request { scheme, authority: settings.authority.clone() });
    let heard = http2::converse(stream, greeting, ask, settings.answer_timeout).await;
    application.response = heard.response;
    match heard.http2 {
        Some(http2) => {
            application.protocol = Some(Spoken::Http2);
            application.http2 = Some(http2);
            heard.stop
        }
        None if heard.first.is_empty() => heard.stop,
        None => {
            let is_http1 = heard.first.starts_with(b"HTTP/");
            application.protocol = Some(if is_http1 { Spoken::Http1 } else { Spoken::Other });
            application.answer = described(&heard.first);
            // Whoever was spoken to in the wrong protocol may well hang up.
            None
        }
    }
}

/// Sends `GET /` over HTTP/1.
async fn asked<S>(
    settings: &Settings,
    stream: &mut S,
    application: &mut Application,
) -> Option<Stop>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let heard = http1::get(stream, &settings.authority, settings.answer_timeout).await;
    let is_silent = heard.first.is_empty();
    match heard.response {
        Some(response) => {
            application.protocol = Some(Spoken::Http1);
            application.response = Some(response);
        }
        None if is_silent => {}
        None => {
            application.protocol = Some(Spoken::Other);
            application.answer = described(&heard.first);
        }
    }
    heard.stop
}

/// Waits for the upstream to speak first: what it says, nothing if it does not.
async fn listen<S: AsyncRead + Unpin>(stream: &mut S, pause: Duration) -> Result<Vec<u8>, Stop> {
    let mut greeting = vec![0; MAX_FIRST];
    match timeout(pause, stream.read(&mut greeting)).await {
        Err(_) => Ok(Vec::new()),
        Ok(Ok(0)) => Err(Stop::Ended(Ended::Closed)),
        Ok(Ok(length)) => {
            greeting.truncate(length);
            Ok(greeting)
        }
        Ok(Err(error)) => Err(Stop::from_error(&error)),
    }
}

/// Some HTTP/2 servers do not wait for the client's preface (RFC 9113 §3.4).
fn begins_with_settings(bytes: &[u8]) -> bool {
    let header = bytes.first_chunk::<HEADER_LENGTH>().map(|bytes| FrameHeader::parse(*bytes));
    header.is_some_and(|header| header.kind == Kind::Settings && header.stream == 0)
}

fn described(bytes: &[u8]) -> Option<String> {
    (!bytes.is_empty()).then(|| wire::sniff::describe(bytes))
}
