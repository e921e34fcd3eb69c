//! Other people's servers, as child processes.

use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use crate::support::{PATIENCE, certs};

/// A server that accepts connections. Its process ends with it.
pub(super) struct Server {
    pub(super) address: SocketAddr,
    child: Child,
}

impl Server {
    /// Starts the program that `command` gives for a port.
    pub(super) fn start(command: impl FnOnce(u16) -> Command) -> Self {
        // The port is free now, and the system gives others to whoever asks for any.
        let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let mut command = command(address.port());
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        let mut server = Self { address, child: command.spawn().unwrap() };
        let began = Instant::now();
        while TcpStream::connect(address).is_err() {
            let ended = server.child.try_wait().unwrap();
            assert!(ended.is_none(), "{command:?} ended: {ended:?}");
            assert!(began.elapsed() < PATIENCE, "{command:?} does not listen");
            thread::sleep(Duration::from_millis(10));
        }
        server
    }

    /// nghttpd, serving a directory that has the certificates too, and echoing what is posted.
    pub(super) fn nghttpd(directory: &Path, tls: bool) -> Self {
        certs::write_all(directory);
        Self::start(|port| {
            let mut command = Command::new("nghttpd");
            command.args(["-a", "127.0.0.1", "--echo-upload", "-d"]).arg(directory);
            if !tls {
                command.arg("--no-tls");
            }
            command.arg(port.to_string());
            if tls {
                command.args([directory.join("server.key"), directory.join("server.pem")]);
            }
            command
        })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
