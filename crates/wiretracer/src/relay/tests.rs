//! The relay on real sockets, where an ending would be lost if the kernel's hints were taken one by
//! one.

use std::io::ErrorKind;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use super::*;
use crate::io::Prefixed;

/// Looks at nothing but the endings, and counts what comes from the upstream.
#[derive(Default)]
struct Endings(Vec<(Direction, Ending)>, usize);

impl Watch for Endings {
    fn chunk<'a>(&'a mut self, direction: Direction, chunk: &'a [u8]) -> &'a [u8] {
        if direction == Direction::FromUpstream {
            self.1 += chunk.len();
        }
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

/// More than a turn's worth, and more than the client takes at once.
#[tokio::test]
async fn all_that_was_said_before_a_reset_is_passed_on() {
    const SAID: usize = 3 << 20;
    let ((client, mut client_peer), (upstream, upstream_peer)) =
        (connection().await, connection().await);
    client_peer.write_all(b"more of the request").await.unwrap();
    socket2::SockRef::from(&upstream_peer).set_linger(Some(Duration::ZERO)).unwrap();
    drop(upstream_peer);
    client.socket().readable().await.unwrap();
    upstream.socket().ready(tokio::io::Interest::ERROR).await.unwrap();
    let Stream::Plain(socket) = upstream else { panic!("plaintext") };
    let upstream = Stream::Plain(Prefixed::new(vec![7; SAID], socket.into_socket()));

    let mut endings = Endings::default();
    let (_stop, mut stopped) = watch::channel(None);
    let mut relay = Relay::new(client, upstream);
    let reading = async {
        let mut answer = Vec::new();
        client_peer.read_to_end(&mut answer).await.unwrap_err().kind()
    };
    let relaying = async {
        let ended = relay.run(&mut endings, &mut stopped).await;
        drop(relay);
        ended
    };
    let (end, ended) = tokio::join!(reading, relaying);
    assert!(matches!(ended, Ended::Parties), "{ended:?}");
    assert_eq!(end, ErrorKind::ConnectionReset);
    // Our own reset may overtake the last of it in the kernel, as the upstream's would have.
    assert_eq!(endings.1, SAID);
    assert_eq!(endings.0, [(Direction::FromUpstream, Ending::Rst)]);
}
