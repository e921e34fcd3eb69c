//! A TCP stream whose first bytes were read already.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;

/// Replays `prefix`, then reads from the socket. Writes go straight to the socket.
#[derive(Debug)]
pub struct Prefixed {
    prefix: Vec<u8>,
    replayed: usize,
    socket: TcpStream,
    /// The first bytes that the peer said, where they are to be looked at later.
    heard: Option<Vec<u8>>,
}

/// Bytes kept of what a peer says first: enough for a ServerHello, an alert, or a line of text.
const MAX_HEARD: usize = 1024;

impl Prefixed {
    /// `prefix` was read from `socket` and is to be read again.
    pub fn new(prefix: Vec<u8>, socket: TcpStream) -> Self {
        Self { prefix, replayed: 0, socket, heard: None }
    }

    /// Nothing was read from `socket`; the first bytes that will be are kept, too.
    pub fn listening(socket: TcpStream) -> Self {
        Self { heard: Some(Vec::new()), ..Self::new(Vec::new(), socket) }
    }

    /// The first bytes that were read since [`Prefixed::listening`]; from here on none are kept.
    pub fn take_heard(&mut self) -> Vec<u8> {
        self.heard.take().unwrap_or_default()
    }

    /// The socket below.
    pub fn socket(&self) -> &TcpStream {
        &self.socket
    }

    /// The socket below, without what was to be replayed.
    #[cfg(test)]
    pub(crate) fn into_socket(self) -> TcpStream {
        self.socket
    }

    /// Bytes read already and not replayed yet.
    pub fn unread(&self) -> &[u8] {
        &self.prefix[self.replayed..]
    }
}

impl AsyncRead for Prefixed {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let left = &this.prefix[this.replayed..];
        if left.is_empty() {
            let before = buf.filled().len();
            let read = Pin::new(&mut this.socket).poll_read(cx, buf);
            if let Some(heard) = &mut this.heard {
                let new = &buf.filled()[before..];
                heard.extend_from_slice(&new[..new.len().min(MAX_HEARD - heard.len())]);
            }
            return read;
        }
        let n = left.len().min(buf.remaining());
        buf.put_slice(&left[..n]);
        this.replayed += n;
        if this.replayed == this.prefix.len() {
            this.prefix = Vec::new();
            this.replayed = 0;
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Prefixed {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.socket).poll_write(cx, buf)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.socket).poll_shutdown(cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.socket).poll_write_vectored(cx, bufs)
    }

    fn is_write_vectored(&self) -> bool {
        self.socket.is_write_vectored()
    }
}
