//! The gRPC client: one HTTP/2 connection to the shop, calls one after another.

use std::net::SocketAddr;
use std::time::Duration;

use anyhow::Context as _;
use bytes::Bytes;
use h2::client::{ResponseFuture, SendRequest};
use h2::{Ping, PingPong, Reason, SendStream};
use http::{HeaderMap, Request, header};
use tokio::task::JoinHandle;
use wire::grpc::Status;

use super::Dialect;
use crate::demo::grpc::{Messages, message};
use crate::demo::pki::SHOP;

/// The flow-control window that a stream and a connection begin with (RFC 9113 §6.9.2).
const INITIAL_WINDOW: usize = 65_535;

/// How much later than its deadline the client gives up: the deadline is told to have passed also
/// where the call was seen to begin a little after it did.
const GRACE: Duration = Duration::from_millis(50);

/// One connection.
pub(in crate::demo) struct Caller {
    send: SendRequest<Bytes>,
    pings: Option<PingPong>,
    connection: JoinHandle<Result<(), h2::Error>>,
}

impl Caller {
    pub(in crate::demo) async fn connect(
        dialect: &Dialect,
        address: SocketAddr,
    ) -> anyhow::Result<Self> {
        let stream = dialect.connect(address).await?;
        let (send, mut connection) = h2::client::Builder::new()
            .initial_window_size(INITIAL_WINDOW as u32)
            .enable_push(false)
            .handshake(stream)
            .await?;
        let pings = connection.ping_pong();
        Ok(Self { send, pings, connection: tokio::spawn(connection) })
    }

    /// Calls `method` with these messages; what the caller is told.
    pub(in crate::demo) async fn call(&mut self, method: &str, texts: &[&str]) -> String {
        words(self.exchange(method, texts).await)
    }

    async fn exchange(&mut self, method: &str, texts: &[&str]) -> Result<String, h2::Error> {
        let (response, mut stream) = self.begin(method, None).await?;
        for text in texts {
            stream.send_data(message(text), false)?;
        }
        stream.send_data(Bytes::new(), true)?;
        receive(response).await
    }

    /// Says something, waits for the answer, and so on.
    pub(in crate::demo) async fn chat(&mut self, texts: &[&str]) -> String {
        words(self.take_turns(texts).await)
    }

    async fn take_turns(&mut self, texts: &[&str]) -> Result<String, h2::Error> {
        let (response, mut stream) = self.begin("Chat", None).await?;
        let (head, body) = response.await?.into_parts();
        let mut messages = Messages::of(body);
        let mut answers = 0;
        for text in texts {
            stream.send_data(message(text), false)?;
            answers += messages.next().await.transpose()?.unwrap_or_default();
        }
        stream.send_data(Bytes::new(), true)?;
        answers += messages.count().await?;
        Ok(status(&head.headers, messages.trailers().await?.as_ref(), answers))
    }

    /// Calls `method` and gives up when `limit` is over, as a gRPC client does.
    pub(in crate::demo) async fn call_within(&mut self, method: &str, limit: Duration) -> String {
        words(self.exchange_within(method, limit).await)
    }

    async fn exchange_within(
        &mut self,
        method: &str,
        limit: Duration,
    ) -> Result<String, h2::Error> {
        let (response, mut stream) = self.begin(method, Some(limit)).await?;
        stream.send_data(message("tea"), true)?;
        match tokio::time::timeout(limit + GRACE, receive(response)).await {
            Ok(answered) => answered,
            Err(_) => {
                stream.send_reset(Reason::CANCEL);
                Ok("4 DEADLINE_EXCEEDED".to_owned())
            }
        }
    }

    /// Calls `method`, lets the answer fill the flow-control window, looks away for `pause`, and
    /// only then reads on.
    pub(in crate::demo) async fn call_and_dawdle(
        &mut self,
        method: &str,
        pause: Duration,
    ) -> String {
        words(self.dawdle(method, pause).await)
    }

    async fn dawdle(&mut self, method: &str, pause: Duration) -> Result<String, h2::Error> {
        let (response, mut stream) = self.begin(method, None).await?;
        stream.send_data(message("tea"), true)?;
        let (head, mut body) = response.await?.into_parts();
        let mut unread = 0;
        while unread < INITIAL_WINDOW {
            match body.data().await.transpose()? {
                Some(piece) => unread += piece.len(),
                None => break,
            }
        }
        tokio::time::sleep(pause).await;
        body.flow_control().release_capacity(unread)?;
        let mut messages = Messages::of(body);
        messages.count().await?;
        Ok(status(&head.headers, messages.trailers().await?.as_ref(), 1))
    }

    /// Sends so many PINGs, each after the answer to the one before.
    pub(in crate::demo) async fn ping(&mut self, times: usize) -> anyhow::Result<()> {
        let pings = self.pings.as_mut().context("the connection cannot ping")?;
        for _ in 0..times {
            pings.ping(Ping::opaque()).await?;
        }
        Ok(())
    }

    /// Closes the connection; every frame has left when this returns.
    pub(in crate::demo) async fn close(self) -> anyhow::Result<()> {
        drop(self.send);
        // How it ended is no news to the calls on it.
        drop(self.connection.await?);
        Ok(())
    }

    async fn begin(
        &mut self,
        method: &str,
        timeout: Option<Duration>,
    ) -> Result<(ResponseFuture, SendStream<Bytes>), h2::Error> {
        let mut request = Request::post(format!("https://{SHOP}/demo.Shop/{method}"))
            .header(header::CONTENT_TYPE, "application/grpc")
            .header(header::TE, "trailers")
            .header(header::USER_AGENT, "wiretracer-demo");
        if let Some(timeout) = timeout {
            request = request.header("grpc-timeout", format!("{}m", timeout.as_millis()));
        }
        // The parts are constants, so this is never refused.
        let request = request.body(()).map_err(|_| Reason::INTERNAL_ERROR)?;
        std::future::poll_fn(|context| self.send.poll_ready(context)).await?;
        self.send.send_request(request, false)
    }
}

async fn receive(response: ResponseFuture) -> Result<String, h2::Error> {
    let (head, body) = response.await?.into_parts();
    let mut messages = Messages::of(body);
    let count = messages.count().await?;
    Ok(status(&head.headers, messages.trailers().await?.as_ref(), count))
}

/// What a gRPC library makes of a response: the status, from trailers or headers.
fn status(head: &HeaderMap, trailers: Option<&HeaderMap>, messages: usize) -> String {
    let fields = trailers.unwrap_or(head);
    let text = fields.get("grpc-message").map(|value| wire::grpc::decode_message(value.as_bytes()));
    match fields.get("grpc-status").and_then(|value| Status::parse(value.as_bytes())) {
        None => "2 UNKNOWN: the server ended the call without a status".to_owned(),
        Some(Status::OK) if messages == 1 => "OK, 1 message".to_owned(),
        Some(Status::OK) => format!("OK, {messages} messages"),
        Some(code) => match text {
            Some(text) => format!("{} {code}: {text}", code.0),
            None => format!("{} {code}", code.0),
        },
    }
}

fn words(result: Result<String, h2::Error>) -> String {
    result.unwrap_or_else(|error| error.to_string())
}
