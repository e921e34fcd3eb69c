//! An upstream that follows a script: a function that is called with each accepted connection, on a
//! thread of its own.
//!
//! ```ignore
//! let upstream = Upstream::start(|mut peer| {
//!     peer.read_head();
//!     peer.write("HTTP/1.1 204 No Content\r\n\r\n");
//! });
//! …
//! upstream.result(); // what the script of the next connection gave, or its panic
//! ```

use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::mpsc::{self, Receiver};
use std::thread::{self, JoinHandle};

use socket2::{Domain, Socket, Type};

use super::{PATIENCE, Peer, ServerTls};

/// A running upstream.
pub(crate) struct Upstream<T> {
    pub(crate) address: SocketAddr,
    scripts: Receiver<JoinHandle<T>>,
}

impl<T: Send + 'static> Upstream<T> {
    /// Plaintext.
    pub(crate) fn start(script: impl Fn(Peer) -> T + Clone + Send + 'static) -> Self {
        Self::on("127.0.0.1:0", script)
    }

    /// Plaintext, on an address.
    pub(crate) fn on(address: &str, script: impl Fn(Peer) -> T + Clone + Send + 'static) -> Self {
        let listener = TcpListener::bind(address).unwrap();
        let address = listener.local_addr().unwrap();
        let (sender, scripts) = mpsc::channel();
        thread::spawn(move || {
            for socket in listener.incoming() {
                let script = script.clone();
                let run = thread::spawn(move || script(Peer::new(socket.unwrap())));
                if sender.send(run).is_err() {
                    return;
                }
            }
        });
        Self { address, scripts }
    }

    /// TLS. The script is only called when the handshake succeeds.
    pub(crate) fn tls(
        tls: ServerTls,
        script: impl Fn(Peer) -> T + Clone + Send + 'static,
    ) -> Upstream<Option<T>> {
        Upstream::start(move |peer| peer.tls_server(tls).ok().map(&script))
    }

    /// What the script of the next connection, in the order they were accepted, gave.
    pub(crate) fn result(&self) -> T {
        let run = self.scripts.recv_timeout(PATIENCE).expect("a connection from the proxy");
        match run.join() {
            Ok(result) => result,
            Err(panic) => std::panic::resume_unwind(panic),
        }
    }
}

/// An address where nobody listens.
pub(crate) fn refusing() -> SocketAddr {
    // Bound and never listening: nobody else is given the port as long as the process lives.
    let socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
    socket.bind(&SocketAddr::from(([127, 0, 0, 1], 0)).into()).unwrap();
    let address = socket.local_addr().unwrap().as_socket().unwrap();
    std::mem::forget(socket);
    address
}

/// A port that is free now.
pub(crate) fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// An address where connections are neither accepted nor refused: its accept queue is full.
pub(crate) struct Unanswering {
    pub(crate) address: SocketAddr,
    _listener: Socket,
    _queue: Vec<TcpStream>,
}

impl Unanswering {
    pub(crate) fn start() -> Self {
        let listener = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
        listener.bind(&SocketAddr::from(([127, 0, 0, 1], 0)).into()).unwrap();
        listener.listen(0).unwrap();
        let address = listener.local_addr().unwrap().as_socket().unwrap();
        let mut queue = Vec::new();
        let moment = std::time::Duration::from_millis(500);
        while let Ok(socket) = TcpStream::connect_timeout(&address, moment) {
            queue.push(socket);
        }
        Self { address, _listener: listener, _queue: queue }
    }
}

/// Answers each HTTP/1 request with 200 and the path as its body, until the client leaves.
pub(crate) fn echo_paths(mut peer: Peer) {
    while let Some(head) = peer.next_head() {
        let path = head.split(' ').nth(1).unwrap();
        let length = path.len();
        peer.write(format!("HTTP/1.1 200 OK\r\ncontent-length: {length}\r\n\r\n{path}"));
    }
    peer.half_close();
}
