//! The HTTP/1.1 client: one connection, requests one after another.

use std::net::SocketAddr;

use bytes::Bytes;
use http::{Request, header};
use http_body_util::{BodyExt as _, Full};
use hyper::client::conn::http1::SendRequest;
use hyper_util::rt::TokioIo;
use tokio::task::JoinHandle;

use super::Dialect;
use crate::demo::pki::SHOP;

/// One connection.
pub(in crate::demo) struct Browser {
    send: SendRequest<Full<Bytes>>,
    connection: JoinHandle<Result<(), hyper::Error>>,
}

impl Browser {
    pub(in crate::demo) async fn connect(
        dialect: &Dialect,
        address: SocketAddr,
    ) -> anyhow::Result<Self> {
        let stream = TokioIo::new(dialect.connect(address).await?);
        let (send, connection) = hyper::client::conn::http1::handshake(stream).await?;
        Ok(Self { send, connection: tokio::spawn(connection) })
    }

    /// `GET path`; what the user is told.
    pub(in crate::demo) async fn get(&mut self, path: &str) -> String {
        self.tell("GET", path, Bytes::new()).await
    }

    /// `POST path` with `text`; what the user is told.
    pub(in crate::demo) async fn post(&mut self, path: &str, text: &'static str) -> String {
        self.tell("POST", path, Bytes::from_static(text.as_bytes())).await
    }

    /// Closes the connection.
    pub(in crate::demo) async fn close(self) -> anyhow::Result<()> {
        drop(self.send);
        // How it ended is no news to the requests on it.
        drop(self.connection.await?);
        Ok(())
    }

    async fn tell(&mut self, method: &str, path: &str, content: Bytes) -> String {
        self.exchange(method, path, content).await.unwrap_or_else(|error| format!("{error:#}"))
    }

    async fn exchange(
        &mut self,
        method: &str,
        path: &str,
        content: Bytes,
    ) -> anyhow::Result<String> {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::HOST, SHOP)
            .header(header::USER_AGENT, "wiretracer-demo")
            .body(Full::new(content))?;
        self.send.ready().await?;
        let (head, body) = self.send.send_request(request).await?.into_parts();
        let length = body.collect().await?.to_bytes().len();
        Ok(format!("{}, {length} bytes", head.status))
    }
}
