//! One end of a connection, in the hands of a test: reads, writes, and ends it in every way there
//! is.
//!
//! Blocking, so that a script reads from top to bottom. Whatever should come and does not within
//! [`PATIENCE`] fails the test.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::time::Duration;

use rustls::pki_types::ServerName;
use rustls::{ClientConnection, ServerConnection, StreamOwned};
use socket2::SockRef;

use super::{ClientTls, PATIENCE, ServerTls};

/// One end of a connection.
pub(crate) struct Peer {
    stream: Stream,
    /// Read and not yet asked for.
    pending: Vec<u8>,
}

enum Stream {
    Plain(TcpStream),
    Client(Box<StreamOwned<ClientConnection, TcpStream>>),
    Server(Box<StreamOwned<ServerConnection, TcpStream>>),
}

/// How the other end stopped sending.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    /// FIN, over TLS after close_notify.
    Fin,
    /// FIN over TLS without close_notify.
    NoCloseNotify,
    /// RST.
    Rst,
}

impl Peer {
    /// An accepted socket.
    pub(crate) fn new(socket: TcpStream) -> Self {
        socket.set_read_timeout(Some(PATIENCE)).unwrap();
        socket.set_write_timeout(Some(PATIENCE)).unwrap();
        socket.set_nodelay(true).unwrap();
        Self { stream: Stream::Plain(socket), pending: Vec::new() }
    }

    /// A plaintext client.
    pub(crate) fn connect(address: SocketAddr) -> Self {
        Self::new(TcpStream::connect_timeout(&address, PATIENCE).unwrap())
    }

    /// A TLS client whose handshake succeeds.
    pub(crate) fn connect_tls(address: SocketAddr, tls: ClientTls) -> Self {
        Self::connect(address).tls_client(tls).unwrap()
    }

    /// Makes a handshake as the client.
    pub(crate) fn tls_client(self, tls: ClientTls) -> io::Result<Self> {
        let name = ServerName::try_from(tls.server_name).unwrap();
        self.tls_client_with(ClientConnection::new(tls.config(), name).unwrap())
    }

    /// Makes a handshake as the client that is given.
    pub(crate) fn tls_client_with(self, mut client: ClientConnection) -> io::Result<Self> {
        let mut socket = self.into_socket();
        while client.is_handshaking() {
            client.complete_io(&mut socket)?;
        }
        let stream = Stream::Client(Box::new(StreamOwned::new(client, socket)));
        Ok(Self { stream, pending: Vec::new() })
    }

    /// Makes a handshake as the server.
    pub(crate) fn tls_server(self, tls: ServerTls) -> io::Result<Self> {
        let mut socket = self.into_socket();
        let mut server = ServerConnection::new(tls.config()).unwrap();
        while server.is_handshaking() {
            server.complete_io(&mut socket)?;
        }
        let stream = Stream::Server(Box::new(StreamOwned::new(server, socket)));
        Ok(Self { stream, pending: Vec::new() })
    }

    /// What ALPN agreed on.
    pub(crate) fn alpn(&self) -> Option<String> {
        let protocol = match &self.stream {
            Stream::Plain(_) => None,
            Stream::Client(stream) => stream.conn.alpn_protocol(),
            Stream::Server(stream) => stream.conn.alpn_protocol(),
        };
        protocol.map(|name| String::from_utf8(name.to_vec()).unwrap())
    }

    /// The server name that the client of this server asked for.
    pub(crate) fn asked_name(&self) -> Option<&str> {
        match &self.stream {
            Stream::Server(stream) => stream.conn.server_name(),
            _ => None,
        }
    }

    pub(crate) fn local(&self) -> SocketAddr {
        self.socket().local_addr().unwrap()
    }

    pub(crate) fn write(&mut self, bytes: impl AsRef<[u8]>) {
        self.try_write(bytes.as_ref()).unwrap();
    }

    /// Lets writes fail after a time in which nothing could be written.
    pub(crate) fn give_up_writing_after(&self, time: Duration) {
        self.socket().set_write_timeout(Some(time)).unwrap();
    }

    pub(crate) fn try_write(&mut self, bytes: &[u8]) -> io::Result<()> {
        let stream = self.io();
        stream.write_all(bytes)?;
        stream.flush()
    }

    /// Reads through the next `pattern`.
    pub(crate) fn read_until(&mut self, pattern: &str) -> Vec<u8> {
        let read = self.try_read_until(pattern);
        read.unwrap_or_else(|| {
            panic!("waiting for {pattern:?}: the end, after {:?}", self.pending.escape_ascii())
        })
    }

    /// Reads through the next `pattern`; none if the end comes first, whichever.
    pub(crate) fn try_read_until(&mut self, pattern: &str) -> Option<Vec<u8>> {
        let pattern = pattern.as_bytes();
        loop {
            let found = self.pending.windows(pattern.len()).position(|part| part == pattern);
            if let Some(at) = found {
                return Some(self.take(at + pattern.len()));
            }
            if !self.more(&pattern.escape_ascii().to_string()) {
                return None;
            }
        }
    }

