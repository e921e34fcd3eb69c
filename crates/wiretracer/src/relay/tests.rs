//! The relay on real sockets, where an ending would be lost if the kernel's hints were taken one by
//! one.

use std::io::ErrorKind;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use super::*;
use crate::io::Prefixed;

/// Looks at nothing but the endings.
#[derive(Default)]
struct Endings(Vec<(Direction, Ending)>);

impl Watch for Endings {
    fn chunk<'a>(&'a mut self, _: Direction, chunk: &'a [u8]) -> &'a [u8] {
        chunk
    }

    fn ended(&mut self, direction: Direction, ending: Ending) -> &[u8] {
        self.0.push((direction, ending));
        &[]
    }

    fn poll_room(&mut self, _: &mut Context<'_>) -> Poll<()> {
        Poll::Ready(())
    }

    fn check(&mut self, _: [bool; 2]) -> Check {
        Check::Again(TICK)
    }

    fn is_busy(&self) -> bool {
        false
    }
}

/// Our end of a connection, and the peer's.
async fn connection() -> (Stream, TcpStream) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let peer = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
    let (ours, _) = listener.accept().await.unwrap();
    (Stream::Plain(Prefixed::new(Vec::new(), ours)), peer)
}

/// The write finds the reset first, and takes the socket's error with it.
#[tokio::test]
async fn a_reset_that_a_write_finds_is_passed_on_as_a_reset() {
    let ((client, mut client_peer), (upstream, mut upstream_peer)) =
        (connection().await, connection().await);
    client_peer.write_all(b"more of the request").await.unwrap();
    upstream_peer.write_all(b"an early answer").await.unwrap();
    socket2::SockRef::from(&upstream_peer).set_linger(Some(Duration::ZERO)).unwrap();
    drop(upstream_peer);
    client.socket().readable().await.unwrap();
    upstream.socket().ready(tokio::io::Interest::ERROR).await.unwrap();

    let mut endings = Endings::default();
    let (_stop, mut stopped) = watch::channel(None);
    let mut relay = Relay::new(client, upstream);
    let ended = relay.run(&mut endings, &mut stopped).await;
    assert!(matches!(ended, Ended::Parties), "{ended:?}");
    assert_eq!(endings.0, [(Direction::FromUpstream, Ending::Rst)]);
    drop(relay);
    let mut answer = Vec::new();
    let end = client_peer.read_to_end(&mut answer).await;
    assert_eq!(end.unwrap_err().kind(), ErrorKind::ConnectionReset);
    assert_eq!(answer, b"an early answer");
}
