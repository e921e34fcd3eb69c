//! What the upstream can do wrong, and what can go wrong with our own certificate there.

mod cases;

use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

pub(crate) use cases::CASES;

use crate::case::{self, Played, Tls};
use crate::support::tls::{TLS12, TLS13};
use crate::support::{
    ClientTls, PATIENCE, Peer, Records, ServerTls, Setup, Upstream, tools, upstream,
};
use crate::{pki, scripts};

const GET: &[u8] = b"GET /x HTTP/1.1\r\nhost: localhost\r\n\r\n";

/// An upstream.
pub(crate) enum Server {
    /// `openssl s_server` with a certificate, and more arguments.
    Openssl(&'static str, &'static [&'static str]),
    /// Python's `ssl` with a certificate, and the CA of its clients.
    Python(&'static str, &'static [&'static str]),
    /// Node's `tls`, likewise.
    Node(&'static str, &'static [&'static str]),
    /// rustls.
    Rustls(ServerTls),
    /// Something that does as its script says.
    Script(&'static str, fn(Peer)),
    /// Something that never says a word.
    Silent,
    /// Nobody listens.
    Refusing,
}

impl case::Peer for Server {
    const SIDE: &'static str = "out";

    fn name(&self) -> &'static str {
        match self {
            Self::Openssl(..) => "openssl s_server",
            Self::Python(..) => "Python ssl",
            Self::Node(..) => "Node.js",
            Self::Rustls(_) => "rustls",
            Self::Script(name, _) => name,
            Self::Silent => "silence",
            Self::Refusing => "nobody",
        }
    }

    fn is_here(&self) -> bool {
        let program = match self {
            Self::Openssl(..) => "openssl",
            Self::Python(..) => "python3",
            Self::Node(..) => "node",
            Self::Rustls(_) | Self::Script(..) | Self::Silent | Self::Refusing => return true,
        };
        tools::have(program)
    }

    fn play(&self, config: &str, tls: Tls) -> Played {
        let play = |running: Running| {
            let records = call(config, running.address);
            Played { records, heard: case::heard_by_openssl(&running.stop()) }
        };
        let unheard = |address| Played { records: call(config, address), heard: None };
        match self {
            Self::Openssl(identity, more) => {
                play(Running::start(|port| s_server(identity, more, tls, port)))
            }
            Self::Python(identity, more) => {
                let version = scripts::python_version(tls);
                let script = ["python3", "-c", scripts::PYTHON_SERVER];
                play(Running::start(|port| scripted(script, identity, version, port, more)))
            }
            Self::Node(identity, more) => {
                let version = scripts::node_version(tls);
                let script = ["node", "-e", scripts::NODE_SERVER];
                play(Running::start(|port| scripted(script, identity, version, port, more)))
            }
            Self::Rustls(server) => {
                let versions = match tls {
                    Tls::V12 => TLS12,
                    Tls::V13 => TLS13,
                    Tls::Any => server.versions,
                };
                let server = ServerTls { versions, ..*server };
                unheard(Upstream::tls(server, upstream::echo_paths).address)
            }
            Self::Script(_, script) => unheard(Upstream::start(*script).address),
            Self::Silent => {
                let silent = Upstream::start(|mut peer| drop(peer.read_end()));
                let setup = Setup::to(silent.address).policy("upstream_handshake_timeout: 0.5");
                Played { records: call_with(setup, config), heard: None }
            }
            Self::Refusing => unheard(upstream::refusing()),
        }
    }
}

/// A client calls through the proxy; over TLS where ALPN is what the case is about.
fn call(config: &str, upstream: SocketAddr) -> Records {
    call_with(Setup::to(upstream), config)
}

fn call_with(setup: Setup, config: &str) -> Records {
    let about_alpn = config.contains("alpn");
    let setup = setup.upstream_tls(&format!("server_name: localhost, {config}"));
    let setup = if about_alpn { setup.tls("") } else { setup };
    let proxy = setup.start_in(pki::copy_to);
    let client = Peer::connect(proxy.address);
    let client = match about_alpn {
        true => client.tls_client(ClientTls::alpn(&["h2", "http/1.1"])).ok(),
        false => Some(client),
    };
    if let Some(mut client) = client {
        // Whether it gets an answer is the upstream's affair.
        let _ = client.try_write(GET);
        client.read_end();
        client.half_close();
        proxy.wait_close();
    }
    proxy.wait_close();
    proxy.stop()
}

/// A program that listens, until the case is over.
struct Running {
    address: SocketAddr,
    child: Child,
    printed: Option<JoinHandle<String>>,
}

impl Running {
    fn start(command: impl FnOnce(u16) -> Command) -> Self {
        // The port is free now, and the system gives others to whoever asks for any.
        let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let mut command = command(address.port());
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let stderr = child.stderr.take().unwrap();
        let printed = thread::spawn(|| std::io::read_to_string(stderr).unwrap_or_default());
        let mut running = Self { address, child, printed: Some(printed) };
        let began = Instant::now();
        while TcpStream::connect(address).is_err() {
            let ended = running.child.try_wait().unwrap();
            assert!(ended.is_none(), "{command:?} ended: {ended:?}");
            assert!(began.elapsed() < PATIENCE, "{command:?} does not listen");
            thread::sleep(Duration::from_millis(10));
        }
        running
    }

    /// Ends it; what it printed on standard error.
    fn stop(mut self) -> String {
        let printed = self.printed.take();
        drop(self);
        printed.map_or_else(String::new, |printed| printed.join().unwrap())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn s_server(identity: &str, more: &[&str], tls: Tls, port: u16) -> Command {
    let mut command = Command::new("openssl");
    command.current_dir(pki::directory()).args(["s_server", "-www", "-accept"]);
    command.arg(format!("127.0.0.1:{port}"));
    command.arg("-cert").arg(pki::file(identity, "pem"));
    command.arg("-key").arg(pki::file(identity, "key"));
    if let Some(chain) = pki::chain(identity) {
        command.arg("-cert_chain").arg(chain);
    }
    command.args(tls.option()).args(more);
    command
}

fn scripted(
    [program, option, script]: [&str; 3],
    identity: &str,
    version: &str,
    port: u16,
    more: &[&str],
) -> Command {
    let mut command = Command::new(program);
    command.current_dir(pki::directory()).args([option, script]);
    command.arg(pki::file(identity, "pem")).arg(pki::file(identity, "key"));
    command.arg(version).arg(port.to_string()).args(more);
    command
}