    /// Reads exactly so many bytes.
    pub(crate) fn read_exact(&mut self, length: usize) -> Vec<u8> {
        let read = self.try_read_exact(length);
        read.unwrap_or_else(|| {
            panic!("waiting for {length} bytes: the end, after {}", self.pending.escape_ascii())
        })
    }

    /// Reads exactly so many bytes; none if the end comes first, whichever.
    pub(crate) fn try_read_exact(&mut self, length: usize) -> Option<Vec<u8>> {
        while self.pending.len() < length {
            if !self.more(&format!("{length} bytes")) {
                return None;
            }
        }
        Some(self.take(length))
    }

    /// Reads exactly so many bytes and leaves what follows in the socket, for a handshake.
    pub(crate) fn read_ahead(&mut self, length: usize) -> Vec<u8> {
        let mut bytes = vec![0; length];
        self.io().read_exact(&mut bytes).unwrap();
        bytes
    }

    /// Reads so many bytes and keeps none of them.
    pub(crate) fn skip(&mut self, length: u64) {
        let mut left = length;
        loop {
            let here = left.min(self.pending.len() as u64);
            self.pending.drain(..here as usize);
            left -= here;
            if left == 0 {
                return;
            }
            let read = self.read();
            assert!(matches!(read, Ok(1..)), "{left} of {length} bytes to come: {read:?}");
        }
    }

    /// Reads an HTTP/1 head.
    pub(crate) fn read_head(&mut self) -> String {
        String::from_utf8(self.read_until("\r\n\r\n")).unwrap()
    }

    /// The next HTTP/1 head; none when the other end has left.
    pub(crate) fn next_head(&mut self) -> Option<String> {
        self.try_read_until("\r\n\r\n").map(|head| String::from_utf8(head).unwrap())
    }

    /// Reads to the end.
    pub(crate) fn read_end(&mut self) -> (Vec<u8>, End) {
        loop {
            match self.read() {
                Ok(0) => return (std::mem::take(&mut self.pending), End::Fin),
                Ok(_) => {}
                Err(error) => {
                    let end = match error.kind() {
                        ErrorKind::UnexpectedEof => End::NoCloseNotify,
                        ErrorKind::ConnectionReset | ErrorKind::BrokenPipe => End::Rst,
                        _ => panic!("waiting for the end: {error}"),
                    };
                    return (std::mem::take(&mut self.pending), end);
                }
            }
        }
    }

    /// Whether nothing comes for a while.
    pub(crate) fn is_silent_for(&mut self, time: Duration) -> bool {
        self.socket().set_read_timeout(Some(time)).unwrap();
        let read = self.read();
        self.socket().set_read_timeout(Some(PATIENCE)).unwrap();
        matches!(read, Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut))
    }

    /// Sends no more: close_notify if it is TLS, then FIN.
    pub(crate) fn half_close(&mut self) {
        // A socket that is gone has been told already.
        match &mut self.stream {
            Stream::Plain(_) => {}
            Stream::Client(stream) => {
                stream.conn.send_close_notify();
                let _ = stream.conn.write_tls(&mut stream.sock);
            }
            Stream::Server(stream) => {
                stream.conn.send_close_notify();
                let _ = stream.conn.write_tls(&mut stream.sock);
            }
        }
        self.truncate();
    }

    /// FIN, without close_notify also if it is TLS.
    pub(crate) fn truncate(&mut self) {
        // A socket that is gone has been told already.
        let _ = self.socket().shutdown(Shutdown::Write);
    }

    /// RST.
    pub(crate) fn reset(self) {
        SockRef::from(self.socket()).set_linger(Some(Duration::ZERO)).unwrap();
    }

    fn into_socket(self) -> TcpStream {
        match self.stream {
            Stream::Plain(socket) => socket,
            _ => panic!("TLS within TLS"),
        }
    }

    fn socket(&self) -> &TcpStream {
        match &self.stream {
            Stream::Plain(socket) => socket,
            Stream::Client(stream) => &stream.sock,
            Stream::Server(stream) => &stream.sock,
        }
    }

    fn io(&mut self) -> &mut dyn ReadWrite {
        match &mut self.stream {
            Stream::Plain(socket) => socket,
            Stream::Client(stream) => stream,
            Stream::Server(stream) => stream,
        }
    }

    fn read(&mut self) -> io::Result<usize> {
        let mut chunk = [0; 16 << 10];
        let n = self.io().read(&mut chunk)?;
        self.pending.extend_from_slice(&chunk[..n]);
        Ok(n)
    }

    /// Reads some more; false at the end.
    fn more(&mut self, wanted: &str) -> bool {
        match self.read() {
            Ok(n) => n > 0,
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
                panic!("waiting for {wanted}: nothing came after {}", self.pending.escape_ascii())
            }
            Err(_) => false,
        }
    }

    fn take(&mut self, length: usize) -> Vec<u8> {
        let rest = self.pending.split_off(length);
        std::mem::replace(&mut self.pending, rest)
    }
}

trait ReadWrite: Read + Write {}
impl<T: Read + Write + ?Sized> ReadWrite for T {}
