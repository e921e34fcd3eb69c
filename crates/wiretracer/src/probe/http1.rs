//! `GET /` over HTTP/1.1, as far as the head of the response.

use std::time::{Duration, Instant};

use analysis::record::Millis;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::time::timeout;
use wire::http::Event;
use wire::http1::Decoder;
use wire::{Direction, Timestamp};

use super::application::{MAX_FIRST, Stop};
use super::report::{Ended, Response};

/// Bytes that a head may take; then it is none.
const MAX_HEAD: usize = 64 * 1024;

/// What came back.
#[derive(Debug, Default)]
pub(super) struct Heard {
    pub(super) response: Option<Response>,
    /// The first bytes.
    pub(super) first: Vec<u8>,
    pub(super) stop: Option<Stop>,
}

/// Asks for `/`.
pub(super) async fn get<S>(stream: &mut S, authority: &str, limit: Duration) -> Heard
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let mut heard = Heard::default();
    if timeout(limit, exchange(stream, authority, &mut heard)).await.is_err() {
        heard.stop = Some(Stop::Ended(Ended::Timeout));
    }
    heard
}

async fn exchange<S>(stream: &mut S, authority: &str, heard: &mut Heard)
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let request = format!(
        "GET / HTTP/1.1\r\nHost: {authority}\r\nUser-Agent: wiretracer/{}\r\nAccept: */*\r\n\
         Connection: close\r\n\r\n",
        env!("CARGO_PKG_VERSION")
    );
    let started = Instant::now();
    // An upstream that does not take the request says why to whoever reads.
    let _ = stream.write_all(request.as_bytes()).await;
    let _ = stream.flush().await;
    let mut decoder = Decoder::new();
    let nothing = &mut |_: Event<'_>| {};
    decoder.feed(Direction::FromClient, request.as_bytes(), Timestamp::default(), nothing);
    let (mut received, mut buffer) = (0, vec![0; 8192]);
    while received < MAX_HEAD {
        let length = match stream.read(&mut buffer).await {
            Ok(0) => {
                heard.stop = Some(Stop::Ended(Ended::Closed));
                return;
            }
            Ok(length) => length,
            Err(error) => {
                heard.stop = Some(Stop::from_error(&error));
                return;
            }
        };
        received += length;
        let bytes = &buffer[..length];
        let room = MAX_FIRST - heard.first.len();
        heard.first.extend_from_slice(&bytes[..length.min(room)]);
        let (mut status, mut is_lost) = (None, false);
        decoder.feed(
            Direction::FromUpstream,
            bytes,
            Timestamp::default(),
            &mut |event| match event {
                Event::ResponseHead { head, .. } if !head.is_interim() => {
                    status = Some(head.status);
                }
                Event::Lost(_) => is_lost = true,
                _ => {}
            },
        );
        if let Some(status) = status {
            heard.response = Some(Response { status, duration_ms: Millis(started.elapsed()) });
        }
        if status.is_some() || is_lost {
            return;
        }
    }
}
