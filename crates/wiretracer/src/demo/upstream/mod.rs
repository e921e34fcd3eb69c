//! The demo's upstream: a small shop on a loopback port that speaks TLS, gRPC and HTTP/1.1, and
//! fails in every way that it is asked to.
//!
//! ```text
//! accept ─► TLS ─┬─ h2       ─► shop   gRPC: good methods and bad ones
//!                └─ http/1.1 ─► pages  HTTP/1.1: good paths and bad ones
//! ```
//!
//! How a connection ends is nobody's concern here: telling that is the proxy's job.

mod pages;
mod shop;

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use rustls::ServerConfig;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};
use tokio_rustls::TlsAcceptor;

/// A running upstream; it ends when this is dropped.
#[derive(Debug)]
pub(super) struct Upstream {
    address: SocketAddr,
    task: JoinHandle<()>,
}

impl Upstream {
    /// Listens on a free loopback port.
    pub(super) async fn start(tls: Arc<ServerConfig>) -> std::io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let task = tokio::spawn(accept(listener, TlsAcceptor::from(tls)));
        Ok(Self { address, task })
    }

    /// Where it listens.
    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for Upstream {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn accept(listener: TcpListener, acceptor: TlsAcceptor) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((socket, _)) => drop(connections.spawn(serve(socket, acceptor.clone()))),
                Err(_) => break,
            },
            Some(_) = connections.join_next() => {}
        }
    }
}

async fn serve(socket: TcpStream, acceptor: TlsAcceptor) {
    // Small frames shall not wait for acknowledgements. It fails only on a socket that is gone.
    let _ = socket.set_nodelay(true);
    let Ok(stream) = acceptor.accept(socket).await else { return };
    if stream.get_ref().1.alpn_protocol() == Some(b"h2") {
        shop::serve(stream).await;
    } else {
        pages::serve(stream).await;
    }
}
