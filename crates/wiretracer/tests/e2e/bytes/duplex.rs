//! Two ends that speak and listen at the same time, and a proxy between them.
//!
//! ```text
//! Script:  [after 0: "…"] [after 33: "…"] [after 33: "…"]    then the end
//!           └ how many bytes must have come before this is said
//! ```

use std::io;

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio_rustls::{TlsAcceptor, TlsConnector};

use super::Conversation;
use super::random::Random;
use crate::peers::health;
use crate::support::tls::{TLS12, TLS13, Versions};
use crate::support::{ClientTls, PATIENCE, Records, ServerTls, Setup};

/// What one end says.
#[derive(Default)]
pub(super) struct Script {
    turns: Vec<Turn>,
    said: usize,
}

struct Turn {
    /// How many bytes must have come.
    after: usize,
    bytes: Vec<u8>,
}

impl Script {
    /// Says something once so many bytes have come from the other end.
    pub(super) fn say_after(&mut self, after: usize, bytes: impl Into<Vec<u8>>) {
        let bytes = bytes.into();
        self.said += bytes.len();
        self.turns.push(Turn { after, bytes });
    }

    /// How many bytes that is so far.
    pub(super) const fn said(&self) -> usize {
        self.said
    }

    fn all(&self) -> Vec<u8> {
        self.turns.iter().flat_map(|turn| &turn.bytes).copied().collect()
    }
}

/// Which TLS each side speaks; none: plaintext.
#[derive(Clone, Copy)]
pub(super) struct Sides {
    client: Option<Versions>,
    upstream: Option<Versions>,
}

impl std::fmt::Debug for Sides {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let name = |versions: Option<Versions>| match versions {
            None => "plaintext".to_owned(),
            Some(versions) => format!("{:?}", versions[0].version),
        };
        write!(f, "client {}, upstream {}", name(self.client), name(self.upstream))
    }
}

impl Sides {
    pub(super) const COMBINATIONS: u64 = 5;

    pub(super) fn combination(number: u64) -> Self {
        let (client, upstream) = match number % Self::COMBINATIONS {
            0 => (None, None),
            1 => (Some(TLS13), Some(TLS13)),
            2 => (Some(TLS12), Some(TLS13)),
            3 => (Some(TLS13), None),
            _ => (None, Some(TLS12)),
        };
        Self { client, upstream }
    }
}

/// Has both ends say what they have to, through a proxy; asserts that each got what the other said,
/// and gives the records.
pub(super) fn converse(
    conversation: &Conversation,
    sides: Sides,
    seed: u64,
    what: &str,
) -> Records {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let both = async {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let alpn = conversation.alpn;
        let mut setup = Setup::to(listener.local_addr().unwrap())
            .logging("log_body: true, h2_control_events: true");
        if sides.client.is_some() {
            setup = setup.tls(&format!("alpn: {alpn:?}"));
        }
        if sides.upstream.is_some() {
            setup = setup.upstream_tls(&format!("alpn: {alpn:?}"));
        }
        let proxy = setup.start();
        let socket = TcpStream::connect(proxy.address).await.unwrap();
        let client = async {
            let stream = client_side(socket, sides, alpn).await.unwrap();
            play(stream, &conversation.client, conversation.upstream.said(), seed).await
        };
        let upstream = async {
            let (socket, _) = listener.accept().await.unwrap();
            let stream = upstream_side(socket, sides, alpn).await.unwrap();
            play(stream, &conversation.upstream, 0, seed + 1).await
        };
        let ends = async { tokio::join!(client, upstream) };
        let Ok((at_client, at_upstream)) = tokio::time::timeout(PATIENCE, ends).await else {
            panic!("{what}: it does not come to an end\n{}", proxy.log());
        };
        assert_same(&conversation.client.all(), &at_upstream, &format!("{what}, to the upstream"));
        assert_same(&conversation.upstream.all(), &at_client, &format!("{what}, to the client"));
        proxy
    };
    health::stop_after(runtime.block_on(both), 1)
}

trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

async fn client_side(
    socket: TcpStream,
    sides: Sides,
    alpn: &'static [&'static str],
) -> io::Result<Box<dyn Stream>> {
    socket.set_nodelay(true)?;
    let Some(versions) = sides.client else { return Ok(Box::new(socket)) };
    let config = ClientTls { versions, ..ClientTls::alpn(alpn) }.config();
    let name = "localhost".try_into().unwrap();
    Ok(Box::new(TlsConnector::from(config).connect(name, socket).await?))
}

async fn upstream_side(
    socket: TcpStream,
    sides: Sides,
    alpn: &'static [&'static str],
) -> io::Result<Box<dyn Stream>> {
    socket.set_nodelay(true)?;
    let Some(versions) = sides.upstream else { return Ok(Box::new(socket)) };
    let config = ServerTls { versions, ..ServerTls::alpn(alpn) }.config();
    Ok(Box::new(TlsAcceptor::from(config).accept(socket).await?))
}

/// Says the script and hears the other end out. Ends after `wait_for` bytes; with 0, when the other
/// end has ended.
async fn play(stream: Box<dyn Stream>, script: &Script, wait_for: usize, seed: u64) -> Vec<u8> {
    let (mut reader, mut writer) = tokio::io::split(stream);
    let (heard, mut hearing) = watch::channel(0);
    let listen = async move {
        let mut received = Vec::new();
        while reader.read_buf(&mut received).await.unwrap() > 0 {
            heard.send_replace(received.len());
        }
        received
    };
    let speak = async move {
        let mut random = Random::new(seed);
        for turn in &script.turns {
            // It fails when the other end has ended: then all that comes has come.
            let _ = hearing.wait_for(|&heard| heard >= turn.after).await;
            for piece in random.cut(&turn.bytes, 100_000, false) {
                writer.write_all(piece).await.unwrap();
                if random.one_in(2) {
                    writer.flush().await.unwrap();
                }
            }
            writer.flush().await.unwrap();
        }
        let end = if wait_for == 0 { usize::MAX } else { wait_for };
        let _ = hearing.wait_for(|&heard| heard >= end).await;
        writer.shutdown().await.unwrap();
    };
    tokio::join!(listen, speak).0
}

#[track_caller]
fn assert_same(sent: &[u8], got: &[u8], what: &str) {
    if sent == got {
        return;
    }
    let at = sent.iter().zip(got).take_while(|(sent, got)| sent == got).count();
    let part = |bytes: &[u8]| bytes[at..bytes.len().min(at + 40)].escape_ascii().to_string();
    panic!(
        "{what}: {} bytes sent, {} got, different from {at} on:\n{}\n{}",
        sent.len(),
        got.len(),
        part(sent),
        part(got)
    );
}
