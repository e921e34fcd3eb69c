//! The service `demo.Shop`: what it does when it is well, and seven ways to fail.
//!
//! | method | what happens |
//! |---|---|
//! | `GetPrice`, `Watch`, `Upload`, `Chat` | unary, server, client and bidirectional streaming; all well |
//! | `FindProduct` | trailers-only: 5 NOT_FOUND with a percent-encoded text |
//! | `Reserve` | trailers-only: 14 UNAVAILABLE |
//! | `Reset` | RST_STREAM INTERNAL_ERROR instead of an answer |
//! | `Hang` | never answers |
//! | `Stall` | an answer larger than the windows of a client that does not read |
//! | `NoStatus` | ends on DATA, without trailers |
//! | `GoAway` | GOAWAY ENHANCE_YOUR_CALM "too_many_pings", and the connection is closed |

use std::future::poll_fn;

use bytes::Bytes;
use h2::server::SendResponse;
use h2::{Reason, RecvStream, SendStream};
use http::{HeaderValue, Request, Response};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio_rustls::server::TlsStream;
use wire::grpc::Status;

use crate::demo::grpc::{Messages, message, status};

/// What `Stall` answers with: more than the 65,535 bytes that a fresh window allows (RFC 9113
/// §6.9.2).
const LARGE: usize = 150_000;

type Respond = SendResponse<Bytes>;

/// Serves one connection to its end.
pub(super) async fn serve(mut stream: TlsStream<TcpStream>) {
    // The connection's end is told by the proxy.
    if let Ok(Some(last_stream)) = calls(&mut stream).await {
        let _ = leave(&mut stream, last_stream).await;
    }
}

/// Answers calls until the client leaves, or until one asks for the connection's end: then its
/// stream is given back.
async fn calls(stream: &mut TlsStream<TcpStream>) -> Result<Option<u32>, h2::Error> {
    let mut connection = h2::server::handshake(stream).await?;
    let mut calls = JoinSet::new();
    while let Some(accepted) = connection.accept().await {
        let (request, respond) = accepted?;
        if request.uri().path() == "/demo.Shop/GoAway" {
            return Ok(Some(respond.stream_id().as_u32()));
        }
        calls.spawn(answer(request, respond));
    }
    Ok(None)
}

/// Written by hand, because the library's GOAWAY carries no debug data.
async fn leave(stream: &mut TlsStream<TcpStream>, last_stream: u32) -> std::io::Result<()> {
    const TYPE_GOAWAY: u8 = 0x07;
    const DEBUG_DATA: &[u8] = b"too_many_pings";
    let mut frame = vec![0, 0, 8 + DEBUG_DATA.len() as u8, TYPE_GOAWAY, 0, 0, 0, 0, 0];
    frame.extend_from_slice(&last_stream.to_be_bytes());
    frame.extend_from_slice(&u32::from(Reason::ENHANCE_YOUR_CALM).to_be_bytes());
    frame.extend_from_slice(DEBUG_DATA);
    stream.write_all(&frame).await?;
    stream.shutdown().await?;
    // Closing with bytes unread would be a reset, which could overtake the GOAWAY.
    let mut rest = [0; 1024];
    while stream.read(&mut rest).await? > 0 {}
    Ok(())
}

async fn answer(request: Request<RecvStream>, respond: Respond) -> Result<(), h2::Error> {
    let (head, body) = request.into_parts();
    let messages = Messages::of(body);
    match head.uri.path() {
        "/demo.Shop/GetPrice" => get_price(messages, respond).await,
        "/demo.Shop/Watch" => watch(messages, respond).await,
        "/demo.Shop/Upload" => upload(messages, respond).await,
        "/demo.Shop/Chat" => chat(messages, respond).await,
        "/demo.Shop/FindProduct" => {
            refuse(messages, respond, Status::NOT_FOUND, "no product 'grüner Tee'").await
        }
        "/demo.Shop/Reserve" => {
            refuse(messages, respond, Status::UNAVAILABLE, "the warehouse is closed").await
        }
        "/demo.Shop/Reset" => reset(messages, respond).await,
        "/demo.Shop/Hang" => hang(messages, respond).await,
        "/demo.Shop/Stall" => stall(messages, respond).await,
        "/demo.Shop/NoStatus" => no_status(messages, respond).await,
        path => {
            let text = format!("unknown method {path}");
            refuse(messages, respond, Status::UNIMPLEMENTED, &text).await
        }
    }
}

async fn get_price(mut messages: Messages, respond: Respond) -> Result<(), h2::Error> {
    messages.count().await?;
    let mut stream = begin(respond)?;
    stream.send_data(message("12.50 EUR"), false)?;
    end(stream)
}

async fn watch(mut messages: Messages, respond: Respond) -> Result<(), h2::Error> {
    messages.count().await?;
    let mut stream = begin(respond)?;
    for price in ["12.50 EUR", "12.45 EUR", "12.60 EUR"] {
        stream.send_data(message(price), false)?;
    }
    end(stream)
}

async fn upload(mut messages: Messages, respond: Respond) -> Result<(), h2::Error> {
    let count = messages.count().await?;
    let mut stream = begin(respond)?;
    stream.send_data(message(&format!("{count} pictures stored")), false)?;
    end(stream)
}

async fn chat(mut messages: Messages, respond: Respond) -> Result<(), h2::Error> {
    let mut stream = begin(respond)?;
    while let Some(begun) = messages.next().await {
        for _ in 0..begun? {
            stream.send_data(message("how can we help?"), false)?;
        }
    }
    end(stream)
}

/// Trailers-only: the status stands in the only header section there is.
async fn refuse(
    mut messages: Messages,
    mut respond: Respond,
    code: Status,
    text: &str,
) -> Result<(), h2::Error> {
    messages.count().await?;
    let mut response = head();
    response.headers_mut().extend(status(code, text));
    respond.send_response(response, true).map(drop)
}

async fn reset(mut messages: Messages, mut respond: Respond) -> Result<(), h2::Error> {
    messages.count().await?;
    respond.send_reset(Reason::INTERNAL_ERROR);
    Ok(())
}

async fn hang(mut messages: Messages, mut respond: Respond) -> Result<(), h2::Error> {
    messages.count().await?;
    poll_fn(|context| respond.poll_reset(context)).await.map(drop)
}

async fn stall(mut messages: Messages, respond: Respond) -> Result<(), h2::Error> {
    messages.count().await?;
    let mut stream = begin(respond)?;
    stream.send_data(message(&"the whole catalogue ".repeat(LARGE / 20)), false)?;
    end(stream)
}

async fn no_status(mut messages: Messages, respond: Respond) -> Result<(), h2::Error> {
    messages.count().await?;
    begin(respond)?.send_data(message("12.50 EUR"), true)
}

fn head() -> Response<()> {
    let mut response = Response::new(());
    let grpc = HeaderValue::from_static("application/grpc");
    response.headers_mut().insert(http::header::CONTENT_TYPE, grpc);
    response
}

fn begin(mut respond: Respond) -> Result<SendStream<Bytes>, h2::Error> {
    respond.send_response(head(), false)
}

fn end(mut stream: SendStream<Bytes>) -> Result<(), h2::Error> {
    stream.send_trailers(status(Status::OK, ""))
}
