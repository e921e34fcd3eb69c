//! Clients that never get as far as a request.

use std::io;
use std::net::SocketAddr;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::Dialect;

/// Makes the handshake and leaves; what the user is told.
pub(in crate::demo) async fn knock(dialect: &Dialect, address: SocketAddr) -> String {
    match dialect.connect(address).await {
        Ok(mut stream) => match farewell(&mut stream).await {
            Ok(()) => "connected".to_owned(),
            Err(error) => error.to_string(),
        },
        Err(error) => error.to_string(),
    }
}

/// Speaks HTTP without TLS to a port that wants TLS; what the user is told.
pub(in crate::demo) async fn speak_plainly(address: SocketAddr) -> io::Result<String> {
    let mut socket = TcpStream::connect(address).await?;
    socket.write_all(b"GET / HTTP/1.1\r\nHost: shop.example\r\n\r\n").await?;
    let mut answer = Vec::new();
    Ok(match socket.read_to_end(&mut answer).await {
        Ok(0) => "empty reply from server".to_owned(),
        Ok(_) => format!("not HTTP: {}", wire::sniff::describe(&answer)),
        Err(error) => error.to_string(),
    })
}

async fn farewell(stream: &mut tokio_rustls::client::TlsStream<TcpStream>) -> io::Result<()> {
    stream.shutdown().await?;
    stream.read_to_end(&mut Vec::new()).await.map(drop)
}
