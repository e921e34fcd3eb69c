//! What the client can do wrong, and what it can mind about our certificate.

mod cases;

use std::process::Command;

pub(crate) use cases::CASES;

use crate::case::{self, Played, Tls};
use crate::support::tls::{TLS12, TLS13};
use crate::support::{ClientTls, Peer, Proxy, Setup, Upstream, tools, upstream};
use crate::{pki, scripts};

const GET: &[u8] = b"GET /x HTTP/1.1\r\nhost: localhost\r\n\r\n";

/// A client.
pub(crate) enum Client {
    /// `openssl s_client` with more arguments.
    Openssl(&'static [&'static str]),
    /// `curl`, likewise.
    Curl(&'static [&'static str]),
    /// Python's `ssl`, with its CA and then the certificate and the key that it shows.
    Python(&'static [&'static str]),
    /// Node's `tls`, likewise.
    Node(&'static [&'static str]),
    /// rustls.
    Rustls(ClientTls),
    /// Something that says no more than that.
    Silent(&'static [u8]),
    /// Something that does as its script says.
    Script(&'static str, fn(Peer)),
}

impl case::Peer for Client {
    const SIDE: &'static str = "in";

    fn name(&self) -> &'static str {
        match self {
            Self::Openssl(_) => "openssl s_client",
            Self::Curl(_) => "curl",
            Self::Python(_) => "Python ssl",
            Self::Node(_) => "Node.js",
            Self::Rustls(_) => "rustls",
            Self::Silent(_) => "silence",
            Self::Script(name, _) => name,
        }
    }

    fn is_here(&self) -> bool {
        let program = match self {
            Self::Openssl(_) => "openssl",
            Self::Curl(_) => "curl",
            Self::Python(_) => "python3",
            Self::Node(_) => "node",
            Self::Rustls(_) | Self::Silent(_) | Self::Script(..) => return true,
        };
        tools::have(program)
    }

    fn play(&self, config: &str, tls: Tls) -> Played {
        let upstream = Upstream::start(upstream::echo_paths);
        let setup = Setup::to(upstream.address);
        let setup = match self {
            Self::Silent(_) => setup.policy("client_handshake_timeout: 0.5"),
            _ => setup,
        };
        // A section that names a certificate is the whole section.
        let setup = match config.contains("cert: ") && config.contains(", key: ") {
            true => setup.tls_section(config),
            false => setup.tls(config),
        };
        let proxy = setup.start_in(pki::copy_to);
        let printed = self.call(&proxy, tls);
        proxy.wait_close();
        Played { records: proxy.stop(), heard: case::heard_by_openssl(&printed) }
    }
}

impl Client {
    /// Whether it gets an answer is its own affair; what it prints about that.
    fn call(&self, proxy: &Proxy, tls: Tls) -> String {
        let port = proxy.address.port();
        let mut command = match self {
            Self::Openssl(more) => s_client(more, tls, port),
            Self::Curl(more) => curl(more, tls, port),
            Self::Python(more) => {
                let script = ["python3", "-c", scripts::PYTHON_CLIENT];
                scripted(script, port, scripts::python_version(tls), more)
            }
            Self::Node(more) => {
                let script = ["node", "-e", scripts::NODE_CLIENT];
                scripted(script, port, scripts::node_version(tls), more)
            }
            Self::Rustls(client) => {
                by_rustls(proxy, *client, tls);
                return String::new();
            }
            Self::Silent(bytes) => {
                let mut peer = Peer::connect(proxy.address);
                peer.write(bytes);
                peer.read_end();
                return String::new();
            }
            Self::Script(_, script) => {
                script(Peer::connect(proxy.address));
                return String::new();
            }
        };
        tools::run(command.current_dir(pki::directory())).stderr
    }
}

fn by_rustls(proxy: &Proxy, client: ClientTls, tls: Tls) {
    let versions = match tls {
        Tls::V12 => TLS12,
        Tls::V13 => TLS13,
        Tls::Any => client.versions,
    };
    let peer = Peer::connect(proxy.address).tls_client(ClientTls { versions, ..client });
    if let Ok(mut peer) = peer
        && peer.try_write(GET).is_ok()
    {
        peer.next_head();
        peer.half_close();
    }
}

fn s_client(more: &[&str], tls: Tls, port: u16) -> Command {
    let mut command = Command::new("openssl");
    command.args(["s_client", "-verify_return_error", "-connect"]);
    command.arg(format!("127.0.0.1:{port}")).args(tls.option());
    command.args(["-servername", "localhost", "-verify_hostname", "localhost"]).args(more);
    command
}

fn curl(more: &[&str], tls: Tls, port: u16) -> Command {
    let mut command = Command::new("curl");
    command.args(["-sS", "--noproxy", "*", "--resolve", &format!("localhost:{port}:127.0.0.1")]);
    match tls {
        Tls::V12 => command.args(["--tlsv1.2", "--tls-max", "1.2"]),
        Tls::V13 => command.arg("--tlsv1.3"),
        Tls::Any => &mut command,
    };
    command.args(more).arg(format!("https://localhost:{port}/x"));
    command
}

fn scripted(
    [program, option, script]: [&str; 3],
    port: u16,
    version: &str,
    more: &[&str],
) -> Command {
    let mut command = Command::new(program);
    command.args([option, script]).arg(port.to_string()).arg(version).args(more);
    command
}
