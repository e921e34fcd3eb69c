//! Peers in Python and JavaScript, one script each.

use crate::case::Tls;

/// A server of Python's `ssl`: certificate, key, version, port, and the CA of clients' certificates.
pub(crate) const PYTHON_SERVER: &str = r#"
import socket, ssl, sys
cert, key, version, port, *client_ca = sys.argv[1:]
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(cert, key)
if version:
    context.minimum_version = context.maximum_version = ssl.TLSVersion[version]
if client_ca:
    context.load_verify_locations(client_ca[0])
    context.verify_mode = ssl.CERT_REQUIRED
listener = socket.create_server(("127.0.0.1", int(port)))
while True:
    try:
        client, _ = listener.accept()
        with context.wrap_socket(client, server_side=True) as tls:
            tls.recv(1)
    except OSError:
        pass
"#;

/// A client of Python's `ssl`: port, version, CA, and its certificate and key.
pub(crate) const PYTHON_CLIENT: &str = r#"
import socket, ssl, sys
port, version, ca, *identity = sys.argv[1:]
context = ssl.create_default_context(cafile=ca)
if version:
    context.minimum_version = context.maximum_version = ssl.TLSVersion[version]
if identity:
    context.load_cert_chain(*identity)
with socket.create_connection(("127.0.0.1", int(port))) as plain:
    with context.wrap_socket(plain, server_hostname="localhost") as tls:
        tls.sendall(b"GET /x HTTP/1.1\r\nhost: localhost\r\n\r\n")
        tls.recv(1)
"#;

/// A server of Node's `tls`: the same arguments.
pub(crate) const NODE_SERVER: &str = r#"
const [cert, key, version, port, ca] = process.argv.slice(1);
const read = require("fs").readFileSync;
const options = { cert: read(cert), key: read(key) };
if (version) options.minVersion = options.maxVersion = version;
if (ca) Object.assign(options, { ca: read(ca), requestCert: true, rejectUnauthorized: true });
const server = require("tls").createServer(options, (socket) => {
  socket.on("error", () => {});
  socket.on("data", () => socket.end());
});
server.on("tlsClientError", () => {});
server.listen(Number(port), "127.0.0.1");
"#;

/// A client of Node's `tls`: the same arguments.
pub(crate) const NODE_CLIENT: &str = r#"
const [port, version, ca, cert, key] = process.argv.slice(1);
const read = require("fs").readFileSync;
const options = { host: "127.0.0.1", port: Number(port), servername: "localhost", ca: read(ca) };
if (version) options.minVersion = options.maxVersion = version;
if (cert) Object.assign(options, { cert: read(cert), key: read(key) });
const socket = require("tls").connect(options, () => {
  socket.write("GET /x HTTP/1.1\r\nhost: localhost\r\n\r\n");
});
socket.on("data", () => socket.end());
socket.on("error", () => process.exit(1));
"#;

/// Python's name of a version.
pub(crate) const fn python_version(tls: Tls) -> &'static str {
    match tls {
        Tls::V12 => "TLSv1_2",
        Tls::V13 => "TLSv1_3",
        Tls::Any => "",
    }
}

/// Node's name of a version.
pub(crate) const fn node_version(tls: Tls) -> &'static str {
    match tls {
        Tls::V12 => "TLSv1.2",
        Tls::V13 => "TLSv1.3",
        Tls::Any => "",
    }
}
