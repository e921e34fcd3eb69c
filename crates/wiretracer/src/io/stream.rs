//! One side's stream, plain or TLS, with every way of ending told apart.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use analysis::outcome::Ending;
use analysis::record::TlsParameters;
use tokio::io::{AsyncBufRead as _, AsyncRead as _, AsyncWrite as _, ReadBuf};
use tokio::net::TcpStream;
use tokio_rustls::{client, server};

use super::prefixed::Prefixed;

/// The stream of one side.
#[derive(Debug)]
pub enum Stream {
    /// Plaintext.
    Plain(Prefixed),
    /// TLS, we are the server.
    Server(Box<server::TlsStream<Prefixed>>),
    /// TLS, we are the client.
    Client(Box<client::TlsStream<Prefixed>>),
}

/// What a read gave.
#[derive(Debug)]
pub enum Read<'a> {
    /// Bytes, until [`Stream::consume`] says how many of them were taken.
    Data(&'a [u8]),
    /// The peer will send no more.
    End(Ending),
    /// TLS broke down after its handshake.
    Tls(rustls::Error),
}

impl Stream {
    /// The socket at the bottom.
    pub fn socket(&self) -> &TcpStream {
        match self {
            Self::Plain(stream) => stream.socket(),
            Self::Server(stream) => stream.get_ref().0.socket(),
            Self::Client(stream) => stream.get_ref().0.socket(),
        }
    }

    /// What the handshake agreed on; nothing on plaintext.
    pub fn tls_parameters(&self) -> TlsParameters {
        match self {
            Self::Plain(_) => TlsParameters::default(),
            Self::Server(stream) => {
                let connection = stream.get_ref().1;
                crate::tls::parameters(connection, connection.server_name().map(str::to_owned))
            }
            Self::Client(stream) => crate::tls::parameters(stream.get_ref().1, None),
        }
    }

    fn transport(&mut self) -> Pin<&mut Prefixed> {
        Pin::new(match self {
            Self::Plain(stream) => stream,
            Self::Server(stream) => stream.get_mut().0,
            Self::Client(stream) => stream.get_mut().0,
        })
    }

    /// Reads plaintext: from TCP into `scratch`, from TLS one record where it lies, since a client
    /// that takes records one at a time is to meet the upstream's own.
    pub fn poll_read<'a>(
        &'a mut self,
        cx: &mut Context<'_>,
        scratch: &'a mut [u8],
    ) -> Poll<Read<'a>> {
        let result = ready!(match self {
            Self::Plain(stream) => {
                let mut buf = ReadBuf::new(scratch);
                let done = ready!(Pin::new(stream).poll_read(cx, &mut buf));
                let filled = buf.filled().len();
                Poll::Ready(done.map(|()| &scratch[..filled]))
            }
            Self::Server(stream) => Pin::new(stream.as_mut()).poll_fill_buf(cx),
            Self::Client(stream) => Pin::new(stream.as_mut()).poll_fill_buf(cx),
        });
        Poll::Ready(match result {
            Ok([]) => Read::End(Ending::Fin),
            Ok(bytes) => Read::Data(bytes),
            Err(error) => Self::classify(error),
        })
    }

    /// The first `n` bytes of what was read are taken.
    pub fn consume(&mut self, n: usize) {
        match self {
            // They were copied out.
            Self::Plain(_) => {}
            Self::Server(stream) => Pin::new(stream.as_mut()).consume(n),
            Self::Client(stream) => Pin::new(stream.as_mut()).consume(n),
        }
    }

    /// Plaintext that TLS had opened before it broke down; none = nothing is left.
    pub fn read_buffered<'a>(&mut self, scratch: &'a mut [u8]) -> Option<&'a [u8]> {
        use std::io::Read as _;
        let read = match self {
            Self::Plain(_) => return None,
            Self::Server(stream) => stream.get_mut().1.reader().read(scratch),
            Self::Client(stream) => stream.get_mut().1.reader().read(scratch),
        };
        match read {
            Ok(n) if n > 0 => Some(&scratch[..n]),
            _ => None,
        }
    }

    fn classify(error: io::Error) -> Read<'static> {
        match error.kind() {
            io::ErrorKind::UnexpectedEof => return Read::End(Ending::FinWithoutCloseNotify),
            io::ErrorKind::InvalidData => {}
            _ => return Read::End(Ending::Rst),
        }
        match error.into_inner().and_then(|inner| inner.downcast::<rustls::Error>().ok()) {
            Some(tls) => Read::Tls(*tls),
            None => Read::End(Ending::Rst),
        }
    }

    /// Writes plaintext; an error means that the peer reset the connection.
    pub fn poll_write(&mut self, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        match self {
            Self::Plain(stream) => Pin::new(stream).poll_write(cx, buf),
            Self::Server(stream) => Pin::new(stream).poll_write(cx, buf),
            Self::Client(stream) => Pin::new(stream).poll_write(cx, buf),
        }
    }

    /// Hands everything that was written to the kernel.
    pub fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self {
            Self::Plain(stream) => Pin::new(stream).poll_flush(cx),
            Self::Server(stream) => Pin::new(stream).poll_flush(cx),
            Self::Client(stream) => Pin::new(stream).poll_flush(cx),
        }
    }

    /// Passes on the other side's end as it came: FIN as FIN, a missing close_notify as a missing
    /// close_notify.
    pub fn poll_end(&mut self, cx: &mut Context<'_>, ending: Ending) -> Poll<io::Result<()>> {
        ready!(self.poll_flush(cx))?;
        match (ending, self) {
            (Ending::Fin, Self::Server(stream)) => Pin::new(stream).poll_shutdown(cx),
            (Ending::Fin, Self::Client(stream)) => Pin::new(stream).poll_shutdown(cx),
            (_, stream) => stream.transport().poll_shutdown(cx),
        }
    }

    /// From here on dropping the stream sends RST instead of FIN.
    pub fn reset_on_drop(&self) {
        // It fails only on a socket that is gone already.
        let _ = socket2::SockRef::from(self.socket()).set_linger(Some(Duration::ZERO));
    }
}
